/* Masks from a DICOM SEG file onto the open study: refused where they are of another patient,
 * study, frame of reference or lattice. */
#include "gui/reading-private.h"

#include "core/error.h"
#include "core/series/guard.h"
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
    /* Whose it is first: then its place. */
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(input->path, NULL, THRESHOLD, error);
    if (!seg)
        return NULL;
    const DkmIdentity object = {seg->patient_id, seg->study_uid, seg->frame_of_reference_uid};
    const DkmFrame *frame =
        dkm_frame_table_get(input->studies->table, input->study->dce->phases[0].frames[0]);
    const DkmIdentity images = {frame->patient_id, frame->study_uid, frame->frame_of_reference_uid};
    g_autofree char *refusal = dkm_guard_refusal(&images, &object);
    if (refusal) {
        g_autofree char *name = g_path_get_basename(input->path);
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: %s", name, refusal);
        return NULL;
    }
    return dkm_dicom_read_seg(input->path, &input->study->dce->grid, THRESHOLD, error);
}

static gboolean add_segments(DkmLayers *layers, const DkmSeg *seg, GError **error)
{
    for (guint i = 0; i < seg->segments->len; i++) {
        const DkmSegReadSegment *segment = seg->segments->pdata[i];
        const gboolean is_automatic = g_strcmp0(segment->algorithm_type, "AUTOMATIC") == 0;
        if (!dkm_layers_add(layers, is_automatic ? DKM_ORIGIN_NETWORK : DKM_ORIGIN_PERSON,
                            segment->label, segment->mask, error))
            return FALSE;
    }
    return TRUE;
}

static void on_imported(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autoptr(DkmSeg) seg = data;
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->importing, dkm_job_drop);
    dkm_reading_report(self, error);
    if (!seg)
        return;
    add_segments(self->open->layers, seg, &own_error);
    dkm_reading_report(self, own_error);
    for (guint i = 0; i < seg->assumed->len; i++)
        dkm_reading_message(self, DKM_MESSAGE_NOTE, seg->assumed->pdata[i]);
    dkm_reading_layers_changed(self);
    dkm_reading_step_layer(self, -1);
}

void dkm_reading_import(DkmReading *self, const char *path)
{
    if (!self->open || self->importing)
        return;
    ImportInput *input = g_new(ImportInput, 1);
    *input = (ImportInput){dkm_studies_ref(self->open->studies), self->open->study, g_strdup(path)};
    const DkmJobSpec spec = {
        DKM_LANE_POOL, import_work, input, import_input_free, (GDestroyNotify)dkm_seg_unref,
        on_imported,   self};
    self->importing = dkm_job_start(&spec);
}

gboolean dkm_reading_is_importing(DkmReading *self)
{
    return self->importing != NULL;
}
