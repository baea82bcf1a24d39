/* On which side of the patient a mask lies, from its place alone. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef enum { DKM_SIDE_UNKNOWN, DKM_SIDE_LEFT, DKM_SIDE_RIGHT } DkmSide;

/* The patient's left or right of the midline; UNKNOWN where the mask is empty or comes within 5 mm
 * of it. The midline is the middle of a lattice that is wide enough to hold both breasts, else the
 * frame of reference's own (x = 0), to which scanners lay the patient; then the middle of the
 * lattice must lie on the same side. */
DkmSide dkm_mask_side(const DkmMask *mask);
/* What the lattice shows: "B" both sides, "L" or "R" one breast, "U" where that is not told. */
const char *dkm_grid_sides(const DkmGrid *grid);

G_END_DECLS
