#include "core/edit/mask-tools.h"
#include "core/edit/region.h"
#include "core/error.h"
#include "core/image/distance.h"

#include <math.h>

/* Squared distances (mm^2) of REGION's voxels from the nearest that is VALUE; g_free. */
static double *distances_from(const DkmRegion *region, guint8 value, GError **error)
{
    g_autofree double *distance2 = g_try_new(double, MAX(region->count, 1));
    if (!distance2) {
        dkm_error_set_no_memory(error, region->count * sizeof(double), "a mask's distances");
        return NULL;
    }
    for (gsize i = 0; i < region->count; i++)
        distance2[i] = region->voxels[i] == value ? 0 : HUGE_VAL;
    if (!dkm_distance_transform(distance2, region->n, region->spacing_mm, error))
        return NULL;
    return g_steal_pointer(&distance2);
}

DkmMask *dkm_mask_grow(const DkmMask *mask, double mm, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    const double limit2 = mm * mm * (1 + 1e-9);
    int margin[3];
    for (int axis = 0; axis < 3; axis++) /* to shrink, one voxel around shows what is not set */
        margin[axis] = mm > 0 ? (int)MIN(floor(mm / grid->spacing_mm[axis] + 1e-6), 1e6) : 1;
    g_auto(DkmRegion) region = {0};
    if (!dkm_region_init(&region, mask, margin, error))
        return NULL;
    if (region.count == 0)
        return dkm_mask_new(grid, error);
    g_autofree double *distance2 = distances_from(&region, mm > 0 ? 1 : 0, error);
    if (!distance2)
        return NULL;
    for (gsize i = 0; i < region.count; i++)
        region.voxels[i] = (distance2[i] <= limit2) == (mm > 0);
    return dkm_region_to_mask(&region, grid, error);
}
