#include "plugin/ablate/results.h"
#include "plugin/ablate/json-read.h"

#include "core/error.h"
#include "core/regular-file.h"

#include <math.h>
#include <string.h>

enum { MAX_EVALUATION_BYTES = 64 << 20, SEED = 0 };

static const char *const model_word = "model";

static void patient_clear(gpointer data)
{
    g_free(((DkmAblatePatient *)data)->name);
}

static void line_clear(gpointer data)
{
    DkmAblateLine *line = data;
    g_free(line->name);
    g_free(line->sees);
    g_free(line->predictor);
    g_array_unref(line->patients);
    g_array_unref(line->thresholds);
}

void dkm_ablate_results_free(DkmAblateResults *results)
{
    if (!results)
        return;
    g_array_unref(results->lines);
    g_free(results);
}

const DkmAblateLine *dkm_ablate_results_line(const DkmAblateResults *results, guint i)
{
    return &g_array_index(results->lines, DkmAblateLine, i);
}

static DkmAblateLine *add_line(DkmAblateResults *results, int row, const char *predictor)
{
    DkmAblateLine line = {.row = row,
                          .predictor = g_strdup(predictor),
                          .patients = g_array_new(FALSE, FALSE, sizeof(DkmAblatePatient)),
                          .thresholds = g_array_new(FALSE, FALSE, sizeof(double)),
                          .dm_values = NAN,
                          .sm_values = NAN};
    g_array_set_clear_func(line.patients, patient_clear);
    g_array_append_val(results->lines, line);
    return &g_array_index(results->lines, DkmAblateLine, results->lines->len - 1);
}

static DkmAblateLine *find_line(DkmAblateResults *results, int row, const char *predictor)
{
    for (guint i = 0; i < results->lines->len; i++) {
        DkmAblateLine *line = &g_array_index(results->lines, DkmAblateLine, i);
        if (line->row == row && strcmp(line->predictor, predictor) == 0)
            return line;
    }
    return NULL;
}

/* -- one evaluation */

typedef struct {
    DkmAblateResults *results;
    const DkmAblatePlan *plan;
    JsonObject *root;
    JsonArray *rows; /* of ROOT */
    const char *role;
    int row, fold;
} Evaluation;

