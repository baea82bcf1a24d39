#include "core/image/resample-mask.h"

#include <string.h>

static DkmGrid axial(int n, double spacing, double origin)
{
    return (DkmGrid){.n = {n, n, n},
                     .spacing_mm = {spacing, spacing, spacing},
                     .origin_lps = {origin, origin, origin},
                     .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
}

/* Set where the centre lies in the cube of patient space [FROM, TO). */
static DkmMask *cube(const DkmGrid *grid, double from, double to)
{
    DkmMask *mask = dkm_mask_new(grid, NULL);
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                double lps[3];
                gboolean inside = TRUE;
                dkm_grid_to_lps(grid, (const double[]){z, y, x}, lps);
                for (int k = 0; k < 3; k++)
                    inside = inside && lps[k] >= from && lps[k] < to;
                dkm_mask_slice(mask, z)[y * grid->n[2] + x] = inside;
            }
    return mask;
}

static void assert_same(const DkmMask *a, const DkmMask *b)
{
    const gsize n = dkm_grid_voxels(dkm_mask_grid(a));
    g_assert_cmpmem(dkm_mask_peek_slice(a, 0), n, dkm_mask_peek_slice(b, 0), n);
}

/* The cube 2..6 of patient space on eight voxels of 1 mm, from finer, coarser, turned lattices. */
static void test_table(void)
{
    struct {
        const char *name;
        DkmGrid from;
        gsize outside;
    } rows[] = {
        {"the same", axial(8, 1, 0.5), 0},      {"half the voxel", axial(16, 0.5, 0.25), 0},
        {"twice the voxel", axial(4, 2, 1), 0}, {"from afar", axial(20, 1, -5.5), 0},
        {"a part of it", axial(4, 1, 2.5), 0},  {"turned", axial(8, 1, 0.5), 0},
    };
    DkmGrid *turned = &rows[5].from;
    turned->origin_lps[0] = 7.5;
    const double axes[3][3] = {{0, 1, 0}, {0, 0, 1}, {-1, 0, 0}};
    memcpy(turned->axis_lps, axes, sizeof axes);
    const DkmGrid grid = axial(8, 1, 0.5);
    g_autoptr(DkmMask) expected = cube(&grid, 2, 6);
    g_assert_cmpuint(dkm_mask_count(expected), ==, 64);
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        gsize outside = 99;
        g_test_message("%s", rows[r].name);
        g_autoptr(DkmMask) from = cube(&rows[r].from, 2, 6);
        g_autoptr(DkmMask) made = dkm_mask_resample(from, &grid, &outside, NULL);
        assert_same(made, expected);
        g_assert_cmpuint(outside, ==, rows[r].outside);
        g_assert_true(dkm_grid_equal(dkm_mask_grid(made), &grid, 1e-9));
    }
}

/* What has no place is counted, not moved. */
static void test_outside(void)
{
    const DkmGrid grid = axial(8, 1, 0.5), lower = axial(8, 1, -3.5), away = axial(8, 1, 100.5);
    gsize outside;
    g_autoptr(DkmMask) from = cube(&lower, -2, 2);
    g_autoptr(DkmMask) made = dkm_mask_resample(from, &grid, &outside, NULL);
    g_autoptr(DkmMask) expected = cube(&grid, 0, 2);
    assert_same(made, expected);
    g_assert_cmpuint(outside, ==, 64 - 8);
    g_autoptr(DkmMask) none = dkm_mask_resample(from, &away, &outside, NULL);
    g_assert_cmpuint(dkm_mask_count(none), ==, 0);
    g_assert_cmpuint(outside, ==, 64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/resample-mask/table", test_table);
    g_test_add_func("/resample-mask/outside", test_outside);
    return g_test_run();
}
