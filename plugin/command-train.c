/* dkm train dm|sm: the two-step training from TIFF stacks. Ctrl-C ends it cleanly: the checkpoint
 * and the result so far are written, exit status 130. */
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/training-cases.h"

#include "core/error.h"
#include "core/learn/train.h"
#include "core/model/network.h"
#include "core/model/pipeline.h"
#include "core/net/dtype.h"

#include <string.h>

typedef struct {
    char **folders, *preset, *out, *dm, *device, *precision, *reading, *tap, *fusion, *input,
        *network, *noise, *normalisation;
    gboolean resume, augment, no_augment, cosine, best, augment_intensity, deep;
    int epochs, batch, side, threads, timestep, validation, fold, noise_fields;
    gint64 seed;
    double minutes, checkpoint_minutes, rate, decay, average, dropout, boundary;
} Options;

static void options_clear(Options *o)
{
    g_strfreev(o->folders);
    g_free(o->preset);
    g_free(o->out);
    g_free(o->dm);
    g_free(o->device);
    g_free(o->precision);
    g_free(o->reading);
    g_free(o->tap);
    g_free(o->fusion);
    g_free(o->input);
    g_free(o->network);
    g_free(o->noise);
    g_free(o->normalisation);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG", "DIR"},
        {"preset", 0, 0, G_OPTION_ARG_STRING, &o->preset,
         "small, paper, small-k2, ...; paper-recipe: trained as in the paper, nothing augmented",
         "NAME"},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o->out, "File to write", "FILE"},
        {"dm", 0, 0, G_OPTION_ARG_FILENAME, &o->dm,
         "sm: the trained diffusion module (not with --fusion none)", "FILE"},
        {"resume", 0, 0, G_OPTION_ARG_NONE, &o->resume, "Go on from FILE.checkpoint", NULL},
        {"epochs", 0, 0, G_OPTION_ARG_INT, &o->epochs,
         "Visits of every slice; dm: 0 writes an untrained one, a control", "N"},
        {"minutes", 0, 0, G_OPTION_ARG_DOUBLE, &o->minutes, "Stop after so long", "N"},
        {"checkpoint-minutes", 0, 0, G_OPTION_ARG_DOUBLE, &o->checkpoint_minutes,
         "Time between checkpoints (5)", "N"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &o->batch, "Slices a step", "N"},
        {"side", 0, 0, G_OPTION_ARG_INT, &o->side, "Pixels of the square window", "N"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &o->rate, "Adam's learning rate", "R"},
        {"cosine", 0, 0, G_OPTION_ARG_NONE, &o->cosine, "Let the rate fall to 0", NULL},
        {"weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &o->decay, "L2 in the gradient", "R"},
        {"average", 0, 0, G_OPTION_ARG_DOUBLE, &o->average,
         "Decay of averaged weights (dm: 0.999, sm: none)", "R"},
        {"dropout", 0, 0, G_OPTION_ARG_DOUBLE, &o->dropout, "dm: share dropped", "R"},
        {"reading", 0, 0, G_OPTION_ARG_STRING, &o->reading, "dm: A, B1, B2 or regression", "NAME"},
        {"tap", 0, 0, G_OPTION_ARG_STRING, &o->tap, "decoder or encoder", "NAME"},
        {"fusion", 0, 0, G_OPTION_ARG_STRING, &o->fusion, "sm: f3f4, none, ...", "SET"},
        {"input", 0, 0, G_OPTION_ARG_STRING, &o->input,
         "sm: what it sees beside the code: pre, post, predicted or any (pre)", "NAME"},
        {"network", 0, 0, G_OPTION_ARG_STRING, &o->network,
         "sm: kinetic, or plain: a U-Net without code, the control", "NAME"},
        {"timestep", 0, 0, G_OPTION_ARG_INT, &o->timestep, "sm: of the code, 1..1000", "T"},
        {"augment", 0, 0, G_OPTION_ARG_NONE, &o->augment,
         "Random windows, turned and mirrored (dm: as a rule)", NULL},
        {"no-augment", 0, 0, G_OPTION_ARG_NONE, &o->no_augment,
         "The middle of each slice only (sm: as a rule; codes are kept then)", NULL},
        {"augment-intensity", 0, 0, G_OPTION_ARG_NONE, &o->augment_intensity,
         "Random gain, gamma, bias field and noise", NULL},
        {"deep-supervision", 0, 0, G_OPTION_ARG_NONE, &o->deep,
         "sm: losses at a half and a quarter of the sides as well", NULL},
        {"boundary-loss", 0, 0, G_OPTION_ARG_DOUBLE, &o->boundary,
         "sm: weight of a loss by the signed distance to the label's outline (0)", "W"},
        {"noise-fields", 0, 0, G_OPTION_ARG_INT, &o->noise_fields,
         "sm: average over so many when it is used, 1..64", "N"},
        {"noise", 0, 0, G_OPTION_ARG_STRING, &o->noise,
         "sm: shared, or none: the code is taken from the slice without noise (shared)", "NAME"},
        {"normalisation", 0, 0, G_OPTION_ARG_STRING, &o->normalisation,
         "z-scores over foreground, or over the whole volume as in the paper (foreground)", "RULE"},
        {"best", 0, 0, G_OPTION_ARG_NONE, &o->best,
         "sm: keep the epoch with the best Dice of the validation patients", NULL},
        {"validation", 0, 0, G_OPTION_ARG_INT, &o->validation, "Slices checked an epoch", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Of the split and all choices", "N"},
        {"fold", 0, 0, G_OPTION_ARG_INT, &o->fold,
         "Cross-validation: keep this fifth of the patients for the test (0..4)", "K"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu, cuda, reference", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision, "bf16 or f32", "NAME"},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"dm|sm --cases DIR... --out FILE [OPTIONS]",
                            "Trains a diffusion module (dm) or a segmentation module (sm).",
                            entries, 1, 1};
    return dkm_options_parse(&usage, argc, argv, rest, error);
}

static gboolean check_numbers(const Options *o, GError **error)
{
    const DkmRange ranges[] = {
        {"--epochs", o->epochs, 0, 1000000, DKM_RANGE_CLOSED},
        {"--minutes", o->minutes, 0, G_MAXFLOAT, DKM_RANGE_CLOSED},
        {"--checkpoint-minutes", o->checkpoint_minutes, 0, G_MAXFLOAT, DKM_RANGE_CLOSED},
        {"--batch", o->batch, 1, 65536, DKM_RANGE_CLOSED},
        {"--side", o->side, 16, 4096, DKM_RANGE_CLOSED},
        {"--rate", o->rate, 0, G_MAXFLOAT, DKM_RANGE_ABOVE_LEAST},
        {"--weight-decay", o->decay, 0, G_MAXFLOAT, DKM_RANGE_CLOSED},
        {"--average", o->average, 0, 1, DKM_RANGE_BELOW_MOST},
        {"--dropout", o->dropout, 0, 1, DKM_RANGE_BELOW_MOST},
        {"--boundary-loss", o->boundary, 0, 1000, DKM_RANGE_CLOSED},
        {"--timestep", o->timestep, 1, 1000, DKM_RANGE_CLOSED},
        {"--noise-fields", o->noise_fields, 1, DKM_MOST_NOISE_FIELDS, DKM_RANGE_CLOSED},
        {"--validation", o->validation, 0, G_MAXINT, DKM_RANGE_CLOSED},
        {"--fold", o->fold, 0, DKM_FOLDS - 1, DKM_RANGE_CLOSED},
        {"--threads", o->threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED}};
    return dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error);
}

