/* The voxels of a box of a mask, copied out: a tool works on the lesion and not on the lattice.
 * A value with memory of its own; only for the tools of mask-tools.h. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef struct {
    DkmBox box;
    int n[3];
    double spacing_mm[3];
    gsize count;
    guint8 *voxels; /* count of them, z, y, x; 0 or 1 */
} DkmRegion;

/* The box that holds what is set in MASK and MARGIN voxels around it, as far as the lattice goes;
 * count is 0 where MASK is empty. NO_MEMORY. */
gboolean dkm_region_init(DkmRegion *region, const DkmMask *mask, const int margin[3],
                         GError **error);
/* The same box without voxels of its own: all 0. */
gboolean dkm_region_init_like(DkmRegion *region, const DkmRegion *other, GError **error);
void dkm_region_clear(DkmRegion *region);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmRegion, dkm_region_clear)

static inline gsize dkm_region_index(const DkmRegion *region, int z, int y, int x)
{
    return ((gsize)z * (gsize)region->n[1] + (gsize)y) * (gsize)region->n[2] + (gsize)x;
}

/* A new mask on GRID: REGION's voxels in its box, 0 elsewhere. */
DkmMask *dkm_region_to_mask(const DkmRegion *region, const DkmGrid *grid, GError **error);

G_END_DECLS
