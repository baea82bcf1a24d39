#include "core/image/side.h"

#include <string.h>

typedef enum { AXIAL, AXIAL_MIRRORED, SAGITTAL } Turn;

static DkmGrid lattice(Turn turn, double origin_x, int columns)
{
    static const double axes[3][3][3] = {{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}},
                                         {{0, 0, -1}, {0, 1, 0}, {-1, 0, 0}},
                                         {{-1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
    DkmGrid grid = {.n = {4, 4, columns}, .spacing_mm = {2, 2, 2}, .origin_lps = {origin_x, 0, 0}};
    if (turn == SAGITTAL) { /* slices from the patient's left to the right */
        grid.n[0] = columns;
        grid.n[2] = 4;
    }
    memcpy(grid.axis_lps, axes[turn], sizeof axes[turn]);
    return grid;
}

static void test_table(void)
{
    static const struct {
        const char *name;
        Turn turn;
        double origin_x;
        int columns, from, to; /* columns (slices of a sagittal one) that are set; to excluded */
        DkmSide side;
    } rows[] = {
        {"both breasts, left", AXIAL, -160, 160, 100, 120, DKM_SIDE_LEFT},
        {"both breasts, right", AXIAL, -160, 160, 20, 40, DKM_SIDE_RIGHT},
        {"both breasts, over the middle", AXIAL, -160, 160, 70, 90, DKM_SIDE_UNKNOWN},
        {"both breasts, too near to the middle", AXIAL, -160, 160, 82, 90, DKM_SIDE_UNKNOWN},
        {"both, patient 60 mm off the middle", AXIAL, -100, 160, 60, 70, DKM_SIDE_RIGHT},
        {"both, columns towards the right", AXIAL_MIRRORED, 160, 160, 20, 40, DKM_SIDE_LEFT},
        {"one breast, left", AXIAL, 10, 80, 10, 70, DKM_SIDE_LEFT},
        {"one breast, right", AXIAL, -170, 80, 10, 70, DKM_SIDE_RIGHT},
        {"sagittal, left", SAGITTAL, 130, 60, 10, 30, DKM_SIDE_LEFT},
        {"sagittal, right", SAGITTAL, -20, 60, 10, 30, DKM_SIDE_RIGHT},
        {"one breast, left, but over there", AXIAL, -30, 80, 0, 8, DKM_SIDE_UNKNOWN},
        {"nothing", AXIAL, -160, 160, 0, 0, DKM_SIDE_UNKNOWN},
    };
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        const DkmGrid grid = lattice(rows[r].turn, rows[r].origin_x, rows[r].columns);
        g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
        for (int k = rows[r].from; k < rows[r].to; k++) {
            if (rows[r].turn == SAGITTAL)
                dkm_mask_slice(mask, k)[5] = 1;
            else
                dkm_mask_slice(mask, 1)[grid.n[2] + k] = 1;
        }
        g_test_message("%s", rows[r].name);
        const char *sides = rows[r].columns == 160                                ? "B"
                            : rows[r].origin_x == -170 || rows[r].origin_x == -20 ? "R"
                                                                                  : "L";
        g_assert_cmpstr(dkm_grid_sides(&grid), ==, sides);
        g_assert_cmpint(dkm_mask_side(mask), ==, rows[r].side);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/side/table", test_table);
    return g_test_run();
}
