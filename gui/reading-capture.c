/* A picture of the views becomes a DICOM object of the study. Not for: drawing it. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "gui/i18n.h"
#include "gui/reading-private.h"

/* All that the writing needs, copied: the case may go on changing. */
typedef struct {
    DkmStudies *studies;
    DkmPhases *phases;
    DkmViewPicture picture;
    char *path, *description, *reviewer;
} CaptureInput;

static void capture_input_free(gpointer data)
{
    CaptureInput *input = data;
    dkm_phases_unref(input->phases);
    dkm_studies_unref(input->studies);
    g_bytes_unref(input->picture.rgb);
    g_free(input->path);
    g_free(input->description);
    g_free(input->reviewer);
    g_free(input);
}

static gpointer capture_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                             GError **error)
{
    const CaptureInput *input = data;
    const DkmCaptureRequest request = {
        .table = input->studies->table,
        .phases = input->phases,
        .phase = input->picture.phase,
        .slice = input->picture.slice,
        .rgb = g_bytes_get_data(input->picture.rgb, NULL),
        .rows = input->picture.rows,
        .columns = input->picture.columns,
        .stride = input->picture.stride,
        .description = input->description,
        .reviewer = input->reviewer,
        .software_version = DKM_SOFTWARE_VERSION,
    };
    if (!dkm_dicom_write_capture(&request, input->path, cancel, error))
        return NULL;
    g_autofree char *name = g_path_get_basename(input->path);
    return g_strdup_printf(_("The picture is saved as %s."), name);
}

static void on_captured(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autofree char *text = data;
    g_clear_pointer(&self->capturing, dkm_job_drop);
    if (text)
        dkm_reading_message(self, DKM_MESSAGE_DONE, text);
    dkm_reading_report(self, error);
    dkm_reading_jobs_changed(self);
}

static CaptureInput *capture_input_new(const DkmReviewCase *on, const DkmViewPicture *picture,
                                       const char *path)
{
    CaptureInput *input = g_new0(CaptureInput, 1);
    input->studies = dkm_studies_ref(on->studies);
    input->phases = dkm_phases_ref(on->study->dce);
    input->picture = *picture;
    g_bytes_ref(input->picture.rgb);
    input->path = g_strdup(path);
    input->description = g_strdup(picture->description);
    input->picture.description = NULL;
    input->reviewer = g_strdup(dkm_reading_only_reviewer(on->layers));
    return input;
}

/* NULL: it may be written. */
static const char *why_not(const DkmReading *self, const DkmViewPicture *picture, const char *path)
{
    if (!self->open)
        return _("No study is open: there is no picture to save.");
    if (g_bytes_get_size(picture->rgb) <
        picture->stride * (gsize)(picture->rows - 1) + (gsize)picture->columns * 3)
        return _("The picture is cut short.");
    if (dkm_reading_is_last_export(self, path))
        return _("That file holds the masks that were exported last: choose another name.");
    return NULL;
}

void dkm_reading_capture(DkmReading *self, const DkmViewPicture *picture, const char *path)
{
    if (self->capturing)
        return;
    const char *refusal = why_not(self, picture, path);
    if (refusal) {
        dkm_reading_message(self, DKM_MESSAGE_ERROR, refusal);
        return;
    }
    const DkmJobSpec spec = {DKM_LANE_POOL,
                             capture_work,
                             capture_input_new(self->open, picture, path),
                             capture_input_free,
                             g_free,
                             on_captured,
                             self};
    self->capturing = dkm_job_start(&spec);
    dkm_reading_jobs_changed(self);
}

gboolean dkm_reading_is_capturing(DkmReading *self)
{
    return self->capturing != NULL;
}
