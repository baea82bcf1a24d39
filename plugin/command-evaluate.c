/* dkm evaluate MODEL: how good a model is on the patients it was not trained on, beside predictors
 * that know only the place of tumours in the windows, a threshold, or nothing; on centred and on
 * shifted windows. It never trains. */
#include "plugin/commands.h"

#include "core/error.h"
#include "core/learn/rules.h"
#include "core/model/model.h"
#include "core/net/weights.h"
#include "plugin/evaluation.h"
#include "plugin/generation.h"
#include "plugin/options.h"
#include "plugin/training-cases.h"

typedef struct {
    DkmModel *model;
    GArray *training, *samples; /* of DkmSample; SAMPLES: those that are scored */
    GArray *validation;         /* none where they are those that are scored */
    GCancellable *cancel;
} Task;

static void task_clear(Task *task)
{
    g_clear_pointer(&task->training, g_array_unref);
    g_clear_pointer(&task->samples, g_array_unref);
    g_clear_pointer(&task->validation, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Task, task_clear)

static gboolean add_row(const Task *task, const DkmPredictor *predictor,
                        const DkmEvaluateWindows *windows, DkmEvaluationRow row, DkmEvaluation *out,
                        GError **error)
{
    row.windows = windows->shifted ? "shifted" : "centred";
    row.measures = dkm_measure(predictor, task->samples, windows, task->cancel, error);
    if (row.measures)
        dkm_evaluation_add(out, &row);
    return row.measures != NULL;
}

/* The choice of a threshold is no choice where the same patients are reported. */
static gboolean measure_validation(const Task *task, const DkmPredictor *predictor,
                                   const DkmEvaluateWindows *windows, DkmEvaluation *out,
                                   GError **error)
{
    if (out->validation || task->validation->len == 0)
        return TRUE;
    out->validation = dkm_measure(predictor, task->validation, windows, task->cancel, error);
    return out->validation != NULL;
}

/* A row for each set of phases that the model accepts. */
static gboolean score_model(const Task *task, const DkmEvaluateWindows *windows, DkmEvaluation *out,
                            GError **error)
{
    static const char *const names[] = {"model", "model, pre early", "model, pre late",
                                        "model, pre early late"};
    static const char *const sees[] = {"pre-contrast", "pre-contrast, early", "pre-contrast, late",
                                       "all phases"};
    g_autoptr(DkmNetwork) network =
        dkm_model_make_network(task->model, windows->side, windows->side, error);
    if (!network)
        return FALSE;
    g_autofree float *noise = dkm_network_make_noise(network, 0, 0, 0, error);
    if (!noise)
        return FALSE;
    const DkmNoisedNetwork noised = {network, noise};
    const float threshold = dkm_model_threshold(task->model);
    const DkmPredictor predictor = dkm_network_predictor(&noised, threshold);
    for (guint posts = 0; posts < G_N_ELEMENTS(names); posts++) {
        if (!dkm_network_accepts(network, posts))
            continue;
        dkm_network_show(network, posts);
        const DkmEvaluationRow row = {
            .predictor = names[posts], .sees = sees[posts], .threshold = (double)threshold};
        if (!add_row(task, &predictor, windows, row, out, error) ||
            !measure_validation(task, &predictor, windows, out, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean score_rules(const Task *task, const DkmEvaluateWindows *windows, DkmEvaluation *out,
                            GError **error)
{
    g_autoptr(DkmRules) rules = dkm_rules_new(task->training, task->samples, windows);
    for (int kind = 0; kind < DKM_RULES; kind++) {
        const DkmPredictor predictor = dkm_rules_predictor(rules, (DkmRuleKind)kind);
        const DkmEvaluationRow row = {.predictor = dkm_rule_name((DkmRuleKind)kind),
                                      .sees = dkm_rule_sees((DkmRuleKind)kind),
                                      .threshold = dkm_rules_threshold(rules, (DkmRuleKind)kind)};
        if (!add_row(task, &predictor, windows, row, out, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean score_all(const Task *task, DkmEvaluation *out, GError **error)
{
    const DkmEvaluateWindows centred = {.side = out->centred_side};
    const DkmEvaluateWindows shifted = {
        .side = out->shifted_side, .shifted = TRUE, .seed = out->shifted_seed};
    return score_model(task, &centred, out, error) && score_rules(task, &centred, out, error) &&
           score_model(task, &shifted, out, error) && score_rules(task, &shifted, out, error);
}

/* Of the patients that were held out; behind them, where ALL, the others: a shifted window depends
 * on its sample's place in the list. */
static GArray *choose_samples(const GPtrArray *cases, const DkmSplit *split, gboolean all)
{
    const DkmSplitRole held_out = dkm_split_held_out(split);
    GArray *samples = dkm_cases_samples(cases, split, held_out);
    for (int role = DKM_SPLIT_TEST; all && role >= DKM_SPLIT_TRAINING; role--) {
        if (role == (int)held_out)
            continue;
        g_autoptr(GArray) more = dkm_cases_samples(cases, split, (DkmSplitRole)role);
        g_array_append_vals(samples, more->data, more->len);
    }
    return samples;
}

static GArray *choosers(const GPtrArray *cases, const DkmSplit *split)
{
    return dkm_split_held_out(split) == DKM_SPLIT_VALIDATION
               ? g_array_new(FALSE, FALSE, sizeof(DkmSample))
               : dkm_cases_samples(cases, split, DKM_SPLIT_VALIDATION);
}

/* By the model's own split. */
static gboolean evaluate(DkmEvaluation *out, const GPtrArray *cases, gboolean all,
                         GCancellable *cancel, GError **error)
{
    if (!dkm_split_parse(dkm_model_meta(out->model, "split_seed"),
                         dkm_model_meta(out->model, "split_fold"), &out->split, error))
        return FALSE;
    g_auto(Task)
        task = {out->model, dkm_cases_samples(cases, &out->split, DKM_SPLIT_TRAINING),
                choose_samples(cases, &out->split, all), choosers(cases, &out->split), cancel};
    if (task.samples->len == 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "none of these patients was held out when the model was trained");
        return FALSE;
    }
    out->centred_side = dkm_evaluate_side(cases);
    const DkmEvaluateWindows shifted = dkm_evaluate_kind(1, out->centred_side).windows;
    out->shifted_side = shifted.side;
    out->shifted_seed = shifted.seed;
    return score_all(&task, out, error);
}

static gboolean count_weights(const char *path, DkmEvaluation *out, GError **error)
{
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, error);
    if (!weights)
        return FALSE;
    out->dm_values = dkm_weights_values(weights, "dm.");
    out->sm_values = dkm_weights_values(weights, "sm.");
    return TRUE;
}

typedef struct {
    GStrv folders;
    char *device, *precision;
    gboolean json, all, generator;
    int threads, noise_fields, slices;
} Options;

static void options_clear(Options *o)
{
    g_strfreev(o->folders);
    g_free(o->device);
    g_free(o->precision);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG", "DIR"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu, reference", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision, "f32, bf16 or int8 (the model's)",
         "NAME"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &o->all,
         "Also the patients it was trained on or chosen by, marked as such; in no mean", NULL},
        {"noise-fields", 0, 0, G_OPTION_ARG_INT, &o->noise_fields,
         "Average over so many, 1..64 (the model's)", "N"},
        {"generator", 0, 0, G_OPTION_ARG_NONE, &o->generator,
         "The diffusion module's predicted late phase instead of masks; a file with no "
         "segmentation module is always scored so",
         NULL},
        {"slices", 0, 0, G_OPTION_ARG_INT, &o->slices,
         "With a generator: at most so many, spread evenly (all)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {.words = "MODEL --cases DIR...",
                            .summary = "Scores a model on the patients it was not trained on.",
                            .entries = entries,
                            .min = 1,
                            .max = 1};
    if (!dkm_options_parse(&usage, argc, argv, rest, error))
        return FALSE;
    const DkmRange ranges[] = {
        {"--threads", o->threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED},
        {"--slices", o->slices, 1, G_MAXINT, DKM_RANGE_CLOSED},
        {"--noise-fields", o->noise_fields, 1, DKM_MOST_NOISE_FIELDS, DKM_RANGE_CLOSED}};
    return dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error);
}

/* Options of the one kind of scoring with the other. */
static gboolean check_words(const Options *o, GError **error)
{
    const char *wrong =
        !o->generator && o->slices != DKM_NOT_GIVEN
            ? "--slices goes with --generator, or with a diffusion module alone"
        : o->generator && (o->all || o->noise_fields != DKM_NOT_GIVEN)
            ? "a generator is scored on the patients held out and with one noise field: leave out "
              "--all and --noise-fields"
            : NULL;
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    return !wrong;
}

static gboolean score_generator(const Options *o, const char *path, const char *command,
                                GCancellable *cancel, GError **error)
{
    const DkmGenerationRequest request = {.path = path,
                                          .command = command,
                                          .device = o->device,
                                          .precision = o->precision,
                                          .threads = o->threads,
                                          .slices = o->slices == DKM_NOT_GIVEN ? 0 : o->slices,
                                          .folders = o->folders,
                                          .json = o->json};
    return dkm_generation_evaluate(&request, cancel, error);
}

static gboolean score_masks(const Options *o, const char *path, const char *command,
                            GCancellable *cancel, GError **error)
{
    g_autoptr(DkmModel) model =
        dkm_model_open(path, o->device ? o->device : "auto", o->threads, o->precision, error);
    if (model && o->noise_fields != DKM_NOT_GIVEN)
        dkm_model_set_noise_fields(model, o->noise_fields);
    g_autoptr(GPtrArray) cases =
        model ? dkm_training_cases_load(o->folders, dkm_model_normalise_rule(model), cancel, error)
              : NULL;
    g_auto(DkmEvaluation) evaluation = {.command = command, .model = model};
    if (!cases || !count_weights(path, &evaluation, error) ||
        !evaluate(&evaluation, cases, o->all, cancel, error))
        return FALSE;
    (o->json ? dkm_evaluation_print_json : dkm_evaluation_print_table)(&evaluation);
    return TRUE;
}

gboolean dkm_command_evaluate(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.noise_fields = DKM_NOT_GIVEN, .slices = DKM_NOT_GIVEN};
    g_auto(GStrv) rest = NULL;
    g_autofree char *command = dkm_command_text((const char *const *)argv);
    if (!parse(&o, argc, argv, &rest, error))
        return FALSE;
    o.generator = o.generator || dkm_generation_is_alone(rest[0]);
    if (!check_words(&o, error))
        return FALSE;
    return (o.generator ? score_generator : score_masks)(&o, rest[0], command, cancel, error);
}
