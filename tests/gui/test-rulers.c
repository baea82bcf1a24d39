#include "gui/rulers.h"

#include <math.h>

/* Slices 4 mm apart, pixels of 2 x 0.5 mm. */
static const DkmGrid plain = {
    {20, 100, 200}, {4, 2, 0.5}, {-50, -60, -70}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* The same, turned about two axes: a length does not know. */
static DkmGrid turned(void)
{
    DkmGrid grid = plain;
    const double a = 0.4, b = -0.9;
    const double axes[3][3] = {{sin(b), -sin(a) * cos(b), cos(a) * cos(b)},
                               {0, cos(a), sin(a)},
                               {cos(b), sin(a) * sin(b), -cos(a) * sin(b)}};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            grid.axis_lps[i][k] = axes[i][k];
    return grid;
}

static void lengths_are_true(void)
{
    static const struct {
        DkmRuler ruler;
        double mm;
    } known[] = {
        {{0, {{5, 10, 10}, {5, 10, 30}}}, 10},      /* along a row: 20 pixels of 0.5 mm */
        {{0, {{5, 10, 10}, {5, 20, 10}}}, 20},      /* along a column: 10 of 2 mm */
        {{0, {{5, 10, 10}, {5, 25, 90}}}, 50},      /* 30 mm down, 40 mm across */
        {{1, {{2, 50, 10}, {5, 50, 42}}}, 20},      /* a reformat: 12 mm of slices, 16 across */
        {{2, {{2, 50.5, 7}, {4.5, 62.5, 7}}}, 26},  /* another: 10 mm of slices, 24 down */
        {{0, {{5, 10, 10}, {5, 10, 10.25}}}, 0.125} /* within a pixel */
    };
    const DkmGrid oblique = turned();
    g_assert_true(dkm_grid_is_valid(&oblique));
    for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
        g_assert_cmpfloat_with_epsilon(dkm_ruler_mm(&known[i].ruler, &plain), known[i].mm, 1e-9);
        g_assert_cmpfloat_with_epsilon(dkm_ruler_mm(&known[i].ruler, &oblique), known[i].mm, 1e-9);
    }
}

static void seen_in_its_own_plane(void)
{
    const DkmRuler ruler = {1, {{2, 50, 10}, {5, 50, 42}}};
    g_assert_true(dkm_ruler_is_in(&ruler, 1, 50));
    g_assert_true(dkm_ruler_is_in(&ruler, 1, 50.5));
    g_assert_false(dkm_ruler_is_in(&ruler, 1, 51));
    g_assert_false(dkm_ruler_is_in(&ruler, 1, 49));
    g_assert_false(dkm_ruler_is_in(&ruler, 0, 50));
    g_assert_false(dkm_ruler_is_in(&ruler, 2, 50));
}

static void stretched_in_its_plane_and_inside(void)
{
    g_autoptr(DkmRulers) rulers = dkm_rulers_new();
    const DkmRuler first = {0, {{5, 1, 1}, {5, 2, 2}}}, last = {1, {{3, 50, 10}, {3, 50, 10}}};
    dkm_rulers_stretch(rulers, &plain, (double[]){0, 0, 0}); /* there is none */
    dkm_rulers_add(rulers, &first);
    dkm_rulers_add(rulers, &last);
    dkm_rulers_stretch(rulers, &plain, (double[]){6, 57, 26});
    g_assert_cmpuint(dkm_rulers_count(rulers), ==, 2);
    g_assert_cmpmem(dkm_rulers_get(rulers, 0), sizeof first, &first, sizeof first);
    const DkmRuler *ruler = dkm_rulers_get(rulers, 1);
    g_assert_cmpfloat(ruler->ends_zyx[1][1], ==, 50); /* the plane was paged below the drag */
    g_assert_cmpfloat_with_epsilon(dkm_ruler_mm(ruler, &plain), hypot(12, 8), 1e-9);
    dkm_rulers_stretch(rulers, &plain, (double[]){-30, 50, 900});
    g_assert_cmpfloat(ruler->ends_zyx[1][0], ==, -0.5);
    g_assert_cmpfloat(ruler->ends_zyx[1][2], ==, 199.5);
}

static void hit_by_the_nearest(void)
{
    g_autoptr(DkmRulers) rulers = dkm_rulers_new();
    const DkmGrid grid = turned();
    const DkmRuler across = {0, {{5, 10, 10}, {5, 10, 30}}},
                   below = {0, {{5, 14, 10}, {5, 14, 30}}};
    const DkmRuler side = {1, {{2, 12, 10}, {9, 12, 10}}};
    dkm_rulers_add(rulers, &across);
    dkm_rulers_add(rulers, &below);
    dkm_rulers_add(rulers, &side);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 11, 20}, 2.01), ==, 0);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 11, 20}, 1.99), ==, -1);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 12.5, 20}, 50), ==, 1);
    /* beside an end: 3 pixels of 0.5 mm on, of the line no part is there */
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 10, 33}, 1.51), ==, 0);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 10, 33}, 1.49), ==, -1);
    /* in another slice, and in a plane across */
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){6, 10, 20}, 50), ==, -1);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 1, (double[]){5, 12, 11}, 1), ==, 2);
    dkm_rulers_remove(rulers, 0);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 11, 20}, 50), ==, 0);
    g_assert_cmpmem(dkm_rulers_get(rulers, 0), sizeof below, &below, sizeof below);
    dkm_rulers_clear(rulers);
    g_assert_cmpuint(dkm_rulers_count(rulers), ==, 0);
    g_assert_cmpint(dkm_rulers_hit(rulers, &grid, 0, (double[]){5, 11, 20}, 50), ==, -1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rulers/lengths-are-true", lengths_are_true);
    g_test_add_func("/rulers/seen-in-its-own-plane", seen_in_its_own_plane);
    g_test_add_func("/rulers/stretched-in-its-plane-and-inside", stretched_in_its_plane_and_inside);
    g_test_add_func("/rulers/hit-by-the-nearest", hit_by_the_nearest);
    return g_test_run();
}