static JsonObject *element(JsonArray *array, guint i)
{
    JsonNode *node = json_array_get_element(array, i);
    return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static gboolean is_model(const char *predictor)
{
    return g_str_has_prefix(predictor, model_word);
}

/* Its result for PREDICTOR on WINDOWS; NULL. */
static JsonObject *find_result(const Evaluation *e, const char *windows, const char *predictor)
{
    for (guint i = 0; i < json_array_get_length(e->rows); i++) {
        JsonObject *row = element(e->rows, i);
        if (row && g_strcmp0(dkm_json_get_text(row, "windows"), windows) == 0 &&
            g_strcmp0(dkm_json_get_text(row, "predictor"), predictor) == 0)
            return row;
    }
    return NULL;
}

/* Case -> Dice, the names borrowed. */
static GHashTable *dice_by_case(JsonObject *row)
{
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    JsonArray *patients = row ? dkm_json_get_array(row, "per_patient") : NULL;
    for (guint i = 0; patients && i < json_array_get_length(patients); i++) {
        JsonObject *p = element(patients, i);
        const double dice = p ? dkm_json_get_number(p, "dice") : NAN;
        if (p && dkm_json_get_text(p, "case"))
            g_hash_table_replace(table, (gpointer)dkm_json_get_text(p, "case"),
                                 g_memdup2(&dice, sizeof dice));
    }
    return table;
}

static void add_patients(const Evaluation *e, DkmAblateLine *line, JsonObject *row)
{
    JsonArray *patients = dkm_json_get_array(row, "per_patient");
    g_autoptr(GHashTable) shifted =
        dice_by_case(find_result(e, "shifted", dkm_json_get_text(row, "predictor")));
    for (guint i = 0; patients && i < json_array_get_length(patients); i++) {
        JsonObject *p = element(patients, i);
        const char *name = p ? dkm_json_get_text(p, "case") : NULL;
        if (!name || g_strcmp0(dkm_json_get_text(p, "role"), e->role) != 0)
            continue;
        const double *moved = g_hash_table_lookup(shifted, name);
        const DkmAblatePatient patient = {
            .name = g_strdup(name),
            .fold = e->fold,
            .dice = dkm_json_get_number(p, "dice"),
            .jaccard = dkm_json_get_number(p, "jaccard"),
            .hd95_mm = dkm_json_get_number(p, "hd95_mm"),
            .slices = dkm_json_get_number(p, "slices"),
            .slice_lesions = dkm_json_get_number(p, "slice_lesions"),
            .slice_lesions_found = dkm_json_get_number(p, "slice_lesions_found"),
            .slice_false_positives = dkm_json_get_number(p, "slice_false_positives"),
            .shifted = moved ? *moved : NAN,
            .chosen = NAN};
        g_array_append_val(line->patients, patient);
    }
    line->folds++;
}

static DkmAblatePatient *find_patient(const DkmAblateLine *line, const char *name)
{
    for (guint i = 0; i < line->patients->len; i++) {
        DkmAblatePatient *p = &g_array_index(line->patients, DkmAblatePatient, i);
        if (g_strcmp0(p->name, name) == 0)
            return p;
    }
    return NULL;
}

/* Older evaluations have none. */
static void add_chosen(const Evaluation *e, DkmAblateLine *line)
{
    JsonObject *chosen = dkm_json_get_object(e->root, "chosen_threshold");
    JsonArray *patients = chosen ? dkm_json_get_array(chosen, "per_patient") : NULL;
    const double threshold = chosen ? dkm_json_get_number(chosen, "threshold") : NAN;
    if (!patients || !isfinite(threshold))
        return;
    g_array_append_val(line->thresholds, threshold);
    for (guint i = 0; i < json_array_get_length(patients); i++) {
        JsonObject *p = element(patients, i);
        DkmAblatePatient *patient = p ? find_patient(line, dkm_json_get_text(p, "case")) : NULL;
        if (patient)
            patient->chosen = dkm_json_get_number(p, "dice");
    }
}

static gsize whole(JsonObject *object, const char *name)
{
    const double value = dkm_json_get_number(object, name);
    return value >= 0 && value < 1e15 ? (gsize)value : 0;
}

static void add_bins(const Evaluation *e, DkmAblateLine *line)
{
    JsonObject *calibration = dkm_json_get_object(e->root, "calibration");
    JsonArray *bins = calibration ? dkm_json_get_array(calibration, "bins") : NULL;
    if (!bins || json_array_get_length(bins) != DKM_RELIABILITY_BINS)
        return;
    for (guint i = 0; i < DKM_RELIABILITY_BINS; i++) {
        JsonObject *bin = element(bins, i);
        const double sum = bin ? dkm_json_get_number(bin, "probability_sum") : NAN;
        if (!isfinite(sum))
            continue;
        line->bins[i].n += whole(bin, "pixels");
        line->bins[i].labelled += whole(bin, "labelled");
        line->bins[i].sum += sum;
    }
    line->has_bins = TRUE;
}

/* The weights that are used: without code and predicted phases no diffusion module is. */
static void add_sizes(const Evaluation *e, DkmAblateLine *line)
{
    JsonObject *model = dkm_json_get_object(e->root, "model");
    const char *fusion = model ? dkm_json_get_text(model, "fusion") : NULL,
               *input = model ? dkm_json_get_text(model, "input") : NULL;
    const gboolean uses_dm =
        (fusion && strcmp(fusion, "none") != 0) || g_strcmp0(input, "predicted") == 0;
    if (!model)
        return;
    line->sm_values = dkm_json_get_number(model, "sm_values");
    line->dm_values = uses_dm ? dkm_json_get_number(model, "dm_values") : NAN;
}

/* The first model's result has the row's name, others say what the model saw. */
static DkmAblateLine *row_line(const Evaluation *e, const char *predictor, gboolean is_first)
{
    DkmAblateLine *line = find_line(e->results, e->row, predictor);
    const DkmAblateRow *row = dkm_ablate_plan_row(e->plan, (guint)e->row);
    if (line)
        return line;
    line = add_line(e->results, e->row, predictor);
    line->control = row->control;
    line->name = is_first || strlen(predictor) <= strlen("model, ")
                     ? g_strdup(row->name)
                     : g_strdup_printf("%s (%s)", row->name, predictor + strlen("model, "));
    return line;
}

static void add_models(const Evaluation *e)
{
    gboolean is_first = TRUE;
    for (guint i = 0; i < json_array_get_length(e->rows); i++) {
        JsonObject *row = element(e->rows, i);
        const char *predictor = row ? dkm_json_get_text(row, "predictor") : NULL;
        if (!predictor || !is_model(predictor) ||
            g_strcmp0(dkm_json_get_text(row, "windows"), "centred") != 0)
            continue;
        DkmAblateLine *line = row_line(e, predictor, is_first);
        if (!line->sees)
            line->sees = g_strdup(dkm_json_get_text(row, "sees"));
        add_patients(e, line, row);
        add_sizes(e, line);
        if (is_first) {
            add_bins(e, line);
            add_chosen(e, line);
        }
        is_first = FALSE;
    }
}

/* Predictors without a model are the same for every row: once a fold is enough. */
static void add_rules(const Evaluation *e)
{
    for (guint i = 0; i < json_array_get_length(e->rows); i++) {
        JsonObject *row = element(e->rows, i);
        const char *predictor = row ? dkm_json_get_text(row, "predictor") : NULL;
        if (!predictor || is_model(predictor) ||
            g_strcmp0(dkm_json_get_text(row, "windows"), "centred") != 0)
            continue;
        DkmAblateLine *line = find_line(e->results, -1, predictor);
        if (!line) {
            line = add_line(e->results, -1, predictor);
            line->name = g_strdup(predictor);
            line->sees = g_strdup(dkm_json_get_text(row, "sees"));
        }
        add_patients(e, line, row);
    }
}

static gboolean visit(const DkmAblate *ablate, DkmAblateResults *results, const DkmAblateStep *step,
                      void (*add)(const Evaluation *e), GError **error)
{
    g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_EVALUATION_FILE);
    g_autofree char *text =
        dkm_regular_file_read(path, MAX_EVALUATION_BYTES, DKM_ERROR_INPUT, error);
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!text)
        return FALSE;
    Evaluation e = {.results = results,
                    .plan = ablate->plan,
                    .root = dkm_json_parse(parser, text),
                    .row = step->row,
                    .fold = step->fold};
    JsonObject *split = e.root ? dkm_json_get_object(e.root, "split") : NULL;
    e.rows = e.root ? dkm_json_get_array(e.root, "results") : NULL;
    e.role = split ? dkm_json_get_text(split, "reported") : NULL;
    if (!e.rows) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s is no evaluation", path);
        return FALSE;
    }
    add(&e);
    return TRUE;
}

