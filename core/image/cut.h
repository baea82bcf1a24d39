/* A plane through a lattice: along the acquired slices as they were stored, or across them, turned
 * as a reader hangs it. Slices of volumes, masks and byte maps along it. Not for: oblique planes,
 * interpolation between voxels. */
#pragma once

#include "core/volume.h"

G_BEGIN_DECLS

typedef enum { DKM_CUT_ACQUIRED, DKM_CUT_SAGITTAL, DKM_CUT_CORONAL, DKM_CUT_AXIAL } DkmCutKind;

/* Which index axes (0 z, 1 y, 2 x) the plane's normal, rows and columns run along. A value. */
typedef struct {
    DkmCutKind side;                  /* what it is anatomically; never ACQUIRED */
    int normal, row, column;          /* picture row r is index r of axis ROW, unless flipped */
    gboolean flips_row, flips_column; /* never of the acquired plane: it hangs as it was stored */
} DkmCut;

/* The acquired plane where KIND is that anatomically. Across it: head or front up; the patient's
 * right (sagittal: front) at the left of the picture. */
DkmCut dkm_cut_new(const DkmGrid *grid, DkmCutKind kind);
/* "Sagittal", "Coronal", "Axial". */
const char *dkm_cut_name(const DkmCut *cut);
/* Fractional voxel of a place (row, column) of plane INDEX, and back. */
void dkm_cut_to_zyx(const DkmCut *cut, const DkmGrid *grid, const double row_column[2],
                    double index, double zyx[3]);
void dkm_cut_from_zyx(const DkmCut *cut, const DkmGrid *grid, const double zyx[3],
                      double row_column[2]);
/* Patient direction of increasing picture rows (AXIS 0) or columns (1). */
void dkm_cut_direction(const DkmCut *cut, const DkmGrid *grid, int axis, double lps[3]);

/* Plane INDEX of VOLUME (values after rescale), and of VOXELS (z, y, x bytes on GRID), row by row.
 */
void dkm_cut_values(const DkmCut *cut, const DkmVolume *volume, int index, float *out);
void dkm_cut_bytes(const DkmCut *cut, const DkmGrid *grid, const guint8 *voxels, int index,
                   guint8 *out);

/* "Left breast", "Right breast" of a patient position; NULL within 15 mm of the middle of the
 * patient's system of coordinates, where it does not say. */
const char *dkm_breast_side(const double lps[3]);

G_END_DECLS
