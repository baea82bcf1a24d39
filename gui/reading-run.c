/* Running the network on the open study, and writing what came of it. */
#include "gui/i18n.h"
#include "gui/reading-private.h"
#include "gui/study-marks.h"

#include "core/error.h"
#include "dicom/dicom.h"

#include <math.h>
#include <string.h>

#define DESCRIPTION_NOT_ACCEPTED "RESEARCH USE ONLY: DKM segmentation, not accepted"

/* --- the network ------------------------------------------------------------------------------ */

static void on_run(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->running, dkm_job_drop);
    if (data)
        dkm_reading_run_ended(self, data);
    dkm_reading_report_about(self, DKM_ADVICE_RUN, error);
    dkm_reading_jobs_changed(self);
}

gboolean dkm_reading_has_model(DkmReading *self)
{
    return self->has_model;
}

static void on_asked(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->asking, dkm_job_drop);
    self->facts = data; /* where there is none, a run will say why */
    dkm_reading_changed(self, DKM_CHANGED_JOBS);
}

void dkm_reading_ask_model(DkmReading *self)
{
    if (self->has_model && !self->facts && !self->asking)
        self->asking = dkm_runner_ask(self->runner, on_asked, self);
}

/* The post-contrast phases that are measured, where they are loaded. */
static void find_available(const DkmReviewCase *on, DkmRunRequest *request)
{
    request->early = on->early ? dkm_review_case_phase(on, on->early) : NULL;
    request->late = on->late > on->early ? dkm_review_case_phase(on, on->late) : NULL;
}

char *dkm_reading_why_not_available(DkmReading *self)
{
    const DkmReviewCase *on = self->open;
    DkmRunRequest request = {0};
    if (!on || !self->has_model)
        return g_strdup(_("There is nothing to run"));
    if (on->early == 0)
        return g_strdup(_("No post-contrast phase in this study"));
    find_available(on, &request);
    if (!request.early || (on->late > on->early && !request.late))
        return g_strdup(_("The post-contrast phases are not loaded yet"));
    if (!self->facts)
        return g_strdup(self->asking ? _("The weights are not read yet")
                                     : _("There are no weights for more phases"));
    if (!self->facts->with[request.early != NULL][request.late != NULL])
        return g_strdup_printf(_("These weights were trained for other phases; they accept: %s"),
                               self->facts->words);
    return NULL;
}

static DkmAcquisition acquisition_of(const DkmReviewCase *on)
{
    return dkm_acquisition_of_study(on->studies, on->study);
}

static void on_compared(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->comparing, dkm_job_drop);
    self->unlike = data; /* where there is no model, a run will say why */
    dkm_reading_changed(self, DKM_CHANGED_JOBS);
}

void dkm_reading_compare(DkmReading *self)
{
    const DkmReviewCase *on = self->open;
    if (!self->has_model || !dkm_review_case_phase(on, 0) || self->comparing || self->unlike)
        return;
    DkmRunRequest request = {.pre_contrast = dkm_review_case_phase(on, 0),
                             .acquisition = acquisition_of(on)};
    find_available(on, &request);
    self->comparing = dkm_runner_compare(self->runner, &request, on_compared, self);
}

const GPtrArray *dkm_reading_unlike(DkmReading *self)
{
    return self->unlike;
}

const DkmRunRecord *dkm_reading_run_of(DkmReading *self, guint layer)
{
    for (guint i = 0; i < self->records->len; i++) {
        const DkmRunRecord *record = self->records->pdata[i];
        if (record->layer == layer)
            return record;
    }
    return NULL;
}

static void run(DkmReading *self, DkmRunRequest *request)
{
    if (!request->pre_contrast || self->running || self->finished)
        return;
    request->has_box = self->look.has_box;
    request->box = self->look.box;
    g_clear_pointer(&self->begun, dkm_run_record_free);
    self->begun =
        dkm_run_record_begin(self->open, &self->look, request->early ? self->open->early : 0,
                             request->late ? self->open->late : 0);
    self->begun_look = self->look;
    self->running = dkm_runner_start(self->runner, request, on_run, self);
    dkm_reading_jobs_changed(self);
}

void dkm_reading_run(DkmReading *self)
{
    if (!self->open)
        return;
    /* Where nothing was measured, what the network expects is shown in its place. */
    DkmRunRequest request = {.pre_contrast = dkm_review_case_phase(self->open, 0),
                             .acquisition = acquisition_of(self->open),
                             .predict = self->open->early == 0};
    run(self, &request);
}

void dkm_reading_run_available(DkmReading *self)
{
    g_autofree char *why_not = dkm_reading_why_not_available(self);
    if (why_not)
        return;
    DkmRunRequest request = {.pre_contrast = dkm_review_case_phase(self->open, 0),
                             .acquisition = acquisition_of(self->open)};
    find_available(self->open, &request);
    run(self, &request);
}

void dkm_reading_cancel_run(DkmReading *self)
{
    if (self->running)
        dkm_job_cancel(self->running);
}

gboolean dkm_reading_is_running(DkmReading *self, int *permille, double *seconds)
{
    if (!self->running)
        return FALSE;
    *permille = dkm_job_permille(self->running);
    *seconds = dkm_job_seconds(self->running);
    return TRUE;
}

