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

/* What the file holds, and who has accepted all of it here, or NULL. */
typedef struct {
    DkmSeg *seg;
    char *reviewer;
    gint64 reviewed_unix_s;
} Imported;

static void imported_free(gpointer data)
{
    Imported *imported = data;
    if (!imported)
        return;
    dkm_seg_unref(imported->seg);
    g_free(imported->reviewer);
    g_free(imported);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Imported, imported_free)

/* Takes SEG. Nobody has looked at voxels that were resampled. */
static Imported *imported_new(DkmSeg *seg, const char *path)
{
    Imported *imported = g_new0(Imported, 1);
    imported->seg = seg;
    if (!seg->is_resampled && !seg->is_deidentified)
        imported->reviewer = dkm_dicom_seg_reviewer(path, &imported->reviewed_unix_s);
    return imported;
}

static gpointer import_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const ImportInput *input = data;
    const DkmSegImport import = {
        .table = input->studies->table, .phases = input->study->dce, .threshold = THRESHOLD};
    g_autoptr(DkmSeg) seg = dkm_dicom_import_seg(input->path, &import, error);
    if (!seg)
        return NULL;
    if (seg->patient_id || seg->study_uid)
        return imported_new(g_steal_pointer(&seg), input->path);
    g_autofree char *name = g_path_get_basename(input->path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("%s does not say whose it is; it was not loaded"), name);
    return NULL;
}

/* By its name: a mask of ours that another program has passed on is still ours. */
static gboolean is_ours(const char *algorithm)
{
    static const char *const names[] = {DKM_SOFTWARE, "Diffusion Kinetic Model", NULL};
    return algorithm && g_strv_contains(names, algorithm);
}

/* Texts are borrowed. */
static DkmLayerInfo describe(const Imported *imported, const DkmSegReadSegment *segment)
{
    const gboolean is_automatic = g_strcmp0(segment->algorithm_type, "AUTOMATIC") == 0;
    const gboolean is_half = g_strcmp0(segment->algorithm_type, "SEMIAUTOMATIC") == 0;
    DkmLayerInfo info = {.present = TRUE,
                         .origin = DKM_ORIGIN_PERSON,
                         .review = is_automatic ? DKM_REVIEW_UNREVIEWED : DKM_REVIEW_EDITED,
                         .touched = !is_automatic,
                         .name = segment->label,
                         .reviewer = imported->reviewer,
                         .reviewed_unix_s = imported->reviewed_unix_s};
    if (imported->reviewer)
        info.review = DKM_REVIEW_ACCEPTED;
    if (is_automatic || is_half) {
        const gboolean ours = is_ours(segment->algorithm_name);
        info.origin = ours ? DKM_ORIGIN_NETWORK : DKM_ORIGIN_FOREIGN;
        if (!ours)
            info.algorithm = segment->algorithm_name ? segment->algorithm_name : (char *)"unknown";
    }
    return info;
}

/* One step of the history, or none. */
static gboolean add_segments(DkmLayers *layers, const Imported *imported, GError **error)
{
    const GPtrArray *segments = imported->seg->segments;
    gboolean good = TRUE;
    dkm_layers_begin(layers);
    for (guint i = 0; good && i < segments->len; i++) {
        const DkmSegReadSegment *segment = segments->pdata[i];
        const DkmLayerInfo info = describe(imported, segment);
        good = dkm_layers_add_described(layers, &info, segment->mask, error) != 0;
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
    g_autoptr(Imported) imported = data;
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->importing, dkm_job_drop);
    dkm_reading_report_about(self, DKM_ADVICE_MASK, error);
    if (!imported)
        return;
    if (add_segments(self->open->layers, imported, &own_error))
        tell_assumptions(self, imported->seg);
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
                             imported_free,
                             on_imported,
                             self};
    self->importing = dkm_job_start(&spec);
}

gboolean dkm_reading_is_importing(DkmReading *self)
{
    return self->importing != NULL;
}
