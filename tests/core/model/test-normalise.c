#include "core/error.h"
#include "core/model/normalise.h"

#include <math.h>

/* Half air (0), half tissue alternating 80 and 120. */
static DkmVolume *half_air(int n)
{
    const DkmGrid grid = {
        .n = {2, n, n}, .spacing_mm = {2, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = i % 2 ? 0 : i % 4 ? 80 : 120;
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

/* Air does not count: the same statistics for a crop without and a volume with it. */
static void test_foreground(void)
{
    g_autoptr(DkmVolume) volume = half_air(32);
    g_autoptr(GError) error = NULL;
    DkmNormalisation n;
    g_assert_true(dkm_normalisation_measure(volume, DKM_NORMALISE_FOREGROUND, &n, &error));
    g_assert_cmpfloat_with_epsilon(n.mean, 100, 1e-4);
    g_assert_cmpfloat_with_epsilon(n.sd, 20, 1e-3);
    g_assert_cmpfloat_with_epsilon(n.floor, 12, 0.1);
}

static void test_volume(void)
{
    g_autoptr(DkmVolume) volume = half_air(32);
    g_autoptr(GError) error = NULL;
    DkmNormalisation n;
    g_assert_true(dkm_normalisation_measure(volume, DKM_NORMALISE_VOLUME, &n, &error));
    g_assert_cmpfloat_with_epsilon(n.mean, 50, 1e-4);
    g_assert_cmpfloat_with_epsilon(n.sd, sqrt(2500 + 200), 1e-3);
}

static void test_apply(void)
{
    const DkmNormalisation n = {.mean = 100, .sd = 20};
    float values[] = {100, 140, 400, -1000};
    g_assert_cmpuint(dkm_normalisation_apply(&n, values, 4), ==, 2);
    g_assert_cmpfloat(values[0], ==, 0);
    g_assert_cmpfloat_with_epsilon(values[1], 2, 1e-6);
    g_assert_cmpfloat(values[2], ==, 10);
    g_assert_cmpfloat(values[3], ==, -10);
    dkm_normalisation_invert(&n, values, 2);
    g_assert_cmpfloat_with_epsilon(values[1], 140, 1e-4);
}

static void test_empty(void)
{
    const DkmGrid grid = {
        .n = {1, 4, 4}, .spacing_mm = {1, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmVolume) volume =
        dkm_volume_new_take(&grid, g_new0(guint16, 16), FALSE, NULL, NULL);
    DkmNormalisation n;
    for (int rule = 0; rule < 2; rule++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_normalisation_measure(volume, (DkmNormaliseRule)rule, &n, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/normalise/foreground", test_foreground);
    g_test_add_func("/normalise/volume", test_volume);
    g_test_add_func("/normalise/apply", test_apply);
    g_test_add_func("/normalise/empty", test_empty);
    return g_test_run();
}
