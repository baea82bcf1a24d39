/* Whole networks on the device beside the CPU in f32, which the fast suite holds to the reference
 * and to PyTorch: relative L2 of every work of `dkm bench`, training's first loss included. Presets
 * are arguments (default: tiny, small); each distance is printed for tests/gpu/run. */
#include "plugin/bench/own-work.h"
#include "tests/gpu/device.h"

#include "core/net/dtype.h"

#include <stdio.h>

static const double f32_within = 1e-4, bf16_within = 2e-2;

typedef struct {
    DkmEngine engine;
    DkmParams *params;
} Side;

static void open_side(Side *side, const char *device, const DkmPreset *preset)
{
    g_autoptr(GError) error = NULL;
    dkm_engine_open(&side->engine, device, 0, &error);
    g_assert_no_error(error);
    side->params = dkm_params_new(side->engine.backend, side->engine.device);
    dkm_own_weights(preset, side->params, &error);
    g_assert_no_error(error);
}

static void close_side(Side *side)
{
    dkm_params_free(side->params);
    dkm_engine_close(&side->engine);
}

static DkmOwnWork *work_on(const Side *side, const DkmPreset *preset, DkmWorkKind kind,
                           DkmDtype dtype)
{
    g_autoptr(GError) error = NULL;
    DkmOwnWork *work = dkm_own_work_new(&(DkmOwnSetup){.kind = kind,
                                                       .preset = preset,
                                                       .dtype = dtype,
                                                       .engine = &side->engine,
                                                       .params = side->params},
                                        NULL, &error);
    g_assert_no_error(error);
    return work;
}

static gboolean has_dtype(const Side *side, DkmDtype dtype)
{
    const DkmBackend *backend = side->engine.backend;
    return !backend->has_dtype || backend->has_dtype(side->engine.device, dtype);
}

static void compare(const Side *device, const DkmOwnWork *wanted, const DkmPreset *preset,
                    DkmWorkKind kind, DkmDtype dtype)
{
    if (!has_dtype(device, dtype))
        return;
    g_autoptr(DkmOwnWork) work = work_on(device, preset, kind, dtype);
    const double d = dkm_own_work_difference(work, wanted);
    printf("# distance %s %s %s %.3g\n", preset->name, dkm_work_names[kind], dkm_dtype_name(dtype),
           d);
    g_assert_cmpfloat(d, <=, dtype == DKM_F32 ? f32_within : bf16_within);
}

static void one_preset(gconstpointer name)
{
    g_autoptr(GError) error = NULL;
    DkmPreset preset;
    Side cpu = {0}, device = {0};
    dkm_preset_find(name, &preset, &error);
    g_assert_no_error(error);
    open_side(&cpu, "cpu", &preset);
    open_side(&device, test_device_name(), &preset);
    for (DkmWorkKind kind = 0; kind < DKM_WORKS; kind++) {
        g_autoptr(DkmOwnWork) wanted = work_on(&cpu, &preset, kind, DKM_F32);
        compare(&device, wanted, &preset, kind, DKM_F32);
        compare(&device, wanted, &preset, kind, DKM_BF16);
    }
    close_side(&device);
    close_side(&cpu);
}

int main(int argc, char **argv)
{
    static const char *usual[] = {"tiny", "small", NULL};
    g_test_init(&argc, &argv, NULL);
    if (!test_device())
        return 0;
    for (const char **name = argc > 1 ? (const char **)argv + 1 : usual; *name; name++) {
        g_autofree char *path = g_strdup_printf("/networks/%s", *name);
        g_test_add_data_func(path, *name, one_preset);
    }
    return g_test_run();
}
