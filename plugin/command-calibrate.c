/* dkm calibrate MODEL --cases DIR... --out FILE: the scales that int8 needs, from slices of
 * training patients; then f32 and int8 are scored on the validation patients, and a file is written
 * only where the mean Dice of both kinds of windows stays where it was. */
#include "plugin/commands.h"

#include "core/error.h"
#include "core/learn/calibrate.h"
#include "core/learn/evaluate.h"
#include "core/model/model.h"
#include "core/net/dtype.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/training-cases.h"

#include <math.h>

enum { DEFAULT_SLICES = 128, MOST_SLICES = 100000, RULES = 3 };
/* How far a mean Dice may move. */
static const double most_change = 0.005;
/* Shares of the values that are not clamped: the one that moves the probabilities of the training
 * slices the least is taken. */
static const double percents[RULES] = {100, 99.99, 99.9};

typedef struct {
    char *out, *device;
    char **folders;
    int threads, slices;
    gboolean json;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->device);
    g_strfreev(o->folders);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* Mean Dice on one kind of window. */
typedef struct {
    const char *windows;
    double f32, int8;
} Score;

typedef struct {
    DkmModel *model;
    GArray *training, *validation; /* of DkmSample */
    int side;
    GCancellable *cancel;
    double moved[RULES]; /* mean |difference| of probabilities, by percents[] */
    int rule;            /* that was taken */
    DkmScales *scales;
    Score scores[DKM_EVALUATE_KINDS];
    guint patients;
} Task;

static void task_clear(Task *t)
{
    g_clear_pointer(&t->training, g_array_unref);
    g_clear_pointer(&t->validation, g_array_unref);
    g_clear_pointer(&t->scales, dkm_scales_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Task, task_clear)

/* SCALES NULL: in f32. */
static DkmNetwork *make_network(const Task *t, int side, const DkmScales *scales, gboolean observe,
                                GError **error)
{
    const DkmPrecision precision = scales ? DKM_PRECISION_INT8 : DKM_PRECISION_F32;
    return dkm_model_make_network_as(t->model,
                                     (DkmNetworkShape){.dtype = dkm_precision_dtype(precision),
                                                       .samples = 1,
                                                       .rows = side,
                                                       .columns = side,
                                                       .scales = scales,
                                                       .observe = observe},
                                     error);
}

static DkmCalibrateOn training_of(const Task *t)
{
    return (DkmCalibrateOn){t->training, t->side, t->cancel};
}

/* How far int8 by SCALES moves the training slices. */
static gboolean try_rule(Task *t, DkmNetwork *exact, int rule, DkmScales *scales, GError **error)
{
    const DkmCalibrateOn on = training_of(t);
    g_autoptr(DkmNetwork) network = make_network(t, t->side, scales, FALSE, error);
    return network && dkm_calibrate_difference(exact, network, &on, &t->moved[rule], error);
}

static gboolean choose_scales(Task *t, GError **error)
{
    const DkmCalibrateOn on = training_of(t);
    g_autoptr(DkmNetwork) exact = make_network(t, t->side, NULL, TRUE, error);
    g_autoptr(DkmRanges) ranges = exact ? dkm_ranges_measure(exact, &on, error) : NULL;
    for (int rule = 0; ranges && rule < RULES; rule++) {
        g_autoptr(DkmScales) scales = dkm_ranges_scales(ranges, percents[rule]);
        if (!try_rule(t, exact, rule, scales, error))
            return FALSE;
        if (t->scales && t->moved[rule] >= t->moved[t->rule])
            continue;
        t->rule = rule;
        g_clear_pointer(&t->scales, dkm_scales_free);
        t->scales = g_steal_pointer(&scales);
    }
    if (ranges && dkm_scales_count(t->scales) == 0) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_MODEL,
                            "no convolution of this model is wide enough for int8");
        return FALSE;
    }
    return ranges != NULL;
}

static gboolean mean_dice(Task *t, const DkmEvaluateWindows *windows, const DkmScales *scales,
                          double *mean, GError **error)
{
    double sd;
    g_autoptr(DkmNetwork) network = make_network(t, windows->side, scales, FALSE, error);
    g_autoptr(GArray) scores =
        network ? dkm_evaluate_network(network, t->validation, windows,
                                       dkm_model_threshold(t->model), t->cancel, error)
                : NULL;
    if (!scores)
        return FALSE;
    dkm_scores_summarise(scores, mean, &sd);
    t->patients = scores->len;
    return TRUE;
}

static gboolean score(Task *t, GError **error)
{
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++) {
        const DkmEvaluateKind kind = dkm_evaluate_kind(i, t->side);
        Score *s = &t->scores[i];
        s->windows = kind.name;
        if (!mean_dice(t, &kind.windows, NULL, &s->f32, error) ||
            !mean_dice(t, &kind.windows, t->scales, &s->int8, error))
            return FALSE;
    }
    return TRUE;
}

/* "centred f32 0.4581 int8 0.4590; shifted ..." g_free. */
static char *scores_text(const Task *t)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++) {
        char f32[G_ASCII_DTOSTR_BUF_SIZE], int8[G_ASCII_DTOSTR_BUF_SIZE];
        const Score *s = &t->scores[i];
        g_ascii_formatd(f32, sizeof f32, "%.4f", s->f32);
        g_ascii_formatd(int8, sizeof int8, "%.4f", s->int8);
        g_string_append_printf(text, "%s%s f32 %s int8 %s", i ? "; " : "", s->windows, f32, int8);
    }
    return g_string_free(text, FALSE);
}

