#include "plugin/generation.h"

#include "core/error.h"
#include "core/json-value.h"
#include "core/learn/generation.h"
#include "core/learn/statistics.h"
#include "core/model/engine.h"
#include "core/model/noise.h"
#include "core/net/dtype.h"
#include "core/net/weights.h"
#include "plugin/commit.h"
#include "plugin/options.h"
#include "plugin/training-cases.h"

#include <math.h>

/* The specification of DKM, section 1.4, begins no chain above 350. */
enum { CHAIN_FROM = 350, BOOTSTRAP_SEED = 0, FIGURES = 5 };
static const int one_step_from[] = {1, 10, 50, 150, 250, 500, 750, 1000};
static const int chain_steps[] = {1, 2, 5, 10, 20};

/* One predictor. */
typedef struct {
    char *name;
    int t, evaluations; /* of the network; 0: none */
    GArray *measures;   /* of DkmGenerationMeasure */
} Row;

typedef struct {
    const DkmGenerationRequest *request;
    DkmEngine engine;
    DkmWeights *weights;
    DkmParams *params;
    DkmPreset preset;
    DkmNormaliseRule rule;
    DkmSplit split;
    GPtrArray *cases; /* of DkmCase* */
    DkmDtype dtype;
    DkmGenerator *generator;
    DkmEvaluateWindows windows;
    GArray *training, *samples; /* of DkmSample */
    float *noise;
    GArray *rows; /* of Row */
} Task;

static void row_clear(gpointer data)
{
    Row *row = data;
    g_free(row->name);
    g_array_unref(row->measures);
}

static void task_clear(Task *task)
{
    g_clear_pointer(&task->generator, dkm_generator_free);
    g_clear_pointer(&task->params, dkm_params_free);
    g_clear_pointer(&task->weights, dkm_weights_close);
    g_clear_pointer(&task->cases, g_ptr_array_unref);
    g_clear_pointer(&task->training, g_array_unref);
    g_clear_pointer(&task->samples, g_array_unref);
    g_clear_pointer(&task->rows, g_array_unref);
    g_free(task->noise);
    dkm_engine_close(&task->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Task, task_clear)

/* -- the module */

gboolean dkm_generation_is_alone(const char *path)
{
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, NULL);
    return weights && dkm_weights_values(weights, "dm.") > 0 &&
           dkm_weights_values(weights, "sm.") == 0;
}

static gboolean read_metadata(Task *task, GError **error)
{
    const char *preset = dkm_weights_meta(task->weights, "preset"),
               *reading = dkm_weights_meta(task->weights, "reading");
    return dkm_preset_find(preset ? preset : "", &task->preset, error) &&
           (!reading || dkm_reading_parse(reading, &task->preset.reading, error)) &&
           dkm_normalise_rule_parse(dkm_weights_meta(task->weights, "normalisation"), &task->rule,
                                    error) &&
           dkm_split_parse(dkm_weights_meta(task->weights, "split_seed"),
                           dkm_weights_meta(task->weights, "split_fold"), &task->split, error);
}

static gboolean open_module(Task *task, GError **error)
{
    const DkmGenerationRequest *r = task->request;
    g_autofree char *name = g_path_get_basename(r->path);
    if (!dkm_dtype_parse(r->precision ? r->precision : "f32", &task->dtype, error) ||
        !dkm_engine_open(&task->engine, r->device ? r->device : "auto", r->threads, error) ||
        !(task->weights = dkm_weights_open(r->path, error)))
        return FALSE;
    if (dkm_weights_values(task->weights, "dm.") == 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "%s holds no diffusion module", name);
        return FALSE;
    }
    task->params = dkm_params_new(task->engine.backend, task->engine.device);
    if (read_metadata(task, error) &&
        dkm_network_declare(&task->preset, TRUE, task->params, error) &&
        dkm_weights_load(task->weights, "", task->params, error))
        return TRUE;
    g_prefix_error(error, "%s: ", name);
    return FALSE;
}

/* -- measuring */

