#include "core/image/link.h"

#include <math.h>

DkmLink dkm_link_new(const DkmGrid *from, const char *from_reference, const DkmGrid *to,
                     const char *to_reference)
{
    return (DkmLink){*from, *to,
                     from_reference && *from_reference &&
                         g_strcmp0(from_reference, to_reference) == 0};
}

/* How far the axes A of one lattice and B of another run the same way. */
static double alike(const DkmGrid *a, int i, const DkmGrid *b, int k)
{
    double dot = 0;
    for (int c = 0; c < 3; c++)
        dot += a->axis_lps[i][c] * b->axis_lps[k][c];
    return dot;
}

/* Which axis of A each axis of B runs along: the permutation that fits best. */
static void match_axes(const DkmGrid *a, const DkmGrid *b, int axis[3])
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    double best = -1;
    for (int o = 0; o < 6; o++) {
        double fit = 0;
        for (int k = 0; k < 3; k++)
            fit += fabs(alike(a, orders[o][k], b, k));
        if (fit > best) {
            best = fit;
            for (int k = 0; k < 3; k++)
                axis[k] = orders[o][k];
        }
    }
}

/* Shares of the way through the stack, from the border of the first voxel to that of the last. */
static void relative(const DkmGrid *a, const DkmGrid *b, const double zyx[3], double out[3])
{
    int axis[3];
    match_axes(a, b, axis);
    for (int k = 0; k < 3; k++) {
        const double share = (zyx[axis[k]] + 0.5) / a->n[axis[k]];
        const gboolean runs_back = alike(a, axis[k], b, k) < 0;
        out[k] = (runs_back ? 1 - share : share) * b->n[k] - 0.5;
    }
}

static void across(const DkmGrid *a, const DkmGrid *b, gboolean by_position, const double zyx[3],
                   double out[3])
{
    double lps[3];
    if (!by_position) {
        relative(a, b, zyx, out);
        return;
    }
    dkm_grid_to_lps(a, zyx, lps);
    dkm_grid_from_lps(b, lps, out);
}

void dkm_link_forth(const DkmLink *link, const double zyx[3], double out[3])
{
    across(&link->from, &link->to, link->by_position, zyx, out);
}

void dkm_link_back(const DkmLink *link, const double zyx[3], double out[3])
{
    across(&link->to, &link->from, link->by_position, zyx, out);
}
