/* dkm evaluate MODEL: Dice per validation patient, beside predictors that know only the place of
 * tumours in the windows, or nothing; on centred and on shifted windows. */
#include "plugin/commands.h"

#include "core/error.h"
#include "core/learn/evaluate.h"
#include "core/model/model.h"
#include "plugin/options.h"
#include "plugin/training-cases.h"

/* One predictor's scores on one kind of window. */
typedef struct {
    const char *windows, *predictor;
    GArray *scores;
} Row;

static void row_clear(gpointer data)
{
    g_array_unref(((Row *)data)->scores);
}

static void add_row(GArray *rows, const char *windows, const char *predictor, GArray *scores)
{
    g_array_append_val(rows, ((Row){windows, predictor, scores}));
}

typedef struct {
    DkmModel *model;
    GArray *training, *held_out; /* of DkmSample */
    GCancellable *cancel;
} Task;

static gboolean score(const Task *task, const char *name, const DkmEvaluateWindows *windows,
                      GArray *rows, GError **error)
{
    g_autoptr(DkmNetwork) network =
        dkm_model_make_network(task->model, windows->side, windows->side, error);
    GArray *scores =
        network ? dkm_evaluate_network(network, task->held_out, windows,
                                       dkm_model_threshold(task->model), task->cancel, error)
                : NULL;
    if (!scores)
        return FALSE;
    add_row(rows, name, "model", scores);
    add_row(rows, name, "location only",
            dkm_evaluate_location(task->training, task->held_out, windows));
    add_row(rows, name, "nothing", dkm_evaluate_nothing(task->held_out, windows));
    return TRUE;
}

static gboolean score_all(const Task *task, int side, GArray *rows, GError **error)
{
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++) {
        const DkmEvaluateKind kind = dkm_evaluate_kind(i, side);
        if (!score(task, kind.name, &kind.windows, rows, error))
            return FALSE;
    }
    return TRUE;
}

static void print_table(const GArray *rows)
{
    const GArray *first = g_array_index(rows, Row, 0).scores;
    g_print("Dice per patient, voxels pooled over the patient's slices\n%-24s", "patient");
    for (guint r = 0; r < rows->len; r++) {
        const Row *row = &g_array_index(rows, Row, r);
        g_autofree char *head = g_strdup_printf("%s: %s", row->windows, row->predictor);
        g_print(" %22s", head);
    }
    for (guint i = 0; i < first->len; i++) {
        g_print("\n%-24s", g_array_index(first, DkmPatientScore, i).name);
        for (guint r = 0; r < rows->len; r++)
            g_print(" %22.3f", dkm_patient_score_dice(&g_array_index(
                                   g_array_index(rows, Row, r).scores, DkmPatientScore, i)));
    }
    g_print("\n%-24s", "mean +- SD");
    for (guint r = 0; r < rows->len; r++) {
        double mean, sd;
        dkm_scores_summarise(g_array_index(rows, Row, r).scores, &mean, &sd);
        g_print("         %.3f +- %.3f", mean, sd);
    }
    g_print("\n");
}

static void add_patients(JsonBuilder *json, const GArray *scores)
{
    json_builder_set_member_name(json, "per_patient");
    json_builder_begin_array(json);
    for (guint i = 0; i < scores->len; i++) {
        const DkmPatientScore *score = &g_array_index(scores, DkmPatientScore, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "case", score->name);
        dkm_json_real(json, "dice", dkm_patient_score_dice(score));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void print_json(const GArray *rows)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "results");
    json_builder_begin_array(json);
    for (guint r = 0; r < rows->len; r++) {
        const Row *row = &g_array_index(rows, Row, r);
        double mean, sd;
        dkm_scores_summarise(row->scores, &mean, &sd);
        json_builder_begin_object(json);
        dkm_json_text(json, "windows", row->windows);
        dkm_json_text(json, "predictor", row->predictor);
        dkm_json_int(json, "patients", row->scores->len);
        dkm_json_real(json, "dice_mean", mean);
        dkm_json_real(json, "dice_sd", sd);
        add_patients(json, row->scores);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}

/* Of the patients that the model did not see: its own split. */
static gboolean evaluate(DkmModel *model, const GPtrArray *cases, gboolean json,
                         GCancellable *cancel, GError **error)
{
    DkmSplit split;
    if (!dkm_split_parse(dkm_model_meta(model, "split_seed"), dkm_model_meta(model, "split_fold"),
                         &split, error))
        return FALSE;
    g_autoptr(GArray) training = dkm_cases_samples(cases, &split, DKM_SPLIT_TRAINING);
    g_autoptr(GArray) held_out = dkm_cases_samples(cases, &split, dkm_split_held_out(&split));
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(rows, row_clear);
    const Task task = {model, training, held_out, cancel};
    if (held_out->len == 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "none of these patients was held out when the model was trained");
        return FALSE;
    }
    if (!score_all(&task, dkm_evaluate_side(cases), rows, error))
        return FALSE;
    if (json)
        print_json(rows);
    else
        print_table(rows);
    return TRUE;
}

gboolean dkm_command_evaluate(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(GStrv) folders = NULL, rest = NULL;
    g_autofree char *device = NULL, *precision = NULL;
    gboolean json = FALSE;
    int threads = 0;
    const GOptionEntry entries[] = {
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG", "DIR"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &device, "auto, cpu, reference", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &precision, "f32, bf16 or int8 (the model's)",
         "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {.words = "MODEL --cases DIR...",
                            .summary = "Scores a model on the patients it was not trained on.",
                            .entries = entries,
                            .min = 1,
                            .max = 1};
    if (!dkm_options_parse(&usage, argc, argv, &rest, error) ||
        !dkm_options_check_ranges(
            &(DkmRange){"--threads", threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED}, 1, error))
        return FALSE;
    g_autoptr(DkmModel) model =
        dkm_model_open(rest[0], device ? device : "auto", threads, precision, error);
    g_autoptr(GPtrArray) cases = model ? dkm_training_cases_load(folders, cancel, error) : NULL;
    return cases && evaluate(model, cases, json, cancel, error);
}