static gboolean refuse(GError **error, const char *sentence)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, sentence);
    return FALSE;
}

static int int_or(int given, int otherwise)
{
    return given == DKM_NOT_GIVEN ? otherwise : given;
}

static float real_or(double given, float otherwise)
{
    return given == DKM_NOT_GIVEN ? otherwise : (float)given;
}

/* The paper's networks trained as the paper trains them. */
static gboolean is_paper_recipe(const Options *o)
{
    return g_strcmp0(o->preset, "paper-recipe") == 0;
}

/* The paper's recipe is what it is; what goes beyond it is tried with the preset "paper". */
static gboolean check_paper_recipe(const Options *o, gboolean dm, GError **error)
{
    const gboolean beyond = o->augment || o->augment_intensity || o->deep || o->cosine || o->best ||
                            o->boundary > 0 || o->input || o->network || o->noise ||
                            o->normalisation || o->noise_fields != DKM_NOT_GIVEN ||
                            (!dm && o->average != DKM_NOT_GIVEN);
    return !is_paper_recipe(o) || !beyond ||
           refuse(error, "--preset paper-recipe is the paper's own recipe: change it as --preset "
                         "paper");
}

/* A plain network takes in no code: another wish contradicts it. */
static gboolean change_network(const Options *o, DkmPreset *preset, GError **error)
{
    DkmNetworkKind network = DKM_NETWORK_KINETIC;
    if ((o->input && !dkm_input_parse(o->input, &preset->input, error)) ||
        (o->network && !dkm_network_kind_parse(o->network, &network, error)))
        return FALSE;
    if (network == DKM_NETWORK_PLAIN && o->fusion && strcmp(o->fusion, "none") != 0)
        return refuse(error, "--network plain takes in no code: leave out --fusion");
    dkm_preset_set_network(preset, network);
    return TRUE;
}

