/* How well the late phase of patients is predicted from the pre-contrast one: PSNR and SSIM in the
 * breast and in the tumour, and how well the predicted enhancement tells the tumour. By a diffusion
 * module or by predictors that know no image. Not for: masks, see measure.h. */
#pragma once

#include "core/learn/evaluate.h"
#include "core/model/generator.h"

G_BEGIN_DECLS

/* Gives each pixel of a window the z-score of its late phase, CROP->side squared of them. SELF is
 * the implementer's. */
typedef struct {
    gboolean (*predict)(gpointer self, const DkmSample *sample, const DkmCrop *crop, float *late,
                        GCancellable *cancel, GError **error);
    gpointer self;
} DkmLatePredictor;

enum { DKM_REGION_BREAST, DKM_REGION_TUMOUR, DKM_REGIONS };

/* One patient, its windows together; NaN where a region has no pixel. All in z-scores. Breast: the
 * pre-contrast foreground (core/model/normalise.h); tumour: the label. */
typedef struct {
    const DkmCase *c;
    guint slices;
    double range; /* largest less smallest value of the measured late phase in the breast */
    /* 10 log10(range^2 / mean squared error) over the region's pixels: one range for both regions,
     * so that they compare. */
    double psnr_db[DKM_REGIONS];
    double ssim[DKM_REGIONS]; /* mean over the region's pixels of core/image/similarity.h's map */
    /* The area under the ROC curve of the predicted enhancement (late less pre-contrast) for label
     * against the rest of the breast: 0.5 is no knowledge. */
    double auc;
} DkmGenerationMeasure;

/* A patient an element (of DkmGenerationMeasure), in the order of SAMPLES, a patient's together.
 * Errors: the predictor's. */
GArray *dkm_generation_measure(const DkmLatePredictor *predictor, const GArray *samples,
                               const DkmEvaluateWindows *windows, GCancellable *cancel,
                               GError **error);

/* Predictors without a network, from the training patients' windows. */
typedef enum {
    DKM_LATE_COPY,  /* the pre-contrast phase unchanged */
    DKM_LATE_MEAN,  /* and the mean enhancement of the breast added in the breast */
    DKM_LATE_PLACE, /* and the mean enhancement of each pixel of the window added */
    DKM_LATE_RULES
} DkmLateRule;
const char *dkm_late_rule_name(DkmLateRule rule); /* as in JSON */

/* Single owner. Without training samples the enhancement is 0. */
typedef struct _DkmLateRules DkmLateRules;
DkmLateRules *dkm_late_rules_new(const GArray *training, const DkmEvaluateWindows *windows);
void dkm_late_rules_free(DkmLateRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmLateRules, dkm_late_rules_free)
/* Lives as long as RULES. */
DkmLatePredictor dkm_late_rules_predictor(DkmLateRules *rules, DkmLateRule rule);

/* A generator's chain; NOISE as large as the window. All borrowed. */
typedef struct {
    DkmGenerator *generator;
    const float *noise;
    DkmChain chain;
} DkmChainPredictor;
DkmLatePredictor dkm_chain_predictor(DkmChainPredictor *chain);

G_END_DECLS
