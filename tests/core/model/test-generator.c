/* One step is the network's own one-step prediction; a chain is its definition, step by step. */
#include "core/model/generator.h"

#include "core/model/engine.h"
#include "core/model/network.h"
#include "core/model/schedule.h"
#include "core/net/weights.h"
#include "core/philox.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <math.h>

enum { SIDE = 32, PIXELS = SIDE * SIDE };
static const int size[2] = {SIDE, SIDE};

typedef struct {
    DkmEngine engine;
    DkmParams *params;
    DkmPreset preset;
    DkmGenerator *generator;
    float x_0[PIXELS], noise[PIXELS];
} Fixture;

static void set_up(Fixture *f, gconstpointer reading)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-generator-XXXXXX", &error);
    g_autofree char *path = g_build_filename(folder, "model.safetensors", NULL);
    random_model_write(path, random_model_meta);
    g_assert_true(dkm_engine_open(&f->engine, "cpu", 1, &error));
    g_assert_true(dkm_preset_find("tiny-k2", &f->preset, &error));
    f->preset.reading = (DkmReading)GPOINTER_TO_INT(reading);
    f->params = dkm_params_new(f->engine.backend, f->engine.device);
    g_assert_true(dkm_network_declare(&f->preset, TRUE, f->params, &error));
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_true(dkm_weights_load(weights, "", f->params, &error));
    f->generator = dkm_generator_new(&f->preset, f->params, DKM_F32, size, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < PIXELS; i++) {
        f->x_0[i] = (float)dkm_philox_normal(1, i, 78);
        f->noise[i] = (float)dkm_philox_normal(2, i, 78);
    }
    g_unlink(path);
    g_rmdir(folder);
}

static void tear_down(Fixture *f, gconstpointer reading)
{
    dkm_generator_free(f->generator);
    dkm_params_free(f->params);
    dkm_engine_close(&f->engine);
}

static void run(Fixture *f, int t, int steps, float *late)
{
    const DkmChain chain = {t, steps};
    const DkmGeneratorPlanes planes = {f->x_0, f->noise, late};
    g_assert_true(dkm_generator_run(f->generator, &chain, &planes, NULL, NULL));
}

static void assert_near(const float *a, const float *b, gsize stride)
{
    for (gsize i = 0; i < PIXELS; i++)
        g_assert_cmpfloat_with_epsilon(a[i], b[i * stride], 1e-4 * (1 + fabs((double)a[i])));
}

static void test_one_step(Fixture *f, gconstpointer reading)
{
    const DkmNetworkShape shape = {.preset = &f->preset,
                                   .dtype = DKM_F32,
                                   .samples = 1,
                                   .rows = SIDE,
                                   .columns = SIDE,
                                   .code_only = TRUE,
                                   .predict = TRUE};
    float late[PIXELS], phases[2 * PIXELS];
    for (f->preset.timestep = 50; f->preset.timestep <= 350; f->preset.timestep += 300) {
        g_autoptr(DkmNetwork) network = dkm_network_new(&shape, f->params, NULL);
        g_assert_true(dkm_network_run(network, f->x_0, f->noise, NULL, NULL));
        g_assert_true(dkm_network_get_phases(network, phases, NULL));
        run(f, f->preset.timestep, 1, late);
        assert_near(late, phases + 1, 2);
    }
}

/* The second of two steps as a step of its own: from an x_0 and a noise that make the same x_t. */
static void test_chain(Fixture *f, gconstpointer reading)
{
    float first[PIXELS], last[PIXELS], whole[PIXELS];
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    const DkmLevel level = dkm_schedule_level(&schedule, 200);
    run(f, 200, 2, whole);
    run(f, 200, 1, first);
    for (int i = 0; i < PIXELS; i++) {
        const double x_t = level.a * f->x_0[i] + level.s * f->noise[i];
        f->x_0[i] = first[i];
        f->noise[i] = (float)((x_t - level.a * first[i]) / level.s);
    }
    run(f, 100, 1, last);
    assert_near(whole, last, 1);
}

static void test_regression(Fixture *f, gconstpointer reading)
{
    float one[PIXELS], other[PIXELS];
    run(f, 350, 20, one);
    f->noise[0] = 100;
    run(f, 50, 1, other);
    for (int i = 0; i < PIXELS; i++)
        g_assert_cmpfloat(one[i], ==, other[i]);
}

int main(int argc, char **argv)
{
    gconstpointer b1 = GINT_TO_POINTER(DKM_READING_B1),
                  regression = GINT_TO_POINTER(DKM_READING_REGRESSION);
    g_test_init(&argc, &argv, NULL);
    g_test_add("/model/generator/one-step", Fixture, b1, set_up, test_one_step, tear_down);
    g_test_add("/model/generator/chain", Fixture, b1, set_up, test_chain, tear_down);
    g_test_add("/model/generator/regression", Fixture, regression, set_up, test_regression,
               tear_down);
    return g_test_run();
}
