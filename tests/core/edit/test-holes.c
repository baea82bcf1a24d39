#include "core/edit/mask-tools.h"
#include "tests/core/edit/masks.h"

/* The slow way: what can be reached from the edge grows by one step a round until nothing changes.
 * DATA: whether in slices. */
static DkmMask *reachable(const DkmMask *mask, gboolean in_slices)
{
    const int *n = masks_grid.n;
    DkmMask *out = dkm_mask_new(&masks_grid, NULL);
    for (gboolean changed = TRUE; changed;) {
        changed = FALSE;
        for (int z = 0; z < n[0]; z++)
            for (int y = 0; y < n[1]; y++)
                for (int x = 0; x < n[2]; x++) {
                    if (dkm_mask_get(mask, z, y, x) || dkm_mask_get(out, z, y, x))
                        continue;
                    const int at[3] = {z, y, x};
                    gboolean open = FALSE;
                    for (int k = in_slices ? 1 : 0; k < 3; k++) {
                        int down[3] = {z, y, x}, up[3] = {z, y, x};
                        down[k]--;
                        up[k]++;
                        open |= at[k] == 0 || at[k] == n[k] - 1 ||
                                dkm_mask_get(out, down[0], down[1], down[2]) ||
                                dkm_mask_get(out, up[0], up[1], up[2]);
                    }
                    if (open)
                        masks_set(out, z, y, x, 1);
                    changed |= open;
                }
    }
    return out;
}

static gboolean is_closed(const DkmMask *outside, const int at[3], gconstpointer data)
{
    return !dkm_mask_get(outside, at[0], at[1], at[2]);
}

static void like_the_slow_way(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    gsize filled = 0;
    for (int i = 0; i < 150; i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        for (int in_slices = 0; in_slices < 2; in_slices++) {
            g_autoptr(DkmMask) made = dkm_mask_fill_holes(mask, in_slices, NULL);
            g_autoptr(DkmMask) outside = reachable(mask, in_slices);
            masks_check(made, outside, is_closed, NULL);
            filled += dkm_mask_count(made) - dkm_mask_count(mask);
        }
    }
    g_assert_cmpuint(filled, >, 100);
}

/* A tube along z is a hole of each slice and none of the volume; a bubble is one of both. */
static void tube_and_bubble(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&masks_grid, NULL);
    for (int z = 0; z < 9; z++)
        for (int y = 3; y < 14; y++)
            for (int x = 3; x < 18; x++)
                masks_set(mask, z, y, x, !(y == 6 && x == 6) && !(z == 4 && y == 10 && x == 10));
    g_autoptr(DkmMask) flat = dkm_mask_fill_holes(mask, TRUE, NULL);
    g_autoptr(DkmMask) solid = dkm_mask_fill_holes(mask, FALSE, NULL);
    g_assert_cmpuint(dkm_mask_count(flat) - dkm_mask_count(mask), ==, 10);
    g_assert_cmpuint(dkm_mask_count(solid) - dkm_mask_count(mask), ==, 1);
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) still = dkm_mask_fill_holes(empty, FALSE, NULL);
    g_assert_cmpuint(dkm_mask_count(still), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/holes/like-the-slow-way", like_the_slow_way);
    g_test_add_func("/holes/tube-and-bubble", tube_and_bubble);
    return g_test_run();
}
