#include "core/error.h"
#include "core/image/compare.h"

#include <math.h>

static const DkmGrid grid = {{8, 20, 20}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static DkmMask *box_mask(DkmBox box)
{
    DkmMask *mask = dkm_mask_new(&grid, NULL);
    for (int z = box.first[0]; z < box.end[0]; z++)
        for (int y = box.first[1]; y < box.end[1]; y++)
            for (int x = box.first[2]; x < box.end[2]; x++)
                dkm_mask_slice(mask, z)[y * grid.n[2] + x] = 1;
    return mask;
}

static void overlap(void)
{
    g_autoptr(DkmMask) a = box_mask((DkmBox){{2, 4, 4}, {4, 8, 8}});
    g_autoptr(DkmMask) b = box_mask((DkmBox){{2, 4, 6}, {4, 8, 10}});
    DkmComparison out;
    g_assert_true(dkm_masks_compare(a, b, &out, NULL));
    g_assert_cmpuint(out.voxels_a, ==, 32);
    g_assert_cmpuint(out.both, ==, 16);
    g_assert_cmpfloat_with_epsilon(out.dice, 0.5, 1e-12);
    g_assert_cmpfloat_with_epsilon(out.jaccard, 1.0 / 3, 1e-12);
    g_assert_cmpfloat_with_epsilon(out.hd95_mm, 2, 1e-12);
    g_assert_cmpfloat_with_epsilon(out.ml_a, 0.064, 1e-12);
}

/* A shift along z counts in millimetres. */
static void distance_knows_the_spacing(void)
{
    g_autoptr(DkmMask) a = box_mask((DkmBox){{1, 4, 4}, {2, 8, 8}});
    g_autoptr(DkmMask) b = box_mask((DkmBox){{4, 4, 4}, {5, 8, 8}});
    DkmComparison out;
    g_assert_true(dkm_masks_compare(a, b, &out, NULL));
    g_assert_cmpfloat(out.dice, ==, 0);
    g_assert_cmpfloat_with_epsilon(out.hd95_mm, 6, 1e-12);
}

static void empty_masks(void)
{
    g_autoptr(DkmMask) none = dkm_mask_new(&grid, NULL),
                       some = box_mask((DkmBox){{1, 1, 1}, {2, 2, 2}});
    DkmComparison out;
    g_assert_true(dkm_masks_compare(none, none, &out, NULL));
    g_assert_cmpfloat(out.dice, ==, 1);
    g_assert_cmpfloat(out.jaccard, ==, 1);
    g_assert_true(isnan(out.hd95_mm));
    g_assert_true(dkm_masks_compare(none, some, &out, NULL));
    g_assert_cmpfloat(out.dice, ==, 0);
    g_assert_true(isnan(out.hd95_mm));
}

static void other_lattice_is_refused(void)
{
    DkmGrid shifted = grid;
    shifted.origin_lps[0] += 0.6;
    g_autoptr(DkmMask) a = dkm_mask_new(&grid, NULL), b = dkm_mask_new(&shifted, NULL);
    g_autoptr(GError) error = NULL;
    DkmComparison out;
    g_assert_false(dkm_masks_compare(a, b, &out, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/compare/overlap", overlap);
    g_test_add_func("/compare/distance-knows-the-spacing", distance_knows_the_spacing);
    g_test_add_func("/compare/empty-masks", empty_masks);
    g_test_add_func("/compare/other-lattice-is-refused", other_lattice_is_refused);
    return g_test_run();
}
