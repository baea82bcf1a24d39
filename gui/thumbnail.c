#include "gui/thumbnail.h"

#include "core/image/cut.h"
#include "core/image/projection.h"
#include "dicom/dicom.h"
#include "gui/render.h"

#include <math.h>

#define EARLY_SECONDS 150
#define QUARTERS 4 /* angles of the projection: from the front, from a side, ... */

/* WIDTH_MM: of the plane, what holds anything. */
static DkmAim aim_at(const DkmPlane *plane, double width_mm)
{
    DkmAim aim = dkm_aim_whole(plane);
    const double all_mm = plane->columns * plane->spacing_mm[1];
    const double high_mm = plane->rows * plane->spacing_mm[0];
    const double wide = DKM_THUMBNAIL_WIDTH, high = DKM_THUMBNAIL_HEIGHT;
    aim.zoom = MIN(wide / width_mm, high / high_mm) / MIN(wide / all_mm, high / high_mm);
    return aim;
}

static guint32 *draw(const DkmVolume *volume, int slice, const DkmWindowLevel *window,
                     double width_mm)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    guint32 *pixels = g_new0(guint32, DKM_THUMBNAIL_WIDTH * DKM_THUMBNAIL_HEIGHT);
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    DkmPicture picture = {
        .pixels = pixels,
        .width = DKM_THUMBNAIL_WIDTH,
        .height = DKM_THUMBNAIL_HEIGHT,
        .stride = DKM_THUMBNAIL_WIDTH,
        .plane = {grid->n[1], grid->n[2], {grid->spacing_mm[1], grid->spacing_mm[2]}},
        .smooth = TRUE,
        .window = *window,
        .grey = {dkm_volume_slice(volume, slice), dkm_volume_is_signed(volume),
                 dkm_volume_slope(volume, slice), dkm_volume_intercept(volume, slice)},
    };
    const DkmAim aim = aim_at(&picture.plane, width_mm);
    picture.view =
        dkm_viewport_new(&picture.plane, &aim, DKM_THUMBNAIL_WIDTH, DKM_THUMBNAIL_HEIGHT);
    dkm_renderer_draw(renderer, &picture);
    return pixels;
}

static guint32 *draw_slice(const DkmStudies *studies, const DkmPhases *dce, GCancellable *cancel,
                           GError **error)
{
    const DkmFrameStack stack = {&dce->phases[0].frames[dce->grid.n[0] / 2], dce->grid};
    DkmFrameStack one = stack;
    one.grid.n[0] = 1;
    g_autoptr(DkmVolume) volume = dkm_dicom_load_frames(studies->table, &one, NULL, cancel, error);
    if (!volume)
        return NULL;
    static const double shares[] = {0.02, 0.99};
    float values[G_N_ELEMENTS(shares)];
    dkm_volume_quantiles(volume, -G_MAXFLOAT, G_N_ELEMENTS(shares), shares, values);
    const double low = (double)values[0], width = MAX((double)values[1] - low, 1e-6);
    const DkmWindowLevel window = {low + width / 2, width, FALSE};
    return draw(volume, 0, &window, dce->grid.n[2] * dce->grid.spacing_mm[2]);
}

/* The turning projection of the early subtraction, as the reading opens on it. */
static DkmVolume *project(const DkmStudies *studies, const DkmPhases *dce, GCancellable *cancel,
                          GError **error)
{
    const guint early = dkm_phases_nearest(dce, EARLY_SECONDS);
    g_autoptr(DkmVolume) pre = dkm_dicom_load_phase(studies->table, dce, 0, NULL, cancel, error);
    g_autoptr(DkmVolume) post =
        pre ? dkm_dicom_load_phase(studies->table, dce, early, NULL, cancel, error) : NULL;
    g_autoptr(DkmVolume) difference = post ? dkm_volume_subtract(post, pre, cancel, error) : NULL;
    return difference ? dkm_volume_project(difference, QUARTERS, cancel, error) : NULL;
}

/* How wide the lattice is, seen along a quarter's direction: the projection has room for its
 * diagonal. */
static double extent_mm(const DkmGrid *grid, int quarter)
{
    double across[3], sum = 0;
    dkm_projection_direction(quarter, QUARTERS, across);
    for (int i = 0; i < 3; i++) {
        const double *axis = grid->axis_lps[i];
        const double share = axis[0] * across[0] + axis[1] * across[1] + axis[2] * across[2];
        sum += fabs(share) * grid->n[i] * grid->spacing_mm[i];
    }
    return sum;
}

guint32 *dkm_thumbnail_draw(const DkmStudies *studies, const DkmStudy *study, GCancellable *cancel,
                            GError **error)
{
    const DkmPhases *dce = study->dce;
    if (dce->n_phases == 1)
        return draw_slice(studies, dce, cancel, error);
    g_autoptr(DkmVolume) mip = project(studies, dce, cancel, error);
    if (!mip)
        return NULL;
    const DkmCut cut = dkm_cut_new(&dce->grid, DKM_CUT_ACQUIRED);
    const int quarter = cut.side == DKM_CUT_SAGITTAL ? 1 : 0;
    const double width = MAX((double)dkm_volume_quantile(mip, 0.995, -G_MAXFLOAT), 1e-6);
    const DkmWindowLevel window = {width / 2, width, FALSE};
    return draw(mip, quarter, &window, MAX(extent_mm(&dce->grid, quarter), 1));
}
