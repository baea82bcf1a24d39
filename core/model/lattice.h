/* How image planes map onto the network's lattice and back: resampled to the model's pixel size,
 * cut to the volume of interest, mirrored out to multiples of 16. Specification of DKM, section 3
 * ("inference geometry"). Immutable once made. Not for: resampling between slices. */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

enum { DKM_LATTICE_STEP = 16 };

typedef struct _DkmLattice DkmLattice;

/* Of planes of GRID for a model of PIXEL_MM; BOX: the voxels that are wanted, of which only rows
 * and columns count here. Planes within 2 % of the model's pixel size are not resampled. Errors:
 * GEOMETRY where the lattice would exceed 4096 a side. */
DkmLattice *dkm_lattice_new(const DkmGrid *grid, double pixel_mm, const DkmBox *box,
                            GError **error);
void dkm_lattice_free(DkmLattice *lattice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmLattice, dkm_lattice_free)

int dkm_lattice_rows(const DkmLattice *lattice); /* multiples of 16 */
int dkm_lattice_columns(const DkmLattice *lattice);
/* Place of its corner on the whole plane's network lattice: where its noise begins. */
int dkm_lattice_first_row(const DkmLattice *lattice);
int dkm_lattice_first_column(const DkmLattice *lattice);
/* TRUE where both cover the same part of the same planes. */
gboolean dkm_lattice_equal(const DkmLattice *a, const DkmLattice *b);

/* A plane of the grid (n[1]*n[2]) onto the lattice (rows*columns). */
void dkm_lattice_read(const DkmLattice *lattice, const float *plane, float *out);
/* A picture on the lattice, or on one coarser by the whole number SHRINK (codes), onto the plane:
 * linearly, inside the box only; OUT keeps what it holds elsewhere. CHANNELS interleaved values a
 * pixel, of which CHANNEL is taken. */
typedef struct {
    const float *values;
    int shrink, channels, channel;
} DkmLatticePicture;
void dkm_lattice_write(const DkmLattice *lattice, const DkmLatticePicture *picture, float *out);

G_END_DECLS
