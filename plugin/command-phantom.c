/* dkm phantom -o DIR: a synthetic breast DCE-MRI study as DICOM, DIR/images, and where its mass
 * really is, DIR/truth.dcm. The folder is complete or not there. */
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/phantom/phantom.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const double VOI_MARGIN_MM = 6;
enum { MOST_COARSE = 4 };

typedef struct {
    char *out, *layout, *phases, *defect, *date;
    gint64 seed;
    int coarse;
    gboolean json;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->layout);
    g_free(o->phases);
    g_free(o->defect);
    g_free(o->date);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* The folder that is being made; what is not kept is removed again. */
typedef struct {
    const char *path;
    char *partial, *images, *truth;
    gboolean made, kept;
} Folder;

static void remove_files(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
}

static void folder_clear(Folder *folder)
{
    if (!folder->kept && folder->partial) {
        remove_files(folder->partial);
        g_unlink(folder->truth);
        if (folder->made)
            g_rmdir(folder->path);
    }
    g_free(folder->partial);
    g_free(folder->images);
    g_free(folder->truth);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

static gboolean refuse_folder(const char *path, const char *why, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "cannot write %s: %s", name, why);
    return FALSE;
}

/* Makes PATH where it is absent; refuses one that holds anything. */
static gboolean folder_open(Folder *folder, const char *path, GError **error)
{
    g_autoptr(GDir) there = g_dir_open(path, 0, NULL);
    if (there && g_dir_read_name(there))
        return refuse_folder(path, "the folder is not empty", error);
    if (!there && g_file_test(path, G_FILE_TEST_EXISTS))
        return refuse_folder(path, "it is there and no folder that can be read", error);
    if (!there && g_mkdir(path, 0777) != 0)
        return refuse_folder(
            path, errno == ENOENT ? "its folder does not exist" : g_strerror(errno), error);
    folder->path = path;
    folder->made = !there;
    folder->partial = g_build_filename(path, "images.partial", NULL);
    folder->images = g_build_filename(path, "images", NULL);
    folder->truth = g_build_filename(path, "truth.dcm", NULL);
    return TRUE;
}

static gboolean folder_finish(Folder *folder, GError **error)
{
    if (g_rename(folder->partial, folder->images) != 0)
        return refuse_folder(folder->path, g_strerror(errno), error);
    folder->kept = TRUE;
    return TRUE;
}

/* What is made, and from what. */
typedef struct {
    const Options *o;
    const DkmPhantom *phantom;
    const DkmPhantomRequest *request;
    char *no_truth; /* why a defect leaves no images to refer to; NULL: the truth is written */
} Made;

/* Other voxels are another study: no two share a UID. */
static guint64 uid_seed(const DkmPhantomRequest *request)
{
    return request->seed + ((guint64)(request->coarse - 1) << 32);
}

static gboolean write_images(const Made *made, const char *dir, GCancellable *cancel,
                             GError **error)
{
    const DkmPhantom *phantom = made->phantom;
    const DkmPhantomRequest *request = made->request;
    g_autofree char *id = dkm_phantom_patient_id(request->seed);
    g_autofree char *name = dkm_phantom_patient_name(request->seed);
    const DkmMrRequest mr = {.volumes = (const DkmVolume *const *)phantom->volumes,
                             .n_phases = phantom->n_phases,
                             .t_seconds = phantom->t_seconds,
                             .layout = request->protocol->layout,
                             .study_date = made->o->date,
                             .patient_id = id,
                             .patient_name = name,
                             .defect = made->o->defect,
                             .seed = uid_seed(request)};
    return dkm_dicom_write_mr(&mr, dir, cancel, error);
}

/* The truth refers to the images as a reader finds them, so the study is scanned first. */
static gboolean write_truth(const Made *made, const Folder *folder, GCancellable *cancel,
                            GError **error)
{
    const DkmPhantom *phantom = made->phantom;
    const DkmPhantomRequest *request = made->request;
    g_auto(DkmSession) session = {0};
    if (!dkm_session_open(&session, folder->partial, NULL, cancel, error))
        return FALSE;
    g_autofree char *seed =
        g_strdup_printf("phantom truth %" G_GUINT64_FORMAT " %s %u%s%s", uid_seed(request),
                        request->protocol->layout, phantom->n_phases, made->o->date ? " " : "",
                        made->o->date ? made->o->date : "");
    const DkmSegSegment segment = {.mask = phantom->truth,
                                   .label = "Phantom mass",
                                   .algorithm = DKM_SEG_MANUAL,
                                   .tracking_id = "Phantom mass"};
    const DkmSegRequest seg = {.table = session.studies->table,
                               .phases = session.study->dce,
                               .phase = 0,
                               .segments = &segment,
                               .n_segments = 1,
                               .content_label = "TRUTH",
                               .series_description = "PHANTOM: where the mass is, by construction",
                               .uid_seed = seed};
    return dkm_dicom_write_seg(&seg, folder->truth, cancel, error);
}

