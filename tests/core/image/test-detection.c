#include "core/image/detection.h"

/* Voxels of 0.01 ml. */
static const DkmGrid grid = {
    .n = {4, 20, 20}, .spacing_mm = {2.5, 2, 2}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static void set(DkmMask *mask, int y, int x, int side)
{
    for (int z = 1; z < 3; z++)
        for (int j = y; j < y + side; j++)
            for (int i = x; i < x + side; i++)
                dkm_mask_slice(mask, z)[j * grid.n[2] + i] = 1;
}

static void test_overlap(void)
{
    g_autoptr(DkmMask) truth = dkm_mask_new(&grid, NULL), predicted = dkm_mask_new(&grid, NULL);
    const DkmBox whole = dkm_box_whole(&grid), corner = {{0, 0, 0}, {4, 10, 10}},
                 nothing = {{0, 0, 0}, {1, 20, 20}};
    set(truth, 2, 2, 4);
    set(predicted, 2, 4, 4);
    set(predicted, 14, 14, 4);
    const DkmOverlap all = dkm_masks_overlap(truth, predicted, &whole);
    g_assert_cmpuint(all.truth, ==, 32);
    g_assert_cmpuint(all.predicted, ==, 64);
    g_assert_cmpuint(all.both, ==, 16);
    g_assert_cmpfloat(all.dice, ==, 32.0 / 96);
    g_assert_cmpfloat(dkm_masks_overlap(truth, predicted, &corner).dice, ==, 0.5);
    g_assert_cmpfloat(dkm_masks_overlap(truth, predicted, &nothing).dice, ==, 1);
}

/* Two lesions and a speck; one is found, of the other less than a tenth. */
static void test_count(void)
{
    g_autoptr(DkmMask) truth = dkm_mask_new(&grid, NULL), predicted = dkm_mask_new(&grid, NULL);
    g_autoptr(GError) error = NULL;
    DkmDetection found;
    set(truth, 0, 0, 4);
    set(truth, 0, 10, 4);
    set(truth, 10, 0, 1);
    set(predicted, 0, 2, 4);
    set(predicted, 3, 13, 4); /* touches the second lesion: no false part */
    dkm_mask_slice(predicted, 1)[3 * grid.n[2] + 13] = 0;
    set(predicted, 12, 12, 4);
    set(predicted, 18, 0, 1);
    g_assert_true(dkm_detection_count(truth, predicted, 0.1, &found, &error));
    g_assert_cmpuint(found.lesions, ==, 2);
    g_assert_cmpuint(found.found, ==, 1);
    g_assert_cmpuint(found.parts, ==, 3);
    g_assert_cmpuint(found.false_parts, ==, 1);
    g_assert_true(dkm_detection_count(truth, predicted, 0, &found, &error));
    g_assert_cmpuint(found.lesions, ==, 3);
    g_assert_cmpuint(found.false_parts, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/detection/overlap", test_overlap);
    g_test_add_func("/detection/count", test_count);
    return g_test_run();
}
