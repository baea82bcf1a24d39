#include "plugin/abi.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

enum { MAX_SIDE = 16384 };

static gboolean read_grid(const struct dkm_plugin_grid *from, DkmGrid *to)
{
    for (int a = 0; a < 3; a++) {
        if (from->n[a] > MAX_SIDE)
            return FALSE;
        to->n[a] = (int)from->n[a];
    }
    memcpy(to->spacing_mm, from->spacing_mm, sizeof to->spacing_mm);
    memcpy(to->origin_lps, from->origin_lps, sizeof to->origin_lps);
    memcpy(to->axis_lps, from->axis_lps, sizeof to->axis_lps);
    return from->size >= sizeof *from && dkm_grid_is_valid(to);
}

void dkm_abi_grid_fill(const DkmGrid *from, struct dkm_plugin_grid *to)
{
    for (int a = 0; a < 3; a++)
        to->n[a] = (uint32_t)from->n[a];
    memcpy(to->spacing_mm, from->spacing_mm, sizeof to->spacing_mm);
    memcpy(to->origin_lps, from->origin_lps, sizeof to->origin_lps);
    memcpy(to->axis_lps, from->axis_lps, sizeof to->axis_lps);
}

static gsize sample_size(uint32_t sample)
{
    switch (sample) {
    case DKM_PLUGIN_INT16:
    case DKM_PLUGIN_UINT16:
        return 2;
    case DKM_PLUGIN_FLOAT32:
        return 4;
    default:
        return 0;
    }
}

static gboolean find_range(const float *values, gsize n, float *low, float *high)
{
    *low = *high = values[0];
    for (gsize i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            return FALSE;
        *low = fminf(*low, values[i]);
        *high = fmaxf(*high, values[i]);
    }
    return TRUE;
}

/* Where floats go: stored * slope + intercept in 65,536 even steps. */
typedef struct {
    double slope, intercept;
} Rescale;

static gboolean quantise(const float *values, gsize n, guint16 *stored, Rescale *rescale)
{
    float low, high;
    if (!find_range(values, n, &low, &high))
        return FALSE;
    const double step = ((double)high - (double)low) / G_MAXUINT16;
    for (gsize i = 0; i < n; i++)
        stored[i] = step > 0 ? (guint16)lrint(((double)values[i] - (double)low) / step) : 0;
    rescale->intercept += rescale->slope * (double)low;
    rescale->slope *= step;
    return TRUE;
}

static float *repeat(double value, int n)
{
    float *values = g_new(float, n);
    for (int i = 0; i < n; i++)
        values[i] = (float)value;
    return values;
}

static gboolean check(const struct dkm_plugin_volume *volume, DkmGrid *grid, GError **error)
{
    const gsize each = sample_size(volume->sample);
    if (!read_grid(&volume->grid, grid)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            "the volume's grid is not valid: sizes, spacings, directions");
        return FALSE;
    }
    if (each && volume->samples && volume->bytes == dkm_grid_voxels(grid) * each &&
        isfinite(volume->slope) && isfinite(volume->intercept))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                        "the volume's samples do not fit its grid: kind, bytes, slope, intercept");
    return FALSE;
}

DkmVolume *dkm_abi_volume_copy(const struct dkm_plugin_volume *volume, GError **error)
{
    DkmGrid grid;
    Rescale rescale = {volume->slope, volume->intercept};
    if (!check(volume, &grid, error))
        return NULL;
    const gsize n = dkm_grid_voxels(&grid);
    g_autofree guint16 *stored = g_try_new(guint16, n);
    if (!stored) {
        dkm_error_set_no_memory(error, n * sizeof *stored, "the volume");
        return NULL;
    }
    if (volume->sample != DKM_PLUGIN_FLOAT32) {
        memcpy(stored, volume->samples, n * sizeof *stored);
    } else if (!quantise(volume->samples, n, stored, &rescale)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                            "the volume holds samples that are no finite numbers");
        return NULL;
    }
    return dkm_volume_new_take(&grid, g_steal_pointer(&stored), volume->sample == DKM_PLUGIN_INT16,
                               repeat(rescale.slope, grid.n[0]),
                               repeat(rescale.intercept, grid.n[0]));
}
