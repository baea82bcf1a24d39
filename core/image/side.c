#include "core/image/side.h"

#include <math.h>

static const double BILATERAL_MM = 240, MARGIN_MM = 5;

/* Lowest and highest x (towards the patient's left) of the centres of all voxels. */
static void lattice_range(const DkmGrid *grid, double range[2])
{
    range[0] = range[1] = grid->origin_lps[0];
    for (int axis = 0; axis < 3; axis++) {
        const double step = (grid->n[axis] - 1) * grid->spacing_mm[axis] * grid->axis_lps[axis][0];
        range[step > 0] += step;
    }
}

/* What lies below *RIGHT_BELOW is the patient's right, above *LEFT_ABOVE the left. A lattice of one
 * breast lies on its side: of what is found on the other one no side is told. */
static void find_borders(const DkmGrid *grid, double *right_below, double *left_above)
{
    double range[2];
    lattice_range(grid, range);
    const double centre = (range[0] + range[1]) / 2;
    const gboolean is_wide = range[1] - range[0] >= BILATERAL_MM;
    *right_below = is_wide ? centre - MARGIN_MM : centre < 0 ? -MARGIN_MM : -INFINITY;
    *left_above = is_wide ? centre + MARGIN_MM : centre > 0 ? MARGIN_MM : INFINITY;
}

const char *dkm_grid_sides(const DkmGrid *grid)
{
    double range[2];
    lattice_range(grid, range);
    const double centre = (range[0] + range[1]) / 2;
    if (range[1] - range[0] >= BILATERAL_MM)
        return "B";
    return centre > MARGIN_MM ? "L" : centre < -MARGIN_MM ? "R" : "U";
}

DkmSide dkm_mask_side(const DkmMask *mask)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    double lowest = INFINITY, highest = -INFINITY, right_below, left_above;
    find_borders(grid, &right_below, &left_above);
    for (int z = 0; z < grid->n[0]; z++) {
        const guint8 *voxel = dkm_mask_peek_slice(mask, z);
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                double lps[3];
                if (!*voxel++)
                    continue;
                dkm_grid_to_lps(grid, (const double[3]){z, y, x}, lps);
                lowest = fmin(lowest, lps[0]);
                highest = fmax(highest, lps[0]);
            }
    }
    if (!isfinite(lowest))
        return DKM_SIDE_UNKNOWN;
    if (lowest > left_above)
        return DKM_SIDE_LEFT;
    return highest < right_below ? DKM_SIDE_RIGHT : DKM_SIDE_UNKNOWN;
}
