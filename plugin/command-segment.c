/* dkm segment STUDY -o OUT.dcm: outline a tumour from the pre-contrast phase alone. Nothing else of
 * the study is read, no segmentation, no derived map, and no later phase unless --phases available
 * asks for them. */
#include "plugin/commands.h"
#include "plugin/deidentify-option.h"
#include "plugin/maps.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/overview.h"
#include "plugin/phase-options.h"
#include "plugin/provenance.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/image/tiff-stack.h"
#include "core/model/pipeline.h"
#include "core/series/incomplete.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *out, *model, *device, *precision, *voi, *tiff, *png, *phases, *seg_type, *supersedes,
        *maps;
    DkmPhaseOptions phase_options;
    gboolean json, predict, available;
    DkmSegType type;
    int threads, noise_fields;
    double threshold;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->model);
    g_free(o->device);
    g_free(o->precision);
    g_free(o->voi);
    g_free(o->tiff);
    g_free(o->png);
    g_free(o->phases);
    g_free(o->seg_type);
    g_free(o->supersedes);
    dkm_phase_options_clear(&o->phase_options);
    g_free(o->maps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* What --tiff writes, each with its sidecar; the predicted ones where they are asked for. */
enum { TIFF_MASK, TIFF_PROBABILITY, TIFF_KINETIC, TIFF_EARLY, TIFF_LATE, TIFFS };
static const char *const tiff_names[TIFFS] = {"mask.tif", "probability.tif", "kinetic-code.tif",
                                              "predicted-1-not-measured.tif",
                                              "predicted-2-not-measured.tif"};

/* What the commands after the run need. */
typedef struct {
    const Options *options;
    DkmSession *session;
    DkmModel *model;
    const DkmBox *voi; /* NULL: the whole volume */
    DkmVolume *pre;
    DkmResult *result;
    GPtrArray *gate; /* of char*: how the images differ from those trained on */
} Run;

static gboolean parse_type(Options *o, GError **error)
{
    static const char *const names[] = {"binary", "fractional", "labelmap", NULL};
    for (int i = 0; names[i]; i++)
        if (g_strcmp0(o->seg_type, names[i]) == 0)
            o->type = (DkmSegType)i;
    if (!o->seg_type || g_strv_contains(names, o->seg_type))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "%s is no type of segmentation: binary, fractional or labelmap", o->seg_type);
    return FALSE;
}

static gboolean parse(Options *o, int argc, char **argv, char ***rest, GError **error)
{
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->out, "The segmentation to write", "OUT.dcm"},
        {"model", 0, 0, G_OPTION_ARG_FILENAME, &o->model,
         "Weights (the shipped ones for these phases)", "FILE"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "auto, cpu or cuda (auto)", "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision,
         "f32, or bf16: about half the memory, faster where the processor has a unit for it; int8: "
         "faster still, of calibrated models (the model's, else f32 on a CPU)",
         "NAME"},
        {"voi", 0, 0, G_OPTION_ARG_STRING, &o->voi, "Restrict to a box of voxels",
         "z0,y0,x0,z1,y1,x1"},
        {"threshold", 0, 0, G_OPTION_ARG_DOUBLE, &o->threshold, "Probability (the model's)", "P"},
        {"phases", 0, 0, G_OPTION_ARG_STRING, &o->phases,
         "pre, or available: also the early and the late phase where the study has them and the "
         "model accepts them (pre)",
         "NAME"},
        DKM_PHASE_OPTION_ENTRIES(&o->phase_options),
        {"noise-fields", 0, 0, G_OPTION_ARG_INT, &o->noise_fields,
         "Average over so many, 1..64: each costs a run (the model's)", "N"},
        {"seg-type", 0, 0, G_OPTION_ARG_STRING, &o->seg_type,
         "binary, fractional (the probability) or labelmap (DICOM 2024d; few readers know it) "
         "(binary)",
         "NAME"},
        {"supersedes", 0, 0, G_OPTION_ARG_FILENAME, &o->supersedes,
         "The version before, which stays: the new one names it and keeps its tracking identity",
         "OLD.dcm"},
        {"predict", 0, 0, G_OPTION_ARG_NONE, &o->predict,
         "Also predict the post-contrast phases (slow; with --tiff)", NULL},
        {"tiff", 0, 0, G_OPTION_ARG_FILENAME, &o->tiff, "Write mask, probability, heat map", "DIR"},
        {"maps", 0, 0, G_OPTION_ARG_FILENAME, &o->maps,
         "Write probability and heat map as DICOM Parametric Maps", "DIR"},
        {"png", 0, 0, G_OPTION_ARG_FILENAME, &o->png, "Write one picture", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"STUDY -o OUT.dcm [OPTIONS]",
                            "Outline a tumour from the pre-contrast phase alone.",
                            entries,
                            1,
                            1,
                            .more = &dkm_deidentify_options};
    if (!dkm_options_parse(&usage, argc, argv, rest, error))
        return FALSE;
    const DkmRange ranges[] = {
        {"--noise-fields", o->noise_fields, 1, DKM_MOST_NOISE_FIELDS, DKM_RANGE_CLOSED},
        {"--threshold", o->threshold, 0, 1, DKM_RANGE_CLOSED},
        {"--threads", o->threads, 0, DKM_MOST_THREADS, DKM_RANGE_CLOSED}};
    if (!dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error))
        return FALSE;
    o->available = g_strcmp0(o->phases, "available") == 0;
    const char *wrong = !o->out ? "say where to write: -o OUT.dcm"
                        : o->phases && strcmp(o->phases, "pre") != 0 && !o->available
                            ? "--phases must be pre or available"
                        : o->predict && !o->tiff ? "predicted phases need a folder: --tiff DIR"
                                                 : NULL;
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    return !wrong && parse_type(o, error);
}

