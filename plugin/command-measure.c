/* dkm measure STUDY --truth SEG: a model on a whole study against a reference, whole and inside a
 * volume of interest, where its false positives lie, and all of it beside predictors that know no
 * network. The truth is read, never used, but by the rows that say so. */
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/session.h"
#include "plugin/volume-report.h"

#include "core/error.h"
#include "core/image/smooth.h"
#include "core/image/volume-rules.h"

#include <string.h>

static const double least_ml = 0.1, margin_mm = 10, pe_percent = 70;
static const double sigma_voxels[3] = {0.3, 1.5, 1.5}; /* as tests/bench/volume-predictors.py */

typedef struct {
    char *truth, *model, *device, *precision, *voi, *phases;
    GStrv segs;
    gboolean json, no_model;
    int threads;
} Options;

static void options_clear(Options *o)
{
    g_free(o->truth);
    g_free(o->model);
    g_free(o->device);
    g_free(o->precision);
    g_free(o->voi);
    g_free(o->phases);
    g_strfreev(o->segs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const Options *options;
    GCancellable *cancel;
    DkmSession session;
    DkmModel *model;        /* NULL: only rules and SEGs */
    DkmVolume *pre, *early; /* borrowed of the session; early NULL: there is none */
    DkmMask *truth;
    guint8 *sites;
    DkmVolumeReport report;
} Task;

static void task_clear(Task *task)
{
    g_clear_pointer(&task->model, dkm_model_close);
    g_clear_pointer(&task->truth, dkm_mask_unref);
    g_clear_pointer(&task->report.rows, g_array_unref);
    g_free(task->sites);
    dkm_session_close(&task->session);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Task, task_clear)

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"truth", 0, 0, G_OPTION_ARG_FILENAME, &o->truth, "The reference segmentation", "SEG.dcm"},
        {"seg", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->segs, "Another one to score as well",
         "SEG.dcm"},
        {"model", 0, 0, G_OPTION_ARG_FILENAME, &o->model, "Weights (the shipped ones)", "FILE"},
        {"no-model", 0, 0, G_OPTION_ARG_NONE, &o->no_model, "Run none: only --seg and the rules",
         NULL},
        {"phases", 0, 0, G_OPTION_ARG_STRING, &o->phases, "pre, or available (pre)", "NAME"},
        {"voi", 0, 0, G_OPTION_ARG_STRING, &o->voi,
         "Volume of interest (UCSF's where the study holds it, else 10 mm around the truth)",
         "z0,y0,x0,z1,y1,x1"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu or cuda (auto)", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision, "f32, bf16 or int8 (the model's)",
         "NAME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"STUDY --truth SEG.dcm [OPTIONS]",
                            "A model on a whole study against a reference segmentation.", entries,
                            1, 1};
    if (!dkm_options_parse(&usage, argc, argv, rest, error))
        return FALSE;
    const DkmRange threads = {"--threads", o->threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED};
    const gboolean available = g_strcmp0(o->phases, "available") == 0;
    const char *wrong = !o->truth ? "say what is true: --truth SEG.dcm"
                        : o->phases && strcmp(o->phases, "pre") != 0 && !available
                            ? "--phases must be pre or available"
                        : o->no_model && (o->model || o->phases)
                            ? "--no-model runs none: leave out --model and --phases"
                            : NULL;
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    return !wrong && dkm_options_check_ranges(&threads, 1, error);
}

static const DkmGrid *grid_of(const Task *task)
{
    return &task->session.study->dce->grid;
}

static DkmMask *read_mask(const Task *task, const char *path, GError **error)
{
    g_autoptr(DkmSeg) seg = dkm_session_import(&task->session, path, error);
    g_autofree char *name = g_path_get_basename(path);
    for (guint i = 0; seg && i < seg->assumed->len; i++)
        g_printerr("%s, assumed: %s\n", name, (const char *)seg->assumed->pdata[i]);
    return seg ? dkm_seg_union(seg, error) : NULL;
}

