#include "core/edit/mask-tools.h"
#include "tests/core/edit/masks.h"

static gboolean voted(const DkmMask *mask, const int at[3], gconstpointer data)
{
    const double mm = *(const double *)data;
    const int *n = masks_grid.n;
    int ayes = 0, all = 0;
    for (int z = 0; z < n[0]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[2]; x++)
                if (masks_distance2(at, (int[]){z, y, x}) <= mm * mm + 1e-9) {
                    ayes += dkm_mask_get(mask, z, y, x);
                    all++;
                }
    return 2 * ayes == all ? dkm_mask_get(mask, at[0], at[1], at[2]) : 2 * ayes > all;
}

static void is_the_majority(void)
{
    static const double radii_mm[] = {0.5, 0.7, 1, 1.8, 2.5, 3.7};
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    for (guint i = 0; i < G_N_ELEMENTS(radii_mm); i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        g_autoptr(DkmMask) made = dkm_mask_smooth(mask, radii_mm[i], NULL);
        masks_check(made, mask, voted, &radii_mm[i]);
    }
}

/* A spike goes, a pit is filled, the body stays. */
static void spikes_and_pits_go(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&masks_grid, NULL);
    for (int z = 2; z < 7; z++)
        for (int y = 4; y < 13; y++)
            for (int x = 4; x < 14; x++)
                masks_set(mask, z, y, x, 1);
    masks_set(mask, 4, 8, 8, 0);
    masks_set(mask, 4, 8, 18, 1);
    g_autoptr(DkmMask) made = dkm_mask_smooth(mask, 2, NULL);
    g_assert_true(dkm_mask_get(made, 4, 8, 8));
    g_assert_false(dkm_mask_get(made, 4, 8, 18));
    g_assert_true(dkm_mask_get(made, 4, 8, 4));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smooth/is-the-majority", is_the_majority);
    g_test_add_func("/smooth/spikes-and-pits-go", spikes_and_pits_go);
    return g_test_run();
}
