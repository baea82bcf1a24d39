#include "core/volume.h"

#include <math.h>

struct _DkmVolume {
    gatomicrefcount refs;
    DkmGrid grid;
    gboolean is_signed;
    guint16 *samples;
    float *slope;
    float *intercept;
};

DkmVolume *dkm_volume_new_take(const DkmGrid *grid, void *samples, gboolean is_signed, float *slope,
                               float *intercept)
{
    DkmVolume *volume = g_new0(DkmVolume, 1);
    g_atomic_ref_count_init(&volume->refs);
    volume->grid = *grid;
    volume->is_signed = is_signed;
    volume->samples = samples;
    volume->slope = slope;
    volume->intercept = intercept;
    return volume;
}

DkmVolume *dkm_volume_ref(DkmVolume *volume)
{
    g_atomic_ref_count_inc(&volume->refs);
    return volume;
}

void dkm_volume_unref(DkmVolume *volume)
{
    if (!volume || !g_atomic_ref_count_dec(&volume->refs))
        return;
    g_free(volume->samples);
    g_free(volume->slope);
    g_free(volume->intercept);
    g_free(volume);
}

const DkmGrid *dkm_volume_grid(const DkmVolume *volume)
{
    return &volume->grid;
}

gboolean dkm_volume_is_signed(const DkmVolume *volume)
{
    return volume->is_signed;
}

const guint16 *dkm_volume_slice(const DkmVolume *volume, int z)
{
    return volume->samples + dkm_grid_index(&volume->grid, z, 0, 0);
}

float dkm_volume_slope(const DkmVolume *volume, int z)
{
    return volume->slope ? volume->slope[z] : 1.0f;
}

float dkm_volume_intercept(const DkmVolume *volume, int z)
{
    return volume->intercept ? volume->intercept[z] : 0.0f;
}

static inline float stored_value(const DkmVolume *volume, guint16 stored)
{
    return volume->is_signed ? (float)(gint16)stored : (float)stored;
}

float dkm_volume_value(const DkmVolume *volume, int z, int y, int x)
{
    const guint16 stored = volume->samples[dkm_grid_index(&volume->grid, z, y, x)];
    return stored_value(volume, stored) * dkm_volume_slope(volume, z) +
           dkm_volume_intercept(volume, z);
}

void dkm_volume_read_slice(const DkmVolume *volume, int z, float *out)
{
    const guint16 *in = dkm_volume_slice(volume, z);
    const float slope = dkm_volume_slope(volume, z), intercept = dkm_volume_intercept(volume, z);
    const gsize n = (gsize)volume->grid.n[1] * (gsize)volume->grid.n[2];
    if (volume->is_signed)
        for (gsize i = 0; i < n; i++)
            out[i] = (float)(gint16)in[i] * slope + intercept;
    else
        for (gsize i = 0; i < n; i++)
            out[i] = (float)in[i] * slope + intercept;
}

/* Smallest and largest of N samples as they are stored. */
static void stored_range(const DkmVolume *volume, const guint16 *in, gsize n, int range[2])
{
    int low = G_MAXINT, high = G_MININT;
    if (volume->is_signed)
        for (gsize i = 0; i < n; i++) {
            low = MIN(low, (gint16)in[i]);
            high = MAX(high, (gint16)in[i]);
        }
    else
        for (gsize i = 0; i < n; i++) {
            low = MIN(low, in[i]);
            high = MAX(high, in[i]);
        }
    range[0] = low;
    range[1] = high;
}

void dkm_volume_range(const DkmVolume *volume, float *low, float *high)
{
    *low = G_MAXFLOAT;
    *high = -G_MAXFLOAT;
    const gsize n = (gsize)volume->grid.n[1] * (gsize)volume->grid.n[2];
    for (int z = 0; z < volume->grid.n[0]; z++) {
        int range[2];
        stored_range(volume, dkm_volume_slice(volume, z), n, range);
        for (int i = 0; i < 2; i++) { /* a slope may be negative */
            const float value =
                (float)range[i] * dkm_volume_slope(volume, z) + dkm_volume_intercept(volume, z);
            *low = MIN(*low, value);
            *high = MAX(*high, value);
        }
    }
}

enum { BINS = 65536 };

/* A histogram of 65,536 bins over the range: exact to one stored step where the slope is one for
 * all slices. */
typedef struct {
    gsize *count, total;
    double low, high, scale; /* bins a unit */
} Histogram;

static void add(Histogram *histogram, float value, gsize times)
{
    const double bin = (value - histogram->low) * histogram->scale;
    histogram->count[(gsize)(bin + 0.5)] += times;
    histogram->total += times;
}

/* Each value by itself. */
static void count_values(const DkmVolume *volume, float above, Histogram *histogram)
{
    const gsize n = (gsize)volume->grid.n[1] * (gsize)volume->grid.n[2];
    g_autofree float *row = g_new(float, n);
    for (int z = 0; z < volume->grid.n[0]; z++) {
        dkm_volume_read_slice(volume, z, row);
        for (gsize i = 0; i < n; i++)
            if (row[i] > above)
                add(histogram, row[i], 1);
    }
}

static gboolean has_one_slope(const DkmVolume *volume)
{
    for (int z = 1; z < volume->grid.n[0]; z++)
        if (dkm_volume_slope(volume, z) != dkm_volume_slope(volume, 0) ||
            dkm_volume_intercept(volume, z) != dkm_volume_intercept(volume, 0))
            return FALSE;
    return TRUE;
}

/* Where a stored sample means the same in every slice: stored samples first, then their values. */
static void count_stored(const DkmVolume *volume, float above, Histogram *histogram)
{
    const gsize n = dkm_grid_voxels(&volume->grid);
    g_autofree gsize *stored = g_new0(gsize, G_MAXUINT16 + 1);
    for (gsize i = 0; i < n; i++)
        stored[volume->samples[i]]++;
    for (gsize i = 0; i <= G_MAXUINT16; i++) {
        const float value = stored_value(volume, (guint16)i) * dkm_volume_slope(volume, 0) +
                            dkm_volume_intercept(volume, 0);
        if (stored[i] && value > above)
            add(histogram, value, stored[i]);
    }
}

static float value_at(const Histogram *histogram, double share)
{
    const double wanted = CLAMP(share, 0.0, 1.0) * (double)histogram->total;
    double seen = 0;
    for (gsize bin = 0; bin < BINS; bin++) {
        seen += (double)histogram->count[bin];
        if (histogram->total && seen >= wanted && seen > 0)
            return (float)(histogram->low + (double)bin / histogram->scale);
    }
    return (float)histogram->high;
}

void dkm_volume_quantiles(const DkmVolume *volume, float above, guint n, const double *shares,
                          float *values)
{
    float low, high;
    dkm_volume_range(volume, &low, &high);
    const gboolean is_flat = !(high > low);
    Histogram histogram = {.low = low, .high = high};
    g_autofree gsize *count = is_flat ? NULL : g_new0(gsize, BINS);
    if (!is_flat) {
        histogram.count = count;
        histogram.scale = (BINS - 1) / (histogram.high - histogram.low);
        (has_one_slope(volume) ? count_stored : count_values)(volume, above, &histogram);
    }
    for (guint i = 0; i < n; i++)
        values[i] = is_flat ? low : value_at(&histogram, shares[i]);
}

float dkm_volume_quantile(const DkmVolume *volume, double share, float above)
{
    float value;
    dkm_volume_quantiles(volume, above, 1, &share, &value);
    return value;
}