/* -- one row */

static void count_false(const Task *task, const DkmMask *mask, DkmVolumeRow *row)
{
    const DkmGrid *grid = grid_of(task);
    const guint8 *predicted = dkm_mask_peek_slice(mask, 0),
                 *truth = dkm_mask_peek_slice(task->truth, 0);
    const double voxel_ml = dkm_grid_voxel_ml(grid);
    for (gsize v = 0; v < dkm_grid_voxels(grid); v++)
        if (predicted[v] && !truth[v])
            row->false_ml[task->sites[v]] += voxel_ml;
}

/* Takes NAME; MASK NULL: an error that is set already. */
static gboolean add_row(Task *task, char *name, const char *sees, const DkmMask *mask,
                        GError **error)
{
    DkmVolumeRow row = {.name = name, .sees = sees};
    const DkmBox whole = dkm_box_whole(grid_of(task));
    if (!mask || !dkm_detection_count(task->truth, mask, least_ml, &row.lesions, error)) {
        g_free(name);
        return FALSE;
    }
    row.whole = dkm_masks_overlap(task->truth, mask, &whole);
    row.voi = dkm_masks_overlap(task->truth, mask, &task->report.voi);
    count_false(task, mask, &row);
    g_array_append_val(task->report.rows, row);
    return TRUE;
}

static gboolean add_run(Task *task, const DkmBox *voi, const char *name, GError **error)
{
    DkmSegmentOptions options = {.voi = voi};
    if (g_strcmp0(task->options->phases, "available") == 0 &&
        !dkm_session_add_posts(&task->session, task->model, &options, task->cancel, error))
        return FALSE;
    const DkmSessionRun run = {
        .model = task->model, .pre_contrast = task->pre, .options = &options};
    g_autoptr(DkmResult) result = dkm_session_segment(&run, task->cancel, error);
    return result && add_row(task, g_strdup(name), result->phases_used, result->mask, error);
}

static gboolean add_threshold(Task *task, const float *values, const DkmBox *box, const char *name,
                              GError **error)
{
    g_autoptr(DkmMask) mask = dkm_rule_best_threshold(values, task->truth, box, error);
    return add_row(task, g_strdup(name), "pre-contrast, the truth", mask, error);
}

static gboolean add_thresholds(Task *task, GError **error)
{
    static const double none[3] = {0, 0, 0};
    const DkmBox whole = dkm_box_whole(grid_of(task)), *voi = &task->report.voi;
    g_autofree float *plain = dkm_volume_smooth(task->pre, none, error);
    g_autofree float *smooth = plain ? dkm_volume_smooth(task->pre, sigma_voxels, error) : NULL;
    return smooth &&
           add_threshold(task, smooth, &whole, "threshold, smoothed, the best for the whole volume",
                         error) &&
           add_threshold(task, smooth, voi, "threshold in the VOI, smoothed, the best there",
                         error) &&
           add_threshold(task, plain, voi, "threshold in the VOI, not smoothed, the best there",
                         error);
}

static gboolean add_rules(Task *task, GError **error)
{
    const DkmBox *voi = &task->report.voi;
    g_autoptr(DkmMask) ball = dkm_rule_ellipsoid(grid_of(task), voi, error),
                       all = ball ? dkm_rule_everything(grid_of(task), voi, error) : NULL;
    if (!add_thresholds(task, error) ||
        !add_row(task, g_strdup("place: the ellipsoid in the VOI"), "the VOI", ball, error) ||
        !add_row(task, g_strdup("everything in the VOI"), "the VOI", all, error))
        return FALSE;
    if (!task->early)
        return TRUE;
    g_autoptr(DkmMask) pe = dkm_rule_enhancement(task->pre, task->early, pe_percent, error);
    return add_row(task, g_strdup("measured early enhancement >= 70 %"), "pre-contrast, early", pe,
                   error);
}

