/* A mask drawn elsewhere, from a TIFF stack. Not for: what else a TIFF may hold. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

/* Reads the stack PATH onto GRID, page by page its slices: voxels of value LABEL, or every voxel
 * that is not 0 where LABEL is 0; then floats are whole numbers, as a map of fractions is no mask.
 * One sample a pixel, 8 or 16 bit unsigned or float. Where the sidecar PATH.json stands beside it,
 * as dkm_tiff_write() leaves it, its lattice must be GRID's (*HAS_GEOMETRY TRUE); else the size
 * alone can be compared. Errors INPUT, GEOMETRY, NO_MEMORY. */
DkmMask *dkm_tiff_mask_read(const char *path, const DkmGrid *grid, int label,
                            gboolean *has_geometry, GError **error);

G_END_DECLS
