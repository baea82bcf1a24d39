#include "tests/support/random-model.h"

#include "core/model/engine.h"
#include "core/model/network.h"
#include "core/net/weights.h"
#include "core/philox.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

const char *const random_model_meta[] = {"format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm",
                                         "0.714",  "precision",   "f32",    NULL};

/* Standard deviation that keeps signals alive from layer to layer: He's for kernels, small biases;
 * 0 for the gains of normalisations, which stay 1. */
static double spread(const char *name, DkmShape shape)
{
    if (g_str_has_suffix(name, ".bias"))
        return 0.05;
    if (strstr(name, "head") || shape.n > 1)
        return sqrt(2.0 / (shape.h * shape.w * shape.c));
    return 0;
}

/* Running statistics are those of a standard normal: means 0, variances 1. */
static void randomise(DkmParams *params, float scale)
{
    for (guint i = 0; i < dkm_params_count(params); i++) {
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        const gsize n = dkm_shape_count(shape);
        g_autofree float *values = g_new(float, n);
        const gboolean running = g_str_has_suffix(name, ".running");
        const double sd = spread(name, shape);
        for (gsize k = 0; k < n; k++)
            values[k] = running  ? (k < n / 2 ? 0 : 1)
                        : sd > 0 ? scale * (float)(sd * dkm_philox_normal(i, k, 82))
                                 : scale;
        g_assert_true(dkm_params_set(params, name, shape, values, NULL));
    }
}

void random_model_write(const char *path, const char *const *meta)
{
    random_model_write_scaled(path, meta, 1);
}

void random_model_write_scaled(const char *path, const char *const *meta, float scale)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmEngine) engine = {0};
    g_assert_true(dkm_engine_open(&engine, "reference", 1, &error));
    g_autoptr(DkmParams) params = dkm_params_new(engine.backend, engine.device);
    DkmPreset preset;
    g_assert_true(dkm_preset_find("tiny-k2", &preset, &error));
    for (guint i = 0; meta[i]; i += 2)
        if (strcmp(meta[i], "input") == 0) /* one that a model file knows, or a test of one */
            dkm_input_parse(meta[i + 1], &preset.input, NULL);
    g_assert_true(dkm_network_declare(&preset, FALSE, params, &error));
    randomise(params, scale);
    const DkmWeightsPart part = {"", params};
    dkm_weights_save(path, &part, 1, meta, &error);
    g_assert_no_error(error);
}

static char *started;

void random_model_start(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-model-XXXXXX", NULL);
    started = g_build_filename(folder, "random.safetensors", NULL);
    random_model_write(started, random_model_meta);
    g_setenv("DKM_MODEL", started, TRUE);
}

void random_model_stop(void)
{
    if (!started)
        return;
    g_autofree char *folder = g_path_get_dirname(started);
    g_unlink(started);
    g_rmdir(folder);
    g_clear_pointer(&started, g_free);
}
