#include "core/error.h"
#include "core/mask.h"

static const DkmGrid grid = {{2, 3, 4}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static void counts(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    dkm_mask_slice(mask, 1)[5] = 1;
    dkm_mask_slice(mask, 0)[0] = 1;
    g_assert_cmpuint(dkm_mask_count(mask), ==, 2);
    g_assert_cmpuint(dkm_mask_slice_count(mask, 1), ==, 1);
    g_assert_true(dkm_mask_get(mask, 1, 1, 1));
    g_assert_cmpfloat_with_epsilon(dkm_mask_volume_ml(mask), 0.004, 1e-12);
}

static void copies_are_apart(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL), copy = dkm_mask_dup(mask, NULL);
    g_autofree char *before = dkm_mask_sha256(mask);
    dkm_mask_slice(copy, 0)[0] = 1;
    g_autofree char *after = dkm_mask_sha256(mask), *changed = dkm_mask_sha256(copy);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpstr(before, !=, changed);
}

static void middle_of_the_fullest_slice(void)
{
    const DkmGrid small = {{4, 9, 11}, {1, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmMask) mask = dkm_mask_new(&small, NULL);
    dkm_mask_slice(mask, 0)[0] = 1;
    for (int y = 2; y <= 4; y++)
        for (int x = 5; x <= 9; x++)
            dkm_mask_slice(mask, 2)[y * 11 + x] = 1;
    int at[3];
    dkm_mask_middle(mask, at);
    g_assert_true(at[0] == 2 && at[1] == 3 && at[2] == 7);
}

static void no_memory(void)
{
    const DkmGrid huge = {
        {1 << 20, 1 << 20, 1 << 20}, {1, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_mask_new(&huge, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY);
    g_assert_cmpint(dkm_error_exit_status(error), ==, 6);
}

static void box_with_a_margin(void)
{
    const DkmGrid ten_wide = {{3, 10, 12}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmMask) mask = dkm_mask_new(&ten_wide, NULL);
    DkmBox box;
    g_assert_false(dkm_mask_box(mask, 1, &box));
    dkm_mask_slice(mask, 1)[5 * 12 + 6] = 1;
    g_assert_true(dkm_mask_box(mask, 0, &box));
    g_assert_cmpint(box.first[1], ==, 5);
    g_assert_cmpint(box.end[1], ==, 6);
    g_assert_true(dkm_mask_box(mask, 3, &box));
    g_assert_cmpint(box.first[0], ==, 0);
    g_assert_cmpint(box.first[1], ==, 2);
    g_assert_cmpint(box.end[2], ==, 10);
}

/* The least box around voxels anywhere, borders included. */
static void box_without_a_margin(void)
{
    const DkmGrid nine = {{9, 11, 13}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(GRand) rand = g_rand_new_with_seed(9);
    for (int i = 0; i < 50; i++) {
        g_autoptr(DkmMask) mask = dkm_mask_new(&nine, NULL);
        int low[3] = {99, 99, 99}, high[3] = {-1, -1, -1};
        for (int k = 0, n = g_rand_int_range(rand, 1, 4); k < n; k++) {
            int at[3];
            for (int axis = 0; axis < 3; axis++) {
                at[axis] = g_rand_int_range(rand, 0, nine.n[axis]);
                low[axis] = MIN(low[axis], at[axis]);
                high[axis] = MAX(high[axis], at[axis]);
            }
            dkm_mask_slice(mask, at[0])[at[1] * nine.n[2] + at[2]] = 1;
        }
        DkmBox box;
        g_assert_true(dkm_mask_box(mask, 0, &box));
        for (int axis = 0; axis < 3; axis++) {
            g_assert_cmpint(box.first[axis], ==, low[axis]);
            g_assert_cmpint(box.end[axis], ==, high[axis] + 1);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mask/counts", counts);
    g_test_add_func("/mask/copies-are-apart", copies_are_apart);
    g_test_add_func("/mask/middle-of-the-fullest-slice", middle_of_the_fullest_slice);
    g_test_add_func("/mask/box-with-a-margin", box_with_a_margin);
    g_test_add_func("/mask/box-without-a-margin", box_without_a_margin);
    g_test_add_func("/mask/no-memory", no_memory);
    return g_test_run();
}
