#include "plugin/evaluation.h"

#include "core/json-value.h"
#include "core/learn/statistics.h"
#include "plugin/commit.h"
#include "plugin/options.h"

#include <math.h>

enum { SEED = 0 }; /* of the bootstrap */

/* What a model file says of itself, where it says it. */
static const char *const model_keys[] = {"preset",   "reading",       "tap",
                                         "fusion",   "input",         "network",
                                         "timestep", "normalisation", "trained_on"};

static void row_clear(gpointer data)
{
    g_array_unref(((DkmEvaluationRow *)data)->measures);
}

void dkm_evaluation_clear(DkmEvaluation *evaluation)
{
    g_clear_pointer(&evaluation->rows, g_array_unref);
    g_clear_pointer(&evaluation->validation, g_array_unref);
}

void dkm_evaluation_add(DkmEvaluation *evaluation, const DkmEvaluationRow *row)
{
    if (!evaluation->rows) {
        evaluation->rows = g_array_new(FALSE, FALSE, sizeof(DkmEvaluationRow));
        g_array_set_clear_func(evaluation->rows, row_clear);
    }
    g_array_append_vals(evaluation->rows, row, 1);
}

static const DkmEvaluationRow *row_of(const DkmEvaluation *e, guint r)
{
    return &g_array_index(e->rows, DkmEvaluationRow, r);
}

static const DkmPatientMeasure *measure_of(const DkmEvaluationRow *row, guint i)
{
    return &g_array_index(row->measures, DkmPatientMeasure, i);
}

static DkmSplitRole role_of(const DkmEvaluation *e, const DkmPatientMeasure *m)
{
    return dkm_split_role(&e->split, m->c->name);
}

static gboolean is_held_out(const DkmEvaluation *e, const DkmPatientMeasure *m)
{
    return role_of(e, m) == dkm_split_held_out(&e->split);
}

static double dice_of(const DkmPatientMeasure *m)
{
    return dkm_patient_score_dice(&m->score);
}

static double jaccard_of(const DkmPatientMeasure *m)
{
    return dkm_patient_score_jaccard(&m->score);
}

static double hd95_of(const DkmPatientMeasure *m)
{
    return m->hd95_mm;
}

/* One number of every patient held out, without those that have none; of double. */
static GArray *gather(const DkmEvaluation *e, const DkmEvaluationRow *row,
                      double (*of)(const DkmPatientMeasure *m))
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < row->measures->len; i++) {
        const double value = of(measure_of(row, i));
        if (is_held_out(e, measure_of(row, i)) && isfinite(value))
            g_array_append_val(values, value);
    }
    return values;
}

static const double *data_of(const GArray *values)
{
    return (const double *)(gconstpointer)values->data;
}

/* Dice at threshold STEP of every patient of MEASURES that is HELD OUT, or of every one; of double.
 */
static GArray *gather_at(const DkmEvaluation *e, const GArray *measures, guint step,
                         gboolean held_out)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < measures->len; i++) {
        const DkmPatientMeasure *m = &g_array_index(measures, DkmPatientMeasure, i);
        const double value = dkm_measure_dice_at(m, step);
        if (!held_out || is_held_out(e, m))
            g_array_append_val(values, value);
    }
    return values;
}

/* -- words */

static void print_patients(const DkmEvaluation *e)
{
    const DkmEvaluationRow *first = row_of(e, 0);
    g_print("%-28s %-10s %6s %7s %8s", "patient", "role", "Dice", "Jaccard", "HD95 mm");
    g_print("   Dice of the others, in the order below\n");
    for (guint i = 0; i < first->measures->len; i++) {
        const DkmPatientMeasure *m = measure_of(first, i);
        g_print("%-28s %-10s %6.3f %7.3f %8.1f  ", m->c->name, dkm_split_role_name(role_of(e, m)),
                dice_of(m), jaccard_of(m), hd95_of(m));
        for (guint r = 1; r < e->rows->len; r++)
            g_print(" %.3f", dice_of(measure_of(row_of(e, r), i)));
        g_print("\n");
    }
}

