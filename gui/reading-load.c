/* Opening a study: headers, then the pre-contrast phase, then the others, each a job of its own so
 * that the first picture is there early. */
#include "gui/i18n.h"
#include "gui/ordering.h"
#include "gui/reading-private.h"

#include "core/error.h"
#include "core/series/beside.h"
#include "core/series/patient.h"
#include "dicom/dicom.h"

#include <math.h>

/* Shares of the progress bar: reading headers, then the phases. */
#define SCAN_PERMILLE 300
/* A voxel under this share of the pre-contrast phase's 95th percentile counts as air. */
#define AIR_SHARE 0.4

typedef struct {
    DkmStudies *studies;
    const DkmStudy *study;
    guint phase;
} PhaseInput;

typedef struct {
    DkmVolume *volume;
    float low, high, p95; /* quantiles of the phase's values */
} PhaseResult;

static PhaseInput *phase_input_new(const DkmReading *reading)
{
    PhaseInput *input = g_new0(PhaseInput, 1);
    *input = (PhaseInput){dkm_studies_ref(reading->open->studies), reading->open->study,
                          reading->loading_phase};
    return input;
}

static void phase_input_free(gpointer data)
{
    PhaseInput *input = data;
    dkm_studies_unref(input->studies);
    g_free(input);
}

static void phase_result_free(gpointer data)
{
    PhaseResult *result = data;
    dkm_volume_unref(result->volume);
    g_free(result);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PhaseResult, phase_result_free)

/* --- off the main thread ---------------------------------------------------------------------- */

/* What a folder holds. */
typedef struct {
    DkmStudies *studies;
    GHashTable *reviewed;
} Scan;

static void scan_free(gpointer data)
{
    Scan *scan = data;
    dkm_studies_unref(scan->studies);
    g_hash_table_unref(scan->reviewed);
    g_free(scan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scan, scan_free)

static gpointer scan_work(gpointer input, DkmProgress *progress, GCancellable *cancel,
                          GError **error)
{
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(input, progress, cancel, error);
    if (!table)
        return NULL;
    Scan *scan = g_new0(Scan, 1);
    scan->studies = dkm_studies_new(table);
    scan->reviewed = dkm_studies_find_reviewed(scan->studies, cancel);
    return scan;
}

static gpointer phase_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                           GError **error)
{
    const PhaseInput *input = data;
    DkmVolume *volume = dkm_dicom_load_phase(input->studies->table, input->study->dce, input->phase,
                                             progress, cancel, error);
    if (!volume)
        return NULL;
    PhaseResult *result = g_new0(PhaseResult, 1);
    result->volume = volume;
    static const double shares[] = {0.01, 0.95, 0.999};
    float values[G_N_ELEMENTS(shares)];
    dkm_volume_quantiles(volume, -G_MAXFLOAT, G_N_ELEMENTS(shares), shares, values);
    result->low = values[0];
    result->p95 = values[1];
    result->high = values[2];
    return result;
}

/* --- main thread ------------------------------------------------------------------------------ */

static void load_next(DkmReading *self);

/* Of the pre-contrast phase's middle slice. */
static DkmWindowLevel stored_window(const DkmReviewCase *on)
{
    const DkmPhases *dce = on->study->dce;
    const guint middle = dce->phases[0].frames[dce->grid.n[0] / 2];
    const DkmFrame *frame = dkm_frame_table_get(on->studies->table, middle);
    const gboolean has = isfinite(frame->window_center) && frame->window_width > 0;
    return (DkmWindowLevel){has ? frame->window_center : 0, has ? frame->window_width : 0, FALSE};
}

static void take_statistics(DkmReading *self, guint phase, const PhaseResult *result)
{
    if (phase == 0) {
        self->low = (double)result->low;
        self->high = (double)result->high;
        self->background = (float)(AIR_SHARE * (double)result->p95);
        self->stored_window = stored_window(self->open);
        self->prefers_stored = dkm_window_is_better(&self->stored_window, (double)result->low,
                                                    (double)result->p95, (double)result->high);
    }
    self->low = MIN(self->low, (double)result->low);
    self->high = MAX(self->high, (double)result->high);
    /* Too dark until the subtraction is measured, never white noise in a dark room. */
    const double width = MAX(self->high - self->low, 1e-6);
    self->first_sub_window = (DkmWindowLevel){width / 2, width, FALSE};
}

