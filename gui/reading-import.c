/* Masks from a DICOM SEG file onto the open study: refused where they are of another patient, study
 * or frame of reference, or do not say whose they are; what had to be assumed is told. */
#include "gui/i18n.h"
#include "gui/reading-private.h"

#include "core/error.h"
#include "dicom/dicom.h"

/* Fractional values from here on count as inside. */
#define THRESHOLD 0.5

typedef struct {
    DkmStudies *studies; /* keeps STUDY */
    const DkmStudy *study;
    char *path;
} ImportInput;

static void import_input_free(gpointer data)
{
    ImportInput *input = data;
    dkm_studies_unref(input->studies);
    g_free(input->path);
    g_free(input);
}

static gpointer import_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const ImportInput *input = data;
    const DkmSegImport import = {
        .table = input->studies->table, .phases = input->study->dce, .threshold = THRESHOLD};
    g_autoptr(DkmSeg) seg = dkm_dicom_import_seg(input->path, &import, error);
    if (!seg || seg->patient_id || seg->study_uid)
        return g_steal_pointer(&seg);
    g_autofree char *name = g_path_get_basename(input->path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("%s does not say whose it is; it was not loaded"), name);
    return NULL;
}

/* One step of the history, or none. */
static gboolean add_segments(DkmLayers *layers, const DkmSeg *seg, GError **error)
{
    gboolean good = TRUE;
    dkm_layers_begin(layers);
    for (guint i = 0; good && i < seg->segments->len; i++) {
        const DkmSegReadSegment *segment = seg->segments->pdata[i];
        const gboolean is_automatic = g_strcmp0(segment->algorithm_type, "AUTOMATIC") == 0;
        good = dkm_layers_add(layers, is_automatic ? DKM_ORIGIN_NETWORK : DKM_ORIGIN_PERSON,
                              segment->label, segment->mask, error) != 0;
    }
    dkm_layers_end(layers, good);
    return good;
}

static void tell_assumptions(DkmReading *self, const DkmSeg *seg)
{
    if (seg->assumed->len == 0)
        return;
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < seg->assumed->len; i++)
        g_string_append_printf(all, "%s%s", i ? "; " : "", (const char *)seg->assumed->pdata[i]);
    g_autofree char *text = g_strdup_printf(_("The mask was read so: %s"), all->str);
    dkm_reading_message(self, DKM_MESSAGE_NOTE, text);
}

static void on_imported(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autoptr(DkmSeg) seg = data;
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->importing, dkm_job_drop);
    dkm_reading_report_about(self, DKM_ADVICE_MASK, error);
    if (!seg)
        return;
    if (add_segments(self->open->layers, seg, &own_error))
        tell_assumptions(self, seg);
    dkm_reading_report(self, own_error);
    dkm_reading_layers_changed(self);
    dkm_reading_step_layer(self, -1);
}

static ImportInput *import_input_new(const DkmReviewCase *on, const char *path)
{
    ImportInput *input = g_new(ImportInput, 1);
    *input = (ImportInput){dkm_studies_ref(on->studies), on->study, g_strdup(path)};
    return input;
}

void dkm_reading_import(DkmReading *self, const char *path)
{
    if (!self->open || self->importing)
        return;
    const DkmJobSpec spec = {DKM_LANE_POOL,
                             import_work,
                             import_input_new(self->open, path),
                             import_input_free,
                             (GDestroyNotify)dkm_seg_unref,
                             on_imported,
                             self};
    self->importing = dkm_job_start(&spec);
}

gboolean dkm_reading_is_importing(DkmReading *self)
{
    return self->importing != NULL;
}
