#include "core/image/resample-mask.h"

#include <math.h>

/* Fractional index in TO of voxel (z, y, x) of FROM: start + z * step[0] + y * step[1] + x *
 * step[2]. */
typedef struct {
    double start[3], step[3][3];
} Affine;

static void affine_init(Affine *affine, const DkmGrid *from, const DkmGrid *to)
{
    double lps[3];
    dkm_grid_to_lps(from, (const double[3]){0, 0, 0}, lps);
    dkm_grid_from_lps(to, lps, affine->start);
    for (int axis = 0; axis < 3; axis++) {
        double unit[3] = {0, 0, 0}, there[3];
        unit[axis] = 1;
        dkm_grid_to_lps(from, unit, lps);
        dkm_grid_from_lps(to, lps, there);
        for (int k = 0; k < 3; k++)
            affine->step[axis][k] = there[k] - affine->start[k];
    }
}

/* Offset in TO of the voxel that holds the centre of (z, y, x); -1: none does. A centre on the
 * border of two voxels, but for rounding, falls into the upper one, wherever it is. */
static gssize affine_at(const Affine *affine, const DkmGrid *to, int z, int y, int x)
{
    int at[3];
    for (int k = 0; k < 3; k++) {
        const double place = affine->start[k] + z * affine->step[0][k] + y * affine->step[1][k] +
                             x * affine->step[2][k];
        const double voxel = floor(place + 0.5 + 1e-6);
        if (!(voxel >= 0 && voxel < to->n[k]))
            return -1;
        at[k] = (int)voxel;
    }
    return (gssize)dkm_grid_index(to, at[0], at[1], at[2]);
}

static gsize count_outside(const DkmMask *from, const DkmGrid *grid)
{
    const DkmGrid *own = dkm_mask_grid(from);
    gsize outside = 0;
    Affine affine;
    affine_init(&affine, own, grid);
    for (int z = 0; z < own->n[0]; z++) {
        const guint8 *voxel = dkm_mask_peek_slice(from, z);
        for (int y = 0; y < own->n[1]; y++)
            for (int x = 0; x < own->n[2]; x++)
                outside += *voxel++ && affine_at(&affine, grid, z, y, x) < 0;
    }
    return outside;
}

DkmMask *dkm_mask_resample(const DkmMask *from, const DkmGrid *grid, gsize *outside, GError **error)
{
    const DkmGrid *own = dkm_mask_grid(from);
    const guint8 *source = dkm_mask_peek_slice(from, 0);
    DkmMask *made = dkm_mask_new(grid, error);
    Affine affine;
    if (!made)
        return NULL;
    affine_init(&affine, grid, own);
    for (int z = 0; z < grid->n[0]; z++) {
        guint8 *voxel = dkm_mask_slice(made, z);
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++, voxel++) {
                const gssize at = affine_at(&affine, own, z, y, x);
                if (at >= 0 && source[at])
                    *voxel = 1; /* memory of what stays empty is never touched */
            }
    }
    *outside = count_outside(from, grid);
    return made;
}
