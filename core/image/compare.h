/* How far two masks on one lattice agree. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef struct {
    gsize voxels_a, voxels_b, both;
    double ml_a, ml_b;
    double dice, jaccard; /* 1 where both are empty, 0 where one is */
    double hd95_mm; /* 95th percentile of symmetric surface distances; NaN where a mask is empty */
} DkmComparison;

/* Errors: GEOMETRY where the lattices differ by more than half a voxel, NO_MEMORY. */
gboolean dkm_masks_compare(const DkmMask *a, const DkmMask *b, DkmComparison *out, GError **error);

G_END_DECLS
