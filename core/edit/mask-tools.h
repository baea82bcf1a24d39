/* What a person does to a mask besides painting: each a pure function from a mask to a new one on
 * the same lattice, to be made a step by dkm_layers_set_voxels(). Parts hang together by any of the
 * 26 neighbours, so what is around them does by its sides. A function returns NULL with
 * DKM_ERROR_NO_MEMORY, or GEOMETRY where a place lies outside. Not for: history (layers.h). */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

/* What is set and no more, on a lattice of its own: sizes and spacings are right, places are not.
 * One voxel, not set, where MASK is empty. For measuring what does not depend on the place. */
DkmMask *dkm_mask_crop(const DkmMask *mask, GError **error);
/* MASK inside BOX, which fits the lattice; nothing outside. */
DkmMask *dkm_mask_clip(const DkmMask *mask, const DkmBox *box, GError **error);

/* An outline in slice PLANE across AXIS (0, 1, 2: z, y, x). POINTS are N pairs of fractional
 * indices of the two other axes, in the order z, y, x; the last is joined to the first. */
typedef struct {
    int axis, plane;
    const double (*points)[2];
    gsize n;
} DkmOutline;
/* Sets (or with ERASE clears) the pixels whose centre lies inside OUTLINE by the even-odd rule. */
DkmMask *dkm_mask_fill_outline(const DkmMask *mask, const DkmOutline *outline, gboolean erase,
                               GError **error);

/* Sets what is not set and cannot reach the edge of its slice (IN_SLICES: pixel sides, each z
 * alone) or of the lattice (voxel sides). */
DkmMask *dkm_mask_fill_holes(const DkmMask *mask, gboolean in_slices, GError **error);

/* The part with most voxels; of equals the first. */
DkmMask *dkm_mask_keep_largest(const DkmMask *mask, GError **error);
/* Without the parts under LEAST_MM3. */
DkmMask *dkm_mask_remove_small(const DkmMask *mask, double least_mm3, GError **error);
/* The part that holds voxel ZYX alone; empty where that is not set. */
DkmMask *dkm_mask_part_at(const DkmMask *mask, const int zyx[3], GError **error);
/* All but that part. */
DkmMask *dkm_mask_remove_part_at(const DkmMask *mask, const int zyx[3], GError **error);
/* Every part (DkmMask, owned by the array), most voxels first, of equals in their order; at most
 * MOST of them, what is left in the last one. */
GPtrArray *dkm_mask_split(const DkmMask *mask, guint most, GError **error);

/* MM > 0 sets the voxels within MM of a set one (centre to centre, exact); MM < 0 clears the voxels
 * within -MM of one that is not set. Beyond the lattice is neither. */
DkmMask *dkm_mask_grow(const DkmMask *mask, double mm, GError **error);
/* A voxel becomes what more than half of the voxels within RADIUS_MM of it are; it stays where they
 * are split evenly. Beyond the lattice has no vote. */
DkmMask *dkm_mask_smooth(const DkmMask *mask, double radius_mm, GError **error);

/* Fills each gap between two slices with something set by the shape between them: signed distances
 * (mm, exact, in the slice), linear from one to the other, set where above 0. Raya and Udupa,
 * "Shape-based interpolation of multidimensional objects", 1990. */
DkmMask *dkm_mask_interpolate(const DkmMask *mask, GError **error);
/* Adds slice FROM to slice TO. */
DkmMask *dkm_mask_copy_slice(const DkmMask *mask, int from, int to, GError **error);

G_END_DECLS
