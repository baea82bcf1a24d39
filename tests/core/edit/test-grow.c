#include "core/edit/mask-tools.h"
#include "tests/core/edit/masks.h"

/* Any voxel of VALUE within |mm| of AT. */
static gboolean is_near(const DkmMask *mask, const int at[3], double mm, gboolean value)
{
    const int *n = masks_grid.n;
    for (int z = 0; z < n[0]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[2]; x++)
                if (dkm_mask_get(mask, z, y, x) == value &&
                    masks_distance2(at, (int[]){z, y, x}) <= mm * mm + 1e-9)
                    return TRUE;
    return FALSE;
}

static gboolean grown(const DkmMask *mask, const int at[3], gconstpointer data)
{
    const double mm = *(const double *)data;
    return mm > 0 ? is_near(mask, at, mm, TRUE) : !is_near(mask, at, mm, FALSE);
}

static void is_exact(void)
{
    static const double steps_mm[] = {0.5, 0.7, 0.9, 1.4, 2.5, 3.2, -0.6, -0.7, -1.5, -2.5, -4};
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    for (guint i = 0; i < G_N_ELEMENTS(steps_mm); i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        g_autoptr(DkmMask) made = dkm_mask_grow(mask, steps_mm[i], NULL);
        masks_check(made, mask, grown, &steps_mm[i]);
    }
}

static void nothing_stays_nothing(void)
{
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) grown_mask = dkm_mask_grow(empty, 5, NULL);
    g_autoptr(DkmMask) shrunk = dkm_mask_grow(empty, -5, NULL);
    g_assert_cmpuint(dkm_mask_count(grown_mask) + dkm_mask_count(shrunk), ==, 0);
}

/* What lies at the edge of the images is not eaten from beyond them. */
static void full_stays_full(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&masks_grid, NULL);
    for (gsize i = 0; i < dkm_grid_voxels(&masks_grid); i++)
        dkm_mask_slice(mask, 0)[i] = 1;
    g_autoptr(DkmMask) shrunk = dkm_mask_grow(mask, -3, NULL);
    masks_equal(mask, shrunk);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/grow/is-exact", is_exact);
    g_test_add_func("/grow/nothing-stays-nothing", nothing_stays_nothing);
    g_test_add_func("/grow/full-stays-full", full_stays_full);
    return g_test_run();
}
