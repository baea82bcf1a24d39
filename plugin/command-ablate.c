/* dkm ablate PLAN.json --out DIR: trains what a plan lists, in cross-validation, and reports. Here
 * are its words; the work is in ablate/. Ctrl-C stops it cleanly, the next call goes on. */
#include "plugin/ablate/ablate.h"
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/output.h"

#include "core/error.h"

typedef struct {
    char **folders, *out, *device, *folds, *baseline;
    gboolean report;
    int jobs, threads;
} Options;

static void options_clear(Options *o)
{
    g_strfreev(o->folders);
    g_free(o->out);
    g_free(o->device);
    g_free(o->folds);
    g_free(o->baseline);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o->out, "Folder of models, records and report",
         "DIR"},
        {"cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->folders,
         "TIFF stacks with cases.csv, or a DICOM study with a SEG (the plan's)", "DIR"},
        {"report", 0, 0, G_OPTION_ARG_NONE, &o->report,
         "Only report what is complete; train nothing", NULL},
        {"folds", 0, 0, G_OPTION_ARG_STRING, &o->folds, "Train only these, as 0,2 (the plan's)",
         "LIST"},
        {"baseline", 0, 0, G_OPTION_ARG_STRING, &o->baseline,
         "Row that others are compared with (the plan's)", "NAME"},
        {"jobs", 0, 0, G_OPTION_ARG_INT, &o->jobs, "Trainings at a time (one a core)", "N"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "Of each (1)", "N"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu, cuda, reference", "NAME"},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {
        "PLAN.json --out DIR [OPTIONS]",
        "Trains and cross-validates what a plan lists; goes on where it was stopped.", entries, 1,
        1};
    if (!dkm_options_parse(&usage, argc, argv, rest, error))
        return FALSE;
    const DkmRange ranges[] = {{"--jobs", o->jobs, 1, DKM_MOST_THREADS, DKM_RANGE_CLOSED},
                               {"--threads", o->threads, 1, DKM_MOST_THREADS, DKM_RANGE_CLOSED}};
    return dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error);
}

static gboolean refuse(GError **error, const char *sentence)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, sentence);
    return FALSE;
}

/* Only what is there already. */
static void look_at_all(const DkmAblate *ablate, GArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(steps, DkmAblateStep, i);
        gboolean resume;
        if (step->needs < 0 ||
            g_array_index(steps, DkmAblateStep, step->needs).state == DKM_ABLATE_DONE)
            dkm_ablate_look(ablate, steps, i, &resume);
    }
    dkm_ablate_steps_block(steps);
}

/* What could not be done ends the command with an error, when all else is done. */
static gboolean tell_missing(const DkmAblate *ablate, const GArray *steps, GError **error)
{
    const guint failed = dkm_ablate_steps_count(steps, DKM_ABLATE_FAILED);
    const DkmAblateStep *first = NULL;
    for (guint i = 0; i < steps->len && !first; i++)
        if (g_array_index(steps, DkmAblateStep, i).state == DKM_ABLATE_FAILED)
            first = &g_array_index(steps, DkmAblateStep, i);
    if (!first)
        return TRUE;
    g_autofree char *name = dkm_ablate_step_name(ablate->plan, first);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "%u of %u steps are missing (table.md lists them); the first is %s: %s", failed,
                steps->len, name, first->why);
    return FALSE;
}

static gboolean ablate(const DkmAblate *a, gboolean only_report, GError **error)
{
    g_autoptr(GArray) steps = dkm_ablate_steps_new(a->plan);
    if (!dkm_output_make_folder(a->out, error))
        return FALSE;
    if (only_report)
        look_at_all(a, steps);
    else if (!dkm_ablate_run(a, steps, error))
        return FALSE;
    return dkm_ablate_report(a, steps, error) && (only_report || tell_missing(a, steps, error));
}

gboolean dkm_command_ablate(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(GStrv) rest = NULL;
    g_auto(Options) o = {.jobs = DKM_NOT_GIVEN, .threads = DKM_NOT_GIVEN};
    if (!parse(&o, argc, argv, &rest, error))
        return FALSE;
    if (!o.out)
        return refuse(error, "say where models and results go: --out DIR");
    g_autoptr(DkmAblatePlan) plan = dkm_ablate_plan_load(rest[0], error);
    if (!plan)
        return FALSE;
    if (o.baseline && !dkm_ablate_plan_compare_with(plan, o.baseline, error))
        return FALSE;
    g_autoptr(GArray) folds = dkm_ablate_plan_pick_folds(plan, o.folds, error);
    if (!folds)
        return FALSE;
    const DkmAblate a = {.plan = plan,
                         .cases = (const char *const *)(o.folders ? o.folders : plan->cases),
                         .out = o.out,
                         .device = o.device,
                         .folds = folds,
                         .jobs = o.jobs == DKM_NOT_GIVEN ? (int)g_get_num_processors() : o.jobs,
                         .threads = o.threads == DKM_NOT_GIVEN ? 1 : o.threads,
                         .cancel = cancel};
    if (!a.cases[0] && !o.report)
        return refuse(error, "the plan names no folder of cases: give --cases DIR");
    return ablate(&a, o.report, error);
}
