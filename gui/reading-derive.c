/* What is computed while a study loads, so that it opens on the right picture: the turning
 * projection of the early subtraction, windows for both, what enhances by UCSF's
 * rule, and how far the patient has moved; and the window of what is predicted later. */
#include "gui/reading-private.h"

#include "core/image/kinetics.h"
#include "core/image/projection.h"

/* Of the values, for their windows: below the brightest vessels. */
#define BRIGHT_SHARE 0.998
#define BRIGHT_SHARE_MIP 0.995
/* A large tumour is to keep its shades. */
#define BRIGHT_SHARE_PREDICTED 0.9995

typedef struct {
    DkmVolume *pre, *early, *late; /* LATE may be NULL */
} DeriveInput;

typedef struct {
    DkmVolume *mip;
    float bright, bright_mip;
} Derived;

/* References; LATE may be NULL. */
static DeriveInput *derive_input_new(DkmVolume *pre, DkmVolume *early, DkmVolume *late)
{
    DeriveInput *input = g_new0(DeriveInput, 1);
    input->pre = dkm_volume_ref(pre);
    input->early = dkm_volume_ref(early);
    if (late)
        input->late = dkm_volume_ref(late);
    return input;
}

static void derive_input_free(gpointer data)
{
    DeriveInput *input = data;
    dkm_volume_unref(input->pre);
    dkm_volume_unref(input->early);
    dkm_volume_unref(input->late);
    g_free(input);
}

static void derived_free(gpointer data)
{
    Derived *derived = data;
    dkm_volume_unref(derived->mip);
    g_free(derived);
}

static gpointer derive_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const DeriveInput *input = data;
    g_autoptr(DkmVolume) difference = dkm_volume_subtract(input->early, input->pre, cancel, error);
    DkmVolume *mip = difference ? dkm_volume_project(difference, DKM_ANGLES, cancel, error) : NULL;
    if (!mip)
        return NULL;
    Derived *derived = g_new(Derived, 1);
    *derived = (Derived){mip, dkm_volume_quantile(difference, BRIGHT_SHARE, -G_MAXFLOAT),
                         dkm_volume_quantile(mip, BRIGHT_SHARE_MIP, -G_MAXFLOAT)};
    return derived;
}

/* From nothing to BRIGHT. */
static DkmWindowLevel window_up_to(float bright)
{
    const double width = MAX((double)bright, 1e-6);
    return (DkmWindowLevel){width / 2, width, FALSE};
}

static void on_derived(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    Derived *derived = data;
    g_clear_pointer(&self->deriving, dkm_job_drop);
    dkm_reading_report(self, error);
    if (!derived)
        return;
    self->mip = dkm_volume_ref(derived->mip);
    self->look.sub_window = self->first_sub_window = window_up_to(derived->bright);
    self->look.mip_window = self->first_mip_window = window_up_to(derived->bright_mip);
    derived_free(derived);
    dkm_reading_changed(self, DKM_CHANGED_DERIVED | DKM_CHANGED_LOOK);
}

static void project(DkmReading *self, DkmVolume *pre, DkmVolume *early)
{
    const DkmJobSpec spec = {DKM_LANE_POOL,
                             derive_work,
                             derive_input_new(pre, early, NULL),
                             derive_input_free,
                             derived_free,
                             on_derived,
                             self};
    self->deriving = dkm_job_start(&spec);
}

/* --- what enhances ---------------------------------------------------------------------------- */

static gpointer measure_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                             GError **error)
{
    const DeriveInput *input = data;
    const DkmKineticSource source = {input->pre, input->early, input->late};
    const DkmBox whole = dkm_box_whole(dkm_volume_grid(input->pre));
    g_auto(DkmFtv) ftv = {0};
    if (!dkm_ftv_compute(&source, &whole, &dkm_ftv_ispy, &ftv, cancel, error))
        return NULL;
    return g_steal_pointer(&ftv.mask);
}

static void on_measured(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->measuring, dkm_job_drop);
    dkm_reading_report(self, error);
    self->enhancing = data;
    dkm_reading_changed(self, DKM_CHANGED_DERIVED);
}

static void measure(DkmReading *self, DkmVolume *pre, DkmVolume *early, DkmVolume *late)
{
    const DkmJobSpec spec = {DKM_LANE_POOL,
                             measure_work,
                             derive_input_new(pre, early, late),
                             derive_input_free,
                             (GDestroyNotify)dkm_mask_unref,
                             on_measured,
                             self};
    self->measuring = dkm_job_start(&spec);
}

/* --- motion ----------------------------------------------------------------------------------- */

typedef struct {
    DkmVolume *pre, *early;
    float background;
    DkmMotion motion; /* known where EARLY is to be moved back */
} MotionInput;

static MotionInput *motion_input_new(DkmReading *self, DkmVolume *pre, DkmVolume *early)
{
    MotionInput *input = g_new0(MotionInput, 1);
    *input =
        (MotionInput){dkm_volume_ref(pre), dkm_volume_ref(early), self->background, self->motion};
    return input;
}