static gboolean add_row(Task *task, const DkmLatePredictor *predictor, Row row,
                        GCancellable *cancel, GError **error)
{
    row.measures = dkm_generation_measure(predictor, task->samples, &task->windows, cancel, error);
    if (!row.measures) {
        g_free(row.name);
        return FALSE;
    }
    g_array_append_val(task->rows, row);
    return TRUE;
}

static gboolean add_chain(Task *task, int t, int steps, GCancellable *cancel, GError **error)
{
    const gboolean plain = task->preset.reading == DKM_READING_REGRESSION;
    DkmChainPredictor chain = {task->generator, task->noise, {t, steps}};
    const DkmLatePredictor predictor = dkm_chain_predictor(&chain);
    char *name = plain        ? g_strdup("regression, one step")
                 : steps == 1 ? g_strdup_printf("one step from t = %d", t)
                              : g_strdup_printf("DDIM, %d steps from t = %d", steps, t);
    return add_row(task, &predictor, (Row){name, t, steps, NULL}, cancel, error);
}

static gboolean measure_module(Task *task, GCancellable *cancel, GError **error)
{
    if (task->preset.reading == DKM_READING_REGRESSION)
        return add_chain(task, 1, 1, cancel, error);
    for (guint i = 0; i < G_N_ELEMENTS(one_step_from); i++)
        if (!add_chain(task, one_step_from[i], 1, cancel, error))
            return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(chain_steps); i++)
        if (!add_chain(task, CHAIN_FROM, chain_steps[i], cancel, error))
            return FALSE;
    return TRUE;
}

