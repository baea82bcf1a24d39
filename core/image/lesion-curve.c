#include "core/image/lesion-curve.h"

#include <math.h>

/* One slice of the pre-contrast, early and late phase, and what has been found so far. */
typedef struct {
    const DkmLesionSource *source;
    const DkmGrid *grid;
    DkmLesionCurve *out;
    float *slice[3];
    double worst; /* how far it falls, as a share */
} Search;

static double mean_3x3(const float *slice, const DkmGrid *grid, int y, int x)
{
    double sum = 0;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            sum += (double)slice[(gsize)v * (gsize)grid->n[2] + (gsize)u];
    return sum / 9;
}

static gboolean is_inside(const guint8 *voxel, const DkmGrid *grid, int y, int x)
{
    if (y < 1 || x < 1 || y + 1 >= grid->n[1] || x + 1 >= grid->n[2])
        return FALSE;
    for (int v = y - 1; v <= y + 1; v++)
        for (int u = x - 1; u <= x + 1; u++)
            if (!voxel[(gsize)v * (gsize)grid->n[2] + (gsize)u])
                return FALSE;
    return TRUE;
}

static void try_place(Search *search, int z, int y, int x)
{
    const DkmLesionSource *source = search->source;
    if (!is_inside(dkm_mask_peek_slice(source->mask, z), search->grid, y, x))
        return;
    double s[3];
    for (int k = 0; k < 3; k++)
        s[k] = mean_3x3(search->slice[k], search->grid, y, x);
    if (!(s[0] > 0) || s[0] < (double)source->background ||
        100 * (s[1] - s[0]) < DKM_LESION_LEAST_PERCENT * s[0])
        return;
    /* Without a late phase, the one that rises most. */
    const double badness =
        source->late != source->early ? (s[1] - s[2]) / s[1] : (s[1] - s[0]) / s[0];
    if (search->out->has_worst && badness <= search->worst)
        return;
    search->worst = badness;
    search->out->has_worst = TRUE;
    search->out->worst_zyx[0] = z;
    search->out->worst_zyx[1] = y;
    search->out->worst_zyx[2] = x;
}

static void search_slice(Search *search, int z)
{
    const DkmGrid *grid = search->grid;
    const guint8 *voxel = dkm_mask_peek_slice(search->source->mask, z);
    gsize i = 0;
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++, i++) {
            if (!voxel[i])
                continue;
            const DkmCurveType type =
                dkm_curve_type_within((double)search->slice[0][i], (double)search->slice[1][i],
                                      (double)search->slice[2][i], search->source->curve_band);
            search->out->types[type]++;
            try_place(search, z, y, x);
        }
}

static double sum_of(const guint8 *voxel, const float *slice, gsize n)
{
    double sum = 0;
    for (gsize i = 0; i < n; i++)
        if (voxel[i])
            sum += (double)slice[i];
    return sum;
}

/* Every phase of slice Z into the sums; the three that are measured stay for the search. */
static void add_slice(Search *search, int z, float *scratch)
{
    const DkmLesionSource *source = search->source;
    const gsize n = (gsize)search->grid->n[1] * (gsize)search->grid->n[2];
    const guint measured[3] = {0, source->early, source->late};
    for (int k = 0; k < 3; k++)
        dkm_volume_read_slice(source->phases[measured[k]], z, search->slice[k]);
    for (guint p = 0; p < search->out->n; p++) {
        dkm_volume_read_slice(source->phases[p], z, scratch);
        search->out->mean[p] += sum_of(dkm_mask_peek_slice(source->mask, z), scratch, n);
    }
    search_slice(search, z);
}

static void take_worst(const DkmLesionSource *source, DkmLesionCurve *out, float *scratch)
{
    const int *at = out->worst_zyx;
    for (guint p = 0; p < out->n; p++) {
        dkm_volume_read_slice(source->phases[p], at[0], scratch);
        out->worst[p] = mean_3x3(scratch, dkm_mask_grid(source->mask), at[1], at[2]);
    }
}

static gboolean is_complete(const DkmLesionSource *source)
{
    for (guint p = 0; p < source->n_phases; p++)
        if (!source->phases[p])
            return FALSE;
    return source->n_phases > 1 && source->n_phases <= DKM_LESION_MOST_PHASES &&
           source->early < source->n_phases && source->late < source->n_phases;
}

void dkm_lesion_curve(const DkmLesionSource *source, DkmLesionCurve *out)
{
    const DkmGrid *grid = dkm_mask_grid(source->mask);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    *out = (DkmLesionCurve){.voxels = dkm_mask_count(source->mask)};
    if (out->voxels == 0 || !is_complete(source))
        return;
    out->n = source->n_phases;
    g_autofree float *values = g_new(float, 4 * n);
    Search search = {source, grid, out, {values, values + n, values + 2 * n}, 0};
    for (int z = 0; z < grid->n[0]; z++)
        if (dkm_mask_slice_count(source->mask, z) > 0)
            add_slice(&search, z, values + 3 * n);
    for (guint p = 0; p < out->n; p++)
        out->mean[p] /= (double)out->voxels;
    if (out->has_worst)
        take_worst(source, out, values + 3 * n);
}