/* FALSE where no file may be written. */
static gboolean is_close(const Task *t, GError **error)
{
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++)
        if (!(fabs(t->scores[i].int8 - t->scores[i].f32) < most_change)) {
            g_autofree char *scores = scores_text(t);
            g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                        "int8 is not offered for this model, nothing is written: it changes the "
                        "mean Dice of the validation patients by 0.005 or more (%s)",
                        scores);
            return FALSE;
        }
    return TRUE;
}

static gboolean save(const Task *t, const char *path, GError **error)
{
    char percent[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(percent, sizeof percent, "%g", percents[t->rule]);
    g_autofree char *scores = scores_text(t),
                    *dice = g_strdup_printf("%s; %u validation patients", scores, t->patients),
                    *rule =
                        g_strdup_printf("%s %% of the magnitudes, %u slices of training patients",
                                        percent, t->training->len);
    const char *notes[] = {"int8_dice", dice, "int8_rule", rule, NULL};
    return dkm_model_save_calibrated(t->model, path, t->scales, notes, error);
}

static void print_text(const Task *t, const char *out)
{
    g_print("%u convolutions in int8, scales from %u slices of training patients\n"
            "magnitudes kept  probabilities moved by, training slices\n",
            dkm_scales_count(t->scales), t->training->len);
    for (int i = 0; i < RULES; i++)
        g_print("%12g %%  %.6f%s\n", percents[i], t->moved[i], i == t->rule ? "  (taken)" : "");
    g_print("windows   mean Dice of %u validation patients: f32, int8\n", t->patients);
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++)
        g_print("%-8s  %.4f  %.4f\n", t->scores[i].windows, t->scores[i].f32, t->scores[i].int8);
    g_print("saved %s\n", out);
}

static void print_json(const Task *t, const char *out)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "model", out);
    dkm_json_int(json, "convolutions", dkm_scales_count(t->scales));
    dkm_json_int(json, "slices", t->training->len);
    dkm_json_real(json, "percent", percents[t->rule]);
    dkm_json_int(json, "patients", t->patients);
    json_builder_set_member_name(json, "dice");
    json_builder_begin_array(json);
    for (int i = 0; i < DKM_EVALUATE_KINDS; i++) {
        json_builder_begin_object(json);
        dkm_json_text(json, "windows", t->scores[i].windows);
        dkm_json_real(json, "f32", t->scores[i].f32);
        dkm_json_real(json, "int8", t->scores[i].int8);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}

static gboolean has_both_sides(const Task *t, GError **error)
{
    if (t->training->len > 0 && t->validation->len > 0)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "none of these patients belongs to the model's %s split: int8 is calibrated on the "
                "one and scored on the other",
                t->training->len > 0 ? "validation" : "training");
    return FALSE;
}

static gboolean calibrate(const Options *o, DkmModel *model, GCancellable *cancel, GError **error)
{
    DkmSplit split;
    g_autoptr(GPtrArray) cases =
        dkm_training_cases_load(o->folders, dkm_model_normalise_rule(model), cancel, error);
    if (!cases || !dkm_split_parse(dkm_model_meta(model, "split_seed"),
                                   dkm_model_meta(model, "split_fold"), &split, error))
        return FALSE;
    g_auto(Task) t = {.model = model,
                      .training = dkm_cases_samples(cases, &split, DKM_SPLIT_TRAINING),
                      .validation = dkm_cases_samples(cases, &split, DKM_SPLIT_VALIDATION),
                      .side = dkm_evaluate_side(cases),
                      .cancel = cancel};
    dkm_cases_spread(t.training, o->slices);
    if (!has_both_sides(&t, error) || !choose_scales(&t, error) || !score(&t, error) ||
        !is_close(&t, error) || !save(&t, o->out, error))
        return FALSE;
    (o->json ? print_json : print_text)(&t, o->out);
    return TRUE;
}

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG", "DIR"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &o->out, "The calibrated model to write", "FILE"},
        {"slices", 0, 0, G_OPTION_ARG_INT, &o->slices,
         "Slices of training patients to look at (128)", "N"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu, reference", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {
        .words = "MODEL --cases DIR... --out FILE",
        .summary = "Adds to a model what int8 needs, where its score on patients that it was not "
                   "trained on stays within 0.005.",
        .entries = entries,
        .min = 1,
        .max = 1};
    const gboolean parsed = dkm_options_parse(&usage, argc, argv, rest, error);
    const DkmRange ranges[] = {{"--threads", o->threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED},
                               {"--slices", o->slices, 1, MOST_SLICES, DKM_RANGE_CLOSED}};
    if (!parsed || !dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error))
        return FALSE;
    if (!o->out)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, "say where to write: --out FILE");
    return o->out != NULL;
}

gboolean dkm_command_calibrate(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.slices = DEFAULT_SLICES};
    g_auto(GStrv) rest = NULL;
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    if (!parse(&o, argc, argv, &rest, error) || !dkm_outputs_add(outputs, o.out, error) ||
        !dkm_outputs_spare(outputs, rest[0], "the model", error))
        return FALSE;
    g_autoptr(DkmModel) model =
        dkm_model_open(rest[0], o.device ? o.device : "auto", o.threads, "f32", error);
    return model && dkm_model_check_int8(model, error) && calibrate(&o, model, cancel, error);
}