static gboolean change_preset(const Options *o, DkmPreset *preset, GError **error)
{
    const char *name = is_paper_recipe(o) ? "paper" : o->preset ? o->preset : "small";
    if (!dkm_preset_find(name, preset, error) ||
        (o->reading && !dkm_reading_parse(o->reading, &preset->reading, error)) ||
        (o->tap && !dkm_tap_parse(o->tap, &preset->tap, error)) ||
        (o->fusion && !dkm_fusion_parse(o->fusion, preset->fuse, error)) ||
        !change_network(o, preset, error))
        return FALSE;
    preset->timestep = int_or(o->timestep, preset->timestep);
    return TRUE;
}

/* What the command line says, over the recipe in T. */
static gboolean change_recipe(const Options *o, DkmTrainOptions *t, GError **error)
{
    t->out = o->out;
    t->dm = o->dm;
    t->resume = o->resume;
    t->device = o->device ? o->device : "auto";
    t->threads = o->threads;
    t->seed = (guint64)o->seed;
    t->split = (DkmSplit){t->seed, int_or(o->fold, DKM_NO_FOLD)};
    t->minutes = o->minutes;
    t->cosine = o->cosine;
    t->best = o->best;
    t->deep_supervision = o->deep;
    t->boundary_weight = real_or(o->boundary, 0);
    t->noise_fields = g_strcmp0(o->noise, "none") == 0 ? DKM_NO_NOISE : int_or(o->noise_fields, 1);
    t->augment_intensity = o->augment_intensity;
    t->augment = (t->augment || o->augment) && !o->no_augment && !is_paper_recipe(o);
    t->epochs = int_or(o->epochs, t->epochs);
    t->batch = int_or(o->batch, t->batch);
    t->side = int_or(o->side, t->side);
    t->validation_slices = int_or(o->validation, t->validation_slices);
    if (o->checkpoint_minutes != DKM_NOT_GIVEN)
        t->checkpoint_minutes = o->checkpoint_minutes;
    t->rate = real_or(o->rate, t->rate);
    t->weight_decay = real_or(o->decay, t->weight_decay);
    t->average_decay = real_or(o->average, t->average_decay);
    t->dropout = real_or(o->dropout, t->dropout);
    if (t->side % 16 != 0)
        return refuse(error, "--side must be a multiple of 16");
    return dkm_dtype_parse(o->precision ? o->precision : "bf16", &t->dtype, error);
}

static gboolean choose_normalisation(const Options *o, DkmNormaliseRule *rule, GError **error)
{
    return dkm_normalise_rule_parse(is_paper_recipe(o) ? "volume" : o->normalisation, rule, error);
}

static void print_progress(const DkmTrainProgress *p, gpointer data)
{
    gint64 *printed_us = data;
    const gint64 now = g_get_monotonic_time();
    if (!p->validation && p->step != p->steps && now - *printed_us < 10 * G_USEC_PER_SEC)
        return;
    *printed_us = now;
    g_print("epoch %d/%d step %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
            " loss %.5f, %.2f slices/s, %.0f min left%s%s\n",
            p->epoch, p->epochs, p->step, p->steps, p->loss, p->slices_per_second,
            p->seconds_left / 60, p->validation ? "; " : "", p->validation ? p->validation : "");
}

/* Lists and images of the training cases; a result may lie beside them. */
static gboolean spare_cases(const DkmOutputs *outputs, const char *folder, GError **error)
{
    static const char *const endings[] = {".tif", ".csv", ".dcm"};
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name = NULL;
    while (dir && (name = g_dir_read_name(dir)))
        for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            if (g_str_has_suffix(name, endings[i]) &&
                !dkm_outputs_spare(outputs, path, "one of the cases", error))
                return FALSE;
        }
    return TRUE;
}