static gboolean measure_rules(Task *task, GCancellable *cancel, GError **error)
{
    g_autoptr(DkmLateRules) rules = dkm_late_rules_new(task->training, &task->windows);
    for (int r = 0; r < DKM_LATE_RULES; r++) {
        const DkmLatePredictor predictor = dkm_late_rules_predictor(rules, (DkmLateRule)r);
        const Row row = {.name = g_strdup(dkm_late_rule_name((DkmLateRule)r))};
        if (!add_row(task, &predictor, row, cancel, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean prepare(Task *task, GError **error)
{
    const DkmGenerationRequest *r = task->request;
    const int side = dkm_evaluate_side(task->cases), size[2] = {side, side};
    task->windows = (DkmEvaluateWindows){.side = side};
    task->training = dkm_cases_samples(task->cases, &task->split, DKM_SPLIT_TRAINING);
    task->samples = dkm_cases_samples(task->cases, &task->split, dkm_split_held_out(&task->split));
    if (r->slices > 0)
        dkm_cases_spread(task->samples, r->slices);
    if (task->samples->len == 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "none of these patients was held out when the module was trained");
        return FALSE;
    }
    task->noise = g_new(float, (gsize)side *(gsize)side);
    dkm_noise_field(0, 0, 0, side, side, task->noise);
    task->rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(task->rows, row_clear);
    task->generator = dkm_generator_new(&task->preset, task->params, task->dtype, size, error);
    return task->generator != NULL;
}

/* -- printing */

static const char *const figure_names[FIGURES] = {"psnr_db_breast", "psnr_db_tumour", "ssim_breast",
                                                  "ssim_tumour", "auc_tumour"};

static double figure_of(const DkmGenerationMeasure *m, int figure)
{
    const double values[FIGURES] = {m->psnr_db[DKM_REGION_BREAST], m->psnr_db[DKM_REGION_TUMOUR],
                                    m->ssim[DKM_REGION_BREAST], m->ssim[DKM_REGION_TUMOUR], m->auc};
    return values[figure];
}

/* Of every patient that has one; of double. */
static GArray *gather(const Row *row, int figure)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < row->measures->len; i++) {
        const double value =
            figure_of(&g_array_index(row->measures, DkmGenerationMeasure, i), figure);
        if (isfinite(value))
            g_array_append_val(values, value);
    }
    return values;
}

static const double *data_of(const GArray *values)
{
    return (const double *)(gconstpointer)values->data;
}

static void print_table(const Task *task)
{
    const Row *first = &g_array_index(task->rows, Row, 0);
    g_print("The late phase predicted from the pre-contrast one: %u %s patients, %u slices, mean "
            "+- SD over patients.\nPSNR in dB by each patient's range of the late phase in the "
            "breast; AUC: of the predicted enhancement, tumour against the rest of the breast.\n"
            "%-44s %5s %-16s%-16s%-16s%-16s%s\n",
            first->measures->len, dkm_split_role_name(dkm_split_held_out(&task->split)),
            task->samples->len, "predictor", "evals", "PSNR breast", "PSNR tumour", "SSIM breast",
            "SSIM tumour", "AUC");
    for (guint r = 0; r < task->rows->len; r++) {
        const Row *row = &g_array_index(task->rows, Row, r);
        g_print("%-44s %5d ", row->name, row->evaluations);
        for (int f = 0; f < FIGURES; f++) {
            g_autoptr(GArray) values = gather(row, f);
            const int digits = f < 2 ? 2 : 3;
            g_autofree char *text = g_strdup_printf(
                "%.*f +- %.*f", digits, dkm_statistics_mean(data_of(values), values->len), digits,
                dkm_statistics_sd(data_of(values), values->len));
            g_print("%-16s", text);
        }
        g_print("\n");
    }
}

static void begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

static void add_figures(JsonBuilder *json, const Row *row)
{
    for (int f = 0; f < FIGURES; f++) {
        g_autoptr(GArray) values = gather(row, f);
        const DkmInterval interval = dkm_bootstrap_mean(data_of(values), values->len,
                                                        DKM_BOOTSTRAP_RESAMPLES, BOOTSTRAP_SEED);
        json_builder_set_member_name(json, figure_names[f]);
        json_builder_begin_object(json);
        dkm_json_int(json, "patients", values->len);
        dkm_json_real(json, "mean", dkm_statistics_mean(data_of(values), values->len));
        dkm_json_real(json, "sd", dkm_statistics_sd(data_of(values), values->len));
        begin_array(json, "interval");
        dkm_json_add_real(json, interval.low);
        dkm_json_add_real(json, interval.high);
        json_builder_end_array(json);
        json_builder_end_object(json);
    }
}

static void add_patients(JsonBuilder *json, const Row *row)
{
    begin_array(json, "per_patient");
    for (guint i = 0; i < row->measures->len; i++) {
        const DkmGenerationMeasure *m = &g_array_index(row->measures, DkmGenerationMeasure, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "case", m->c->name);
        dkm_json_int(json, "slices", m->slices);
        dkm_json_real(json, "range", m->range);
        for (int f = 0; f < FIGURES; f++)
            dkm_json_real(json, figure_names[f], figure_of(m, f));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void print_json(const Task *task)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "commit", DKM_COMMIT);
    dkm_json_text(json, "command", task->request->command);
    dkm_json_text(json, "weights_sha256", dkm_weights_sha256(task->weights));
    dkm_json_text(json, "reading", dkm_reading_name(task->preset.reading));
    dkm_json_text(json, "precision", dkm_dtype_name(task->dtype));
    dkm_json_int(json, "split_seed", (gint64)task->split.seed);
    dkm_json_text(json, "reported", dkm_split_role_name(dkm_split_held_out(&task->split)));
    dkm_json_int(json, "slices", task->samples->len);
    begin_array(json, "results");
    for (guint r = 0; r < task->rows->len; r++) {
        const Row *row = &g_array_index(task->rows, Row, r);
        json_builder_begin_object(json);
        dkm_json_text(json, "predictor", row->name);
        dkm_json_int(json, "evaluations", row->evaluations);
        add_figures(json, row);
        add_patients(json, row);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}

gboolean dkm_generation_evaluate(const DkmGenerationRequest *request, GCancellable *cancel,
                                 GError **error)
{
    g_auto(Task) task = {.request = request};
    if (!open_module(&task, error) ||
        !(task.cases = dkm_training_cases_load(request->folders, task.rule, cancel, error)) ||
        !prepare(&task, error) || !measure_rules(&task, cancel, error) ||
        !measure_module(&task, cancel, error))
        return FALSE;
    (request->json ? print_json : print_table)(&task);
    return TRUE;
}
