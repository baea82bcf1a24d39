/* dkm train dm|sm: the two-step training from TIFF stacks. Ctrl-C ends it cleanly: the checkpoint
 * and the result so far are written, exit status 130. */
#include "plugin/commands.h"

#include "core/error.h"
#include "core/learn/train.h"
#include "plugin/training-cases.h"

#include <math.h>
#include <string.h>

typedef struct {
    char **folders, *preset, *out, *dm, *device, *precision, *reading, *tap, *fusion;
    gboolean resume, augment, no_augment, cosine;
    int epochs, batch, side, threads, timestep, validation;
    gint64 seed;
    double minutes, checkpoint_minutes, rate, decay, average, dropout;
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
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG", "DIR"},
        {"preset", 0, 0, G_OPTION_ARG_STRING, &o->preset, "small, paper, small-k2, ...", "NAME"},
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o->out, "File to write", "FILE"},
        {"dm", 0, 0, G_OPTION_ARG_FILENAME, &o->dm, "sm: the trained diffusion module", "FILE"},
        {"resume", 0, 0, G_OPTION_ARG_NONE, &o->resume, "Go on from FILE.checkpoint", NULL},
        {"epochs", 0, 0, G_OPTION_ARG_INT, &o->epochs, "Visits of every slice", "N"},
        {"minutes", 0, 0, G_OPTION_ARG_DOUBLE, &o->minutes, "Stop after so long", "N"},
        {"checkpoint-minutes", 0, 0, G_OPTION_ARG_DOUBLE, &o->checkpoint_minutes,
         "Time between checkpoints (5)", "N"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &o->batch, "Slices a step", "N"},
        {"side", 0, 0, G_OPTION_ARG_INT, &o->side, "Pixels of the square window", "N"},
        {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &o->rate, "Adam's learning rate", "R"},
        {"cosine", 0, 0, G_OPTION_ARG_NONE, &o->cosine, "Let the rate fall to 0", NULL},
        {"weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &o->decay, "L2 in the gradient", "R"},
        {"average", 0, 0, G_OPTION_ARG_DOUBLE, &o->average, "dm: decay of averaged weights", "R"},
        {"dropout", 0, 0, G_OPTION_ARG_DOUBLE, &o->dropout, "dm: share dropped", "R"},
        {"reading", 0, 0, G_OPTION_ARG_STRING, &o->reading, "dm: A, B1 or B2", "NAME"},
        {"tap", 0, 0, G_OPTION_ARG_STRING, &o->tap, "decoder or encoder", "NAME"},
        {"fusion", 0, 0, G_OPTION_ARG_STRING, &o->fusion, "sm: f3f4, none, ...", "SET"},
        {"timestep", 0, 0, G_OPTION_ARG_INT, &o->timestep, "sm: of the code, 1..1000", "T"},
        {"augment", 0, 0, G_OPTION_ARG_NONE, &o->augment,
         "Random windows, turned and mirrored (dm: as a rule)", NULL},
        {"no-augment", 0, 0, G_OPTION_ARG_NONE, &o->no_augment,
         "The middle of each slice only (sm: as a rule; codes are kept then)", NULL},
        {"validation", 0, 0, G_OPTION_ARG_INT, &o->validation, "Slices checked an epoch", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "Of the split and all choices", "N"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu, reference", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision, "bf16 or f32", "NAME"},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = g_option_context_new("dm|sm - train a module");
    g_option_context_add_main_entries(context, entries, NULL);
    return g_option_context_parse(context, argc, argv, error);
}

static gboolean refuse(GError **error, const char *sentence)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, sentence);
    return FALSE;
}

static gboolean change_preset(const Options *o, DkmPreset *preset, GError **error)
{
    if (!dkm_preset_find(o->preset ? o->preset : "small", preset, error) ||
        (o->reading && !dkm_reading_parse(o->reading, &preset->reading, error)) ||
        (o->tap && !dkm_tap_parse(o->tap, &preset->tap, error)) ||
        (o->fusion && !dkm_fusion_parse(o->fusion, preset->fuse, error)))
        return FALSE;
    if (o->timestep != 0)
        preset->timestep = o->timestep;
    if (preset->timestep < 1 || preset->timestep > 1000)
        return refuse(error, "--timestep must lie in 1..1000");
    return TRUE;
}

/* What the command line says, over the recipe in T; options that were not given stay NaN or 0. */
static gboolean change_recipe(const Options *o, DkmTrainOptions *t, GError **error)
{
    t->out = o->out;
    t->dm = o->dm;
    t->resume = o->resume;
    t->device = o->device ? o->device : "auto";
    t->threads = o->threads;
    t->seed = (guint64)o->seed;
    t->minutes = o->minutes;
    t->cosine = o->cosine;
    t->augment = (t->augment || o->augment) && !o->no_augment;
    t->epochs = o->epochs ? o->epochs : t->epochs;
    t->batch = o->batch ? o->batch : t->batch;
    t->side = o->side ? o->side : t->side;
    t->validation_slices = o->validation >= 0 ? o->validation : t->validation_slices;
    t->checkpoint_minutes =
        isnan(o->checkpoint_minutes) ? t->checkpoint_minutes : o->checkpoint_minutes;
    t->rate = isnan(o->rate) ? t->rate : (float)o->rate;
    t->weight_decay = isnan(o->decay) ? t->weight_decay : (float)o->decay;
    t->average_decay = isnan(o->average) ? t->average_decay : (float)o->average;
    t->dropout = isnan(o->dropout) ? t->dropout : (float)o->dropout;
    if (!o->precision || strcmp(o->precision, "bf16") == 0)
        t->dtype = DKM_BF16;
    else if (strcmp(o->precision, "f32") == 0)
        t->dtype = DKM_F32;
    else
        return refuse(error, "--precision is bf16 or f32");
    return TRUE;
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

static gboolean train(gboolean dm, const Options *o, GCancellable *cancel, GError **error)
{
    DkmPreset preset;
    DkmTrainOptions recipe = dm ? dkm_train_options_dm() : dkm_train_options_sm();
    g_autoptr(GPtrArray) cases = NULL;
    gint64 printed_us = 0;
    if (!o->out)
        return refuse(error, "say where to write the result: --out FILE");
    if (!dm && !o->dm)
        return refuse(error, "say which diffusion module to use: --dm FILE");
    if (!change_preset(o, &preset, error) || !change_recipe(o, &recipe, error))
        return FALSE;
    cases = dkm_training_cases_load(o->folders, cancel, error);
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
    g_auto(Options) o = {.validation = -1,
                         .checkpoint_minutes = NAN,
                         .rate = NAN,
                         .decay = NAN,
                         .average = NAN,
                         .dropout = NAN};
    if (!parse(&o, &argc, &argv, error))
        return FALSE;
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "dm") != 0 && strcmp(what, "sm") != 0)
        return refuse(error, "train what? dkm train dm or dkm train sm");
    return train(strcmp(what, "dm") == 0, &o, cancel, error);
}