/* --- export ----------------------------------------------------------------------------------- */

/* All that the export needs, copied: the case may go on changing. */
typedef struct {
    DkmStudies *studies;
    DkmPhases *phases;
    GArray *segments; /* of DkmSegSegment; each owns its mask and label */
    char *path, *predecessor, *creator, *algorithm_name, *algorithm_parameters;
    char *not_accepted; /* names of layers, or NULL */
} ExportInput;

static void segment_clear(gpointer data)
{
    DkmSegSegment *segment = data;
    dkm_mask_unref((DkmMask *)segment->mask);
    g_free((char *)segment->label);
    g_free((char *)segment->foreign_algorithm);
    g_free((char *)segment->tracking_id);
    g_free((char *)segment->tracking_uid);
}

static void export_input_free(gpointer data)
{
    ExportInput *input = data;
    if (!input)
        return;
    dkm_phases_unref(input->phases);
    dkm_studies_unref(input->studies);
    g_array_unref(input->segments);
    g_free(input->path);
    g_free(input->predecessor);
    g_free(input->creator);
    g_free(input->algorithm_name);
    g_free(input->algorithm_parameters);
    g_free(input->not_accepted);
    g_free(input);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExportInput, export_input_free)

static gpointer export_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const ExportInput *input = data;
    const DkmSegRequest request = {
        .table = input->studies->table,
        .phases = input->phases,
        .segments = (const DkmSegSegment *)(gpointer)input->segments->data,
        .n_segments = input->segments->len,
        .algorithm_name = input->algorithm_name,
        .algorithm_version = DKM_SOFTWARE_VERSION,
        .algorithm_parameters = input->algorithm_parameters,
        .content_creator = input->creator,
        .predecessor = input->predecessor,
        .content_label = input->not_accepted ? "NOT ACCEPTED" : NULL,
        .series_description = input->not_accepted ? DESCRIPTION_NOT_ACCEPTED : NULL,
    };
    if (!dkm_dicom_write_seg(&request, input->path, cancel, error))
        return NULL;
    g_autofree char *name = g_path_get_basename(input->path);
    if (!input->not_accepted)
        return g_strdup_printf(_("Saved as %s, read back and found equal, voxel by voxel."), name);
    return g_strdup_printf(_("Saved as %s, read back and found equal, voxel by voxel. It is marked "
                             "as not accepted: %s."),
                           name, input->not_accepted);
}

static DkmSegAlgorithm algorithm(const DkmLayer *layer)
{
    static const DkmSegAlgorithm types[] = {
        [DKM_MADE_AUTOMATIC] = DKM_SEG_AUTOMATIC,
        [DKM_MADE_SEMIAUTOMATIC] = DKM_SEG_SEMIAUTOMATIC,
        [DKM_MADE_MANUAL] = DKM_SEG_MANUAL,
    };
    return types[dkm_layer_made(layer)];
}

/* Where there is none, the layers leave as the software's work. */
const char *dkm_reading_only_reviewer(const DkmLayers *layers)
{
    const char *reviewer = NULL;
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        if (layer->info.review == DKM_REVIEW_REJECTED)
            continue;
        if (layer->info.review != DKM_REVIEW_ACCEPTED)
            return NULL;
        if (reviewer && g_strcmp0(reviewer, layer->info.reviewer) != 0)
            return NULL;
        reviewer = layer->info.reviewer;
    }
    return reviewer;
}

/* A lesion is the same one in every version that is exported of it. */
static const char *tracking_uid(DkmReading *self, guint id)
{
    if (!self->tracking)
        self->tracking = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    char *uid = g_hash_table_lookup(self->tracking, GUINT_TO_POINTER(id));
    if (!uid) {
        uid = dkm_dicom_new_uid();
        g_hash_table_insert(self->tracking, GUINT_TO_POINTER(id), uid);
    }
    return uid;
}

gboolean dkm_reading_is_last_export(const DkmReading *self, const char *path)
{
    if (!self->exported || !g_file_test(self->exported, G_FILE_TEST_IS_REGULAR))
        return FALSE;
    g_autofree char *next = g_canonicalize_filename(path, NULL);
    g_autofree char *last = g_canonicalize_filename(self->exported, NULL);
    return strcmp(last, next) == 0;
}

#define MOST_VERSIONS 999

char *dkm_reading_new_path(DkmReading *self, const char *kind)
{
    char *path = g_strdup_printf("%s-%s.dcm", self->stem, kind);
    for (int i = 2; i <= MOST_VERSIONS && g_file_test(path, G_FILE_TEST_EXISTS); i++) {
        g_free(path);
        path = g_strdup_printf("%s-%s-v%d.dcm", self->stem, kind, i);
    }
    return path;
}

/* The last version, which the next one names, while its file is there. */
static char *predecessor(const DkmReading *self)
{
    const gboolean stays = self->exported && g_file_test(self->exported, G_FILE_TEST_IS_REGULAR);
    return stays ? g_canonicalize_filename(self->exported, NULL) : NULL;
}