static void print_predictor(const DkmEvaluation *e, const DkmEvaluationRow *row)
{
    g_autoptr(GArray) dice = gather(e, row, dice_of);
    const DkmInterval interval =
        dkm_bootstrap_mean(data_of(dice), dice->len, DKM_BOOTSTRAP_RESAMPLES, SEED);
    g_print("%-8s %-46s %.3f +- %.3f  %.3f to %.3f  sees: %s\n", row->windows, row->predictor,
            dkm_statistics_mean(data_of(dice), dice->len),
            dkm_statistics_sd(data_of(dice), dice->len), interval.low, interval.high, row->sees);
}

static void print_chosen(const DkmEvaluation *e)
{
    if (!e->validation)
        return;
    const guint step = dkm_measure_best_step(e->validation);
    g_autoptr(GArray) dice = gather_at(e, row_of(e, 0)->measures, step, TRUE);
    g_print("%-8s %-33s %-12.2f %.3f +- %.3f\n", row_of(e, 0)->windows,
            "its threshold chosen on validation:", (double)step / DKM_THRESHOLD_STEPS,
            dkm_statistics_mean(data_of(dice), dice->len),
            dkm_statistics_sd(data_of(dice), dice->len));
}

void dkm_evaluation_print_table(const DkmEvaluation *e)
{
    const DkmSplitRole held_out = dkm_split_held_out(&e->split);
    g_autoptr(GArray) dice = gather(e, row_of(e, 0), dice_of);
    g_print("Voxels are pooled over a patient's slices.\n");
    print_patients(e);
    g_print("\nDice of the %u %s patients: mean +- SD, 95 %% interval of the mean\n", dice->len,
            dkm_split_role_name(held_out));
    for (guint r = 0; r < e->rows->len; r++)
        print_predictor(e, row_of(e, r));
    print_chosen(e);
}

/* -- JSON */

static void begin_object(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_object(json);
}

static void begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

static void add_summary(JsonBuilder *json, const char *what, const GArray *values)
{
    g_autofree char *mean = g_strconcat(what, "_mean", NULL), *sd = g_strconcat(what, "_sd", NULL);
    dkm_json_real(json, mean, dkm_statistics_mean(data_of(values), values->len));
    dkm_json_real(json, sd, dkm_statistics_sd(data_of(values), values->len));
}

/* Of the volumes held out, together; nothing where there are none. */
static void sum_lesions(JsonBuilder *json, const DkmEvaluation *e, const DkmEvaluationRow *row)
{
    guint volumes = 0, lesions = 0, found = 0, false_positives = 0;
    for (guint i = 0; i < row->measures->len; i++) {
        const DkmPatientMeasure *m = measure_of(row, i);
        if (!m->c->is_volume || !is_held_out(e, m))
            continue;
        volumes++;
        lesions += m->lesions;
        found += m->lesions_found;
        false_positives += m->false_positives;
    }
    if (volumes == 0)
        return;
    dkm_json_int(json, "volumes", volumes);
    dkm_json_real(json, "lesion_sensitivity", lesions ? (double)found / lesions : NAN);
    dkm_json_real(json, "false_positives_per_volume", (double)false_positives / volumes);
}

/* Per slice, of all patients held out together. */
static void sum_slices(JsonBuilder *json, const DkmEvaluation *e, const DkmEvaluationRow *row)
{
    guint slices = 0, lesions = 0, found = 0, false_positives = 0;
    for (guint i = 0; i < row->measures->len; i++) {
        const DkmPatientMeasure *m = measure_of(row, i);
        if (!is_held_out(e, m))
            continue;
        slices += m->slices;
        lesions += m->slice_lesions;
        found += m->slice_lesions_found;
        false_positives += m->slice_false_positives;
    }
    dkm_json_real(json, "slice_lesion_sensitivity", lesions ? (double)found / lesions : NAN);
    dkm_json_real(json, "false_positives_per_slice",
                  slices ? (double)false_positives / slices : NAN);
}