static gboolean load_rules(const DkmAblate *ablate, const GArray *steps, DkmAblateResults *results,
                           GError **error)
{
    guint seen = 0; /* folds, as bits */
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(steps, DkmAblateStep, i);
        if (step->kind != DKM_ABLATE_EVALUATION || step->state != DKM_ABLATE_DONE ||
            seen >> step->fold & 1u)
            continue;
        seen |= 1u << step->fold;
        if (!visit(ablate, results, step, add_rules, error))
            return FALSE;
    }
    return TRUE;
}

static int find_baseline(const DkmAblateResults *results, int row)
{
    for (guint i = 0; row >= 0 && i < results->lines->len; i++)
        if (dkm_ablate_results_line(results, i)->row == row)
            return (int)i;
    return -1;
}

DkmAblateResults *dkm_ablate_results_load(const DkmAblate *ablate, const GArray *steps,
                                          GError **error)
{
    g_autoptr(DkmAblateResults) results = g_new0(DkmAblateResults, 1);
    results->lines = g_array_new(FALSE, FALSE, sizeof(DkmAblateLine));
    g_array_set_clear_func(results->lines, line_clear);
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(steps, DkmAblateStep, i);
        if (step->kind == DKM_ABLATE_EVALUATION && step->state == DKM_ABLATE_DONE &&
            !visit(ablate, results, step, add_models, error))
            return NULL;
    }
    if (!load_rules(ablate, steps, results, error))
        return NULL;
    results->baseline = find_baseline(results, ablate->plan->baseline);
    return g_steal_pointer(&results);
}

/* -- summaries */

typedef enum { DICE, JACCARD, HD95, SHIFTED, CHOSEN, GAIN } Column;

static double value_of(const DkmAblatePatient *p, Column column)
{
    return column == DICE      ? p->dice
           : column == JACCARD ? p->jaccard
           : column == HD95    ? p->hd95_mm
           : column == SHIFTED ? p->shifted
           : column == CHOSEN  ? p->chosen
                               : p->chosen - p->dice;
}

