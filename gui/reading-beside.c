/* What hangs beside the study: loaded on demand once the study itself is there, dropped with it. */
#include "gui/beside.h"

#include "core/error.h"
#include "core/image/projection.h"
#include "core/series/beside.h"
#include "dicom/dicom.h"
#include "gui/i18n.h"
#include "gui/reading-private.h"

#include <string.h>

/* Samples kept of it: more is refused, the study and its maps come first. */
#define MOST_BYTES (G_GUINT64_CONSTANT(512) << 20)
/* Of a subtraction's values: below the brightest vessels, as for the study's own. */
#define BRIGHT_SHARE 0.998
#define MOST_SEGS 4
#define SEG_THRESHOLD 0.5

typedef struct {
    DkmStudies *studies;
    const DkmStudy *study;
    gboolean is_prior; /* its early and late phase, and masks; else all of it */
} BesideInput;

typedef struct {
    GPtrArray *volumes; /* of DkmVolume*, by phase; NULL where it is not loaded */
    float low, high, bright;
    GPtrArray *segs; /* of DkmSeg* */
} BesideResult;

static void input_free(gpointer data)
{
    BesideInput *input = data;
    dkm_studies_unref(input->studies);
    g_free(input);
}

static void result_free(gpointer data)
{
    BesideResult *result = data;
    g_ptr_array_unref(result->volumes);
    g_ptr_array_unref(result->segs);
    g_free(result);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BesideResult, result_free)

/* --- off the main thread ------------------------------------------------------------------------
 */

static void widen(BesideResult *result, const DkmVolume *volume)
{
    static const double shares[] = {0.01, 0.999};
    float values[G_N_ELEMENTS(shares)];
    dkm_volume_quantiles(volume, -G_MAXFLOAT, G_N_ELEMENTS(shares), shares, values);
    const gboolean is_first = result->high <= result->low;
    result->low = is_first ? values[0] : MIN(result->low, values[0]);
    result->high = is_first ? values[1] : MAX(result->high, values[1]);
}

static gboolean is_shown(const BesideInput *input, guint phase)
{
    guint early, late;
    dkm_review_phases(input->study->dce, &early, &late);
    return !input->is_prior || phase == 0 || phase == early || phase == late;
}

static gboolean load_phases(const BesideInput *input, BesideResult *result, DkmProgress *progress,
                            GCancellable *cancel, GError **error)
{
    const DkmPhases *dce = input->study->dce;
    const guint64 each = dkm_grid_voxels(&dce->grid) * 2;
    guint64 bytes = 0;
    for (guint i = 0; i < dce->n_phases; i++) {
        DkmVolume *volume = NULL;
        if (is_shown(input, i) && bytes + each <= MOST_BYTES) {
            volume = dkm_dicom_load_phase(input->studies->table, dce, i, progress, cancel, error);
            if (!volume)
                return FALSE;
            widen(result, volume);
            bytes += each;
        }
        g_ptr_array_add(result->volumes, volume);
    }
    return TRUE;
}

static gboolean measure(const BesideInput *input, BesideResult *result, GCancellable *cancel,
                        GError **error)
{
    guint early, late;
    dkm_review_phases(input->study->dce, &early, &late);
    const DkmVolume *pre = result->volumes->pdata[0], *post = result->volumes->pdata[early];
    if (!input->is_prior || early == 0 || !post)
        return TRUE;
    g_autoptr(DkmVolume) difference = dkm_volume_subtract(post, pre, cancel, error);
    if (!difference)
        return FALSE;
    result->bright = dkm_volume_quantile(difference, BRIGHT_SHARE, -G_MAXFLOAT);
    return TRUE;
}

/* The masks that lie in the folder and are of this study; one that does not fit is left out. */
static void load_segs(const BesideInput *input, BesideResult *result)
{
    const GArray *notes = input->studies->notes;
    for (guint i = 0; i < notes->len && result->segs->len < MOST_SEGS; i++) {
        const DkmFileNote *note = &g_array_index(notes, DkmFileNote, i);
        if (!strstr(note->reason, "(SEG)") ||
            g_strcmp0(note->study_uid, input->study->study_uid) != 0)
            continue;
        const DkmSegImport import = {.table = input->studies->table,
                                     .phases = input->study->dce,
                                     .threshold = SEG_THRESHOLD};
        g_autoptr(DkmSeg) seg = dkm_dicom_import_seg(note->path, &import, NULL);
        if (seg && (seg->patient_id || seg->study_uid))
            g_ptr_array_add(result->segs, g_steal_pointer(&seg));
    }
}

