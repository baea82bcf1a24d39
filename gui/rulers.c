#include "gui/rulers.h"

#include <math.h>
#include <string.h>

struct _DkmRulers {
    GArray *all; /* of DkmRuler */
};

/* --- one -------------------------------------------------------------------------------------- */

static double distance(const double a[3], const double b[3])
{
    return hypot(hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]);
}

double dkm_ruler_mm(const DkmRuler *ruler, const DkmGrid *grid)
{
    double from[3], to[3];
    dkm_grid_to_lps(grid, ruler->ends_zyx[0], from);
    dkm_grid_to_lps(grid, ruler->ends_zyx[1], to);
    return distance(from, to);
}

gboolean dkm_ruler_is_in(const DkmRuler *ruler, int normal, double index)
{
    return ruler->normal == normal && fabs(ruler->ends_zyx[0][normal] - index) <= 0.5;
}

/* From AT to the nearest point of the line, in patient space. */
static double distance_to(const DkmRuler *ruler, const DkmGrid *grid, const double zyx[3])
{
    double from[3], to[3], at[3], along = 0, length = 0;
    dkm_grid_to_lps(grid, ruler->ends_zyx[0], from);
    dkm_grid_to_lps(grid, ruler->ends_zyx[1], to);
    dkm_grid_to_lps(grid, zyx, at);
    for (int k = 0; k < 3; k++) {
        along += (at[k] - from[k]) * (to[k] - from[k]);
        length += (to[k] - from[k]) * (to[k] - from[k]);
    }
    const double share = length > 0 ? CLAMP(along / length, 0.0, 1.0) : 0;
    double nearest[3];
    for (int k = 0; k < 3; k++)
        nearest[k] = from[k] + share * (to[k] - from[k]);
    return distance(nearest, at);
}

/* --- all of them ------------------------------------------------------------------------------ */

DkmRulers *dkm_rulers_new(void)
{
    DkmRulers *self = g_new(DkmRulers, 1);
    self->all = g_array_new(FALSE, FALSE, sizeof(DkmRuler));
    return self;
}

void dkm_rulers_free(DkmRulers *self)
{
    if (!self)
        return;
    g_array_unref(self->all);
    g_free(self);
}

void dkm_rulers_clear(DkmRulers *self)
{
    g_array_set_size(self->all, 0);
}

guint dkm_rulers_count(const DkmRulers *self)
{
    return self->all->len;
}

const DkmRuler *dkm_rulers_get(const DkmRulers *self, guint i)
{
    return &g_array_index(self->all, DkmRuler, i);
}

void dkm_rulers_add(DkmRulers *self, const DkmRuler *ruler)
{
    g_array_append_vals(self->all, ruler, 1);
}

void dkm_rulers_stretch(DkmRulers *self, const DkmGrid *grid, const double zyx[3])
{
    if (self->all->len == 0)
        return;
    DkmRuler *ruler = &g_array_index(self->all, DkmRuler, self->all->len - 1);
    const double place = ruler->ends_zyx[0][ruler->normal];
    for (int k = 0; k < 3; k++)
        ruler->ends_zyx[1][k] = CLAMP(zyx[k], -0.5, grid->n[k] - 0.5);
    ruler->ends_zyx[1][ruler->normal] = place;
}

void dkm_rulers_remove(DkmRulers *self, guint i)
{
    g_array_remove_index(self->all, i);
}

int dkm_rulers_hit(const DkmRulers *self, const DkmGrid *grid, int normal, const double zyx[3],
                   double most_mm)
{
    int nearest = -1;
    for (guint i = 0; i < self->all->len; i++) {
        const DkmRuler *ruler = dkm_rulers_get(self, i);
        double at[3];
        memcpy(at, zyx, sizeof at);
        at[normal] = ruler->ends_zyx[0][normal];
        const double mm =
            dkm_ruler_is_in(ruler, normal, zyx[normal]) ? distance_to(ruler, grid, at) : INFINITY;
        if (mm > most_mm)
            continue;
        most_mm = mm;
        nearest = (int)i;
    }
    return nearest;
}
