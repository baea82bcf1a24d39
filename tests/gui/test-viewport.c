#include "gui/viewport.h"

#include <math.h>

static const DkmPlane plane = {100, 200, {2.0, 0.5}}; /* 200 mm high, 100 mm wide */

static void fits_and_is_true_to_shape(void)
{
    const DkmAim aim = dkm_aim_whole(&plane);
    const DkmViewport view = dkm_viewport_new(&plane, &aim, 300, 400);
    g_assert_cmpfloat_with_epsilon(dkm_viewport_scale(&view, &plane), 2.0, 1e-12);
    g_assert_cmpfloat_with_epsilon(view.column_step * plane.spacing_mm[1],
                                   view.row_step * plane.spacing_mm[0], 1e-12);
    double x, y;
    dkm_viewport_to_pixel(&view, aim.centre_column, aim.centre_row, &x, &y);
    g_assert_cmpfloat_with_epsilon(x, 149.5, 1e-9);
    g_assert_cmpfloat_with_epsilon(y, 199.5, 1e-9);
}

static void there_and_back(void)
{
    const DkmAim aim = {3.7, 12.25, 80.5};
    const DkmViewport view = dkm_viewport_new(&plane, &aim, 317, 211);
    double column, row, x, y;
    dkm_viewport_to_voxel(&view, 31.5, 200.25, &column, &row);
    dkm_viewport_to_pixel(&view, column, row, &x, &y);
    g_assert_cmpfloat_with_epsilon(x, 31.5, 1e-9);
    g_assert_cmpfloat_with_epsilon(y, 200.25, 1e-9);
}

static void zoom_keeps_the_point(void)
{
    DkmAim aim = dkm_aim_whole(&plane);
    double column, row, after_column, after_row;
    for (int i = 0; i < 60; i++) { /* into the stops at both ends */
        const DkmViewport view = dkm_viewport_new(&plane, &aim, 640, 480);
        dkm_viewport_to_voxel(&view, 200, 100, &column, &row);
        aim = dkm_aim_zoomed(&aim, &view, 200, 100, i < 30 ? 1.3 : 0.7);
        const DkmViewport zoomed = dkm_viewport_new(&plane, &aim, 640, 480);
        dkm_viewport_to_voxel(&zoomed, 200, 100, &after_column, &after_row);
        g_assert_cmpfloat_with_epsilon(column, after_column, 1e-6);
        g_assert_cmpfloat_with_epsilon(row, after_row, 1e-6);
        g_assert_true(aim.zoom >= 0.25 && aim.zoom <= 40);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/viewport/fits-and-is-true-to-shape", fits_and_is_true_to_shape);
    g_test_add_func("/viewport/there-and-back", there_and_back);
    g_test_add_func("/viewport/zoom-keeps-the-point", zoom_keeps_the_point);
    return g_test_run();
}
