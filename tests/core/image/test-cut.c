#include "core/image/cut.h"

#include <math.h>
#include <string.h>

enum { Z = 3, Y = 4, X = 5 };

/* A stored value says where it lies: 100 z + 10 y + x. */
static DkmVolume *numbered(const DkmGrid *grid)
{
    gint16 *samples = g_new(gint16, Z * Y * X);
    for (int i = 0; i < Z * Y * X; i++)
        samples[i] = (gint16)(100 * (i / (Y * X)) + 10 * (i / X % Y) + i % X);
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

static DkmGrid grid_of(const int along[3], const int sign[3])
{
    DkmGrid grid = {.n = {Z, Y, X}, .spacing_mm = {3, 1, 0.5}};
    for (int i = 0; i < 3; i++)
        grid.axis_lps[i][along[i]] = sign[i];
    return grid;
}

/* All 48 ways that the axes of a lattice may lie along the patient's. */
static void for_all_axes(void (*check)(const DkmGrid *grid))
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int o = 0; o < 6; o++)
        for (int s = 0; s < 8; s++) {
            const DkmGrid grid =
                grid_of(orders[o], (int[]){s & 1 ? -1 : 1, s & 2 ? -1 : 1, s & 4 ? -1 : 1});
            check(&grid);
        }
}

static void hangs_as_readers_do(const DkmGrid *grid)
{
    static const char *const letters[][2] = {[DKM_CUT_SAGITTAL] = {"F", "P"},
                                             [DKM_CUT_CORONAL] = {"F", "L"},
                                             [DKM_CUT_AXIAL] = {"P", "L"}};
    int acquired = 0;
    for (DkmCutKind kind = DKM_CUT_SAGITTAL; kind <= DKM_CUT_AXIAL; kind++) {
        const DkmCut cut = dkm_cut_new(grid, kind);
        g_assert_cmpint(cut.side, ==, kind);
        g_assert_cmpint(cut.normal + cut.row + cut.column, ==, 3);
        if (cut.normal == 0) { /* as stored, not flipped */
            acquired++;
            g_assert_true(cut.row == 1 && cut.column == 2 && !cut.flips_row && !cut.flips_column);
            continue;
        }
        for (int axis = 0; axis < 2; axis++) {
            double lps[3];
            char named[4];
            dkm_cut_direction(&cut, grid, axis, lps);
            dkm_grid_direction_letters(lps, named);
            g_assert_cmpstr(named, ==, letters[kind][axis]);
        }
    }
    g_assert_cmpint(acquired, ==, 1);
}

static void shows_the_right_voxels(const DkmGrid *grid)
{
    g_autoptr(DkmVolume) volume = numbered(grid);
    guint8 bytes[Z * Y * X], byte_plane[Y * X];
    float plane[Y * X];
    for (int i = 0; i < Z * Y * X; i++)
        bytes[i] = (guint8)i;
    for (DkmCutKind kind = DKM_CUT_ACQUIRED; kind <= DKM_CUT_AXIAL; kind++) {
        const DkmCut cut = dkm_cut_new(grid, kind);
        const int rows = grid->n[cut.row], columns = grid->n[cut.column];
        dkm_cut_values(&cut, volume, 1, plane);
        dkm_cut_bytes(&cut, grid, bytes, 1, byte_plane);
        for (int i = 0; i < rows * columns; i++) {
            double zyx[3], back[2];
            const double at[2] = {i / columns, i % columns};
            dkm_cut_to_zyx(&cut, grid, at, 1, zyx);
            g_assert_cmpfloat((double)plane[i], ==, 100 * zyx[0] + 10 * zyx[1] + zyx[2]);
            g_assert_cmpuint(byte_plane[i], ==,
                             dkm_grid_index(grid, (int)zyx[0], (int)zyx[1], (int)zyx[2]));
            dkm_cut_from_zyx(&cut, grid, zyx, back);
            g_assert_true(back[0] == at[0] && back[1] == at[1]);
        }
    }
}

static void letters_on_all_axes(void)
{
    for_all_axes(hangs_as_readers_do);
}

static void voxels_on_all_axes(void)
{
    for_all_axes(shows_the_right_voxels);
}

static void names_the_breast(void)
{
    g_assert_cmpstr(dkm_breast_side((double[]){60, 0, 0}), ==, "Left breast");
    g_assert_cmpstr(dkm_breast_side((double[]){-60, 0, 0}), ==, "Right breast");
    g_assert_null(dkm_breast_side((double[]){3, 0, 0}));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cut/letters-on-all-axes", letters_on_all_axes);
    g_test_add_func("/cut/voxels-on-all-axes", voxels_on_all_axes);
    g_test_add_func("/cut/names-the-breast", names_the_breast);
    return g_test_run();
}
