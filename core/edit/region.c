#include "core/edit/region.h"

#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "core/i18n.h"

#include <string.h>

DkmMask *dkm_mask_clip(const DkmMask *mask, const DkmBox *box, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    if (!dkm_box_fits(box, grid)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            _("the box does not lie inside the images"));
        return NULL;
    }
    DkmMask *out = dkm_mask_new(grid, error);
    const gsize width = (gsize)(box->end[2] - box->first[2]);
    for (int z = box->first[0]; out && z < box->end[0]; z++)
        for (int y = box->first[1]; y < box->end[1]; y++) {
            const gsize at = dkm_grid_index(grid, z, y, box->first[2]);
            memcpy(dkm_mask_slice(out, 0) + at, dkm_mask_peek_slice(mask, 0) + at, width);
        }
    return out;
}

static gboolean allocate(DkmRegion *region, GError **error)
{
    region->count = (gsize)region->n[0] * (gsize)region->n[1] * (gsize)region->n[2];
    if (region->count == 0)
        return TRUE;
    region->voxels = g_try_malloc0(region->count);
    return region->voxels || dkm_error_set_no_memory(error, region->count, "a mask tool");
}

gboolean dkm_region_init(DkmRegion *region, const DkmMask *mask, const int margin[3],
                         GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    *region = (DkmRegion){0};
    if (!dkm_mask_box(mask, 0, &region->box))
        return TRUE;
    for (int axis = 0; axis < 3; axis++) {
        region->box.first[axis] = MAX(region->box.first[axis] - margin[axis], 0);
        region->box.end[axis] = MIN(region->box.end[axis] + margin[axis], grid->n[axis]);
        region->n[axis] = region->box.end[axis] - region->box.first[axis];
        region->spacing_mm[axis] = grid->spacing_mm[axis];
    }
    if (!allocate(region, error))
        return FALSE;
    for (int z = 0; z < region->n[0]; z++)
        for (int y = 0; y < region->n[1]; y++)
            memcpy(region->voxels + dkm_region_index(region, z, y, 0),
                   dkm_mask_peek_slice(mask, 0) + dkm_grid_index(grid, region->box.first[0] + z,
                                                                 region->box.first[1] + y,
                                                                 region->box.first[2]),
                   (gsize)region->n[2]);
    return TRUE;
}

gboolean dkm_region_init_like(DkmRegion *region, const DkmRegion *other, GError **error)
{
    *region = *other;
    region->voxels = NULL;
    return allocate(region, error);
}

void dkm_region_clear(DkmRegion *region)
{
    g_clear_pointer(&region->voxels, g_free);
}

DkmMask *dkm_region_to_mask(const DkmRegion *region, const DkmGrid *grid, GError **error)
{
    DkmMask *mask = dkm_mask_new(grid, error);
    if (!mask)
        return NULL;
    for (int z = 0; z < region->n[0]; z++)
        for (int y = 0; y < region->n[1]; y++)
            memcpy(dkm_mask_slice(mask, 0) + dkm_grid_index(grid, region->box.first[0] + z,
                                                            region->box.first[1] + y,
                                                            region->box.first[2]),
                   region->voxels + dkm_region_index(region, z, y, 0), (gsize)region->n[2]);
    return mask;
}

DkmMask *dkm_mask_crop(const DkmMask *mask, GError **error)
{
    static const int margin[3] = {0, 0, 0};
    DkmGrid grid = *dkm_mask_grid(mask);
    g_auto(DkmRegion) region = {0};
    if (!dkm_region_init(&region, mask, margin, error))
        return NULL;
    for (int axis = 0; axis < 3; axis++) {
        grid.n[axis] = MAX(region.n[axis], 1);
        region.box.first[axis] = 0;
        region.box.end[axis] = region.n[axis];
    }
    return dkm_region_to_mask(&region, &grid, error);
}