/* A line that rewrites itself, on a terminal only. */
static gboolean show_progress(int permille, gpointer user)
{
    fprintf(stderr, permille < 1000 ? "\rsegmenting %3d %%" : "\r                \r",
            permille / 10);
    return TRUE;
}

static gboolean run_model(Run *run, GCancellable *cancel, GError **error)
{
    const Options *o = run->options;
    DkmSegmentOptions options = {.voi = run->voi,
                                 .has_threshold = o->threshold != DKM_NOT_GIVEN,
                                 .threshold = (float)o->threshold,
                                 .predict = o->predict};
    if (o->available && !dkm_session_add_posts(run->session, run->model, &options, cancel, error))
        return FALSE;
    const DkmSessionRun engine = {.model = run->model,
                                  .pre_contrast = run->pre,
                                  .options = &options,
                                  .tick = isatty(STDERR_FILENO) ? show_progress : NULL};
    run->gate = dkm_session_input_gate(run->session, &engine);
    run->result = dkm_session_segment(&engine, cancel, error);
    return run->result != NULL;
}

static gboolean write_predicted(const Run *run, GError **error)
{
    const gsize plane = (gsize)run->result->grid.n[1] * (gsize)run->result->grid.n[2];
    for (guint k = 0; k < run->result->n_predicted && TIFF_EARLY + k < TIFFS; k++) {
        g_autofree char *path =
            g_build_filename(run->options->tiff, tiff_names[TIFF_EARLY + k], NULL);
        g_autofree float *values = g_try_new(float, dkm_grid_voxels(&run->result->grid));
        if (!values)
            return dkm_error_set_no_memory(error, dkm_grid_voxels(&run->result->grid) * 4,
                                           "a predicted phase");
        for (int z = 0; z < run->result->grid.n[0]; z++)
            dkm_volume_read_slice(run->result->predicted[k], z, values + (gsize)z * plane);
        if (!dkm_tiff_write_f32(path, &run->result->grid, values,
                                "DKM Workstation, PREDICTED by a network, not measured; research "
                                "use only",
                                error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_tiffs(const Run *run, GError **error)
{
    const char *folder = run->options->tiff;
    const char *note = "DKM Workstation, research use only";
    const DkmResult *r = run->result;
    if (!dkm_output_make_folder(folder, error))
        return FALSE;
    g_autofree char *mask = g_build_filename(folder, tiff_names[TIFF_MASK], NULL);
    g_autofree char *probability = g_build_filename(folder, tiff_names[TIFF_PROBABILITY], NULL);
    g_autofree char *kinetic = g_build_filename(folder, tiff_names[TIFF_KINETIC], NULL);
    return dkm_tiff_write_u8(mask, &r->grid, dkm_mask_peek_slice(r->mask, 0), note, error) &&
           dkm_tiff_write_u8(probability, &r->grid, r->probability, note, error) &&
           dkm_tiff_write_u8(kinetic, &r->grid, r->kinetic, note, error) &&
           write_predicted(run, error);
}

static gboolean write_maps(const Run *run, GCancellable *cancel, GError **error)
{
    const DkmResult *r = run->result;
    g_autofree char *parameters = dkm_session_parameters(r);
    const DkmMaps maps = {run->session, run->options->maps, parameters};
    return dkm_output_make_folder(maps.folder, error) &&
           dkm_maps_write_u8(&maps, DKM_QUANTITY_PROBABILITY, r->probability, cancel, error) &&
           (!r->has_code ||
            dkm_maps_write_u8(&maps, DKM_QUANTITY_KINETIC_CODE, r->kinetic, cancel, error));
}

static void print_result(const Run *run)
{
    const DkmResult *r = run->result;
    const gsize voxels = dkm_mask_count(r->mask);
    g_autofree char *sha256 = dkm_mask_sha256(r->mask);
    if (!run->options->json) {
        for (guint i = 0; i < run->gate->len; i++)
            g_print("Unlike the training: %s\n", (const char *)run->gate->pdata[i]);
        g_autofree char *aside = dkm_phases_aside_words(run->session->study->dce);
        g_print("%" G_GSIZE_FORMAT
                " voxels, %.3f ml, in %.1f s on %s\nfrom the phases %s%s\nweights "
                "%s\nsaved %s\n"
                "%sUnreviewed result of a network. Research use only, not for diagnosis.\n",
                voxels, dkm_mask_volume_ml(r->mask), r->seconds, r->device, r->phases_used, aside,
                r->weights_sha256, run->options->out,
                r->has_code ? "" : "The model takes in no kinetic code: the heat map is empty.\n");
        return;
    }
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "seg", run->options->out);
    dkm_json_int(json, "voxels", (gint64)voxels);
    dkm_json_real(json, "volume_ml", dkm_mask_volume_ml(r->mask));
    dkm_json_real(json, "seconds", r->seconds);
    dkm_json_text(json, "device", r->device);
    dkm_json_texts(json, "refused_devices", (const char *const *)r->refused);
    dkm_json_text(json, "precision", r->precision);
    dkm_json_text(json, "weights_sha256", r->weights_sha256);
    dkm_json_text(json, "int8_scales_sha256", r->scales_sha256);
    dkm_json_text(json, "mask_sha256", sha256);
    dkm_json_real(json, "threshold", (double)r->threshold);
    dkm_json_int(json, "timestep", r->timestep);
    dkm_json_int(json, "noise_seed", (gint64)r->noise_seed);
    dkm_json_int(json, "noise_fields", r->noise_fields);
    dkm_json_int(json, "phases_in_study", run->session->study->dce->n_phases);
    dkm_json_text(json, "phases_used", r->phases_used);
    dkm_phase_options_record(run->session->study->dce, json);
    dkm_json_sentences(json, "unlike_training", run->gate);
    json_builder_set_member_name(json, "kinetic_code");
    json_builder_add_boolean_value(json, r->has_code);
    json_builder_end_object(json);
    dkm_print_json(json);
}

static gboolean write_provenance(const Run *run, GError **error)
{
    const DkmProvenance provenance = {run->session, run->model, run->result, run->voi, run->gate};
    g_autofree char *path = dkm_provenance_path(run->options->out);
    return dkm_provenance_write(&provenance, path, error);
}

static gboolean write_results(const Run *run, GCancellable *cancel, GError **error)
{
    const Options *o = run->options;
    g_autofree char *title = g_strdup_printf("DKM segmentation from: %s", run->result->phases_used);
    const DkmOverview overview = {run->pre, run->result, title};
    const DkmSessionSeg seg = {o->out, o->type, o->supersedes};
    if (!dkm_session_write_seg(run->session, run->result, &seg, cancel, error))
        return FALSE;
    if (!write_provenance(run, error) || (o->maps && !write_maps(run, cancel, error)) ||
        !dkm_deidentify_finish(error) || (o->tiff && !write_tiffs(run, error)) ||
        (o->png && !dkm_overview_write(&overview, o->png, error))) {
        dkm_output_prefix_saved(o->out, error);
        return FALSE;
    }
    print_result(run);
    return TRUE;
}

static gboolean add_tiffs(const Options *o, DkmOutputs *outputs, GError **error)
{
    const int n = o->predict ? TIFFS : TIFF_EARLY;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < n; i++) {
        g_ptr_array_add(names, g_strdup(tiff_names[i]));
        g_ptr_array_add(names, g_strconcat(tiff_names[i], ".json", NULL));
    }
    g_ptr_array_add(names, NULL);
    return dkm_outputs_add_folder(outputs, o->tiff, (const char *const *)names->pdata, error);
}

/* All that will be written is asked for before anything is computed. */
/* Asked before minutes are spent: can the new version take the place of the one before? */
static gboolean check_predecessor(const Options *o, const DkmSession *session, GError **error)
{
    const DkmSegImport import = {
        .table = session->studies->table, .phases = session->study->dce, .threshold = 0.5};
    g_autoptr(DkmSeg) before =
        o->supersedes ? dkm_dicom_import_seg(o->supersedes, &import, error) : NULL;
    if (o->supersedes && !before)
        g_prefix_error(error, "the version before: ");
    return before || !o->supersedes;
}

static gboolean add_maps(const Options *o, DkmOutputs *outputs, GError **error)
{
    const char *const names[] = {dkm_maps_name(DKM_QUANTITY_PROBABILITY),
                                 dkm_maps_name(DKM_QUANTITY_KINETIC_CODE), NULL};
    return !o->maps || dkm_outputs_add_folder(outputs, o->maps, names, error);
}

static gboolean prepare(const Options *o, const char *study, const char *model, DkmSession *session,
                        GCancellable *cancel, GError **error)
{
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    g_autofree char *provenance = dkm_provenance_path(o->out);
    return dkm_outputs_add(outputs, o->out, error) && dkm_outputs_add(outputs, provenance, error) &&
           (!o->png || dkm_outputs_add(outputs, o->png, error)) &&
           (!o->tiff || add_tiffs(o, outputs, error)) && add_maps(o, outputs, error) &&
           dkm_deidentify_add_to(outputs, error) &&
           dkm_outputs_spare(outputs, model, "the model", error) &&
           (!o->supersedes ||
            dkm_outputs_spare(outputs, o->supersedes, "the version before", error)) &&
           dkm_session_open(session, study, NULL, cancel, error) &&
           dkm_phase_options_apply_to(&o->phase_options, session, error) &&
           dkm_outputs_spare_studies(outputs, session->studies, error) &&
           check_predecessor(o, session, error);
}

static gboolean segment(const Options *o, const char *study, GCancellable *cancel, GError **error)
{
    g_auto(DkmSession) session = {0};
    DkmBox voi = {0};
    if (o->voi && !dkm_options_parse_box(o->voi, &voi, error))
        return FALSE;
    const DkmShippedModel shipped = o->available ? DKM_SHIPPED_ANY_PHASES : DKM_SHIPPED_PRE;
    g_autofree char *path = o->model ? g_strdup(o->model) : dkm_model_find(shipped, error);
    if (!path || !prepare(o, study, path, &session, cancel, error))
        return FALSE;
    g_autoptr(DkmModel) model =
        dkm_model_open(path, o->device ? o->device : "auto", o->threads, o->precision, error);
    if (model && o->noise_fields != DKM_NOT_GIVEN)
        dkm_model_set_noise_fields(model, o->noise_fields);
    Run run = {.options = o, .session = &session, .model = model, .voi = o->voi ? &voi : NULL};
    const gboolean written = model && (run.pre = dkm_session_phase(&session, 0, cancel, error)) &&
                             run_model(&run, cancel, error) && write_results(&run, cancel, error);
    g_clear_pointer(&run.result, dkm_result_unref);
    g_clear_pointer(&run.gate, g_ptr_array_unref);
    return written;
}

gboolean dkm_command_segment(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.threshold = DKM_NOT_GIVEN, .noise_fields = DKM_NOT_GIVEN};
    g_auto(GStrv) rest = NULL;
    return parse(&o, argc, argv, &rest, error) && segment(&o, rest[0], cancel, error);
}