static void motion_input_free(gpointer data)
{
    MotionInput *input = data;
    dkm_volume_unref(input->pre);
    dkm_volume_unref(input->early);
    g_free(input);
}

static gpointer motion_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const MotionInput *input = data;
    g_autofree DkmMotion *motion = g_new(DkmMotion, 1);
    return dkm_motion_measure(input->pre, input->early, input->background, motion, cancel, error)
               ? g_steal_pointer(&motion)
               : NULL;
}

static gpointer correct_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                             GError **error)
{
    const MotionInput *input = data;
    return dkm_motion_correct(input->early, &input->motion, cancel, error);
}

static void on_motion(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autofree DkmMotion *motion = data;
    g_clear_pointer(&self->moving, dkm_job_drop);
    dkm_reading_report(self, error);
    if (!motion)
        return;
    self->motion = *motion;
    self->has_motion = TRUE;
    dkm_reading_changed(self, DKM_CHANGED_DERIVED);
}

static void on_corrected(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->moving, dkm_job_drop);
    dkm_reading_report(self, error);
    self->corrected = data;
    dkm_reading_changed(self, DKM_CHANGED_DERIVED);
}

/* Measures, or with the motion known moves back. */
static void find_motion(DkmReading *self, DkmVolume *pre, DkmVolume *early)
{
    MotionInput *input = motion_input_new(self, pre, early);
    const DkmJobSpec measure = {DKM_LANE_POOL, motion_work, input, motion_input_free,
                                g_free,        on_motion,   self};
    const DkmJobSpec correct = {
        DKM_LANE_POOL, correct_work, input, motion_input_free, (GDestroyNotify)dkm_volume_unref,
        on_corrected,  self};
    self->moving = dkm_job_start(self->has_motion ? &correct : &measure);
}

void dkm_reading_toggle_correction(DkmReading *self)
{
    if (!self->open || !self->has_motion)
        return;
    DkmLook look = self->look;
    look.corrects_motion = !look.corrects_motion;
    dkm_reading_set_look(self, &look);
    if (look.corrects_motion && !self->corrected && !self->moving)
        find_motion(self, dkm_review_case_phase(self->open, 0),
                    dkm_review_case_phase(self->open, self->open->early));
}

/* --- what is predicted ------------------------------------------------------------------------ */

static void fit_input_free(gpointer data)
{
    g_ptr_array_unref(data);
}

static gpointer fit_work(gpointer data, DkmProgress *progress, GCancellable *cancel, GError **error)
{
    static const double shares[] = {0.01, BRIGHT_SHARE_PREDICTED};
    const GPtrArray *volumes = data;
    float low = G_MAXFLOAT, high = -G_MAXFLOAT;
    for (guint i = 0; i < volumes->len; i++) {
        float values[G_N_ELEMENTS(shares)];
        dkm_volume_quantiles(volumes->pdata[i], -G_MAXFLOAT, G_N_ELEMENTS(shares), shares, values);
        low = MIN(low, values[0]);
        high = MAX(high, values[1]);
    }
    DkmWindowLevel *window = g_new0(DkmWindowLevel, 1);
    window->width = MAX((double)(high - low), 1e-6);
    window->centre = (double)low + window->width / 2;
    return window;
}

static void on_fitted(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_autofree DkmWindowLevel *window = data;
    g_clear_pointer(&self->fitting, dkm_job_drop);
    dkm_reading_report(self, error);
    if (!window)
        return;
    self->look.predicted_window = self->first_predicted_window = *window;
    dkm_reading_changed(self, DKM_CHANGED_LOOK);
}

void dkm_reading_fit_predicted(DkmReading *self)
{
    const DkmResult *result = self->open ? self->open->result : NULL;
    g_clear_pointer(&self->fitting, dkm_job_drop);
    if (!result || result->n_predicted == 0)
        return;
    GPtrArray *volumes = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_volume_unref);
    for (guint i = 0; i < result->n_predicted; i++)
        g_ptr_array_add(volumes, dkm_volume_ref(result->predicted[i]));
    const DkmJobSpec spec = {DKM_LANE_POOL, fit_work,  volumes, fit_input_free,
                             g_free,        on_fitted, self};
    self->fitting = dkm_job_start(&spec);
}

/* --- all of it -------------------------------------------------------------------------------- */

void dkm_reading_derive(DkmReading *self)
{
    const DkmReviewCase *on = self->open;
    DkmVolume *pre = dkm_review_case_phase(on, 0);
    DkmVolume *early = on->early ? dkm_review_case_phase(on, on->early) : NULL;
    DkmVolume *late = on->late > on->early ? dkm_review_case_phase(on, on->late) : early;
    if (pre && early && !self->deriving && !self->mip)
        project(self, pre, early);
    if (pre && early && !self->moving && !self->has_motion)
        find_motion(self, pre, early);
    if (pre && early && late && !self->measuring && !self->enhancing)
        measure(self, pre, early, late);
}

int dkm_first_angle(const DkmGrid *grid)
{
    const DkmCut cut = dkm_cut_new(grid, DKM_CUT_ACQUIRED);
    return cut.side == DKM_CUT_SAGITTAL ? DKM_ANGLES / 4 : 0;
}
