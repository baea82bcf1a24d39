#include "core/grid.h"

#include <math.h>

/* Sagittal, slices from larger x to smaller x, as UCSF's. */
static const DkmGrid sagittal = {
    {60, 256, 256}, {2.0, 0.7, 0.7}, {80, -90, 90}, {{-1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};

static void round_trip(void)
{
    const double zyx[3] = {3, 10, 200};
    double lps[3], back[3];
    dkm_grid_to_lps(&sagittal, zyx, lps);
    g_assert_cmpfloat_with_epsilon(lps[0], 74, 1e-9);
    g_assert_cmpfloat_with_epsilon(lps[1], 50, 1e-9);
    g_assert_cmpfloat_with_epsilon(lps[2], 83, 1e-9);
    dkm_grid_from_lps(&sagittal, lps, back);
    for (int a = 0; a < 3; a++)
        g_assert_cmpfloat_with_epsilon(back[a], zyx[a], 1e-9);
}

static void validity(void)
{
    DkmGrid grid = sagittal;
    g_assert_true(dkm_grid_is_valid(&grid));
    grid.axis_lps[1][1] = 0.1;
    g_assert_false(dkm_grid_is_valid(&grid));
    grid = sagittal;
    grid.spacing_mm[0] = NAN;
    g_assert_false(dkm_grid_is_valid(&grid));
    grid = sagittal;
    grid.n[2] = 0;
    g_assert_false(dkm_grid_is_valid(&grid));
}

static void equality(void)
{
    DkmGrid other = sagittal;
    other.origin_lps[0] += 4e-6;
    g_assert_true(dkm_grid_equal(&sagittal, &other, 1e-3));
    other.spacing_mm[0] += 0.01; /* 0.59 mm at the far side */
    g_assert_false(dkm_grid_equal(&sagittal, &other, 0.5));
    other = sagittal;
    other.n[0]--;
    g_assert_false(dkm_grid_equal(&sagittal, &other, 1e3));
}

/* B starts five slices further on: the join holds both. */
static void join(void)
{
    DkmGrid a = sagittal, b = sagittal, joined;
    a.n[0] = 20;
    b.n[0] = 30;
    dkm_grid_to_lps(&sagittal, (const double[3]){5, 0, 0}, b.origin_lps);
    g_assert_true(dkm_grid_join(&a, &b, &joined));
    g_assert_cmpint(joined.n[0], ==, 35);
    g_assert_true(dkm_grid_join(&b, &a, &joined));
    g_assert_cmpint(joined.n[0], ==, 35);
    g_assert_cmpfloat_with_epsilon(joined.origin_lps[0], sagittal.origin_lps[0], 1e-9);
    b.origin_lps[1] += 0.35;
    g_assert_false(dkm_grid_join(&a, &b, &joined));
    b = a;
    b.n[1]--;
    g_assert_false(dkm_grid_join(&a, &b, &joined));
}

static void letters(void)
{
    char out[4];
    dkm_grid_direction_letters((double[]){1, 0, 0}, out);
    g_assert_cmpstr(out, ==, "L");
    dkm_grid_direction_letters((double[]){0, 0, -1}, out);
    g_assert_cmpstr(out, ==, "F");
    dkm_grid_direction_letters((double[]){0, -0.6, 0.8}, out);
    g_assert_cmpstr(out, ==, "HA");
}

static void boxes(void)
{
    DkmBox box = dkm_box_whole(&sagittal);
    g_assert_true(dkm_box_fits(&box, &sagittal));
    box.end[1]++;
    g_assert_false(dkm_box_fits(&box, &sagittal));
    box = (DkmBox){{5, 5, 5}, {5, 6, 6}};
    g_assert_false(dkm_box_fits(&box, &sagittal));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/grid/round-trip", round_trip);
    g_test_add_func("/grid/validity", validity);
    g_test_add_func("/grid/equality", equality);
    g_test_add_func("/grid/join", join);
    g_test_add_func("/grid/letters", letters);
    g_test_add_func("/grid/boxes", boxes);
    return g_test_run();
}