static gpointer beside_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const BesideInput *input = data;
    const DkmGrid *grid = &input->study->dce->grid;
    g_autoptr(BesideResult) result = g_new0(BesideResult, 1);
    result->segs = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_seg_unref);
    result->volumes = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_volume_unref);
    if (dkm_grid_voxels(grid) * 2 > MOST_BYTES) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY,
                    _("what should hang beside the study is too large (%d x %d x %d voxels)"),
                    grid->n[0], grid->n[1], grid->n[2]);
        return NULL;
    }
    if (!load_phases(input, result, progress, cancel, error) ||
        !measure(input, result, cancel, error))
        return NULL;
    if (input->is_prior)
        load_segs(input, result);
    return g_steal_pointer(&result);
}

/* --- main thread --------------------------------------------------------------------------------
 */

static DkmWindowLevel window_of(double low, double high)
{
    return (DkmWindowLevel){(low + high) / 2, MAX(high - low, 1e-6), FALSE};
}

static void take_windows(DkmReading *self, DkmBeside beside, const BesideResult *result)
{
    const DkmWindowLevel window = window_of((double)result->low, (double)result->high);
    if (beside == DKM_BESIDE_OTHER) {
        self->look.other_window = window;
        return;
    }
    self->look.prior_window = window;
    self->look.prior_sub_window = window_of(0, (double)result->bright);
}

static gboolean take_layers(DkmReviewCase *on, const BesideResult *result, GError **error)
{
    for (guint i = 0; i < result->segs->len; i++) {
        const DkmSeg *seg = result->segs->pdata[i];
        for (guint k = 0; k < seg->segments->len; k++) {
            const DkmSegReadSegment *segment = seg->segments->pdata[k];
            const gboolean is_automatic = g_strcmp0(segment->algorithm_type, "AUTOMATIC") == 0;
            if (!dkm_layers_add(on->layers, is_automatic ? DKM_ORIGIN_NETWORK : DKM_ORIGIN_PERSON,
                                segment->label, segment->mask, error))
                return FALSE;
        }
    }
    return TRUE;
}

static void take(DkmReading *self, DkmBeside beside, const BesideResult *result, GError **error)
{
    DkmReviewCase *on = self->beside[beside].on;
    for (guint i = 0; i < result->volumes->len; i++)
        if (result->volumes->pdata[i] &&
            !dkm_review_case_set_phase(on, i, result->volumes->pdata[i], error))
            return;
    take_windows(self, beside, result);
    take_layers(on, result, error);
}

static void on_loaded(DkmReading *self, DkmBeside beside, BesideResult *result, const GError *error)
{
    g_autoptr(GError) own_error = NULL;
    g_clear_pointer(&self->beside[beside].loading, dkm_job_drop);
    dkm_reading_report(self, error);
    if (result) {
        take(self, beside, result, &own_error);
        result_free(result);
        dkm_reading_report(self, own_error);
    }
    dkm_reading_changed(self, DKM_CHANGED_DERIVED | DKM_CHANGED_LOOK);
}

static void on_prior(gpointer data, const GError *error, gpointer user)
{
    on_loaded(user, DKM_BESIDE_PRIOR, data, error);
}

static void on_other(gpointer data, const GError *error, gpointer user)
{
    on_loaded(user, DKM_BESIDE_OTHER, data, error);
}

static BesideInput *input_new(const DkmReviewCase *on, gboolean is_prior)
{
    BesideInput *input = g_new(BesideInput, 1);
    *input = (BesideInput){dkm_studies_ref(on->studies), on->study, is_prior};
    return input;
}

static void start(DkmReading *self, DkmBeside beside)
{
    DkmBesideCase *at = &self->beside[beside];
    const DkmJobSpec spec = {
        DKM_LANE_POOL, beside_work, input_new(at->on, beside == DKM_BESIDE_PRIOR),
        input_free,    result_free, beside == DKM_BESIDE_PRIOR ? on_prior : on_other,
        self};
    at->is_wanted = FALSE;
    at->loading = dkm_job_start(&spec);
}

