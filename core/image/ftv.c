/* UCSF's functional tumour volume. The rule, which reproduces UCSF's stored voxel count:
 * S0 >= threshold, 100 (S1-S0) >= PE S0, S2 > S0, and enough of the 26 neighbours satisfy the same;
 * neighbours are counted over the whole volume, only then is the result cut to the VOI.
 * SER is the quotient of two percent enhancements in single precision, at least the threshold in
 * single precision: of the 60 voxels of UCSF's patient BR-06 that lie on 0.9 exactly, rounding puts
 * 57 on it and 3 below, and so gives UCSF's stored count to the voxel. Their headers hold the limit
 * as 0.8999999762, which is 0.9 in single precision. */
#include "core/error.h"
#include "core/image/kinetics.h"

#include <math.h>
#include <string.h>

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* PCT percent of the 95th percentile of S0 inside the VOI, linear between ranks. */
static gboolean background_threshold(const DkmVolume *pre, const DkmBox *voi, double pct,
                                     double *threshold, GError **error)
{
    gsize n = 1, filled = 0;
    for (int a = 0; a < 3; a++)
        n *= (gsize)(voi->end[a] - voi->first[a]);
    g_autofree float *values = g_try_new(float, n);
    if (!values)
        return dkm_error_set_no_memory(error, n * sizeof(float), "the values of the VOI");
    for (int z = voi->first[0]; z < voi->end[0]; z++)
        for (int y = voi->first[1]; y < voi->end[1]; y++)
            for (int x = voi->first[2]; x < voi->end[2]; x++)
                values[filled++] = dkm_volume_value(pre, z, y, x);
    qsort(values, n, sizeof(float), compare_floats);
    const double rank = 0.95 * (double)(n - 1);
    const gsize low = (gsize)rank, high = MIN(low + 1, n - 1);
    const double p95 = values[low] + (rank - (double)low) * (values[high] - (double)values[low]);
    *threshold = pct / 100.0 * p95;
    return TRUE;
}

typedef struct {
    const DkmKineticSource *source;
    const DkmFtvParameters *rule;
    double threshold;
    guint8 *candidate; /* z, y, x: 1 enhancing, 2 also with SER over its threshold; 0 else */
} Candidates;

static gboolean reaches_ser(float pre, float early, float late, float threshold)
{
    const float early_pe = 100.0f * (early - pre) / pre, late_pe = 100.0f * (late - pre) / pre;
    return early_pe / late_pe >= threshold;
}

static void mark_slice(Candidates *job, int z, float *s0, float *s1, float *s2)
{
    const DkmGrid *grid = dkm_volume_grid(job->source->pre);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    guint8 *out = job->candidate + (gsize)z * n;
    dkm_volume_read_slice(job->source->pre, z, s0);
    dkm_volume_read_slice(job->source->early, z, s1);
    dkm_volume_read_slice(job->source->late, z, s2);
    for (gsize i = 0; i < n; i++) {
        const double pre = s0[i], rise = s1[i] - pre, late_rise = s2[i] - pre;
        const gboolean enhances =
            pre >= job->threshold && late_rise > 0 && 100.0 * rise >= job->rule->pe_threshold * pre;
        const float ser = (float)job->rule->ser_threshold;
        out[i] = enhances ? (reaches_ser(s0[i], s1[i], s2[i], ser) ? 2 : 1) : 0;
    }
}

static gboolean mark_all(Candidates *job, GCancellable *cancel, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(job->source->pre);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree float *rows = g_new(float, 3 * n);
    for (int z = 0; z < grid->n[0]; z++) {
        if (g_cancellable_is_cancelled(cancel)) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
            return FALSE;
        }
        mark_slice(job, z, rows, rows + n, rows + 2 * n);
    }
    return TRUE;
}

static int count_neighbours(const guint8 *candidate, const DkmGrid *grid, int z, int y, int x)
{
    int count = 0;
    for (int dz = -1; dz <= 1; dz++)
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                const int p = z + dz, q = y + dy, r = x + dx;
                const gboolean inside = p >= 0 && q >= 0 && r >= 0 && p < grid->n[0] &&
                                        q < grid->n[1] && r < grid->n[2];
                if (inside && (dz || dy || dx))
                    count += candidate[dkm_grid_index(grid, p, q, r)] != 0;
            }
    return count;
}

static void collect(const Candidates *job, const DkmBox *voi, DkmFtv *out)
{
    const DkmGrid *grid = dkm_mask_grid(out->mask);
    for (int z = voi->first[0]; z < voi->end[0]; z++)
        for (int y = voi->first[1]; y < voi->end[1]; y++)
            for (int x = voi->first[2]; x < voi->end[2]; x++) {
                const guint8 candidate = job->candidate[dkm_grid_index(grid, z, y, x)];
                if (!candidate ||
                    count_neighbours(job->candidate, grid, z, y, x) < job->rule->minimum_neighbours)
                    continue;
                dkm_mask_slice(out->mask, z)[(gsize)y * (gsize)grid->n[2] + (gsize)x] = 1;
                out->pe_voxels++;
                out->ser_voxels += candidate == 2;
            }
    out->pe_ml = (double)out->pe_voxels * dkm_grid_voxel_ml(grid);
    out->ser_ml = (double)out->ser_voxels * dkm_grid_voxel_ml(grid);
}

gboolean dkm_ftv_compute(const DkmKineticSource *source, const DkmBox *voi,
                         const DkmFtvParameters *parameters, DkmFtv *out, GCancellable *cancel,
                         GError **error)
{
    *out = (DkmFtv){0};
    const DkmGrid *grid = dkm_volume_grid(source->pre);
    if (!dkm_grid_equal(grid, dkm_volume_grid(source->early), 0.01) ||
        !dkm_grid_equal(grid, dkm_volume_grid(source->late), 0.01)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            "the phases do not lie on one lattice");
        return FALSE;
    }
    if (!dkm_box_fits(voi, grid)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    "the VOI is empty or leaves the volume of %d x %d x %d voxels (z, y, x)",
                    grid->n[0], grid->n[1], grid->n[2]);
        return FALSE;
    }
    double threshold = parameters->pre_contrast_threshold;
    if (!(threshold > 0) &&
        !background_threshold(source->pre, voi, parameters->pct_background, &threshold, error))
        return FALSE;
    const gsize bytes = dkm_grid_voxels(grid);
    g_autofree guint8 *candidate = g_try_malloc(bytes);
    if (!candidate)
        return dkm_error_set_no_memory(error, bytes, "the enhancing voxels");
    Candidates job = {source, parameters, threshold, candidate};
    if (!mark_all(&job, cancel, error) || !(out->mask = dkm_mask_new(grid, error)))
        return FALSE;
    out->used_pre_contrast_threshold = threshold;
    collect(&job, voi, out);
    return TRUE;
}

void dkm_ftv_clear(DkmFtv *ftv)
{
    g_clear_pointer(&ftv->mask, dkm_mask_unref);
}
