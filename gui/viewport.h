/* Where a plane of voxels lies in a picture: zoom, pan and the true shape of the pixels.
 * A value; no widget, no voxel. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Picture pixel (x, y) shows column first_column + x * column_step, and so for rows. Pixel and
 * voxel coordinates count centres. */
typedef struct {
    double first_column, first_row;
    double column_step, row_step; /* voxels a picture pixel */
} DkmViewport;

/* What of the plane is looked at: the same in every linked picture. */
typedef struct {
    double zoom;                      /* 1: the plane fits the picture */
    double centre_column, centre_row; /* shown in the middle */
} DkmAim;

/* A plane of ROWS x COLUMNS voxels of SPACING_MM (row distance, column distance). */
typedef struct {
    int rows, columns;
    double spacing_mm[2];
} DkmPlane;

/* The whole plane, in the middle. */
DkmAim dkm_aim_whole(const DkmPlane *plane);
DkmViewport dkm_viewport_new(const DkmPlane *plane, const DkmAim *aim, int width, int height);
/* Voxel coordinates of a picture position (fractional pixels), and back. */
void dkm_viewport_to_voxel(const DkmViewport *view, double x, double y, double *column,
                           double *row);
void dkm_viewport_to_pixel(const DkmViewport *view, double column, double row, double *x,
                           double *y);
/* Picture pixels a millimetre. */
double dkm_viewport_scale(const DkmViewport *view, const DkmPlane *plane);
/* AIM zoomed by FACTOR (within 0.25 and 40) so that the voxel under (x, y) stays there. */
DkmAim dkm_aim_zoomed(const DkmAim *aim, const DkmViewport *view, double x, double y,
                      double factor);

G_END_DECLS
