#include "core/image/volume-rules.h"

#include "core/image/detection.h"
#include "tests/support/volumes.h"

#include <math.h>

static const DkmGrid grid = {
    .n = {3, 10, 12}, .spacing_mm = {2, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
static const DkmBox box = {{0, 2, 2}, {3, 8, 10}};

/* The truth is what is over 50 in the box; outside it everything is bright. */
static void test_threshold(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmMask) truth = dkm_mask_new(&grid, &error);
    g_autofree float *values = g_new(float, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        values[i] = 1000;
    for (int z = 0; z < 3; z++)
        for (int y = 2; y < 8; y++)
            for (int x = 2; x < 10; x++) {
                values[dkm_grid_index(&grid, z, y, x)] = (float)(x * 10);
                dkm_mask_slice(truth, z)[y * 12 + x] = x > 5;
            }
    g_autoptr(DkmMask) best = dkm_rule_best_threshold(values, truth, &box, &error);
    const DkmBox whole = dkm_box_whole(&grid);
    g_assert_cmpfloat(dkm_masks_overlap(truth, best, &whole).dice, ==, 1);
}

static void test_shapes(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmMask) all = dkm_rule_everything(&grid, &box, &error),
                       ball = dkm_rule_ellipsoid(&grid, &box, &error);
    g_assert_cmpuint(dkm_mask_count(all), ==, 3 * 6 * 8);
    g_assert_cmpfloat_with_epsilon((double)dkm_mask_count(ball), G_PI / 6 * 144, 12);
    g_assert_true(dkm_mask_get(ball, 1, 5, 6));
    g_assert_false(dkm_mask_get(ball, 1, 2, 2));
}

/* 69 % and 70 % of a voxel with signal, and of one without. */
static void test_enhancement(void)
{
    g_autoptr(GError) error = NULL;
    guint16 *before = g_new(guint16, dkm_grid_voxels(&grid)),
            *after = g_new(guint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++) {
        before[i] = 100;
        after[i] = i % 2 ? 170 : 169;
    }
    before[1] = 5;
    after[1] = 50;
    g_autoptr(DkmVolume) pre = dkm_volume_new_take(&grid, before, FALSE, NULL, NULL);
    g_autoptr(DkmVolume) early = dkm_volume_new_take(&grid, after, FALSE, NULL, NULL);
    g_autoptr(DkmMask) mask = dkm_rule_enhancement(pre, early, 70, &error);
    g_assert_cmpuint(dkm_mask_count(mask), ==, dkm_grid_voxels(&grid) / 2 - 1);
    g_assert_false(dkm_mask_get(mask, 0, 0, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume-rules/threshold", test_threshold);
    g_test_add_func("/volume-rules/shapes", test_shapes);
    g_test_add_func("/volume-rules/enhancement", test_enhancement);
    return g_test_run();
}
