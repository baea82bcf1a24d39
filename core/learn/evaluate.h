/* Honest measurement: Dice per patient over the patient's slices together, beside predictors that
 * know nothing of the image. Not for: choosing weights on the patients that are reported. */
#pragma once

#include "core/learn/crop.h"
#include "core/model/network.h"

G_BEGIN_DECLS

/* Which window of each slice is scored. */
typedef struct {
    int side;         /* of the square, a multiple of 16 */
    gboolean shifted; /* anywhere in the slice, by SEED; else its middle */
    guint64 seed;
} DkmEvaluateWindows;

/* Both kinds that are reported, for slices that allow SIDE: the middle; and anywhere in the slice,
 * a quarter narrower so that there is room to shift. */
typedef struct {
    const char *name; /* "centred", "shifted" */
    DkmEvaluateWindows windows;
} DkmEvaluateKind;
enum { DKM_EVALUATE_KINDS = 2 };
DkmEvaluateKind dkm_evaluate_kind(int kind, int side);

/* Pixels of one patient. */
typedef struct {
    const char *name; /* the case's */
    gsize both, predicted, labelled;
} DkmPatientScore;

/* 2 both / (predicted + labelled); 1 where nothing is labelled nor predicted. */
double dkm_patient_score_dice(const DkmPatientScore *score);
/* both / (predicted + labelled - both); 1 where nothing is labelled nor predicted. */
double dkm_patient_score_jaccard(const DkmPatientScore *score);
/* Mean and standard deviation (n-1) of Dice over SCORES (of DkmPatientScore). */
void dkm_scores_summarise(const GArray *scores, double *mean, double *sd);

/* The largest side that windows of every case allow: a multiple of 16, of the smallest slice. */
int dkm_evaluate_side(const GPtrArray *cases);
/* The window of sample I of SAMPLES; shifted ones depend on I. */
DkmCrop dkm_evaluate_window(const GArray *samples, guint i, const DkmEvaluateWindows *windows);
/* A network of one sample of the window's side, and its noise. Borrowed. */
typedef struct {
    DkmNetwork *network;
    const float *noise;
} DkmNoisedNetwork;
/* The probability of every pixel of one window. */
gboolean dkm_evaluate_predict(const DkmNoisedNetwork *noised, const DkmSample *sample,
                              const DkmCrop *crop, float *probability, GCancellable *cancel,
                              GError **error);

/* Scores of NETWORK (one sample of WINDOWS->side) at THRESHOLD, a patient an element, in the order
 * of SAMPLES (of DkmSample; a patient's together). It sees the phases that it is shown. */
GArray *dkm_evaluate_network(DkmNetwork *network, const GArray *samples,
                             const DkmEvaluateWindows *windows, float threshold,
                             GCancellable *cancel, GError **error);
/* Where tumours lie in the windows of the TRAINING samples: their mean mask into MEAN (side squared
 * values); returns where to cut it, which is where it does best on them. */
float dkm_evaluate_place(const GArray *training, const DkmEvaluateWindows *windows, float *mean);
/* Scores of a predictor that knows only where tumours lie in the windows of the TRAINING samples:
 * their mean mask, cut where it does best on them. */
GArray *dkm_evaluate_location(const GArray *training, const GArray *samples,
                              const DkmEvaluateWindows *windows);
/* Scores of predicting nothing. */
GArray *dkm_evaluate_nothing(const GArray *samples, const DkmEvaluateWindows *windows);

G_END_DECLS
