/* What the evaluations of a plan say together: every patient once, from the fold that kept it for
 * the test. */
#pragma once

#include "plugin/ablate/ablate.h"

#include "core/learn/measure.h"
#include "core/learn/statistics.h"

typedef struct {
    char *name;
    int fold;
    double dice, jaccard, hd95_mm, shifted; /* shifted: Dice; NaN: not told */
    double chosen; /* Dice at the threshold chosen on validation patients; NaN: not told */
    /* in its slices; NaN: an older evaluation does not tell */
    double slices, slice_lesions, slice_lesions_found, slice_false_positives;
} DkmAblatePatient;

/* One line of the table: a row of the plan, or a predictor without a model. */
typedef struct {
    char *name, *sees;
    const char *control; /* borrowed; NULL */
    int row;             /* of the plan; -1: a predictor without a model */
    char *predictor;     /* as the evaluations call it */
    guint folds;
    GArray *patients; /* of DkmAblatePatient */
    gboolean has_bins;
    DkmReliabilityBin bins[DKM_RELIABILITY_BINS];
    GArray *thresholds;          /* of double: those chosen, a fold each */
    double dm_values, sm_values; /* weights that it uses; NaN: none */
} DkmAblateLine;

/* Single owner. */
typedef struct {
    GArray *lines; /* of DkmAblateLine: rows in their order, then predictors */
    int baseline;  /* line; -1: none */
} DkmAblateResults;

/* Of the steps that are DONE. Errors: INPUT. */
DkmAblateResults *dkm_ablate_results_load(const DkmAblate *ablate, const GArray *steps,
                                          GError **error);
void dkm_ablate_results_free(DkmAblateResults *results);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmAblateResults, dkm_ablate_results_free)
const DkmAblateLine *dkm_ablate_results_line(const DkmAblateResults *results, guint i);

/* Dice less that of the baseline, of the patients that both have; NaN without any. */
typedef struct {
    guint pairs;
    double mean;
    DkmInterval interval;
    DkmWilcoxon test;
} DkmAblateDifference;

/* Numbers of one line; NaN where there are none. */
typedef struct {
    guint n, hd95_n;
    double dice, dice_sd, jaccard, jaccard_sd, shifted, shifted_sd, hd95_mm, hd95_sd;
    DkmInterval interval; /* of the mean Dice */
    double calibration_error;
    /* of all patients' slices together: lesions found, false positives a slice */
    double lesion_sensitivity, false_positives;
    DkmAblateDifference to_baseline;
    /* Dice at the thresholds chosen, and what it has over that of the usual one. */
    double chosen, chosen_sd, chosen_gain;
    DkmInterval chosen_interval;            /* of the gain */
    DkmAblateDifference chosen_to_baseline; /* both at their thresholds */
} DkmAblateSummary;
DkmAblateSummary dkm_ablate_summarise(const DkmAblateResults *results, guint i);
