/* A predicted mask of a volume against the truth: overlap inside a box, lesions found, false parts.
 * Not for: slices picked out of a volume (core/learn/measure.h), surfaces (compare.h). */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef struct {
    gsize truth, predicted, both;
    double dice; /* 1 where both are empty */
} DkmOverlap;
/* Of the voxels of BOX; both on one lattice. */
DkmOverlap dkm_masks_overlap(const DkmMask *truth, const DkmMask *predicted, const DkmBox *box);

/* A lesion is found where at least this share of its voxels is predicted. */
#define DKM_FOUND_SHARE 0.1

/* Parts hang together by any of the 26 neighbours; those under LEAST_ML are not counted, for
 * measured enhancement falls into hundreds of specks. */
typedef struct {
    guint lesions, found;     /* parts of the truth */
    guint parts, false_parts; /* of the prediction; that touch no voxel of the truth */
} DkmDetection;
/* Errors: NO_MEMORY. */
gboolean dkm_detection_count(const DkmMask *truth, const DkmMask *predicted, double least_ml,
                             DkmDetection *out, GError **error);

G_END_DECLS
