/* dkm kinetics STUDY: enhancement measured from the phases, and UCSF's functional tumour volume.
 * The VOI comes by option, or from UCSF's own objects where the study holds them (headers only, no
 * pixels). */
#include "plugin/commands.h"
#include "plugin/deidentify-option.h"
#include "plugin/kinetic-plan.h"
#include "plugin/maps.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/phase-options.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/image/kinetics.h"
#include "core/image/tiff-stack.h"
#include "core/series/incomplete.h"

#include <math.h>

typedef struct {
    char *out, *voi, *tiff, *maps;
    DkmPhaseOptions phases;
    gboolean json;
    double pe_threshold, pre_threshold;
    int neighbours;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->voi);
    g_free(o->tiff);
    dkm_phase_options_clear(&o->phases);
    g_free(o->maps);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* What --tiff writes, each with its sidecar. */
static const char *const map_names[] = {
    "pe-percent.tif",      "pe-percent.tif.json",      "ser.tif", "ser.tif.json",
    "washout-percent.tif", "washout-percent.tif.json", NULL};

typedef struct {
    DkmBox voi;
    const char *voi_from;
    DkmFtvParameters rule;
    guint early, late;
    DkmUcsfParameters ucsf; /* what the study's own UCSF objects say; NaN where they are silent */
} Plan;

/* What the files are written from. */
typedef struct {
    const DkmSession *session;
    const Plan *plan;
    const DkmFtv *ftv;
    const DkmKineticSource *source;
} Results;

static gboolean plan_voi(const Options *o, const DkmSession *session, Plan *plan, GError **error)
{
    if (!dkm_kinetic_plan_rule(session, &plan->rule, &plan->ucsf, error))
        return FALSE;
    plan->voi = dkm_box_whole(&session->study->dce->grid);
    plan->voi_from = "the whole volume";
    if (plan->ucsf.has_voi) {
        plan->voi = plan->ucsf.voi;
        plan->voi_from = "the study's UCSF segmentation";
    }
    if (!o->voi)
        return TRUE;
    plan->voi_from = "the command line";
    return dkm_options_parse_box(o->voi, &plan->voi, error);
}

static gboolean make_plan(const Options *o, const DkmSession *session, Plan *plan, GError **error)
{
    const DkmPhases *dce = session->study->dce;
    if (dce->n_phases < 3) {
        g_autofree char *aside = dkm_phases_aside_words(dce);
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "kinetics need a pre-contrast, an early and a late phase; this study has %u%s",
                    dce->n_phases, aside);
        return FALSE;
    }
    dkm_kinetic_plan_phases(dce, &plan->early, &plan->late);
    if (!plan_voi(o, session, plan, error))
        return FALSE;
    if (o->pe_threshold != DKM_NOT_GIVEN)
        plan->rule.pe_threshold = o->pe_threshold;
    if (o->pre_threshold != DKM_NOT_GIVEN)
        plan->rule.pre_contrast_threshold = o->pre_threshold;
    if (o->neighbours != DKM_NOT_GIVEN)
        plan->rule.minimum_neighbours = o->neighbours;
    return TRUE;
}

/* The whole map, z, y, x; NULL with NO_MEMORY. */
static float *make_map(const DkmKineticSource *source, DkmMapKind kind, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(source->pre);
    const gsize bytes = dkm_grid_voxels(grid) * sizeof(float);
    float *map = g_try_malloc(bytes);
    if (!map)
        dkm_error_set_no_memory(error, bytes, "a map");
    for (int z = 0; map && z < grid->n[0]; z++)
        dkm_kinetics_slice(kind, source, z, 0, map + dkm_grid_index(grid, z, 0, 0));
    return map;
}

static gboolean write_tiff(const DkmKineticSource *source, DkmMapKind kind, const char *folder,
                           const char *name, GError **error)
{
    g_autofree float *map = make_map(source, kind, error);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return map && dkm_tiff_write_f32(path, dkm_volume_grid(source->pre), map,
                                     "DKM Workstation, research use only", error);
}

static gboolean write_tiffs(const DkmKineticSource *source, const char *folder, GError **error)
{
    return dkm_output_make_folder(folder, error) &&
           write_tiff(source, DKM_MAP_PE, folder, map_names[0], error) &&
           write_tiff(source, DKM_MAP_SER, folder, map_names[2], error) &&
           write_tiff(source, DKM_MAP_WASHOUT, folder, map_names[4], error);
}