static gboolean copy_segments(DkmReading *self, GArray *segments, GError **error)
{
    const DkmLayers *layers = self->open->layers;
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        if (layer->info.review == DKM_REVIEW_REJECTED)
            continue;
        DkmMask *mask = dkm_mask_dup(layer->mask, error);
        if (!mask)
            return FALSE;
        const DkmSegSegment segment = {.mask = mask,
                                       .label = g_strdup(layer->info.name),
                                       .algorithm = algorithm(layer),
                                       .foreign_algorithm = g_strdup(layer->info.algorithm),
                                       .tracking_id = g_strdup(layer->info.name),
                                       .tracking_uid = g_strdup(tracking_uid(self, layer->id))};
        g_array_append_val(segments, segment);
    }
    if (segments->len == 0)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            _("Every mask is rejected: there is nothing to export."));
    return segments->len > 0;
}

/* What the masks that leave were made with, each run once; NULL where there is nothing to say. */
static char *parameters(DkmReading *self)
{
    const DkmLayers *layers = self->open->layers;
    g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        const DkmRunRecord *record = dkm_reading_run_of(self, layer->id);
        if (!record || layer->info.review == DKM_REVIEW_REJECTED)
            continue;
        g_autofree char *text = dkm_run_record_parameters(record);
        if (!g_ptr_array_find_with_equal_func(runs, text, g_str_equal, NULL))
            g_ptr_array_add(runs, g_steal_pointer(&text));
    }
    const char *given = self->open->study->dce->order_given;
    if (given && runs->len == 0) { /* a run says it itself */
        /* not translated */
        g_ptr_array_add(runs, g_strdup_printf("order of phases given by a person %s", given));
    }
    const gboolean any = runs->len > 0;
    g_ptr_array_add(runs, NULL);
    return any ? g_strjoinv(" | ", (char **)runs->pdata) : NULL;
}

static ExportInput *new_export(DkmReading *self, const char *path, GError **error)
{
    const DkmReviewCase *on = self->open;
    g_autoptr(ExportInput) input = g_new0(ExportInput, 1);
    input->studies = dkm_studies_ref(on->studies);
    input->phases = dkm_phases_ref(on->study->dce);
    input->segments = g_array_new(FALSE, FALSE, sizeof(DkmSegSegment));
    g_array_set_clear_func(input->segments, segment_clear);
    input->path = g_strdup(path);
    input->predecessor = predecessor(self);
    input->creator = g_strdup(dkm_reading_only_reviewer(on->layers));
    input->not_accepted = dkm_reading_not_accepted(self);
    input->algorithm_name = g_strdup(DKM_SOFTWARE);
    input->algorithm_parameters = parameters(self);
    if (!copy_segments(self, input->segments, error))
        return NULL;
    return g_steal_pointer(&input);
}

/* For the list of studies: what was saved, and whether a person stands behind all of it. */
static void mark(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *not_accepted = dkm_reading_not_accepted(self);
    const gboolean is_accepted = !not_accepted && !dkm_reading_is_unsaved(self);
    dkm_study_marks_save(self->open->study->study_uid, self->exported, is_accepted, &error);
    dkm_reading_report(self, error);
}

static void on_exported(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autofree char *text = data;
    g_clear_pointer(&self->exporting, dkm_job_drop);
    if (text) {
        g_free(self->exported);
        self->exported = g_steal_pointer(&self->exporting_path);
        self->saved_serial = self->exporting_serial;
        dkm_reading_journal_export(self);
        if (!dkm_reading_is_unsaved(self)) { /* nothing was painted meanwhile */
            dkm_versions_add(self->open->versions, self->open->layers,
                             g_get_real_time() / G_USEC_PER_SEC);
            dkm_reading_journal_saved(self);
            dkm_reading_changed(self, DKM_CHANGED_LAYERS);
        }
        mark(self);
        dkm_reading_message(self, DKM_MESSAGE_DONE, text);
    }
    dkm_reading_report_about(self, DKM_ADVICE_EXPORT, error);
    dkm_reading_jobs_changed(self);
}

void dkm_reading_export(DkmReading *self, const char *path)
{
    if (!self->open || self->exporting || dkm_layers_count(self->open->layers) == 0)
        return;
    if (dkm_reading_is_last_export(self, path)) {
        dkm_reading_message(self, DKM_MESSAGE_ERROR,
                            _("That file holds the last version, which the next one names and does "
                              "not replace: choose another name."));
        return;
    }
    g_autoptr(GError) error = NULL;
    dkm_layers_stroke_end(self->open->layers);
    ExportInput *input = new_export(self, path, &error);
    if (!input) {
        dkm_reading_report(self, error);
        return;
    }
    g_free(self->exporting_path);
    self->exporting_path = g_strdup(path);
    self->exporting_serial = dkm_layers_serial(self->open->layers);
    const DkmJobSpec spec = {DKM_LANE_POOL, export_work, input, export_input_free,
                             g_free,        on_exported, self};
    self->exporting = dkm_job_start(&spec);
    dkm_reading_jobs_changed(self);
}

gboolean dkm_reading_is_exporting(DkmReading *self)
{
    return self->exporting != NULL;
}
