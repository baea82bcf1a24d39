#include "core/grid.h"

#include <math.h>
#include <string.h>

gsize dkm_grid_voxels(const DkmGrid *grid)
{
    return (gsize)grid->n[0] * (gsize)grid->n[1] * (gsize)grid->n[2];
}

double dkm_grid_voxel_ml(const DkmGrid *grid)
{
    return grid->spacing_mm[0] * grid->spacing_mm[1] * grid->spacing_mm[2] / 1000.0;
}

void dkm_grid_to_lps(const DkmGrid *grid, const double zyx[3], double lps[3])
{
    for (int k = 0; k < 3; k++) {
        lps[k] = grid->origin_lps[k];
        for (int axis = 0; axis < 3; axis++)
            lps[k] += zyx[axis] * grid->spacing_mm[axis] * grid->axis_lps[axis][k];
    }
}

void dkm_grid_from_lps(const DkmGrid *grid, const double lps[3], double zyx[3])
{
    for (int axis = 0; axis < 3; axis++) {
        double along = 0;
        for (int k = 0; k < 3; k++)
            along += (lps[k] - grid->origin_lps[k]) * grid->axis_lps[axis][k];
        zyx[axis] = along / grid->spacing_mm[axis];
    }
}

gboolean dkm_grid_equal(const DkmGrid *a, const DkmGrid *b, double tolerance_mm)
{
    if (memcmp(a->n, b->n, sizeof a->n) != 0)
        return FALSE;
    for (int corner = 0; corner < 8; corner++) {
        double zyx[3], p[3], q[3], distance2 = 0;
        for (int axis = 0; axis < 3; axis++)
            zyx[axis] = corner >> axis & 1 ? a->n[axis] - 1 : 0;
        dkm_grid_to_lps(a, zyx, p);
        dkm_grid_to_lps(b, zyx, q);
        for (int k = 0; k < 3; k++)
            distance2 += (p[k] - q[k]) * (p[k] - q[k]);
        if (!(distance2 <= tolerance_mm * tolerance_mm))
            return FALSE;
    }
    return TRUE;
}

static gboolean have_equal_axes(const DkmGrid *a, const DkmGrid *b)
{
    for (int axis = 0; axis < 3; axis++) {
        double dot = 0;
        for (int k = 0; k < 3; k++)
            dot += a->axis_lps[axis][k] * b->axis_lps[axis][k];
        if (!(dot > 0.9999) ||
            !(fabs(a->spacing_mm[axis] - b->spacing_mm[axis]) < 0.001 * a->spacing_mm[axis]))
            return FALSE;
    }
    return a->n[1] == b->n[1] && a->n[2] == b->n[2];
}

gboolean dkm_grid_join(const DkmGrid *a, const DkmGrid *b, DkmGrid *out)
{
    double offset[3];
    if (!have_equal_axes(a, b))
        return FALSE;
    dkm_grid_from_lps(a, b->origin_lps, offset);
    const double slice = round(offset[0]);
    if (fabs(offset[0] - slice) > 0.1 || fabs(offset[1]) > 0.1 || fabs(offset[2]) > 0.1)
        return FALSE;
    const int first = MIN(0, (int)slice), end = MAX(a->n[0], (int)slice + b->n[0]);
    *out = *a;
    out->n[0] = end - first;
    dkm_grid_to_lps(a, (const double[3]){first, 0, 0}, out->origin_lps);
    return TRUE;
}

gboolean dkm_grid_is_valid(const DkmGrid *grid)
{
    for (int a = 0; a < 3; a++) {
        if (grid->n[a] < 1 || !isfinite(grid->origin_lps[a]))
            return FALSE;
        if (!(grid->spacing_mm[a] > 0) || !isfinite(grid->spacing_mm[a]))
            return FALSE;
        for (int b = 0; b < 3; b++) {
            double dot = 0;
            for (int k = 0; k < 3; k++)
                dot += grid->axis_lps[a][k] * grid->axis_lps[b][k];
            if (!(fabs(dot - (a == b)) < 1e-3))
                return FALSE;
        }
    }
    return TRUE;
}

void dkm_grid_direction_letters(const double direction_lps[3], char out[4])
{
    static const char letters[3][2] = {{'R', 'L'}, {'A', 'P'}, {'F', 'H'}};
    int order[3] = {0, 1, 2}, n = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2 - i; j++)
            if (fabs(direction_lps[order[j]]) < fabs(direction_lps[order[j + 1]])) {
                const int swap = order[j];
                order[j] = order[j + 1];
                order[j + 1] = swap;
            }
    for (int i = 0; i < 3; i++)
        if (fabs(direction_lps[order[i]]) > 0.2)
            out[n++] = letters[order[i]][direction_lps[order[i]] > 0];
    out[n] = '\0';
}

DkmBox dkm_box_whole(const DkmGrid *grid)
{
    return (DkmBox){{0, 0, 0}, {grid->n[0], grid->n[1], grid->n[2]}};
}

gboolean dkm_box_fits(const DkmBox *box, const DkmGrid *grid)
{
    for (int a = 0; a < 3; a++)
        if (box->first[a] < 0 || box->end[a] > grid->n[a] || box->first[a] >= box->end[a])
            return FALSE;
    return TRUE;
}
