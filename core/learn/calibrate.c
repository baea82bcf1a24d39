#include "core/learn/calibrate.h"

#include "core/error.h"
#include "core/learn/crop.h"
#include "core/model/noise.h"
#include "core/net/int8.h"

#include <math.h>

/* A magnitude's bin: sign cut off, the upper half of the float (as bf16, but cut, not rounded). */
enum { BINS = 1 << 15 };

typedef struct {
    char *name;
    guint64 *count; /* BINS */
} Input;

struct _DkmRanges {
    GArray *inputs; /* of Input */
};

static void input_clear(gpointer data)
{
    Input *input = data;
    g_free(input->name);
    g_free(input->count);
}

void dkm_ranges_free(DkmRanges *ranges)
{
    if (!ranges)
        return;
    g_array_unref(ranges->inputs);
    g_free(ranges);
}

static guint bin_of(float value)
{
    const union {
        float f;
        guint32 u;
    } v = {.f = value};
    return (v.u & 0x7fffffffu) >> 16;
}

/* The least value that is larger than all of a bin. */
static float bin_end(guint bin)
{
    const union {
        guint32 u;
        float f;
    } v = {.u = (bin + 1) << 16};
    return v.f;
}

static DkmRanges *ranges_new(const DkmNetwork *network)
{
    DkmRanges *ranges = g_new0(DkmRanges, 1);
    ranges->inputs = g_array_new(FALSE, FALSE, sizeof(Input));
    g_array_set_clear_func(ranges->inputs, input_clear);
    for (guint i = 0; i < dkm_network_n_observed(network); i++) {
        const Input input = {g_strdup(dkm_network_observed_name(network, i)),
                             g_new0(guint64, BINS)};
        g_array_append_val(ranges->inputs, input);
    }
    return ranges;
}

/* Counts the inputs of the last run. */
static gboolean observe(DkmRanges *ranges, DkmNetwork *network, GError **error)
{
    for (guint i = 0; i < ranges->inputs->len; i++) {
        const Input *input = &g_array_index(ranges->inputs, Input, i);
        const gsize n = dkm_network_observed_count(network, i);
        g_autofree float *values = g_try_new(float, n);
        if (!values)
            return dkm_error_set_no_memory(error, n * sizeof *values, input->name);
        if (!dkm_network_get_observed(network, i, values, error))
            return FALSE;
        for (gsize k = 0; k < n; k++) {
            if (!isfinite(values[k])) {
                g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                            "the input of %s is infinite or no number: the weights are not usable",
                            input->name);
                return FALSE;
            }
            input->count[bin_of(values[k])]++;
        }
    }
    return TRUE;
}

/* The windows that networks are run on. */
typedef struct {
    const DkmCalibrateOn *on;
    float *x_0, *noise;
} Windows;

static void windows_init(Windows *windows, const DkmCalibrateOn *on)
{
    const gsize n = (gsize)on->side * (gsize)on->side;
    *windows = (Windows){on, g_new(float, n), g_new(float, n)};
    dkm_noise_field(0, 0, 0, on->side, on->side, windows->noise);
}

static void windows_clear(Windows *windows)
{
    g_free(windows->x_0);
    g_free(windows->noise);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Windows, windows_clear)

/* NETWORK on window I. */
static gboolean run(Windows *windows, DkmNetwork *network, guint i, GError **error)
{
    const DkmSample *sample = &g_array_index(windows->on->samples, DkmSample, i);
    const DkmCrop crop = dkm_crop_centre(sample, windows->on->side);
    dkm_crop_read(sample, DKM_PHASE_PRE, &crop, 1, windows->x_0);
    return dkm_network_run(network, windows->x_0, windows->noise, windows->on->cancel, error);
}

DkmRanges *dkm_ranges_measure(DkmNetwork *network, const DkmCalibrateOn *on, GError **error)
{
    g_autoptr(DkmRanges) ranges = ranges_new(network);
    g_auto(Windows) windows = {0};
    windows_init(&windows, on);
    for (guint i = 0; i < on->samples->len; i++)
        if (!run(&windows, network, i, error) || !observe(ranges, network, error))
            return NULL;
    return g_steal_pointer(&ranges);
}

/* The magnitude that PERCENT of the values stay below. */
static float range_of(const Input *input, double percent)
{
    guint64 all = 0, below = 0;
    for (guint bin = 0; bin < BINS; bin++)
        all += input->count[bin];
    const double wanted = (double)all * percent / 100;
    guint bin = 0;
    while (bin + 1 < BINS && (double)(below += input->count[bin]) < wanted)
        bin++;
    return bin > 0 ? bin_end(bin) : 1; /* an input that is always 0 may have any range */
}

DkmScales *dkm_ranges_scales(const DkmRanges *ranges, double percent)
{
    DkmScales *scales = dkm_scales_new();
    for (guint i = 0; i < ranges->inputs->len; i++) {
        const Input *input = &g_array_index(ranges->inputs, Input, i);
        dkm_scales_set(scales, input->name, range_of(input, percent) / DKM_INT8_MOST);
    }
    return scales;
}

gboolean dkm_calibrate_difference(DkmNetwork *a, DkmNetwork *b, const DkmCalibrateOn *on,
                                  double *difference, GError **error)
{
    const gsize n = (gsize)on->side * (gsize)on->side;
    g_autofree float *of_a = g_new(float, n), *of_b = g_new(float, n);
    g_auto(Windows) windows = {0};
    double sum = 0;
    windows_init(&windows, on);
    for (guint i = 0; i < on->samples->len; i++) {
        if (!run(&windows, a, i, error) || !dkm_network_get_probability(a, of_a, error) ||
            !run(&windows, b, i, error) || !dkm_network_get_probability(b, of_b, error))
            return FALSE;
        for (gsize k = 0; k < n; k++)
            sum += fabs((double)of_a[k] - (double)of_b[k]);
    }
    *difference = on->samples->len ? sum / ((double)n * on->samples->len) : NAN;
    return TRUE;
}
