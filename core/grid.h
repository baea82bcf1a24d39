/* The lattice of a volume or mask in patient space. A value type: copy it.
 * Index order is z, y, x (slice, row, column); patient space is DICOM's LPS in millimetres. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    int n[3];              /* z, y, x: slices, rows, columns */
    double spacing_mm[3];  /* z, y, x: distance between voxel centres */
    double origin_lps[3];  /* centre of voxel (0,0,0) */
    double axis_lps[3][3]; /* unit vectors along increasing z, y, x; axis z = row x column
                              direction, or its negative */
} DkmGrid;

/* Number of voxels of the grid. */
gsize dkm_grid_voxels(const DkmGrid *grid);
/* Offset of voxel (z,y,x) in an array of dkm_grid_voxels() elements. */
static inline gsize dkm_grid_index(const DkmGrid *grid, int z, int y, int x)
{
    return ((gsize)z * (gsize)grid->n[1] + (gsize)y) * (gsize)grid->n[2] + (gsize)x;
}
/* Volume of one voxel in millilitres. */
double dkm_grid_voxel_ml(const DkmGrid *grid);
/* Patient position of the fractional index ZYX. */
void dkm_grid_to_lps(const DkmGrid *grid, const double zyx[3], double lps[3]);
/* Fractional index of a patient position. */
void dkm_grid_from_lps(const DkmGrid *grid, const double lps[3], double zyx[3]);
/* TRUE where size is equal and no corner voxel lies further than TOLERANCE_MM apart. */
gboolean dkm_grid_equal(const DkmGrid *a, const DkmGrid *b, double tolerance_mm);
/* The smallest lattice that holds the slices of A and B, where both lie on one: same planes, same
 * spacing, slices within a tenth of a voxel of each other's places. FALSE where they do not. */
gboolean dkm_grid_join(const DkmGrid *a, const DkmGrid *b, DkmGrid *out);
/* TRUE where sizes are positive, spacings positive and finite, axes orthonormal within 1e-3. */
gboolean dkm_grid_is_valid(const DkmGrid *grid);
/* Letters of the patient side that a direction points to, most important first, "L", "PL", "HA"...;
 * at most 3 letters (components over 0.2) and a NUL into OUT. */
void dkm_grid_direction_letters(const double direction_lps[3], char out[4]);

/* A box of voxels: first (inclusive) and end (exclusive) per axis z, y, x. */
typedef struct {
    int first[3], end[3];
} DkmBox;

/* The box of the whole grid. */
DkmBox dkm_box_whole(const DkmGrid *grid);
/* TRUE where the box is not empty and inside the grid. */
gboolean dkm_box_fits(const DkmBox *box, const DkmGrid *grid);

G_END_DECLS