/* Until subtractions have been looked through: half the phases' range, not a picture of noise. */
static void guess_subtractions(DkmReading *self)
{
    const double width = MAX((self->high - self->low) / 2, 1e-6);
    if (!self->mip)
        self->look.sub_window = self->first_sub_window = (DkmWindowLevel){width / 2, width, FALSE};
}

/* The window follows the phases as they come, until a person has set it. */
static void show_first(DkmReading *self, guint phase)
{
    guess_subtractions(self);
    if (phase == 0)
        dkm_reading_reset_look(self);
    else if (!self->window_is_set) {
        if (!self->prefers_stored) {
            self->look.window.centre = (self->low + self->high) / 2;
            self->look.window.width = MAX(self->high - self->low, 1e-6);
        }
        self->look.sub_window = self->first_sub_window;
        dkm_reading_changed(self, DKM_CHANGED_LOOK);
    }
}

/* What follows from the phases, once none is left to load: it would take the cores from that. */
static void compute(DkmReading *self)
{
    if (!self->open)
        return;
    dkm_reading_derive(self);
    dkm_reading_compare(self);
    dkm_reading_load_beside(self);
}

/* What has been loaded stays; a study without its first phase is closed again. */
static void stop_loading(DkmReading *self, const GError *error)
{
    g_array_set_size(self->to_load, 0);
    if (!dkm_review_case_phase(self->open, 0)) {
        dkm_reading_clear(self);
        dkm_reading_changed(self, DKM_CHANGED_CASE);
    }
    if (g_error_matches(error, DKM_ERROR, DKM_ERROR_CANCELLED) && self->open)
        dkm_reading_message(self, DKM_MESSAGE_NOTE,
                            _("Loading was stopped: some phases of this study are missing."));
    dkm_reading_report_about(self, DKM_ADVICE_IMAGES, error);
    compute(self);
    dkm_reading_changed(self, DKM_CHANGED_PHASES);
    dkm_reading_jobs_changed(self);
}

static void on_phase(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autoptr(PhaseResult) result = data;
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->loading, dkm_job_drop);
    if (!result) {
        stop_loading(self, error);
        return;
    }
    if (!dkm_review_case_set_phase(self->open, self->loading_phase, result->volume, &own_error)) {
        dkm_reading_report(self, own_error);
    } else {
        take_statistics(self, self->loading_phase, result);
        show_first(self, self->loading_phase);
        dkm_reading_changed(self, DKM_CHANGED_PHASES);
    }
    load_next(self);
}

static void load_next(DkmReading *self)
{
    if (self->to_load->len > 0) {
        self->loading_phase = g_array_index(self->to_load, guint, self->to_load->len - 1);
        g_array_set_size(self->to_load, self->to_load->len - 1);
        const DkmJobSpec spec = {
            DKM_LANE_POOL, phase_work, phase_input_new(self), phase_input_free, phase_result_free,
            on_phase,      self};
        self->loading = dkm_job_start(&spec);
    } else {
        compute(self);
    }
    dkm_reading_jobs_changed(self);
}

/* Pre-contrast first, then early, then late, then the rest; taken from the end. */
static void queue_phases(DkmReading *self)
{
    const DkmReviewCase *on = self->open;
    for (guint i = dkm_review_case_n_phases(on); i-- > 1;)
        if (i != on->early && i != on->late)
            g_array_append_val(self->to_load, i);
    if (on->late > 0)
        g_array_append_val(self->to_load, on->late);
    if (on->early > 0 && on->early != on->late)
        g_array_append_val(self->to_load, on->early);
    const guint pre = 0;
    g_array_append_val(self->to_load, pre);
}

