/* A mask brought to another lattice. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

/* FROM on GRID: a voxel is set where the voxel of FROM that holds its centre is. *OUTSIDE: how many
 * set voxels of FROM have their centre outside GRID's voxels. Owner: caller. Error: NO_MEMORY. */
DkmMask *dkm_mask_resample(const DkmMask *from, const DkmGrid *grid, gsize *outside,
                           GError **error);

G_END_DECLS
