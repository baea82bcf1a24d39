#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "tests/core/edit/masks.h"

/* The slow way: a part spreads from SEED by one round of neighbours after the other. */
static DkmMask *part_from(const DkmMask *mask, const int seed[3])
{
    const int *n = masks_grid.n;
    DkmMask *part = dkm_mask_new(&masks_grid, NULL);
    masks_set(part, seed[0], seed[1], seed[2], 1);
    for (gboolean changed = TRUE; changed;) {
        changed = FALSE;
        for (int i = 0; i < n[0] * n[1] * n[2]; i++) {
            const int z = i / n[2] / n[1], y = i / n[2] % n[1], x = i % n[2];
            if (!dkm_mask_get(mask, z, y, x) || dkm_mask_get(part, z, y, x))
                continue;
            for (int k = 0; k < 27; k++) {
                const int p = z + k / 9 - 1, q = y + k / 3 % 3 - 1, r = x + k % 3 - 1;
                if (p < 0 || q < 0 || r < 0 || p >= n[0] || q >= n[1] || r >= n[2] ||
                    !dkm_mask_get(part, p, q, r))
                    continue;
                masks_set(part, z, y, x, 1);
                changed = TRUE;
                break;
            }
        }
    }
    return part;
}

/* All parts in the order of their first voxels. */
static GPtrArray *slow_parts(const DkmMask *mask)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_mask_unref);
    g_autoptr(DkmMask) left = dkm_mask_dup(mask, NULL);
    const int *n = masks_grid.n;
    for (int i = 0; i < n[0] * n[1] * n[2]; i++) {
        if (!dkm_mask_slice(left, 0)[i])
            continue;
        DkmMask *part = part_from(left, (int[]){i / n[2] / n[1], i / n[2] % n[1], i % n[2]});
        for (int k = 0; k < n[0] * n[1] * n[2]; k++)
            dkm_mask_slice(left, 0)[k] &= !dkm_mask_slice(part, 0)[k];
        g_ptr_array_add(parts, part);
    }
    return parts;
}

/* Fewer than half of the voxels, so that there are many parts. */
static DkmMask *scattered(GRand *rand)
{
    DkmMask *mask = dkm_mask_new(&masks_grid, NULL);
    for (gsize i = 0; i < dkm_grid_voxels(&masks_grid); i++)
        dkm_mask_slice(mask, 0)[i] = g_rand_int_range(rand, 0, 100) < 6;
    return mask;
}

static DkmMask *slow_union(const GPtrArray *parts, double least_mm3)
{
    DkmMask *out = dkm_mask_new(&masks_grid, NULL);
    for (guint i = 0; i < parts->len; i++) {
        if (dkm_mask_volume_ml(parts->pdata[i]) * 1000 < least_mm3 - 1e-6)
            continue;
        for (gsize k = 0; k < dkm_grid_voxels(&masks_grid); k++)
            dkm_mask_slice(out, 0)[k] |= dkm_mask_slice(parts->pdata[i], 0)[k];
    }
    return out;
}

static const DkmMask *largest_of(const GPtrArray *parts)
{
    const DkmMask *largest = parts->pdata[0];
    for (guint i = 1; i < parts->len; i++)
        if (dkm_mask_count(parts->pdata[i]) > dkm_mask_count(largest))
            largest = parts->pdata[i];
    return largest;
}

static void like_the_slow_way(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(21);
    for (int i = 0; i < 8; i++) {
        g_autoptr(DkmMask) mask = i % 2 ? masks_random(rand) : scattered(rand);
        g_autoptr(GPtrArray) parts = slow_parts(mask);
        g_autoptr(DkmMask) largest = dkm_mask_keep_largest(mask, NULL);
        masks_equal(largest, largest_of(parts));
        for (int k = 0; k < 3; k++) {
            const double least_mm3 = 1000 * dkm_grid_voxel_ml(&masks_grid) * (1 + 2 * k);
            g_autoptr(DkmMask) big = dkm_mask_remove_small(mask, least_mm3, NULL);
            g_autoptr(DkmMask) slow = slow_union(parts, least_mm3);
            masks_equal(big, slow);
        }
    }
}

static void splits_by_size(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    g_autoptr(DkmMask) mask = scattered(rand);
    g_autoptr(GPtrArray) slow = slow_parts(mask);
    g_autoptr(GPtrArray) parts = dkm_mask_split(mask, 10000, NULL);
    g_assert_cmpuint(parts->len, ==, slow->len);
    g_assert_cmpuint(parts->len, >, 20);
    for (guint i = 1; i < parts->len; i++)
        g_assert_cmpuint(dkm_mask_count(parts->pdata[i - 1]), >=, dkm_mask_count(parts->pdata[i]));
    masks_equal(parts->pdata[0], largest_of(slow));
    g_autoptr(DkmMask) all = slow_union(parts, 0);
    masks_equal(all, mask);

    g_autoptr(GPtrArray) three = dkm_mask_split(mask, 3, NULL);
    g_assert_cmpuint(three->len, ==, 3);
    masks_equal(three->pdata[1], parts->pdata[1]);
    gsize voxels = 0;
    for (guint i = 0; i < 3; i++)
        voxels += dkm_mask_count(three->pdata[i]);
    g_assert_cmpuint(voxels, ==, dkm_mask_count(mask));
}

static void part_under_the_pointer(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(8);
    g_autoptr(DkmMask) mask = scattered(rand);
    g_autoptr(GError) error = NULL;
    const int *n = masks_grid.n;
    for (int i = 0; i < 200; i++) {
        const int at[3] = {g_rand_int_range(rand, 0, n[0]), g_rand_int_range(rand, 0, n[1]),
                           g_rand_int_range(rand, 0, n[2])};
        g_autoptr(DkmMask) part = dkm_mask_part_at(mask, at, NULL);
        g_autoptr(DkmMask) rest = dkm_mask_remove_part_at(mask, at, NULL);
        for (gsize k = 0; k < dkm_grid_voxels(&masks_grid); k++)
            g_assert_cmpint(dkm_mask_slice(rest, 0)[k] + dkm_mask_slice(part, 0)[k], ==,
                            dkm_mask_slice(mask, 0)[k]);
        if (!dkm_mask_get(mask, at[0], at[1], at[2])) {
            g_assert_cmpuint(dkm_mask_count(part), ==, 0);
            continue;
        }
        g_autoptr(DkmMask) slow = part_from(mask, at);
        masks_equal(part, slow);
    }
    g_assert_null(dkm_mask_part_at(mask, (int[]){0, -1, 0}, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

static void nothing_has_no_parts(void)
{
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) largest = dkm_mask_keep_largest(empty, NULL);
    g_autoptr(DkmMask) big = dkm_mask_remove_small(empty, 5, NULL);
    g_autoptr(GPtrArray) parts = dkm_mask_split(empty, 9, NULL);
    g_assert_cmpuint(dkm_mask_count(largest) + dkm_mask_count(big) + parts->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/islands/like-the-slow-way", like_the_slow_way);
    g_test_add_func("/islands/splits-by-size", splits_by_size);
    g_test_add_func("/islands/part-under-the-pointer", part_under_the_pointer);
    g_test_add_func("/islands/nothing-has-no-parts", nothing_has_no_parts);
    return g_test_run();
}
