#include "core/learn/crop.h"
#include "synthetic.h"

enum { SIDE = 16, SLICE = 32 };

/* Whatever the symmetry, image and mask move together, and every pixel of the square appears once.
 */
static void test_symmetries(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(1, 1, SLICE);
    const DkmSample sample = {g_ptr_array_index(cases, 0), 0};
    float plain[SIDE * SIDE], turned[SIDE * SIDE], mask[SIDE * SIDE], turned_mask[SIDE * SIDE];
    DkmCrop crop = {.y = 5, .x = 9, .side = SIDE};
    dkm_crop_read(&sample, DKM_PHASE_LATE, &crop, 1, plain);
    dkm_crop_read_mask(&sample, &crop, mask);
    for (guint symmetry = 0; symmetry < 8; symmetry++) {
        crop.symmetry = symmetry;
        dkm_crop_read(&sample, DKM_PHASE_LATE, &crop, 1, turned);
        dkm_crop_read_mask(&sample, &crop, turned_mask);
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                int y = symmetry & 4u ? j : i, x = symmetry & 4u ? i : j;
                y = symmetry & 2u ? SIDE - 1 - y : y;
                x = symmetry & 1u ? SIDE - 1 - x : x;
                g_assert_cmpfloat(turned[i * SIDE + j], ==, plain[y * SIDE + x]);
                g_assert_cmpfloat(turned_mask[i * SIDE + j], ==, mask[y * SIDE + x]);
            }
    }
}

/* Random windows lie inside, differ, and are the same for the same number. */
static void test_random(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(1, 1, SLICE);
    const DkmSample sample = {g_ptr_array_index(cases, 0), 0};
    guint symmetries = 0, corners = 0;
    for (guint64 i = 0; i < 300; i++) {
        const DkmCrop crop = dkm_crop_random(&sample, SIDE, TRUE, 7, i);
        const DkmCrop again = dkm_crop_random(&sample, SIDE, TRUE, 7, i);
        g_assert_cmpint(crop.y, >=, 0);
        g_assert_cmpint(crop.y, <=, SLICE - SIDE);
        g_assert_cmpint(crop.x, >=, 0);
        g_assert_cmpint(crop.x, <=, SLICE - SIDE);
        g_assert_true(crop.y == again.y && crop.x == again.x && crop.symmetry == again.symmetry);
        symmetries |= 1u << crop.symmetry;
        corners |= crop.y == 0 ? 1u : 0u;
        corners |= crop.y == SLICE - SIDE ? 2u : 0u;
    }
    g_assert_cmpuint(symmetries, ==, 0xff);
    g_assert_cmpuint(corners, ==, 3);
}

/* A square larger than the slice is mirrored at the edges. */
static void test_mirrored(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(1, 1, 12);
    const DkmSample sample = {g_ptr_array_index(cases, 0), 0};
    float out[SIDE * SIDE];
    const DkmCrop crop = dkm_crop_centre(&sample, SIDE);
    g_assert_cmpint(crop.y, ==, -2);
    dkm_crop_read(&sample, DKM_PHASE_PRE, &crop, 1, out);
    for (int x = 0; x < SIDE; x++) {
        g_assert_cmpfloat(out[0 * SIDE + x], ==, out[4 * SIDE + x]);
        g_assert_cmpfloat(out[1 * SIDE + x], ==, out[3 * SIDE + x]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/crop/symmetries", test_symmetries);
    g_test_add_func("/crop/random", test_random);
    g_test_add_func("/crop/mirrored", test_mirrored);
    return g_test_run();
}
