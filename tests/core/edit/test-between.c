#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "tests/core/edit/masks.h"

#include <math.h>

/* Distance in slice Z from (y, x) to the nearest pixel of VALUE, by looking at all of them. */
static double nearest(const DkmMask *mask, int z, const int at[3], gboolean value)
{
    double best = HUGE_VAL;
    for (int y = 0; y < masks_grid.n[1]; y++)
        for (int x = 0; x < masks_grid.n[2]; x++)
            if (dkm_mask_get(mask, z, y, x) == value)
                best = MIN(best, sqrt(masks_distance2((int[]){z, at[1], at[2]}, (int[]){z, y, x})));
    return best;
}

static double shape(const DkmMask *mask, int z, const int at[3])
{
    return dkm_mask_get(mask, z, at[1], at[2]) ? nearest(mask, z, at, FALSE)
                                               : -nearest(mask, z, at, TRUE);
}

static gboolean interpolated(const DkmMask *mask, const int at[3], gconstpointer data)
{
    int below = at[0], above = at[0];
    while (below >= 0 && dkm_mask_slice_count(mask, below) == 0)
        below--;
    while (above < masks_grid.n[0] && dkm_mask_slice_count(mask, above) == 0)
        above++;
    if (below < 0 || above == masks_grid.n[0])
        return FALSE;
    if (below == above)
        return dkm_mask_get(mask, at[0], at[1], at[2]);
    const double share = (double)(at[0] - below) / (above - below);
    return (1 - share) * shape(mask, below, at) + share * shape(mask, above, at) > 1e-12;
}

static void like_the_definition(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(6);
    gsize added = 0;
    for (int i = 0; i < 20; i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        for (int z = 0; z < masks_grid.n[0]; z++)
            for (int k = 0; z % 4 != i % 3 && k < masks_grid.n[1] * masks_grid.n[2]; k++)
                dkm_mask_slice(mask, z)[k] = 0;
        g_autoptr(DkmMask) made = dkm_mask_interpolate(mask, NULL);
        masks_check(made, mask, interpolated, NULL);
        added += dkm_mask_count(made) - dkm_mask_count(mask);
    }
    g_assert_cmpuint(added, >, 500);
}

static void nothing_stays_nothing(void)
{
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) made = dkm_mask_interpolate(empty, NULL);
    masks_equal(empty, made);
}

/* Between a wide and a narrow rectangle lies one of a width between. */
static void is_between(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&masks_grid, NULL);
    for (int y = 3; y < 14; y++)
        for (int x = 2; x < 19; x++) {
            masks_set(mask, 2, y, x, 1);
            masks_set(mask, 6, y, x, y >= 6 && y < 11 && x >= 7 && x < 14);
        }
    g_autoptr(DkmMask) made = dkm_mask_interpolate(mask, NULL);
    for (int z = 3; z <= 6; z++)
        g_assert_cmpuint(dkm_mask_slice_count(made, z), <, dkm_mask_slice_count(made, z - 1));
    g_assert_cmpuint(dkm_mask_slice_count(made, 1) + dkm_mask_slice_count(made, 7), ==, 0);
}

static void copies_a_slice(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    g_autoptr(DkmMask) mask = masks_random(rand);
    g_autoptr(DkmMask) made = dkm_mask_copy_slice(mask, 3, 4, NULL);
    g_autoptr(GError) error = NULL;
    for (int z = 0; z < 9; z++)
        for (int i = 0; i < 17 * 21; i++) {
            const guint8 own = dkm_mask_slice(mask, z)[i];
            g_assert_cmpint(dkm_mask_slice(made, z)[i], ==,
                            z == 4 ? own | dkm_mask_slice(mask, 3)[i] : own);
        }
    g_assert_null(dkm_mask_copy_slice(mask, 8, 9, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/between/like-the-definition", like_the_definition);
    g_test_add_func("/between/nothing-stays-nothing", nothing_stays_nothing);
    g_test_add_func("/between/is-between", is_between);
    g_test_add_func("/between/copies-a-slice", copies_a_slice);
    return g_test_run();
}
