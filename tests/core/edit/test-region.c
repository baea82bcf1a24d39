#include "core/edit/region.h"

#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "tests/core/edit/masks.h"

static void out_and_back(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(10);
    for (int i = 0; i < 20; i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        const int margin[3] = {i % 3, i % 4, i % 5};
        g_auto(DkmRegion) region = {0};
        g_assert_true(dkm_region_init(&region, mask, margin, NULL));
        g_autoptr(DkmMask) back = dkm_region_to_mask(&region, &masks_grid, NULL);
        masks_equal(mask, back);
    }
}

static gboolean is_in_box(const DkmMask *mask, const int at[3], gconstpointer data)
{
    const DkmBox *box = data;
    for (int axis = 0; axis < 3; axis++)
        if (at[axis] < box->first[axis] || at[axis] >= box->end[axis])
            return FALSE;
    return dkm_mask_get(mask, at[0], at[1], at[2]);
}

static void clips(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(12);
    g_autoptr(DkmMask) mask = masks_random(rand);
    g_autoptr(GError) error = NULL;
    const DkmBox box = {{2, 3, 5}, {7, 9, 21}}, outside = {{2, 3, 5}, {7, 9, 22}};
    g_autoptr(DkmMask) made = dkm_mask_clip(mask, &box, NULL);
    masks_check(made, mask, is_in_box, &box);
    g_assert_null(dkm_mask_clip(mask, &outside, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

static void crops(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(15);
    for (int i = 0; i < 20; i++) {
        g_autoptr(DkmMask) mask = masks_random(rand);
        g_autoptr(DkmMask) made = dkm_mask_crop(mask, NULL);
        DkmBox box;
        dkm_mask_box(mask, 0, &box);
        g_assert_cmpuint(dkm_mask_count(made), ==, dkm_mask_count(mask));
        for (int axis = 0; axis < 3; axis++) {
            g_assert_cmpint(dkm_mask_grid(made)->n[axis], ==, box.end[axis] - box.first[axis]);
            g_assert_cmpfloat(dkm_mask_grid(made)->spacing_mm[axis], ==,
                              masks_grid.spacing_mm[axis]);
        }
        for (int z = box.first[0]; z < box.end[0]; z++)
            for (int y = box.first[1]; y < box.end[1]; y++)
                for (int x = box.first[2]; x < box.end[2]; x++)
                    g_assert_cmpint(
                        dkm_mask_get(mask, z, y, x), ==,
                        dkm_mask_get(made, z - box.first[0], y - box.first[1], x - box.first[2]));
    }
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) one = dkm_mask_crop(empty, NULL);
    g_assert_cmpuint(dkm_mask_count(one), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/region/out-and-back", out_and_back);
    g_test_add_func("/region/clips", clips);
    g_test_add_func("/region/crops", crops);
    return g_test_run();
}
