#include "core/image/smooth.h"
#include "tests/support/volumes.h"

#include <math.h>

static const DkmGrid grid = {
    .n = {3, 41, 5}, .spacing_mm = {1, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* One bright voxel becomes the Gaussian along the axis that is smoothed, and along no other. */
static void test_point(void)
{
    g_autoptr(GError) error = NULL;
    guint16 *samples = g_new0(guint16, dkm_grid_voxels(&grid));
    samples[dkm_grid_index(&grid, 1, 20, 2)] = 10000;
    g_autoptr(DkmVolume) volume = dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
    const double sigma[3] = {0, 2, 0};
    g_autofree float *out = dkm_volume_smooth(volume, sigma, &error);
    double sum = 0;
    for (int y = 0; y < grid.n[1]; y++)
        sum += (double)out[dkm_grid_index(&grid, 1, y, 2)];
    const double middle = (double)out[dkm_grid_index(&grid, 1, 20, 2)];
    g_assert_cmpfloat_with_epsilon(sum, 10000, 0.1);
    g_assert_cmpfloat_with_epsilon((double)out[dkm_grid_index(&grid, 1, 23, 2)] / middle,
                                   exp(-9.0 / 8), 1e-4);
    g_assert_cmpfloat(out[dkm_grid_index(&grid, 0, 20, 2)], ==, 0);
}

static void test_border(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) volume = dkm_test_volume(&grid, 7);
    const double sigma[3] = {1, 1, 3};
    g_autofree float *out = dkm_volume_smooth(volume, sigma, &error);
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        g_assert_cmpfloat_with_epsilon(out[i], 7, 1e-4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smooth/point", test_point);
    g_test_add_func("/smooth/border", test_border);
    return g_test_run();
}