static gboolean add_segs(Task *task, GError **error)
{
    for (guint i = 0; task->options->segs && task->options->segs[i]; i++) {
        const char *path = task->options->segs[i];
        g_autoptr(DkmMask) mask = read_mask(task, path, error);
        g_autofree char *name = g_path_get_basename(path);
        g_autofree char *shown = g_utf8_make_valid(name, -1);
        if (!mask || !add_row(task, g_steal_pointer(&shown), "unknown", mask, error))
            return FALSE;
    }
    return TRUE;
}

/* -- the whole */

static gboolean find_voi(Task *task, GError **error)
{
    DkmVolumeReport *r = &task->report;
    DkmUcsfParameters ucsf;
    g_autoptr(GError) failure = NULL;
    const gboolean stored =
        dkm_dicom_find_ucsf(task->session.studies, task->session.study, &ucsf, &failure);
    if (task->options->voi) {
        r->voi_from = "the command line";
        if (!dkm_options_parse_box(task->options->voi, &r->voi, error))
            return FALSE;
    } else if (stored && ucsf.has_voi) {
        r->voi_from = "the study's UCSF segmentation";
        r->voi = ucsf.voi;
    } else {
        r->voi_from = "10 mm around the truth";
        if (!dkm_mask_box(task->truth, margin_mm, &r->voi))
            r->voi = dkm_box_whole(grid_of(task));
    }
    if (dkm_box_fits(&r->voi, grid_of(task)))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                        "the volume of interest does not lie in the images");
    return FALSE;
}

static gboolean load(Task *task, const char *study, GError **error)
{
    guint early, late;
    if (!dkm_session_open(&task->session, study, NULL, task->cancel, error) ||
        !(task->pre = dkm_session_phase(&task->session, 0, task->cancel, error)))
        return FALSE;
    dkm_phases_find_posts(task->session.study->dce, &early, &late);
    if (early && !(task->early = dkm_session_phase(&task->session, early, task->cancel, error)))
        return FALSE;
    return (task->truth = read_mask(task, task->options->truth, error)) &&
           (task->sites = dkm_sites_find(task->pre, task->early, error)) && find_voi(task, error);
}

static gboolean open_model(Task *task, GError **error)
{
    const Options *o = task->options;
    if (o->no_model)
        return TRUE;
    g_autofree char *path = o->model ? g_strdup(o->model) : dkm_model_find(DKM_SHIPPED_PRE, error);
    task->model =
        path ? dkm_model_open(path, o->device ? o->device : "auto", o->threads, o->precision, error)
             : NULL;
    return task->model != NULL;
}

static gboolean measure(Task *task, const char *study, GError **error)
{
    DkmVolumeReport *r = &task->report;
    g_autofree char *truth = g_path_get_basename(task->options->truth);
    g_autofree char *shown = g_utf8_make_valid(truth, -1);
    if (!open_model(task, error) || !load(task, study, error))
        return FALSE;
    r->rows = dkm_volume_rows_new();
    if (task->model && (!add_run(task, NULL, "model, on the whole volume", error) ||
                        !add_run(task, &r->voi, "model, on the VOI", error)))
        return FALSE;
    if (!add_segs(task, error) || !add_rules(task, error))
        return FALSE;
    r->truth = shown;
    r->least_ml = least_ml;
    r->voxel_ml = dkm_grid_voxel_ml(grid_of(task));
    r->has_early = task->early != NULL;
    r->weights_sha256 = task->model ? dkm_model_weights_sha256(task->model) : NULL;
    r->device = task->model ? dkm_model_device(task->model) : NULL;
    (task->options->json ? dkm_volume_report_print_json : dkm_volume_report_print_table)(r);
    return TRUE;
}

gboolean dkm_command_measure(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {0};
    g_auto(GStrv) rest = NULL;
    g_autofree char *command = dkm_command_text((const char *const *)argv);
    g_auto(Task) task = {.options = &o, .cancel = cancel, .report = {.command = command}};
    return parse(&o, argc, argv, &rest, error) && measure(&task, rest[0], error);
}
