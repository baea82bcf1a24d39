/* Exact Euclidean distances on an anisotropic lattice. Source: Felzenszwalb and Huttenlocher,
 * "Distance Transforms of Sampled Functions", 2012. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* DISTANCE2 (z, y, x; N[0]*N[1]*N[2] doubles) holds 0 at feature voxels and HUGE_VAL elsewhere on
 * entry; squared distances in mm^2 to the nearest feature voxel on return (HUGE_VAL where there is
 * no feature). FALSE and DKM_ERROR_NO_MEMORY where scratch cannot be had. */
gboolean dkm_distance_transform(double *distance2, const int n[3], const double spacing_mm[3],
                                GError **error);

G_END_DECLS