/* Means and deviations of one row. */
static void add_summaries(JsonBuilder *json, const DkmEvaluation *e, const DkmEvaluationRow *row)
{
    g_autoptr(GArray) dice = gather(e, row, dice_of), jaccard = gather(e, row, jaccard_of),
                      hd95 = gather(e, row, hd95_of);
    const DkmInterval interval =
        dkm_bootstrap_mean(data_of(dice), dice->len, DKM_BOOTSTRAP_RESAMPLES, SEED);
    add_summary(json, "dice", dice);
    begin_array(json, "dice_interval");
    dkm_json_add_real(json, interval.low);
    dkm_json_add_real(json, interval.high);
    json_builder_end_array(json);
    add_summary(json, "jaccard", jaccard);
    add_summary(json, "hd95_mm", hd95);
    dkm_json_int(json, "hd95_patients", hd95->len);
    sum_slices(json, e, row);
    sum_lesions(json, e, row);
}

static void add_lesions(JsonBuilder *json, const DkmPatientMeasure *m)
{
    if (!m->c->is_volume)
        return;
    dkm_json_int(json, "lesions", m->lesions);
    dkm_json_int(json, "lesions_found", m->lesions_found);
    dkm_json_int(json, "false_positives", m->false_positives);
}

static void add_patient(JsonBuilder *json, const DkmEvaluation *e, const DkmPatientMeasure *m)
{
    json_builder_begin_object(json);
    dkm_json_text(json, "case", m->c->name);
    dkm_json_text(json, "role", dkm_split_role_name(role_of(e, m)));
    dkm_json_real(json, "dice", dice_of(m));
    dkm_json_real(json, "jaccard", jaccard_of(m));
    dkm_json_real(json, "hd95_mm", hd95_of(m));
    dkm_json_int(json, "slices", m->slices);
    dkm_json_int(json, "slices_both", m->slices_both);
    dkm_json_int(json, "slices_one", m->slices_one);
    dkm_json_int(json, "slice_lesions", m->slice_lesions);
    dkm_json_int(json, "slice_lesions_found", m->slice_lesions_found);
    dkm_json_int(json, "slice_false_positives", m->slice_false_positives);
    dkm_json_int(json, "pixels_predicted", (gint64)m->score.predicted);
    dkm_json_int(json, "pixels_labelled", (gint64)m->score.labelled);
    dkm_json_int(json, "pixels_both", (gint64)m->score.both);
    add_lesions(json, m);
    json_builder_end_object(json);
}

static void add_patients(JsonBuilder *json, const char *name, const DkmEvaluation *e,
                         const DkmEvaluationRow *row)
{
    begin_array(json, name);
    for (guint i = 0; i < row->measures->len; i++)
        add_patient(json, e, measure_of(row, i));
    json_builder_end_array(json);
}

