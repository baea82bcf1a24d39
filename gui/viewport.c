#include "gui/viewport.h"

#define LEAST_ZOOM 0.25
#define MOST_ZOOM 40.0

DkmAim dkm_aim_whole(const DkmPlane *plane)
{
    return (DkmAim){1, (plane->columns - 1) / 2.0, (plane->rows - 1) / 2.0};
}

DkmViewport dkm_viewport_new(const DkmPlane *plane, const DkmAim *aim, int width, int height)
{
    const double fit = MIN(width / (plane->columns * plane->spacing_mm[1]),
                           height / (plane->rows * plane->spacing_mm[0]));
    const double mm_per_pixel = 1 / (fit * aim->zoom);
    DkmViewport view = {.column_step = mm_per_pixel / plane->spacing_mm[1],
                        .row_step = mm_per_pixel / plane->spacing_mm[0]};
    view.first_column = aim->centre_column - (width - 1) / 2.0 * view.column_step;
    view.first_row = aim->centre_row - (height - 1) / 2.0 * view.row_step;
    return view;
}

void dkm_viewport_to_voxel(const DkmViewport *view, double x, double y, double *column, double *row)
{
    *column = view->first_column + x * view->column_step;
    *row = view->first_row + y * view->row_step;
}

void dkm_viewport_to_pixel(const DkmViewport *view, double column, double row, double *x, double *y)
{
    *x = (column - view->first_column) / view->column_step;
    *y = (row - view->first_row) / view->row_step;
}

double dkm_viewport_scale(const DkmViewport *view, const DkmPlane *plane)
{
    return 1 / (view->column_step * plane->spacing_mm[1]);
}

DkmAim dkm_aim_zoomed(const DkmAim *aim, const DkmViewport *view, double x, double y, double factor)
{
    double column, row;
    dkm_viewport_to_voxel(view, x, y, &column, &row);
    DkmAim zoomed = {.zoom = CLAMP(aim->zoom * factor, LEAST_ZOOM, MOST_ZOOM)};
    const double shrink = aim->zoom / zoomed.zoom;
    zoomed.centre_column = column + (aim->centre_column - column) * shrink;
    zoomed.centre_row = row + (aim->centre_row - row) * shrink;
    return zoomed;
}
