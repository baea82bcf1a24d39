#include "core/edit/brush.h"

#include <math.h>

static const DkmGrid grid = {
    {20, 64, 80}, {3.0, 0.8, 0.7}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* The definition, written down a second time: distance of a voxel centre from the whole segment. */
static gboolean is_inside(const DkmBrush *brush, const double from[3], const double to[3],
                          const int at[3])
{
    if (brush->normal >= 0 && at[brush->normal] != (int)round(to[brush->normal]))
        return FALSE;
    double best = G_MAXDOUBLE;
    for (int i = 0; i <= 20000; i++) {
        double distance2 = 0;
        for (int k = 0; k < 3; k++) {
            const double on = from[k] + (to[k] - from[k]) * i / 20000.0;
            const double d = k == brush->normal ? 0 : (at[k] - on) * grid.spacing_mm[k];
            distance2 += d * d;
        }
        best = MIN(best, distance2);
    }
    return best <= brush->radius_mm * brush->radius_mm;
}

static void check_sweep(const DkmBrush *brush, const double from[3], const double to[3])
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    g_auto(DkmFlips) flips = {0};
    dkm_brush_sweep(brush, from, to, mask, &flips);
    gsize differ = 0;
    for (int z = 0; z < grid.n[0]; z += 3)
        for (int y = 1; y < grid.n[1]; y += 5)
            for (int x = 2; x < grid.n[2]; x += 7)
                differ +=
                    dkm_mask_get(mask, z, y, x) != is_inside(brush, from, to, (int[]){z, y, x});
    g_assert_cmpuint(differ, ==, 0);
    g_assert_cmpuint(dkm_mask_count(mask), >, 100);
    g_assert_cmpuint(dkm_flips_count(&flips, 0), ==, dkm_mask_count(mask));
}

static void is_a_capsule(void)
{
    const double from[3] = {3.2, 10.3, 12.7}, to[3] = {9.1, 40.9, 60.2};
    const double flat_to[3] = {3.2, 40.9, 60.2};
    check_sweep(&(DkmBrush){6.0, DKM_BRUSH_BALL, FALSE}, from, to);
    check_sweep(&(DkmBrush){5.0, 0, FALSE}, from, flat_to);
    check_sweep(&(DkmBrush){9.0, DKM_BRUSH_BALL, FALSE}, to, to);
}

/* Two pointer positions far apart with the thinnest brush: every row between them is painted. */
static void fast_stroke_has_no_gap(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    g_auto(DkmFlips) flips = {0};
    const DkmBrush thin = {0.01, 0, FALSE};
    dkm_brush_sweep(&thin, (double[]){5, 2, 3}, (double[]){5, 60, 75}, mask, &flips);
    for (int y = 2; y <= 60; y++) {
        gsize in_row = 0;
        for (int x = 0; x < grid.n[2]; x++)
            in_row += dkm_mask_get(mask, 5, y, x);
        g_assert_cmpuint(in_row, >=, 1);
    }
    g_assert_cmpuint(dkm_mask_slice_count(mask, 5), ==, dkm_mask_count(mask));
}

static void leaves_the_picture(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    g_auto(DkmFlips) flips = {0};
    const DkmBrush ball = {4, DKM_BRUSH_BALL, FALSE}, disc = {4, 0, FALSE};
    dkm_brush_sweep(&ball, (double[]){-50, -50, -50}, (double[]){-40, -90, 900}, mask, &flips);
    dkm_brush_sweep(&disc, (double[]){25, 10, 10}, (double[]){25, 20, 20}, mask, &flips);
    dkm_brush_sweep(&disc, (double[]){-3, 10, 10}, (double[]){-3, 20, 20}, mask, &flips);
    g_assert_cmpuint(dkm_mask_count(mask), ==, 0);
    dkm_brush_sweep(&disc, (double[]){5, -5, -5}, (double[]){5, 70, 90}, mask, &flips);
    g_assert_cmpuint(dkm_mask_count(mask), >, 100);
}

static void erase_undoes_paint(void)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, NULL);
    g_auto(DkmFlips) painted = {0}, erased = {0};
    const double from[3] = {8, 10, 10}, to[3] = {8, 30, 40};
    dkm_brush_sweep(&(DkmBrush){5, 0, FALSE}, from, to, mask, &painted);
    dkm_brush_sweep(&(DkmBrush){5, 0, TRUE}, from, to, mask, &erased);
    g_assert_cmpuint(dkm_mask_count(mask), ==, 0);
    g_assert_cmpuint(dkm_flips_count(&painted, 0), ==, dkm_flips_count(&erased, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/brush/is-a-capsule", is_a_capsule);
    g_test_add_func("/brush/fast-stroke-has-no-gap", fast_stroke_has_no_gap);
    g_test_add_func("/brush/leaves-the-picture", leaves_the_picture);
    g_test_add_func("/brush/erase-undoes-paint", erase_undoes_paint);
    return g_test_run();
}
