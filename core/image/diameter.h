/* The longest diameters of a mask: the greatest distance between two points of its surface. The
 * surface is that of IBSI's mesh (feature L0JK): its corners lie half-way between a voxel inside
 * and its neighbour outside, so that one voxel alone measures one spacing. Not for: meshes. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef struct {
    double mm;             /* 0 where the mask is empty */
    double ends_zyx[2][3]; /* fractional indices of both ends */
} DkmDiameter;

/* IN_SPACE over the whole mask, IN_PLANE the longest that lies in one slice; either may be NULL. */
void dkm_diameters_measure(const DkmMask *mask, DkmDiameter *in_space, DkmDiameter *in_plane);

G_END_DECLS