void dkm_reading_begin(DkmReading *self, DkmStudies *studies, const DkmStudy *study)
{
    self->open = dkm_review_case_new(studies, study);
    const int *n = dkm_review_case_grid(self->open)->n;
    self->look.slice = n[0] / 2;
    self->look.row = n[1] / 2;
    self->look.column = n[2] / 2;
    self->look.angle = dkm_first_angle(dkm_review_case_grid(self->open));
    if (dkm_review_case_n_phases(self->open) == 1)
        self->look.map = DKM_MAP_VIEW_CODE; /* nothing to measure */
    self->saved_serial = dkm_layers_serial(self->open->layers);
    g_autoptr(GError) not_kept = dkm_reading_journal_open(self);
    if (self->keeps_masks)
        dkm_reading_recover(self);
    self->keeps_masks = FALSE;
    queue_phases(self);
    dkm_reading_ask_model(self);
    dkm_reading_changed(self, DKM_CHANGED_CASE);
    dkm_reading_journal_report(self, not_kept);
    load_next(self);
}

/* STUDY belongs to FOUND and has a dce: in the order that a reader has set, if any. */
static void begin(DkmReading *self, DkmStudies *found, const DkmStudy *study)
{
    g_autofree char *problem = NULL;
    g_autoptr(DkmStudies) studies = dkm_reading_recall_order(found, &study, &problem);
    dkm_reading_begin(self, studies, study);
    if (problem)
        dkm_reading_message(self, DKM_MESSAGE_ERROR, problem);
}

/* A study that the rules cannot read is read all the same where a reader has said how; else it is
 * said why not, and what a reader may do about it. */
static void begin_unread(DkmReading *self, DkmStudies *found, const GError *why)
{
    g_autofree char *problem = NULL;
    const DkmStudy *study = dkm_study_list_get(self->list, 0)->summary->study;
    g_autoptr(DkmStudies) studies = dkm_reading_recall_order(found, &study, &problem);
    if (study->dce) {
        dkm_reading_begin(self, studies, study);
        return;
    }
    g_autofree char *text =
        dkm_reading_can_order(self)
            ? g_strdup_printf(_("%s. Its pictures can be given an order all the same: press O."),
                              problem ? problem : why->message)
            : g_strdup(problem ? problem : why->message);
    dkm_reading_message(self, DKM_MESSAGE_ERROR, text);
    dkm_reading_jobs_changed(self);
}

/* An earlier study of the same patient hangs beside the latest. */
static gboolean are_of_one_patient(const DkmStudies *studies)
{
    const DkmStudy *first = g_ptr_array_index(studies->studies, 0);
    for (guint s = 1; s < studies->studies->len; s++) {
        const DkmStudy *other = g_ptr_array_index(studies->studies, s);
        if (!dkm_frames_are_of_one_patient(first->first, other->first))
            return FALSE;
    }
    return TRUE;
}

/* One study is opened, of one patient's the latest; of several patients' somebody chooses, even
 * where only one can be read. */
static void on_scanned(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autoptr(Scan) scan = data;
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->loading, dkm_job_drop);
    if (!scan) {
        dkm_reading_report_about(self, DKM_ADVICE_FOLDER, error);
        dkm_reading_jobs_changed(self);
        return;
    }
    self->list = dkm_study_list_new(scan->studies, scan->reviewed);
    const int asked = self->asked_uid ? dkm_study_list_find(self->list, self->asked_uid) : -1;
    const gboolean is_one = dkm_study_list_count(self->list) <= 1;
    const gboolean opens = is_one || (asked < 0 && are_of_one_patient(scan->studies));
    const DkmStudy *study =
        opens ? dkm_studies_latest(scan->studies, is_one ? &own_error : NULL) : NULL;
    if (study) {
        begin(self, scan->studies, study);
    } else if (own_error && dkm_study_list_count(self->list) == 1) {
        begin_unread(self, scan->studies, own_error);
    } else {
        dkm_reading_report(self, own_error);
        dkm_reading_jobs_changed(self);
    }
    dkm_reading_changed(self, DKM_CHANGED_STUDIES);
    if (!study && !self->open && asked >= 0)
        dkm_reading_open_study(self, (guint)asked);
}

