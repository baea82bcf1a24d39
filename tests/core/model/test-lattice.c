#include "core/model/lattice.h"

#include <math.h>

static DkmGrid grid_of(int rows, int columns, double spacing_mm)
{
    return (DkmGrid){.n = {3, rows, columns},
                     .spacing_mm = {2, spacing_mm, spacing_mm},
                     .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
}

static DkmLattice *lattice_of(const DkmGrid *grid, const DkmBox *box)
{
    g_autoptr(GError) error = NULL;
    const DkmBox whole = dkm_box_whole(grid);
    DkmLattice *lattice = dkm_lattice_new(grid, 0.714, box ? box : &whole, &error);
    g_assert_no_error(error);
    return lattice;
}

static float *ramp(const DkmGrid *grid)
{
    float *plane = g_new(float, (gsize)grid->n[1] * (gsize)grid->n[2]);
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++)
            plane[(gsize)y * (gsize)grid->n[2] + (gsize)x] = (float)(3 * y + x);
    return plane;
}

/* Within 2 % nothing is resampled: the same values, mirrored at the end, and back exactly. */
static void test_same_pixels(void)
{
    const DkmGrid grid = grid_of(50, 64, 0.703);
    g_autoptr(DkmLattice) lattice = lattice_of(&grid, NULL);
    g_autofree float *plane = ramp(&grid), *on = g_new(float, 64 * 64),
                     *back = g_new0(float, 50 * 64);
    g_assert_cmpint(dkm_lattice_rows(lattice), ==, 64);
    g_assert_cmpint(dkm_lattice_columns(lattice), ==, 64);
    dkm_lattice_read(lattice, plane, on);
    for (int y = 0; y < 64; y++) {
        const int from = y < 50 ? y : 98 - y;
        for (int x = 0; x < 64; x++)
            g_assert_cmpfloat(on[y * 64 + x], ==, plane[from * 64 + x]);
    }
    dkm_lattice_write(lattice, &(DkmLatticePicture){on, 1, 1, 0}, back);
    for (int i = 0; i < 50 * 64; i++)
        g_assert_cmpfloat(back[i], ==, plane[i]);
}

/* A linear picture stays the same picture through any resampling, away from the edges. */
static void check_ramp(double spacing_mm, int n)
{
    const DkmGrid grid = grid_of(n, n, spacing_mm);
    g_autoptr(DkmLattice) lattice = lattice_of(&grid, NULL);
    const gsize size = (gsize)dkm_lattice_rows(lattice) * (gsize)dkm_lattice_columns(lattice);
    g_autofree float *plane = ramp(&grid), *on = g_new(float, size),
                     *back = g_new0(float, (gsize)n *(gsize)n);
    dkm_lattice_read(lattice, plane, on);
    dkm_lattice_write(lattice, &(DkmLatticePicture){on, 1, 1, 0}, back);
    for (int y = 8; y < n - 8; y++)
        for (int x = 8; x < n - 8; x++)
            g_assert_cmpfloat_with_epsilon(back[y * n + x], plane[y * n + x], 0.35);
}

static void test_resampling(void)
{
    check_ramp(0.39, 200);
    check_ramp(0.5, 97);
    check_ramp(1.2, 61);
}

/* A constant stays constant everywhere, edges and mirrored part included. */
static void test_constant(void)
{
    const DkmGrid grid = grid_of(61, 45, 0.9);
    g_autoptr(DkmLattice) lattice = lattice_of(&grid, NULL);
    const gsize size = (gsize)dkm_lattice_rows(lattice) * (gsize)dkm_lattice_columns(lattice);
    g_autofree float *plane = g_new(float, 61 * 45), *on = g_new(float, size);
    for (int i = 0; i < 61 * 45; i++)
        plane[i] = 7;
    dkm_lattice_read(lattice, plane, on);
    for (gsize i = 0; i < size; i++)
        g_assert_cmpfloat_with_epsilon(on[i], 7, 1e-5);
}

/* A volume of interest: part of the plane with a margin, noise of the same place, nothing written
 * outside. */
static void test_box(void)
{
    const DkmGrid grid = grid_of(256, 256, 0.714);
    const DkmBox box = {{0, 100, 120}, {3, 140, 171}};
    g_autoptr(DkmLattice) part = lattice_of(&grid, &box);
    g_autoptr(DkmLattice) whole = lattice_of(&grid, NULL);
    g_assert_cmpint(dkm_lattice_rows(part), ==, 112); /* 40 + 2 * 32 = 104, rounded up */
    g_assert_cmpint(dkm_lattice_first_row(part), ==, 68);
    g_assert_cmpint(dkm_lattice_first_column(part), ==, 88);
    g_assert_false(dkm_lattice_equal(part, whole));
    g_autofree float *plane = ramp(&grid), *on = g_new(float, 256 * 256),
                     *back = g_new0(float, 256 * 256);
    dkm_lattice_read(part, plane, on);
    g_assert_cmpfloat(on[0], ==, plane[68 * 256 + 88]);
    dkm_lattice_write(part, &(DkmLatticePicture){on, 1, 1, 0}, back);
    for (int y = 0; y < 256; y++)
        for (int x = 0; x < 256; x++) {
            const gboolean inside = y >= 100 && y < 140 && x >= 120 && x < 171;
            g_assert_cmpfloat(back[y * 256 + x], ==, inside ? plane[y * 256 + x] : 0);
        }
}

/* A box at the corner of a small plane: the lattice may be larger than the plane. */
static void test_small_plane(void)
{
    const DkmGrid grid = grid_of(20, 9, 0.714);
    const DkmBox box = {{0, 0, 0}, {1, 4, 4}};
    g_autoptr(DkmLattice) lattice = lattice_of(&grid, &box);
    g_assert_cmpint(dkm_lattice_rows(lattice), ==, 32);
    g_assert_cmpint(dkm_lattice_columns(lattice), ==, 16);
    g_autofree float *plane = ramp(&grid), *on = g_new(float, 32 * 16);
    dkm_lattice_read(lattice, plane, on);
    for (int i = 0; i < 32 * 16; i++)
        g_assert_true(isfinite(on[i]));
}

static void test_too_large(void)
{
    const DkmGrid grid = grid_of(4000, 4000, 1);
    const DkmBox whole = dkm_box_whole(&grid);
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_lattice_new(&grid, 0.714, &whole, &error));
    g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lattice/same-pixels", test_same_pixels);
    g_test_add_func("/lattice/resampling", test_resampling);
    g_test_add_func("/lattice/constant", test_constant);
    g_test_add_func("/lattice/box", test_box);
    g_test_add_func("/lattice/small-plane", test_small_plane);
    g_test_add_func("/lattice/too-large", test_too_large);
    return g_test_run();
}
