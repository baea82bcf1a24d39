/* Ranges, scales and int8 of a tiny network with random weights on made-up cases. */
#include "core/learn/calibrate.h"

#include "core/model/engine.h"
#include "core/net/int8.h"
#include "core/net/weights.h"
#include "synthetic.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <math.h>

enum { SIDE = 32 };

typedef struct {
    DkmEngine engine;
    DkmParams *params;
    DkmPreset preset;
    GPtrArray *cases;
    GArray *samples;
} Fixture;

static void load_weights(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-calibrate-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "model.safetensors", NULL);
    random_model_write(path, random_model_meta);
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    g_assert_true(dkm_network_declare(&f->preset, FALSE, f->params, &error));
    g_assert_true(dkm_weights_load(weights, "", f->params, &error));
    g_unlink(path);
    g_rmdir(folder);
}

static void set_up(Fixture *f, gconstpointer device)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_engine_open(&f->engine, device, 1, &error));
    f->params = dkm_params_new(f->engine.backend, f->engine.device);
    g_assert_true(dkm_preset_find("tiny-k2", &f->preset, &error));
    load_weights(f);
    f->cases = synthetic_cases(2, 2, SIDE);
    f->samples = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = 0; i < f->cases->len; i++)
        g_array_append_val(f->samples, ((DkmSample){g_ptr_array_index(f->cases, i), 0}));
}

static void tear_down(Fixture *f, gconstpointer device)
{
    g_array_unref(f->samples);
    g_ptr_array_unref(f->cases);
    dkm_params_free(f->params);
    dkm_engine_close(&f->engine);
}

static DkmNetwork *make(Fixture *f, const DkmScales *scales, gboolean observe)
{
    g_autoptr(GError) error = NULL;
    const DkmNetworkShape shape = {.preset = &f->preset,
                                   .dtype = scales ? DKM_BF16 : DKM_F32,
                                   .samples = 1,
                                   .rows = SIDE,
                                   .columns = SIDE,
                                   .scales = scales,
                                   .observe = observe};
    DkmNetwork *network = dkm_network_new(&shape, f->params, &error);
    g_assert_no_error(error);
    return network;
}

/* The largest magnitude that the observed input I of the last run holds. */
static float largest_of(DkmNetwork *network, guint i)
{
    const gsize n = dkm_network_observed_count(network, i);
    g_autofree float *values = g_new(float, n);
    float largest = 0;
    g_assert_true(dkm_network_get_observed(network, i, values, NULL));
    for (gsize k = 0; k < n; k++)
        largest = fmaxf(largest, fabsf(values[k]));
    return largest;
}

/* 100 % is the largest magnitude, at most one step of bf16 above it; less is less. */
static void test_ranges(Fixture *f, gconstpointer device)
{
    g_autoptr(GError) error = NULL;
    const DkmCalibrateOn on = {f->samples, SIDE, NULL};
    g_autoptr(DkmNetwork) network = make(f, NULL, TRUE);
    g_array_set_size(f->samples, 1);
    g_autoptr(DkmRanges) ranges = dkm_ranges_measure(network, &on, &error);
    g_assert_no_error(error);
    g_autoptr(DkmScales) all = dkm_ranges_scales(ranges, 100), half = dkm_ranges_scales(ranges, 50);
    g_assert_cmpuint(dkm_network_n_observed(network), >, 10);
    g_assert_cmpuint(dkm_scales_count(all), ==, dkm_network_n_observed(network));
    for (guint i = 0; i < dkm_network_n_observed(network); i++) {
        const char *name = dkm_network_observed_name(network, i);
        const float largest = largest_of(network, i),
                    range = dkm_scales_get(all, name) * DKM_INT8_MOST;
        g_assert_cmpfloat(range, >=, largest * 0.99999f);
        g_assert_cmpfloat(range, <=, largest * 1.008f);
        g_assert_cmpfloat(dkm_scales_get(half, name), <, dkm_scales_get(all, name));
    }
}

/* int8 by measured scales stays near f32, and by scales of half of the values less so. */
static void test_near(Fixture *f, gconstpointer device)
{
    g_autoptr(GError) error = NULL;
    const DkmCalibrateOn on = {f->samples, SIDE, NULL};
    g_autoptr(DkmNetwork) exact = make(f, NULL, TRUE);
    g_autoptr(DkmRanges) ranges = dkm_ranges_measure(exact, &on, &error);
    g_assert_no_error(error);
    g_autoptr(DkmScales) good = dkm_ranges_scales(ranges, 100), bad = dkm_ranges_scales(ranges, 50);
    g_autoptr(DkmNetwork) near = make(f, good, FALSE), far = make(f, bad, FALSE);
    double same, by_good, by_bad;
    g_assert_true(dkm_calibrate_difference(exact, exact, &on, &same, &error));
    g_assert_true(dkm_calibrate_difference(exact, near, &on, &by_good, &error));
    g_assert_true(dkm_calibrate_difference(exact, far, &on, &by_bad, &error));
    g_test_message("%s: probabilities move by %g, by %g where half is clamped", (char *)device,
                   by_good, by_bad);
    g_assert_cmpfloat(same, ==, 0);
    g_assert_cmpfloat(by_good, >, 0);
    g_assert_cmpfloat(by_good, <, 0.02);
    g_assert_cmpfloat(by_bad, >, 2 * by_good);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, device, test) g_test_add(path, Fixture, device, set_up, test, tear_down)
    ADD("/calibrate/ranges", "cpu", test_ranges);
    ADD("/calibrate/near/cpu", "cpu", test_near);
    ADD("/calibrate/near/reference", "reference", test_near);
    return g_test_run();
}