static void start_over(DkmReading *self)
{
    dkm_reading_clear(self);
    g_clear_pointer(&self->path, g_free);
    g_clear_pointer(&self->stem, g_free);
    self->has_model = dkm_runner_has_model();
}

void dkm_reading_open(DkmReading *self, const char *path)
{
    dkm_reading_open_one(self, path, NULL);
}

void dkm_reading_open_one(DkmReading *self, const char *path, const char *study_uid)
{
    start_over(self);
    g_clear_object(&self->list);
    g_free(self->root);
    g_free(self->asked_uid);
    self->asked_uid = g_strdup(study_uid);
    self->root = g_strdup(path);
    self->path = g_strdup(path);
    self->stem = g_canonicalize_filename(path, NULL);
    const DkmJobSpec spec = {DKM_LANE_POOL, scan_work, g_strdup(path), g_free, scan_free,
                             on_scanned,    self};
    self->loading = dkm_job_start(&spec);
    dkm_reading_changed(self, DKM_CHANGED_CASE | DKM_CHANGED_STUDIES);
    dkm_reading_jobs_changed(self);
}

/* What is saved lies beside the study's own folder; where several share one, the name tells them
 * apart, and nobody by name. */
static char *stem_of(DkmStudyList *list, guint row)
{
    g_autofree char *folder = dkm_study_list_folder(list, row);
    g_autofree char *whole = g_canonicalize_filename(folder, NULL);
    if (dkm_study_list_owns_folder(list, row))
        return g_steal_pointer(&whole);
    const char *uid = dkm_study_list_get(list, row)->summary->study->study_uid;
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, uid ? uid : "", -1);
    return g_strdup_printf("%s-%.8s", whole, sum);
}

gboolean dkm_reading_open_study(DkmReading *self, guint row)
{
    DkmStudyList *list = self->list;
    if (!list || row >= dkm_study_list_count(list))
        return FALSE;
    const DkmStudySummary *summary = dkm_study_list_get(list, row)->summary;
    const DkmStudy *study = summary->study;
    g_autofree char *problem = NULL;
    g_autoptr(DkmStudies) studies =
        dkm_reading_recall_order(dkm_study_list_studies(list), &study, &problem);
    if (!study->dce) {
        g_autofree char *text =
            g_strdup_printf(_("This study cannot be read: %s."),
                            (const char *)g_ptr_array_index(summary->findings, 0));
        dkm_reading_message(self, DKM_MESSAGE_ERROR, text);
        return FALSE;
    }
    dkm_study_list_want_none(list);
    start_over(self);
    self->path = dkm_study_list_folder(list, row);
    self->stem = stem_of(list, row);
    dkm_reading_begin(self, studies, study);
    if (problem)
        dkm_reading_message(self, DKM_MESSAGE_ERROR, problem);
    return TRUE;
}

DkmStudyList *dkm_reading_studies(DkmReading *self)
{
    return self->list;
}

void dkm_reading_cancel_open(DkmReading *self)
{
    if (self->loading)
        dkm_job_cancel(self->loading);
}

gboolean dkm_reading_is_loading(DkmReading *self, int *permille)
{
    if (!self->loading)
        return FALSE;
    const int part = dkm_job_permille(self->loading);
    if (!self->open) {
        *permille = part * SCAN_PERMILLE / 1000;
        return TRUE;
    }
    const int phases = (int)dkm_review_case_n_phases(self->open), left = (int)self->to_load->len;
    const int share = (1000 - SCAN_PERMILLE) / phases;
    *permille = SCAN_PERMILLE + (phases - 1 - left) * share + part * share / 1000;
    return TRUE;
}

char *dkm_reading_loading_text(DkmReading *self)
{
    if (!self->loading)
        return NULL;
    if (!self->open)
        return g_strdup(_("Reading the files' headers"));
    return g_strdup_printf(_("Loading phase %u of %u"), self->loading_phase + 1,
                           dkm_review_case_n_phases(self->open));
}
