/* What `dkm evaluate` found, in words and as JSON. Not for: measuring, which is core/learn's. */
#pragma once

#include "core/learn/measure.h"
#include "core/model/pipeline.h"

#include <json-glib/json-glib.h>

/* One predictor on one kind of windows. */
typedef struct {
    const char *windows, *predictor, *sees; /* static */
    double threshold;                       /* in the predictor's unit; NaN: none */
    GArray *measures;                       /* of DkmPatientMeasure; owned */
} DkmEvaluationRow;

/* Single owner of ROWS; the rest is borrowed. The first row is the primary result. */
typedef struct {
    const char *command; /* as typed */
    DkmModel *model;
    gsize dm_values, sm_values; /* of its weights */
    DkmSplit split;
    int centred_side, shifted_side;
    guint64 shifted_seed;
    GArray *rows; /* of DkmEvaluationRow */
    /* What the first row's predictor does on the validation patients, on whom a threshold is
     * chosen; of DkmPatientMeasure, owned; NULL where they are the ones that are reported. */
    GArray *validation;
} DkmEvaluation;

void dkm_evaluation_clear(DkmEvaluation *evaluation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmEvaluation, dkm_evaluation_clear)
/* Appends a row; takes MEASURES. */
void dkm_evaluation_add(DkmEvaluation *evaluation, const DkmEvaluationRow *row);

/* Patients in rows, predictors in columns; then one line a predictor. Means are of the patients
 * that were held out; the others are marked. */
void dkm_evaluation_print_table(const DkmEvaluation *evaluation);
void dkm_evaluation_print_json(const DkmEvaluation *evaluation);
