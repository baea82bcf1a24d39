/* Kept codes equal fresh ones bit for bit, in both types of activations. */
#include "core/learn/code-source.h"
#include "core/model/engine.h"
#include "core/model/noise.h"
#include "core/philox.h"
#include "synthetic.h"

enum {
    SIDE = 16,
    SAMPLES = 2,
    PIXELS = SAMPLES * SIDE * SIDE,
    F3 = SAMPLES * 4 * 4 * 16,
    F4 = SAMPLES * 2 * 2 * 16
};

static void randomise(DkmParams *params)
{
    for (guint i = 0; i < dkm_params_count(params); i++) {
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        const gsize n = dkm_shape_count(shape);
        g_autofree float *values = g_new(float, n);
        for (gsize k = 0; k < n; k++)
            values[k] = 0.2f * (float)dkm_philox_normal(i, k, 77);
        g_assert_true(dkm_params_set(params, name, shape, values, NULL));
    }
}

static void test_cache(gconstpointer dtype)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmEngine) engine = {0};
    g_assert_true(dkm_engine_open(&engine, "cpu", 1, &error));
    g_autoptr(DkmParams) params = dkm_params_new(engine.backend, engine.device);
    DkmPreset preset;
    g_assert_true(dkm_preset_find("tiny", &preset, &error));
    g_assert_true(dkm_network_declare(&preset, TRUE, params, &error));
    randomise(params);
    const DkmNetworkShape shape = {.preset = &preset,
                                   .dtype = (DkmDtype)GPOINTER_TO_INT(dtype),
                                   .samples = SAMPLES,
                                   .rows = SIDE,
                                   .columns = SIDE,
                                   .code_only = TRUE,
                                   .predict = TRUE};
    g_autoptr(DkmCodeSource) source = dkm_code_source_new(&shape, params, TRUE, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) cases = synthetic_cases(1, 2, SIDE);
    const DkmSample samples[SAMPLES] = {{g_ptr_array_index(cases, 0), 0},
                                        {g_ptr_array_index(cases, 0), 1}};
    const DkmSample swapped[SAMPLES] = {samples[1], samples[0]};
    float x_0[PIXELS], noise[PIXELS], nothing[PIXELS] = {0};
    float f3[F3], f4[F4], kept3[F3], kept4[F4];
    float phases[PIXELS], kept_phases[PIXELS];
    const DkmCodes fresh = {{NULL, NULL, f3, f4}, phases};
    const DkmCodes kept = {{NULL, NULL, kept3, kept4}, kept_phases};
    dkm_noise_field(1, 0, 0, SAMPLES * SIDE, SIDE, x_0);
    dkm_noise_field(2, 0, 0, SAMPLES * SIDE, SIDE, noise);
    g_assert_true(dkm_code_source_get(source, samples, x_0, noise, &fresh, &error));
    /* other images now: only a cache can give the same codes, sample by sample */
    g_assert_true(dkm_code_source_get(source, swapped, nothing, nothing, &kept, &error));
    g_assert_cmpmem(phases, sizeof phases / 2, kept_phases + PIXELS / 2, sizeof phases / 2);
    g_assert_cmpmem(f3, sizeof f3 / 2, kept3 + F3 / 2, sizeof f3 / 2);
    g_assert_cmpmem(f3 + F3 / 2, sizeof f3 / 2, kept3, sizeof f3 / 2);
    g_assert_cmpmem(f4, sizeof f4 / 2, kept4 + F4 / 2, sizeof f4 / 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/code-source/cache/f32", GINT_TO_POINTER(DKM_F32), test_cache);
    g_test_add_data_func("/code-source/cache/bf16", GINT_TO_POINTER(DKM_BF16), test_cache);
    return g_test_run();
}
