/* dkm import STUDY MASK.tif -o OUT.dcm: a mask drawn elsewhere becomes a segmentation of the study.
 */
#include "plugin/commands.h"
#include "plugin/deidentify-option.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/image/tiff-mask.h"

typedef struct {
    char *out, *name;
    int label;
    gboolean json;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean write_seg(const Options *o, const DkmSession *session, const DkmMask *mask,
                          GCancellable *cancel, GError **error)
{
    const DkmSegSegment segment = {
        .mask = mask, .label = o->name ? o->name : "Lesion 1", .algorithm = DKM_SEG_MANUAL};
    const DkmSegRequest request = {
        .table = session->studies->table,
        .phases = session->study->dce,
        .segments = &segment,
        .n_segments = 1,
        .algorithm_version = DKM_VERSION,
        .series_description = "RESEARCH USE ONLY: mask drawn elsewhere, unreviewed",
    };
    return dkm_dicom_write_seg(&request, o->out, cancel, error);
}

static void print_result(const Options *o, const DkmMask *mask, gboolean has_geometry)
{
    const char *assumed = "the pages are the slices of the study, in its order: no geometry file "
                          "stands beside the stack";
    if (!o->json) {
        g_print("%" G_GSIZE_FORMAT " voxels, %.3f ml\n%s%s%ssaved %s\n", dkm_mask_count(mask),
                dkm_mask_volume_ml(mask),
                has_geometry ? "" : "assumed: ", has_geometry ? "" : assumed,
                has_geometry ? "" : "\n", o->out);
        return;
    }
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "seg", o->out);
    dkm_json_int(json, "voxels", (gint64)dkm_mask_count(mask));
    dkm_json_real(json, "volume_ml", dkm_mask_volume_ml(mask));
    const char *const list[] = {has_geometry ? NULL : assumed, NULL};
    dkm_json_texts(json, "assumed", list);
    json_builder_end_object(json);
    dkm_print_json(json);
}

/* All that will be written is asked for before anything is read. */
static gboolean prepare(const Options *o, char *const words[2], DkmSession *session,
                        GCancellable *cancel, GError **error)
{
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    return dkm_outputs_add(outputs, o->out, error) && dkm_deidentify_add_to(outputs, error) &&
           dkm_outputs_spare(outputs, words[1], "the mask", error) &&
           dkm_session_open(session, words[0], NULL, cancel, error) &&
           dkm_outputs_spare_studies(outputs, session->studies, error);
}

/* A slip in the number must not leave as a mask of nothing. */
static gboolean has_label(const Options *o, const char *path, const DkmMask *mask, GError **error)
{
    if (o->label == DKM_NOT_GIVEN || dkm_mask_count(mask) > 0)
        return TRUE;
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: no voxel has the value %d", name, o->label);
    return FALSE;
}

static gboolean import_mask(const Options *o, char *const words[2], GCancellable *cancel,
                            GError **error)
{
    g_auto(DkmSession) session = {0};
    gboolean has_geometry = FALSE;
    if (!prepare(o, words, &session, cancel, error))
        return FALSE;
    g_autoptr(DkmMask) mask =
        dkm_tiff_mask_read(words[1], &session.study->dce->grid,
                           o->label == DKM_NOT_GIVEN ? 0 : o->label, &has_geometry, error);
    if (!mask || !has_label(o, words[1], mask, error) ||
        !write_seg(o, &session, mask, cancel, error) || !dkm_deidentify_finish(error))
        return FALSE;
    print_result(o, mask, has_geometry);
    return TRUE;
}

gboolean dkm_command_import(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.label = DKM_NOT_GIVEN};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "The segmentation to write", "OUT.dcm"},
        {"label", 0, 0, G_OPTION_ARG_INT, &o.label, "Voxels of this value (all but 0)", "N"},
        {"name", 0, 0, G_OPTION_ARG_STRING, &o.name, "Of the lesion (Lesion 1)", "TEXT"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {
        "STUDY MASK.tif -o OUT.dcm [OPTIONS]",
        "Make a mask drawn elsewhere (multi-page TIFF) a segmentation of the study.",
        entries,
        2,
        2,
        .more = &dkm_deidentify_options};
    g_auto(GStrv) rest = NULL;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error))
        return FALSE;
    const DkmRange ranges[] = {{"--label", o.label, 1, 65535, DKM_RANGE_CLOSED}};
    if (!dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error))
        return FALSE;
    const char *wrong = !o.out ? "say where to write: -o OUT.dcm"
                        : o.name && (!*o.name || g_utf8_strlen(o.name, -1) > 64)
                            ? "--name must have 1 to 64 characters"
                        : o.name && strchr(o.name, '\\')
                            ? "--name may hold no backslash: DICOM takes it for the end of a text"
                            : NULL;
    if (wrong) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
        return FALSE;
    }
    return import_mask(&o, rest, cancel, error);
}