void dkm_reading_load_beside(DkmReading *self)
{
    for (guint i = DKM_BESIDE_PRIOR; i < DKM_BESIDE_COUNT && !self->loading; i++)
        if (self->beside[i].is_wanted)
            start(self, (DkmBeside)i);
}

static const char *frame_of_reference(const DkmReviewCase *on)
{
    const guint first = on->study->dce->phases[0].frames[0];
    return dkm_frame_table_get(on->studies->table, first)->frame_of_reference_uid;
}

/* The case is there at once, so that its views say what comes; its voxels follow. */
static void put(DkmReading *self, DkmBeside beside, DkmStudies *studies, const DkmStudy *study)
{
    DkmBesideCase *at = &self->beside[beside];
    at->on = dkm_review_case_new(studies, study);
    at->link = dkm_link_new(dkm_review_case_grid(self->open), frame_of_reference(self->open),
                            dkm_review_case_grid(at->on), frame_of_reference(at->on));
    at->is_wanted = TRUE;
    dkm_reading_load_beside(self);
}

void dkm_reading_drop_beside(DkmReading *self, DkmBeside beside)
{
    DkmBesideCase *at = &self->beside[beside];
    g_clear_pointer(&at->loading, dkm_job_drop);
    g_clear_pointer(&at->on, dkm_review_case_free);
    at->is_wanted = FALSE;
    at->series = NULL;
}

void dkm_reading_load_prior(DkmReading *self)
{
    if (!self->open || self->beside[DKM_BESIDE_PRIOR].on)
        return;
    const DkmStudy *prior = dkm_studies_prior(self->open->studies, self->open->study);
    g_autofree char *problem = NULL;
    g_autoptr(DkmStudies) ordered =
        prior ? dkm_reading_recall_order(self->open->studies, &prior, &problem) : NULL;
    if (problem)
        dkm_reading_message(self, DKM_MESSAGE_ERROR, problem);
    if (ordered)
        put(self, DKM_BESIDE_PRIOR, ordered, prior);
}

GPtrArray *dkm_reading_others(DkmReading *self)
{
    return self->open ? dkm_study_others(self->open->studies, self->open->study)
                      : g_ptr_array_new();
}

const DkmSeries *dkm_reading_other(DkmReading *self)
{
    return self->beside[DKM_BESIDE_OTHER].series;
}

void dkm_reading_show_other(DkmReading *self, const DkmSeries *series)
{
    g_autoptr(GError) error = NULL;
    if (!self->open || series == dkm_reading_other(self))
        return;
    dkm_reading_drop_beside(self, DKM_BESIDE_OTHER);
    g_autoptr(DkmStudies) one =
        series ? dkm_studies_of_series(self->open->studies, self->open->study, series, &error)
               : NULL;
    dkm_reading_report(self, error);
    if (one) {
        self->beside[DKM_BESIDE_OTHER].series = series;
        put(self, DKM_BESIDE_OTHER, one, g_ptr_array_index(one->studies, 0));
    }
    dkm_reading_changed(self, DKM_CHANGED_DERIVED);
}

char *dkm_series_title(const DkmSeries *series)
{
    return series->description && *series->description
               ? g_strdup(series->description)
               : g_strdup_printf(_("Series %d"), series->number);
}

gboolean dkm_reading_is_loading_beside(DkmReading *self, DkmBeside beside)
{
    return self->beside[beside].loading || self->beside[beside].is_wanted;
}

DkmScene dkm_reading_scene_of(DkmReading *self, DkmBeside beside)
{
    DkmBesideCase *at = &self->beside[beside];
    if (beside == DKM_BESIDE_NONE)
        return dkm_reading_scene(self);
    DkmScene scene = {.on = at->on, .look = &at->look, .series = at->series};
    at->look = self->look;
    if (at->on) {
        scene.link = &at->link;
        at->look = dkm_look_linked(&self->look, &at->link, &scene.outside);
    }
    return scene;
}

DkmPointer dkm_reading_pointer_of(DkmReading *self, DkmBeside beside)
{
    DkmPointer pointer = self->pointer;
    if (self->beside[beside].on)
        dkm_link_forth(&self->beside[beside].link, self->pointer.zyx, pointer.zyx);
    return pointer;
}
