/* What is computed while a study loads, so that it opens on the right picture: the turning
 * projection of the early subtraction, and a window for subtractions. */
#include "gui/reading-private.h"

#include "core/image/projection.h"

/* Of the values, for their windows: below the brightest vessels. */
#define BRIGHT_SHARE 0.998
#define BRIGHT_SHARE_MIP 0.995

typedef struct {
    DkmVolume *pre, *early;
} DeriveInput;

typedef struct {
    DkmVolume *mip;
    float bright, bright_mip;
} Derived;

static void derive_input_free(gpointer data)
{
    DeriveInput *input = data;
    dkm_volume_unref(input->pre);
    dkm_volume_unref(input->early);
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

void dkm_reading_derive(DkmReading *self)
{
    DkmVolume *pre = dkm_review_case_phase(self->open, 0);
    DkmVolume *early =
        self->open->early ? dkm_review_case_phase(self->open, self->open->early) : NULL;
    if (!pre || !early || self->deriving || self->mip)
        return;
    DeriveInput *input = g_new(DeriveInput, 1);
    *input = (DeriveInput){dkm_volume_ref(pre), dkm_volume_ref(early)};
    const DkmJobSpec spec = {DKM_LANE_POOL, derive_work, input, derive_input_free,
                             derived_free,  on_derived,  self};
    self->deriving = dkm_job_start(&spec);
}

int dkm_first_angle(const DkmGrid *grid)
{
    const DkmCut cut = dkm_cut_new(grid, DKM_CUT_ACQUIRED);
    return cut.side == DKM_CUT_SAGITTAL ? DKM_ANGLES / 4 : 0;
}