/* Hours end in these two files: they are asked for first. */
static gboolean check_outputs(const Options *o, GError **error)
{
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    g_autofree char *checkpoint = g_strconcat(o->out, ".checkpoint", NULL);
    if (!dkm_outputs_add(outputs, o->out, error) || !dkm_outputs_add(outputs, checkpoint, error) ||
        (o->dm && !dkm_outputs_spare(outputs, o->dm, "the diffusion module", error)))
        return FALSE;
    if (!o->resume && g_file_test(checkpoint, G_FILE_TEST_EXISTS)) {
        g_autofree char *name = g_path_get_basename(checkpoint);
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    "%s is there from an earlier run: go on with --resume, or remove it", name);
        return FALSE;
    }
    for (guint i = 0; o->folders && o->folders[i]; i++)
        if (!spare_cases(outputs, o->folders[i], error))
            return FALSE;
    return TRUE;
}

/* Options that contradict each other, or are the other module's. */
static gboolean check_words(const Options *o, gboolean dm, GError **error)
{
    const gboolean for_sm = o->input || o->network || o->best || o->deep || o->noise ||
                            o->noise_fields != DKM_NOT_GIVEN || o->boundary != DKM_NOT_GIVEN;
    if (!o->out)
        return refuse(error, "say where to write the result: --out FILE");
    if (!dm && o->epochs == 0)
        return refuse(error, "--epochs must be at least 1 for a segmentation module");
    if (!dm && o->reading)
        return refuse(error, "--reading is the diffusion module's own: dkm train dm");
    if (dm && for_sm)
        return refuse(error, "--input, --network, --best, --deep-supervision, --boundary-loss, "
                             "--noise and --noise-fields are "
                             "the segmentation module's: dkm train sm");
    if (o->noise && strcmp(o->noise, "none") != 0 && strcmp(o->noise, "shared") != 0)
        return refuse(error, "--noise must be shared or none");
    if (g_strcmp0(o->noise, "none") == 0 && o->noise_fields != DKM_NOT_GIVEN)
        return refuse(error, "--noise none has no --noise-fields");
    return check_paper_recipe(o, dm, error);
}

static gboolean train(gboolean dm, const Options *o, GCancellable *cancel, GError **error)
{
    DkmPreset preset;
    DkmTrainOptions recipe = dm ? dkm_train_options_dm() : dkm_train_options_sm();
    g_autoptr(GPtrArray) cases = NULL;
    DkmNormaliseRule rule;
    gint64 printed_us = 0;
    if (!check_words(o, dm, error) || !change_preset(o, &preset, error) ||
        !choose_normalisation(o, &rule, error))
        return FALSE;
    if (!dm && !o->dm && dkm_preset_uses_dm(&preset))
        return refuse(error, "say which diffusion module to use: --dm FILE");
    if (!change_recipe(o, &recipe, error) || !check_outputs(o, error))
        return FALSE;
    cases = dkm_training_cases_load(o->folders, rule, cancel, error);
    if (!cases)
        return FALSE;
    recipe.preset = &preset;
    recipe.cases = cases;
    recipe.report = print_progress;
    recipe.report_data = &printed_us;
    return dm ? dkm_train_dm(&recipe, cancel, error) : dkm_train_sm(&recipe, cancel, error);
}

gboolean dkm_command_train(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(GStrv) rest = NULL;
    g_auto(Options) o = {.epochs = DKM_NOT_GIVEN,
                         .batch = DKM_NOT_GIVEN,
                         .side = DKM_NOT_GIVEN,
                         .timestep = DKM_NOT_GIVEN,
                         .validation = DKM_NOT_GIVEN,
                         .noise_fields = DKM_NOT_GIVEN,
                         .fold = DKM_NOT_GIVEN,
                         .checkpoint_minutes = DKM_NOT_GIVEN,
                         .rate = DKM_NOT_GIVEN,
                         .decay = DKM_NOT_GIVEN,
                         .average = DKM_NOT_GIVEN,
                         .dropout = DKM_NOT_GIVEN,
                         .boundary = DKM_NOT_GIVEN};
    if (!parse(&o, argc, argv, &rest, error) || !check_numbers(&o, error))
        return FALSE;
    if (strcmp(rest[0], "dm") != 0 && strcmp(rest[0], "sm") != 0)
        return refuse(error, "train what? dkm train dm or dkm train sm");
    return train(strcmp(rest[0], "dm") == 0, &o, cancel, error);
}
