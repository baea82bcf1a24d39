#include "core/edit/delta.h"

#include "core/error.h"

#include <string.h>

static const DkmGrid grid = {{4, 30, 50}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static DkmMask *random_mask(GRand *rand, int percent)
{
    DkmMask *mask = dkm_mask_new(&grid, NULL);
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        dkm_mask_slice(mask, 0)[i] = g_rand_int_range(rand, 0, 100) < percent;
    return mask;
}

static void nothing_is_null(void)
{
    g_auto(DkmFlips) flips = {0};
    g_autoptr(DkmMask) empty = dkm_mask_new(&grid, NULL);
    g_assert_null(dkm_delta_new(&flips));
    g_assert_null(dkm_delta_new_from_mask(empty));
}

static void twice_is_the_start(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    for (int percent = 1; percent < 100; percent += 7) {
        g_autoptr(DkmMask) mask = random_mask(rand, 50), flipped = random_mask(rand, percent);
        g_autoptr(DkmDelta) delta = dkm_delta_new_from_mask(flipped);
        g_autofree char *start = dkm_mask_sha256(mask);
        const gsize before = dkm_mask_count(mask);
        const gssize change = dkm_delta_apply(delta, mask);
        g_assert_cmpint((gssize)dkm_mask_count(mask), ==, (gssize)before + change);
        g_assert_cmpuint(dkm_delta_voxels(delta), ==, dkm_mask_count(flipped));
        g_assert_cmpint(dkm_delta_apply(delta, mask), ==, -change);
        g_autofree char *end = dkm_mask_sha256(mask);
        g_assert_cmpstr(start, ==, end);
    }
}

static void runs_in_any_order(void)
{
    g_auto(DkmFlips) flips = {0};
    dkm_flips_add(&flips, 200, 10);
    dkm_flips_add(&flips, 5999, 1); /* the last voxel */
    dkm_flips_add(&flips, 190, 10);
    dkm_flips_add(&flips, 0, 3);
    g_assert_cmpuint(dkm_flips_count(&flips, 0), ==, 24);
    g_assert_cmpuint(dkm_flips_count(&flips, 2), ==, 13);
    g_autoptr(DkmDelta) delta = dkm_delta_new(&flips);
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    g_assert_cmpint(dkm_delta_apply(delta, mask), ==, 24);
    const guint8 *voxels = dkm_mask_peek_slice(mask, 0);
    for (gsize i = 0; i < 6000; i++)
        g_assert_cmpint(voxels[i], ==, i < 3 || (i >= 190 && i < 210) || i == 5999);
}

static void between_two_masks(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(13);
    for (int i = 0; i < 30; i++) {
        g_autoptr(DkmMask) from = random_mask(rand, 3 * i), to = random_mask(rand, 50);
        g_autoptr(DkmDelta) delta = dkm_delta_new_between(from, to);
        dkm_delta_apply(delta, from);
        g_autofree char *got = dkm_mask_sha256(from), *expected = dkm_mask_sha256(to);
        g_assert_cmpstr(got, ==, expected);
        g_assert_null(dkm_delta_new_between(from, to));
    }
}

static void code_and_back(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(14);
    g_autoptr(DkmMask) mask = random_mask(rand, 40), empty = dkm_mask_new(&grid, NULL);
    g_autoptr(DkmDelta) delta = dkm_delta_new_from_mask(mask);
    gsize length;
    const guint8 *code = dkm_delta_code(delta, &length);
    g_autoptr(DkmDelta) same = dkm_delta_new_from_code(code, length, 6000, NULL);
    g_assert_cmpuint(dkm_delta_voxels(same), ==, dkm_delta_voxels(delta));
    dkm_delta_apply(same, empty);
    g_autofree char *got = dkm_mask_sha256(empty), *expected = dkm_mask_sha256(mask);
    g_assert_cmpstr(got, ==, expected);
}

/* A gap without a run, an empty run, one beyond the end, a number that never ends. */
static void foreign_code_is_refused(void)
{
    static const guint8 codes[][12] = {{5},
                                       {5, 0},
                                       {100, 50, 100},
                                       {0xf0, 0x2e, 2},
                                       {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1}};
    static const gsize lengths[] = {1, 2, 3, 3, 12};
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dkm_delta_new_from_code(codes[i], lengths[i], 6000, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    }
}

/* A brush's disc of 60 rows costs a few bytes a row, not its 2,827 voxels. */
static void is_small(void)
{
    const DkmGrid slice = {{60, 256, 256}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmMask) mask = dkm_mask_new(&slice, NULL);
    for (int y = 100; y < 160; y++)
        memset(dkm_mask_slice(mask, 30) + y * 256 + 80, 1, 60);
    g_autoptr(DkmDelta) delta = dkm_delta_new_from_mask(mask);
    g_assert_cmpuint(dkm_delta_bytes(delta), <, 60 * 4 + 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/delta/nothing-is-null", nothing_is_null);
    g_test_add_func("/delta/twice-is-the-start", twice_is_the_start);
    g_test_add_func("/delta/runs-in-any-order", runs_in_any_order);
    g_test_add_func("/delta/between-two-masks", between_two_masks);
    g_test_add_func("/delta/code-and-back", code_and_back);
    g_test_add_func("/delta/foreign-code-is-refused", foreign_code_is_refused);
    g_test_add_func("/delta/is-small", is_small);
    return g_test_run();
}