/* A defect may leave no phases, and so nothing that a truth could refer to. */
static gboolean try_truth(Made *made, const Folder *folder, GCancellable *cancel, GError **error)
{
    g_autoptr(GError) cause = NULL;
    if (write_truth(made, folder, cancel, &cause))
        return TRUE;
    if (made->o->defect && g_error_matches(cause, DKM_ERROR, DKM_ERROR_GEOMETRY)) {
        made->no_truth = g_strdup(cause->message);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static void print_text(const Made *made)
{
    const Options *o = made->o;
    const DkmPhantom *phantom = made->phantom;
    const DkmPhantomRequest *request = made->request;
    const DkmGrid *grid = dkm_mask_grid(phantom->truth);
    const DkmBox voi = dkm_phantom_voi(phantom, VOI_MARGIN_MM);
    g_print(
        "phantom %" G_GUINT64_FORMAT ", %s, layout %s: %d slices of %dx%d, %.3f x %.3f x %.3f mm"
        "\n%u phase%s at",
        request->seed,
        request->protocol->shape == DKM_PHANTOM_AXIAL ? "bilateral axial" : "unilateral sagittal",
        request->protocol->layout, grid->n[0], grid->n[1], grid->n[2], grid->spacing_mm[1],
        grid->spacing_mm[2], grid->spacing_mm[0], phantom->n_phases,
        phantom->n_phases == 1 ? "" : "s");
    for (guint p = 0; p < phantom->n_phases; p++)
        g_print("%s %g", p ? "," : "", phantom->t_seconds[p]);
    g_print(" s\nmass: %s enhancement, %s breast, %.3f ml, %" G_GSIZE_FORMAT
            " voxels, within %d,%d,%d,%d,%d,%d (z, y, x; first and behind the last)\n"
            "saved %s: images%s\n",
            dkm_phantom_mass_kind(phantom), phantom->mass.side > 0 ? "left" : "right",
            dkm_mask_volume_ml(phantom->truth), dkm_mask_count(phantom->truth), voi.first[0],
            voi.first[1], voi.first[2], voi.end[0], voi.end[1], voi.end[2], o->out,
            made->no_truth ? "" : ", truth.dcm");
    if (o->defect)
        g_print("defect: %s%s%s\n", o->defect, made->no_truth ? "; no truth.dcm, as " : "",
                made->no_truth ? made->no_truth : "");
}

static void print_json(const Made *made)
{
    const Options *o = made->o;
    const DkmPhantom *phantom = made->phantom;
    const DkmPhantomRequest *request = made->request;
    const DkmBox voi = dkm_phantom_voi(phantom, VOI_MARGIN_MM);
    g_autofree char *voi_text = g_strdup_printf("%d,%d,%d,%d,%d,%d", voi.first[0], voi.first[1],
                                                voi.first[2], voi.end[0], voi.end[1], voi.end[2]);
    g_autofree char *images = g_build_filename(o->out, "images", NULL);
    g_autofree char *truth = g_build_filename(o->out, "truth.dcm", NULL);
    g_autofree char *sha256 = dkm_mask_sha256(phantom->truth);
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "images", images);
    dkm_json_text(json, "truth", made->no_truth ? NULL : truth);
    if (o->defect)
        dkm_json_text(json, "defect", o->defect);
    if (made->no_truth)
        dkm_json_text(json, "no_truth", made->no_truth);
    dkm_json_text(json, "layout", request->protocol->layout);
    dkm_json_text(json, "shape",
                  request->protocol->shape == DKM_PHANTOM_AXIAL ? "bilateral axial"
                                                                : "unilateral sagittal");
    dkm_json_int(json, "seed", (gint64)request->seed);
    json_builder_set_member_name(json, "phase_seconds");
    json_builder_begin_array(json);
    for (guint p = 0; p < phantom->n_phases; p++)
        json_builder_add_double_value(json, phantom->t_seconds[p]);
    json_builder_end_array(json);
    dkm_json_int(json, "slices", dkm_mask_grid(phantom->truth)->n[0]);
    dkm_json_text(json, "mass_kind", dkm_phantom_mass_kind(phantom));
    dkm_json_text(json, "mass_side", phantom->mass.side > 0 ? "left" : "right");
    dkm_json_int(json, "mass_voxels", (gint64)dkm_mask_count(phantom->truth));
    dkm_json_real(json, "mass_ml", dkm_mask_volume_ml(phantom->truth));
    dkm_json_text(json, "voi", voi_text);
    dkm_json_text(json, "truth_mask_sha256", sha256);
    json_builder_end_object(json);
    dkm_print_json(json);
}

static gboolean make(const Options *o, const DkmPhantomRequest *request, GCancellable *cancel,
                     GError **error)
{
    g_auto(Folder) folder = {0};
    if (!folder_open(&folder, o->out, error))
        return FALSE;
    g_autoptr(DkmPhantom) phantom = dkm_phantom_new(request, NULL, cancel, error);
    Made made = {.o = o, .phantom = phantom, .request = request};
    const gboolean is_made = phantom && write_images(&made, folder.partial, cancel, error) &&
                             try_truth(&made, &folder, cancel, error) &&
                             folder_finish(&folder, error);
    if (is_made && o->json)
        print_json(&made);
    else if (is_made)
        print_text(&made);
    g_free(made.no_truth);
    return is_made;
}

static gboolean is_date(const char *text)
{
    if (strlen(text) != 8 || strspn(text, "0123456789") != 8)
        return FALSE;
    const int number = (int)g_ascii_strtoll(text, NULL, 10);
    return number >= 10000 &&
           g_date_valid_dmy((GDateDay)(number % 100), (GDateMonth)(number / 100 % 100),
                            (GDateYear)(number / 10000));
}

/* With what is asked for beside the layout and the phases. */
static const char *wrong_with_rest(const Options *o, gboolean is_pre_alone)
{
    if (o->date && !is_date(o->date))
        return "a date is a day as YYYYMMDD";
    if (o->defect && !dkm_dicom_is_mr_defect(o->defect))
        return "a defect is series, derived, copies, double, missing, uneven, tilted or mixed";
    return o->defect && is_pre_alone ? "a defect needs more phases than pre" : NULL;
}

static gboolean plan(const Options *o, DkmPhantomRequest *request, GError **error)
{
    request->seed = (guint64)o->seed;
    request->protocol = dkm_phantom_protocol_find(o->layout ? o->layout : "ucsf");
    request->n_phases = g_strcmp0(o->phases, "pre") == 0 ? 1 : 0;
    request->coarse = o->coarse;
    const char *wrong = !o->out              ? "say where to write: -o DIR"
                        : !request->protocol ? "a layout is ucsf, ge, siemens, philips or enhanced"
                        : o->phases && !request->n_phases && !g_str_equal(o->phases, "all")
                            ? "phases are pre or all"
                        : o->seed < 0 ? "a seed is 0 or more"
                        : o->coarse < 1 || o->coarse > MOST_COARSE
                            ? "--coarse is 1 to 4"
                            : wrong_with_rest(o, request->n_phases == 1);
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    return !wrong;
}

gboolean dkm_command_phantom(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.seed = 1, .coarse = 1};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "The folder to make", "DIR"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &o.seed, "Another one, another patient (1)", "N"},
        {"layout", 0, 0, G_OPTION_ARG_STRING, &o.layout,
         "ucsf, ge (one breast, sagittal), siemens, philips, enhanced (both, axial) (ucsf)",
         "NAME"},
        {"phases", 0, 0, G_OPTION_ARG_STRING, &o.phases, "pre or all (all)", "WHICH"},
        {"date", 0, 0, G_OPTION_ARG_STRING, &o.date,
         "The day of the study: another one is an earlier or later study of the same patient "
         "(20000101)",
         "YYYYMMDD"},
        {"defect", 0, 0, G_OPTION_ARG_STRING, &o.defect,
         "Something wrong with it, to test a reader: series, derived, copies, double, missing, "
         "uneven, tilted or mixed",
         "NAME"},
        {"coarse", 0, 0, G_OPTION_ARG_INT, &o.coarse,
         "Every Nth voxel along each axis alone, for a quick try: 1 to 4 (1)", "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"-o DIR [OPTIONS]",
                            "A synthetic breast DCE-MRI study with its truth, the same for a seed.",
                            entries, 0, 0};
    g_auto(GStrv) rest = NULL;
    DkmPhantomRequest request = {0};
    return dkm_options_parse(&usage, argc, argv, &rest, error) && plan(&o, &request, error) &&
           make(&o, &request, cancel, error);
}
