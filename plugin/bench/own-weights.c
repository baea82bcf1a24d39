/* Random weights: what they are costs nothing, but a layer that is left out or misread must show.
 */
#include "plugin/bench/own-work.h"

#include "core/model/network.h"

#include <math.h>

/* Uniform values from -1 to 1. */
static float next(guint32 *word)
{
    *word = *word * 1664525u + 1013904223u;
    return (float)((double)*word / 0x80000000u - 1);
}

/* Kernels keep signals alive from layer to layer; biases and running means are small, gains and
 * running variances about 1. */
static void fill(const char *name, DkmShape shape, float *values)
{
    const gsize n = dkm_shape_count(shape);
    const gboolean running = g_str_has_suffix(name, ".running");
    const gboolean bias = g_str_has_suffix(name, ".bias");
    const gboolean kernel =
        !running && !bias &&
        (shape.n > 1 || g_strrstr(name, "conv_out") || g_strrstr(name, "head1x1"));
    const float bound = (float)sqrt(3.0 / ((double)shape.h * shape.w * shape.c));
    guint32 word = g_str_hash(name);
    for (gsize i = 0; i < n; i++) {
        const float u = next(&word);
        const gboolean about_0 = bias || (running && i < n / 2);
        values[i] = kernel ? bound * u : about_0 ? 0.1f * u : 1 + 0.2f * u;
    }
}

gboolean dkm_own_weights(const DkmPreset *preset, DkmParams *params, GError **error)
{
    if (!dkm_network_declare(preset, FALSE, params, error))
        return FALSE;
    for (guint i = 0; i < dkm_params_count(params); i++) {
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        g_autofree float *values = g_new(float, dkm_shape_count(shape));
        fill(name, shape, values);
        if (!dkm_params_set(params, name, shape, values, error))
            return FALSE;
    }
    return TRUE;
}
