/* All that is measured of one predictor on patients, in one pass over their windows: agreement,
 * distance of outlines, calibration, lesions. Not for: choosing anything, see rules.h. */
#pragma once

#include "core/learn/evaluate.h"

G_BEGIN_DECLS

/* Gives each pixel of a window a value, CROP->side squared of them. SELF is the implementer's. */
typedef struct {
    gboolean (*predict)(gpointer self, const DkmSample *sample, const DkmCrop *crop, float *value,
                        GCancellable *cancel, GError **error);
    gpointer self;
    float threshold;         /* predicted is what has at least this value */
    gboolean is_probability; /* values lie in 0..1 and mean something: calibration is measured */
} DkmPredictor;

enum { DKM_RELIABILITY_BINS = 10 };
/* Pixels whose probability lies in one tenth of 0..1. */
typedef struct {
    gsize n, labelled;
    double sum; /* of their probabilities */
} DkmReliabilityBin;

/* Thresholds 0, 1/20, ..., 19/20, of which one may be chosen. */
enum { DKM_THRESHOLD_STEPS = 20 };

/* A lesion (a part of the label) is found where at least this share of its voxels is predicted. */
#define DKM_LESION_SHARE 0.1

/* In a slice, parts of less are no lesions: a disc 5 mm across, under which BI-RADS speaks of a
 * focus. Thresholded labels fall into specks, which would be most of the count. */
#define DKM_SLICE_LESION_MM2 20.0

/* One patient. */
typedef struct {
    const DkmCase *c;
    DkmPatientScore score;
    /* 95th percentile of the outline distances (core/image/contour.h) of all slices that are both
     * labelled and predicted, both directions pooled: Huttenlocher et al. 1993 as Taha and Hanbury
     * 2015 (section "Hausdorff distance") and Maier-Hein et al. 2024 advise, pooled over slices
     * because slices of one patient are one measurement. NaN where no slice is both: slices with
     * label or prediction alone have no distance and are counted; those with neither are nothing.
     */
    double hd95_mm;
    guint slices, slices_both, slices_one;
    /* Over pixels that belong to the pre-contrast foreground (core/model/normalise.h). */
    DkmReliabilityBin bins[DKM_RELIABILITY_BINS];
    /* All pixels whose probability lies in one twentieth of 0..1, and those of them labelled. */
    gsize level[DKM_THRESHOLD_STEPS], level_labelled[DKM_THRESHOLD_STEPS];
    /* Of volumes; parts by 26 neighbours. A part of the prediction that touches no labelled voxel
     * is a false positive, however small. */
    guint lesions, lesions_found, false_positives;
    /* The same of each slice by itself, parts by 8 neighbours, summed over the patient's slices,
     * without parts under DKM_SLICE_LESION_MM2. */
    guint slice_lesions, slice_lesions_found, slice_false_positives;
} DkmPatientMeasure;

/* A patient an element, in the order of SAMPLES, as dkm_evaluate_network(). Errors: the
 * predictor's, NO_MEMORY. */
GArray *dkm_measure(const DkmPredictor *predictor, const GArray *samples,
                    const DkmEvaluateWindows *windows, GCancellable *cancel, GError **error);

/* A network as a predictor; NOISED is borrowed. */
DkmPredictor dkm_network_predictor(const DkmNoisedNetwork *noised, float threshold);

/* Dice of M had its threshold been STEP / DKM_THRESHOLD_STEPS; the predictor's values must be
 * probabilities. */
double dkm_measure_dice_at(const DkmPatientMeasure *m, guint step);
/* The step, 1 and above, at which MEASURES (of DkmPatientMeasure) have the highest mean Dice; of
 * equals the one nearest to a half. For patients that nothing else is reported of. */
guint dkm_measure_best_step(const GArray *measures);

/* Expected calibration error: the mean distance of the bins' mean probability from their labelled
 * share, weighted by their pixels (Naeini et al. 2015). NaN without pixels. */
double dkm_reliability_error(const DkmReliabilityBin bins[DKM_RELIABILITY_BINS]);
/* Adds FROM's bins to SUM's. */
void dkm_reliability_add(DkmReliabilityBin sum[DKM_RELIABILITY_BINS],
                         const DkmReliabilityBin from[DKM_RELIABILITY_BINS]);

G_END_DECLS