/* Of double, without patients that have none. */
static GArray *gather(const DkmAblateLine *line, Column column)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < line->patients->len; i++) {
        const double value = value_of(&g_array_index(line->patients, DkmAblatePatient, i), column);
        if (isfinite(value))
            g_array_append_val(values, value);
    }
    return values;
}

static const double *data_of(const GArray *values)
{
    return (const double *)(gconstpointer)values->data;
}

static void mean_and_sd(const DkmAblateLine *line, Column column, double *mean, double *sd)
{
    g_autoptr(GArray) values = gather(line, column);
    *mean = dkm_statistics_mean(data_of(values), values->len);
    *sd = dkm_statistics_sd(data_of(values), values->len);
}

static GArray *differences(const DkmAblateLine *line, const DkmAblateLine *baseline, Column column)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < line->patients->len; i++) {
        const DkmAblatePatient *p = &g_array_index(line->patients, DkmAblatePatient, i),
                               *other = find_patient(baseline, p->name);
        const double difference = other ? value_of(p, column) - value_of(other, column) : NAN;
        if (isfinite(difference))
            g_array_append_val(values, difference);
    }
    return values;
}

static DkmAblateDifference compare(const DkmAblateLine *line, const DkmAblateLine *baseline,
                                   Column column)
{
    DkmAblateDifference d = {.mean = NAN, .interval = {NAN, NAN}, .test = {.p = NAN}};
    if (!baseline || baseline == line)
        return d;
    g_autoptr(GArray) pairs = differences(line, baseline, column);
    d.pairs = pairs->len;
    if (pairs->len == 0)
        return d;
    d.mean = dkm_statistics_mean(data_of(pairs), pairs->len);
    d.interval = dkm_bootstrap_mean(data_of(pairs), pairs->len, DKM_BOOTSTRAP_RESAMPLES, SEED);
    d.test = dkm_wilcoxon_signed_rank(data_of(pairs), pairs->len);
    return d;
}

/* Of the patients whose evaluations tell. */
static void summarise_chosen(const DkmAblateLine *line, DkmAblateSummary *s)
{
    double sd;
    g_autoptr(GArray) gain = gather(line, GAIN);
    mean_and_sd(line, CHOSEN, &s->chosen, &s->chosen_sd);
    mean_and_sd(line, GAIN, &s->chosen_gain, &sd);
    s->chosen_interval =
        dkm_bootstrap_mean(data_of(gain), gain->len, DKM_BOOTSTRAP_RESAMPLES, SEED);
}

/* NaN where one evaluation of the line does not tell. */
static void summarise_lesions(const DkmAblateLine *line, DkmAblateSummary *s)
{
    double slices = 0, lesions = 0, found = 0, false_positives = 0;
    for (guint i = 0; i < line->patients->len; i++) {
        const DkmAblatePatient *p = &g_array_index(line->patients, DkmAblatePatient, i);
        slices += p->slices;
        lesions += p->slice_lesions;
        found += p->slice_lesions_found;
        false_positives += p->slice_false_positives;
    }
    s->lesion_sensitivity = lesions > 0 ? found / lesions : NAN;
    s->false_positives = slices > 0 ? false_positives / slices : NAN;
}

DkmAblateSummary dkm_ablate_summarise(const DkmAblateResults *results, guint i)
{
    const DkmAblateLine *line = dkm_ablate_results_line(results, i);
    const DkmAblateLine *baseline =
        results->baseline < 0 ? NULL : dkm_ablate_results_line(results, (guint)results->baseline);
    DkmAblateSummary s = {.to_baseline = compare(line, baseline, DICE),
                          .chosen_to_baseline = compare(line, baseline, CHOSEN),
                          .calibration_error =
                              line->has_bins ? dkm_reliability_error(line->bins) : NAN};
    g_autoptr(GArray) dice = gather(line, DICE), hd95 = gather(line, HD95);
    s.n = dice->len;
    s.hd95_n = hd95->len;
    mean_and_sd(line, DICE, &s.dice, &s.dice_sd);
    mean_and_sd(line, JACCARD, &s.jaccard, &s.jaccard_sd);
    mean_and_sd(line, SHIFTED, &s.shifted, &s.shifted_sd);
    mean_and_sd(line, HD95, &s.hd95_mm, &s.hd95_sd);
    summarise_lesions(line, &s);
    summarise_chosen(line, &s);
    s.interval = dkm_bootstrap_mean(data_of(dice), dice->len, DKM_BOOTSTRAP_RESAMPLES, SEED);
    return s;
}
