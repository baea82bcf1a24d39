/* Means of the phases over a lesion and over its most enhancing 3x3 voxels of one slice. */
#include "core/image/lesion.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

enum { WINDOW = 3 };

/* One slice of the lesion and of the phases. */
typedef struct {
    const DkmGrid *grid;
    const guint8 *mask;
    float *phases[3]; /* late NULL where there is none */
} Slice;

typedef struct {
    double sum[3];
    gsize voxels;
} Sums;

static DkmMeanCurve mean_of(const Sums *sums, gboolean has_late)
{
    const double n = (double)sums->voxels;
    DkmMeanCurve curve = {sums->sum[0] / n, sums->sum[1] / n, has_late ? sums->sum[2] / n : NAN,
                          NAN};
    if (curve.s0 > 0)
        curve.pe_percent = 100 * (curve.early - curve.s0) / curve.s0;
    return curve;
}

static void add_voxel(const Slice *slice, gsize i, Sums *sums)
{
    for (int p = 0; p < 3; p++)
        if (slice->phases[p])
            sums->sum[p] += (double)slice->phases[p][i];
    sums->voxels++;
}

/* FALSE where the window with its first corner at Y, X leaves the lesion. */
static gboolean add_window(const Slice *slice, int y, int x, Sums *sums)
{
    for (int dy = 0; dy < WINDOW; dy++)
        for (int dx = 0; dx < WINDOW; dx++) {
            const gsize i = (gsize)(y + dy) * (gsize)slice->grid->n[2] + (gsize)(x + dx);
            if (!slice->mask[i])
                return FALSE;
            add_voxel(slice, i, sums);
        }
    return TRUE;
}

static void find_worst(const Slice *slice, int z, DkmLesionMeasures *out)
{
    for (int y = 0; y + WINDOW <= slice->grid->n[1]; y++)
        for (int x = 0; x + WINDOW <= slice->grid->n[2]; x++) {
            Sums sums = {0};
            if (!add_window(slice, y, x, &sums))
                continue;
            const DkmMeanCurve curve = mean_of(&sums, slice->phases[2] != NULL);
            if (isnan(curve.pe_percent) ||
                (out->has_worst && curve.pe_percent <= out->worst.pe_percent))
                continue;
            out->has_worst = TRUE;
            out->worst = curve;
            memcpy(out->worst_zyx, (int[]){z, y + 1, x + 1}, sizeof out->worst_zyx);
        }
}

static gboolean measure_curves(const DkmMask *lesion, const DkmKineticSource *source,
                               DkmLesionMeasures *out, GError **error)
{
    const DkmVolume *volumes[3] = {source->pre, source->early, source->late};
    const DkmGrid *grid = dkm_mask_grid(lesion);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree float *rows = g_try_new(float, 3 * n);
    if (!rows)
        return dkm_error_set_no_memory(error, 3 * n * sizeof(float), "the phases of a slice");
    Slice slice = {.grid = grid};
    Sums sums = {0};
    for (int z = 0; z < grid->n[0]; z++) {
        if (!dkm_mask_slice_count(lesion, z))
            continue;
        slice.mask = dkm_mask_peek_slice(lesion, z);
        for (gsize p = 0; p < 3; p++)
            if (volumes[p]) {
                slice.phases[p] = rows + p * n;
                dkm_volume_read_slice(volumes[p], z, slice.phases[p]);
            }
        for (gsize i = 0; i < n; i++)
            if (slice.mask[i])
                add_voxel(&slice, i, &sums);
        find_worst(&slice, z, out);
    }
    out->has_curve = TRUE;
    out->has_late = source->late != NULL;
    out->mean = mean_of(&sums, out->has_late);
    return TRUE;
}

/* The box around a lesion that has voxels. */
static DkmBox box_around(const DkmMask *lesion)
{
    const DkmGrid *grid = dkm_mask_grid(lesion);
    DkmBox box = {{grid->n[0], grid->n[1], grid->n[2]}, {0, 0, 0}};
    for (int z = 0; z < grid->n[0]; z++) {
        if (!dkm_mask_slice_count(lesion, z))
            continue;
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++)
                if (dkm_mask_get(lesion, z, y, x)) {
                    const int at[3] = {z, y, x};
                    for (int a = 0; a < 3; a++) {
                        box.first[a] = MIN(box.first[a], at[a]);
                        box.end[a] = MAX(box.end[a], at[a] + 1);
                    }
                }
    }
    return box;
}

static gboolean measure_ftv(const DkmMask *lesion, const DkmKineticSource *source,
                            const DkmFtvParameters *rule, DkmLesionMeasures *out,
                            GCancellable *cancel, GError **error)
{
    const DkmBox voi = box_around(lesion);
    g_auto(DkmFtv) ftv = {0};
    if (!dkm_ftv_compute(source, &voi, rule, &ftv, cancel, error))
        return FALSE;
    const guint8 *a = dkm_mask_peek_slice(lesion, 0), *b = dkm_mask_peek_slice(ftv.mask, 0);
    const gsize n = dkm_grid_voxels(dkm_mask_grid(lesion));
    for (gsize i = 0; i < n; i++)
        out->ftv_voxels += a[i] && b[i];
    out->ftv_ml = (double)out->ftv_voxels * dkm_grid_voxel_ml(dkm_mask_grid(lesion));
    out->used_pre_contrast_threshold = ftv.used_pre_contrast_threshold;
    return TRUE;
}

static gboolean lies_on(const DkmMask *lesion, const DkmKineticSource *source, GError **error)
{
    const DkmVolume *volumes[3] = {source->pre, source->early, source->late};
    for (int p = 0; p < 3; p++)
        if (volumes[p] &&
            !dkm_grid_equal(dkm_mask_grid(lesion), dkm_volume_grid(volumes[p]), 0.01)) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                                "the lesion does not lie on the lattice of the phases");
            return FALSE;
        }
    return TRUE;
}

gboolean dkm_lesion_measure(const DkmMask *lesion, const DkmKineticSource *source,
                            const DkmFtvParameters *rule, DkmLesionMeasures *out,
                            GCancellable *cancel, GError **error)
{
    *out = (DkmLesionMeasures){.voxels = dkm_mask_count(lesion),
                               .volume_ml = dkm_mask_volume_ml(lesion)};
    dkm_diameters_measure(lesion, &out->in_space, &out->in_plane);
    if (!source || !out->voxels)
        return TRUE;
    if (!lies_on(lesion, source, error) || !measure_curves(lesion, source, out, error))
        return FALSE;
    if (!source->late)
        return TRUE;
    const DkmMeanCurve *c = out->has_worst ? &out->worst : &out->mean;
    out->curve = dkm_curve_type(c->s0, c->early, c->late);
    return measure_ftv(lesion, source, rule, out, cancel, error);
}