static void add_calibration(JsonBuilder *json, const DkmEvaluation *e)
{
    const DkmEvaluationRow *row = row_of(e, 0);
    DkmReliabilityBin bins[DKM_RELIABILITY_BINS] = {{0}};
    for (guint i = 0; i < row->measures->len; i++)
        if (is_held_out(e, measure_of(row, i)))
            dkm_reliability_add(bins, measure_of(row, i)->bins);
    begin_object(json, "calibration");
    dkm_json_real(json, "error", dkm_reliability_error(bins));
    begin_array(json, "bins");
    for (int i = 0; i < DKM_RELIABILITY_BINS; i++) {
        json_builder_begin_object(json);
        dkm_json_int(json, "pixels", (gint64)bins[i].n);
        dkm_json_int(json, "labelled", (gint64)bins[i].labelled);
        dkm_json_real(json, "probability_sum", bins[i].sum);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
}

/* The first result with the threshold that the validation patients, whom nothing else is reported
 * of, would have; null where they are those that are reported. */
static void add_chosen(JsonBuilder *json, const DkmEvaluation *e)
{
    const DkmEvaluationRow *row = row_of(e, 0);
    if (!e->validation) {
        dkm_json_text(json, "chosen_threshold", NULL);
        return;
    }
    const guint step = dkm_measure_best_step(e->validation);
    g_autoptr(GArray) chosen_on = gather_at(e, e->validation, step, FALSE),
                      dice = gather_at(e, row->measures, step, TRUE);
    begin_object(json, "chosen_threshold");
    dkm_json_real(json, "threshold", (double)step / DKM_THRESHOLD_STEPS);
    dkm_json_int(json, "validation_patients", chosen_on->len);
    add_summary(json, "validation_dice", chosen_on);
    add_summary(json, "dice", dice);
    begin_array(json, "per_patient");
    for (guint i = 0; i < row->measures->len; i++) {
        const DkmPatientMeasure *m = measure_of(row, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "case", m->c->name);
        dkm_json_text(json, "role", dkm_split_role_name(role_of(e, m)));
        dkm_json_real(json, "dice", dkm_measure_dice_at(m, step));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static void add_model(JsonBuilder *json, const DkmEvaluation *e)
{
    begin_object(json, "model");
    dkm_json_text(json, "weights_sha256", dkm_model_weights_sha256(e->model));
    for (guint i = 0; i < G_N_ELEMENTS(model_keys); i++)
        if (dkm_model_meta(e->model, model_keys[i]))
            dkm_json_text(json, model_keys[i], dkm_model_meta(e->model, model_keys[i]));
    dkm_json_int(json, "dm_values", (gint64)e->dm_values);
    dkm_json_int(json, "sm_values", (gint64)e->sm_values);
    json_builder_end_object(json);
}

static void add_task(JsonBuilder *json, const DkmEvaluation *e)
{
    begin_object(json, "split");
    dkm_json_int(json, "seed", (gint64)e->split.seed);
    if (e->split.fold == DKM_NO_FOLD)
        dkm_json_text(json, "fold", NULL);
    else
        dkm_json_int(json, "fold", e->split.fold);
    dkm_json_text(json, "reported", dkm_split_role_name(dkm_split_held_out(&e->split)));
    json_builder_end_object(json);
    begin_object(json, "windows");
    dkm_json_int(json, "centred_side", e->centred_side);
    dkm_json_int(json, "shifted_side", e->shifted_side);
    dkm_json_int(json, "shifted_seed", (gint64)e->shifted_seed);
    json_builder_end_object(json);
}

static void add_row(JsonBuilder *json, const DkmEvaluation *e, const DkmEvaluationRow *row)
{
    g_autoptr(GArray) dice = gather(e, row, dice_of);
    json_builder_begin_object(json);
    dkm_json_text(json, "windows", row->windows);
    dkm_json_text(json, "predictor", row->predictor);
    dkm_json_text(json, "sees", row->sees);
    dkm_json_real(json, "threshold", row->threshold);
    dkm_json_int(json, "patients", dice->len);
    add_summaries(json, e, row);
    add_patients(json, "per_patient", e, row);
    json_builder_end_object(json);
}

void dkm_evaluation_print_json(const DkmEvaluation *e)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "commit", DKM_COMMIT);
    dkm_json_text(json, "command", e->command);
    add_model(json, e);
    add_task(json, e);
    add_summaries(json, e, row_of(e, 0));
    add_patients(json, "patients", e, row_of(e, 0));
    add_calibration(json, e);
    add_chosen(json, e);
    begin_array(json, "results");
    for (guint r = 0; r < e->rows->len; r++)
        add_row(json, e, row_of(e, r));
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}