static gboolean write_maps(const Results *r, const char *folder, GCancellable *cancel,
                           GError **error)
{
    static const struct {
        DkmMapKind kind;
        DkmQuantity quantity;
    } rows[] = {{DKM_MAP_PE, DKM_QUANTITY_PE}, {DKM_MAP_SER, DKM_QUANTITY_SER}};
    g_autofree char *parameters = g_strdup_printf("measured from the phases 1, %u and %u",
                                                  r->plan->early + 1, r->plan->late + 1);
    const DkmMaps maps = {r->session, folder, parameters};
    if (!dkm_output_make_folder(folder, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree float *map = make_map(r->source, rows[i].kind, error);
        if (!map || !dkm_maps_write(&maps, rows[i].quantity, map, cancel, error))
            return FALSE;
    }
    return TRUE;
}

/* The measured volume as a segmentation, to be compared with what a network or a reader drew. */
static gboolean write_seg(const DkmSession *session, const Plan *plan, const DkmFtv *ftv,
                          const char *path, GCancellable *cancel, GError **error)
{
    const DkmPhases *dce = session->study->dce;
    const DkmSegSegment segment = {
        .mask = ftv->mask, .label = "Functional tumour volume", .algorithm = DKM_SEG_AUTOMATIC};
    g_autofree char *parameters = g_strdup_printf(
        "PE >= %g %% from phase 1 to %u; phase %u above phase 1; phase 1 >= %g; %d of 26 "
        "neighbours; VOI from %s%s",
        plan->rule.pe_threshold, plan->early + 1, plan->late + 1, ftv->used_pre_contrast_threshold,
        plan->rule.minimum_neighbours, plan->voi_from,
        dce->order_given || dce->times_given ? "; phases ordered or timed by a person" : "");
    const DkmSegRequest request = {
        .table = session->studies->table,
        .phases = session->study->dce,
        .phase = 0,
        .segments = &segment,
        .n_segments = 1,
        .family = DKM_SEG_NEIGHBOURHOOD,
        .algorithm_name = "UCSF functional tumour volume",
        .algorithm_version = DKM_VERSION,
        .algorithm_parameters = parameters,
        .series_description = "RESEARCH USE ONLY: functional tumour volume, unreviewed",
    };
    return dkm_dicom_write_seg(&request, path, cancel, error);
}

static void print_result(const Results *r, gboolean as_json)
{
    const Plan *plan = r->plan;
    const DkmFtv *ftv = r->ftv;
    const DkmPhases *dce = r->session->study->dce;
    if (!as_json) {
        if (dce->order_given)
            g_print("order of the phases given: %s (as found by %s)\n", dce->order_given, dce->key);
        if (dce->times_given)
            g_print("times of the phases given: %s s\n", dce->times_given);
        g_autofree char *aside = dkm_phases_aside_words(dce);
        g_print("phases used: pre-contrast 1, early %u, late %u%s\nVOI from %s: %d,%d,%d,%d,%d,%d "
                "(z, y, x; first and behind the last)\n"
                "functional tumour volume, PE >= %g %%: %" G_GSIZE_FORMAT " voxels, %.3f ml\n"
                "of these with SER >= %g: %" G_GSIZE_FORMAT " voxels, %.3f ml\n",
                plan->early + 1, plan->late + 1, aside, plan->voi_from, plan->voi.first[0],
                plan->voi.first[1], plan->voi.first[2], plan->voi.end[0], plan->voi.end[1],
                plan->voi.end[2], plan->rule.pe_threshold, ftv->pe_voxels, ftv->pe_ml,
                plan->rule.ser_threshold, ftv->ser_voxels, ftv->ser_ml);
        if (isfinite(plan->ucsf.stored_voxels) && isfinite(plan->ucsf.stored_ser_voxels))
            g_print("UCSF stored in the study: %.0f voxels, %.3f ml; by SER: %.0f voxels, %.3f "
                    "ml\n",
                    plan->ucsf.stored_voxels, plan->ucsf.stored_ml, plan->ucsf.stored_ser_voxels,
                    plan->ucsf.stored_ser_ml);
        return;
    }
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_int(json, "ftv_pe_voxels", (gint64)ftv->pe_voxels);
    dkm_json_real(json, "ftv_pe_ml", ftv->pe_ml);
    dkm_json_int(json, "ftv_ser_voxels", (gint64)ftv->ser_voxels);
    dkm_json_real(json, "ftv_ser_ml", ftv->ser_ml);
    dkm_json_int(json, "early_phase", plan->early + 1);
    dkm_json_int(json, "late_phase", plan->late + 1);
    dkm_phase_options_record(dce, json);
    dkm_json_text(json, "voi_from", plan->voi_from);
    dkm_json_box(json, "voi_zyx", &plan->voi);
    dkm_json_real(json, "pe_threshold_percent", plan->rule.pe_threshold);
    dkm_json_real(json, "pre_contrast_threshold", ftv->used_pre_contrast_threshold);
    dkm_json_int(json, "minimum_neighbours", plan->rule.minimum_neighbours);
    dkm_json_real(json, "ucsf_pe_voxels", plan->ucsf.stored_voxels);
    dkm_json_real(json, "ucsf_pe_ml", plan->ucsf.stored_ml);
    dkm_json_real(json, "ucsf_ser_voxels", plan->ucsf.stored_ser_voxels);
    dkm_json_real(json, "ucsf_ser_ml", plan->ucsf.stored_ser_ml);
    json_builder_end_object(json);
    dkm_print_json(json);
}

/* All that will be written is asked for before anything is computed. */
static gboolean prepare(const Options *o, const char *path, DkmSession *session,
                        GCancellable *cancel, GError **error)
{
    const char *const dicom_names[] = {dkm_maps_name(DKM_QUANTITY_PE),
                                       dkm_maps_name(DKM_QUANTITY_SER), NULL};
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    return (!o->out || dkm_outputs_add(outputs, o->out, error)) &&
           (!o->tiff || dkm_outputs_add_folder(outputs, o->tiff, map_names, error)) &&
           (!o->maps || dkm_outputs_add_folder(outputs, o->maps, dicom_names, error)) &&
           dkm_deidentify_add_to(outputs, error) &&
           dkm_session_open(session, path, NULL, cancel, error) &&
           dkm_phase_options_apply_to(&o->phases, session, error) &&
           dkm_outputs_spare_studies(outputs, session->studies, error);
}

static gboolean write_results(const Options *o, const Results *r, GCancellable *cancel,
                              GError **error)
{
    if (o->out && !write_seg(r->session, r->plan, r->ftv, o->out, cancel, error))
        return FALSE;
    if ((!o->tiff || write_tiffs(r->source, o->tiff, error)) &&
        (!o->maps || write_maps(r, o->maps, cancel, error)))
        return TRUE;
    if (o->out)
        dkm_output_prefix_saved(o->out, error);
    return FALSE;
}

static gboolean measure(const Options *o, const char *path, GCancellable *cancel, GError **error)
{
    Plan plan;
    g_auto(DkmSession) session = {0};
    g_auto(DkmFtv) ftv = {0};
    if (!prepare(o, path, &session, cancel, error) || !make_plan(o, &session, &plan, error))
        return FALSE;
    DkmKineticSource source = {.pre = dkm_session_phase(&session, 0, cancel, error)};
    if (!source.pre || !(source.early = dkm_session_phase(&session, plan.early, cancel, error)) ||
        !(source.late = dkm_session_phase(&session, plan.late, cancel, error)))
        return FALSE;
    if (!dkm_ftv_compute(&source, &plan.voi, &plan.rule, &ftv, cancel, error))
        return FALSE;
    const Results results = {&session, &plan, &ftv, &source};
    if (!write_results(o, &results, cancel, error) || !dkm_deidentify_finish(error))
        return FALSE;
    print_result(&results, o->json);
    return TRUE;
}

static gboolean check_numbers(const Options *o, GError **error)
{
    const DkmRange ranges[] = {
        {"--pe-threshold", o->pe_threshold, 0, G_MAXFLOAT, DKM_RANGE_CLOSED},
        {"--pre-threshold", o->pre_threshold, 0, G_MAXFLOAT, DKM_RANGE_ABOVE_LEAST},
        {"--neighbours", o->neighbours, 0, 26, DKM_RANGE_CLOSED}};
    return dkm_options_check_ranges(ranges, G_N_ELEMENTS(ranges), error);
}

gboolean dkm_command_kinetics(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {
        .pe_threshold = DKM_NOT_GIVEN, .pre_threshold = DKM_NOT_GIVEN, .neighbours = DKM_NOT_GIVEN};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
         "Write the functional tumour volume as a segmentation", "OUT.dcm"},
        {"voi", 0, 0, G_OPTION_ARG_STRING, &o.voi, "Box of voxels, behind the last not included",
         "z0,y0,x0,z1,y1,x1"},
        {"pe-threshold", 0, 0, G_OPTION_ARG_DOUBLE, &o.pe_threshold, "Percent (70)", "P"},
        {"pre-threshold", 0, 0, G_OPTION_ARG_DOUBLE, &o.pre_threshold,
         "Pre-contrast value (60 % of the VOI's 95th percentile)", "V"},
        {"neighbours", 0, 0, G_OPTION_ARG_INT, &o.neighbours, "Of 26 that must enhance too (4)",
         "N"},
        DKM_PHASE_OPTION_ENTRIES(&o.phases),
        {"tiff", 0, 0, G_OPTION_ARG_FILENAME, &o.tiff, "Write PE, SER and wash-out maps", "DIR"},
        {"maps", 0, 0, G_OPTION_ARG_FILENAME, &o.maps, "Write PE and SER as DICOM Parametric Maps",
         "DIR"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"STUDY [OPTIONS]",
                            "Enhancement measured from the phases; functional tumour volume.",
                            entries,
                            1,
                            1,
                            .more = &dkm_deidentify_options};
    g_auto(GStrv) rest = NULL;
    return dkm_options_parse(&usage, argc, argv, &rest, error) && check_numbers(&o, error) &&
           measure(&o, rest[0], cancel, error);
}
