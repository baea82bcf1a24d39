/* Two lattices side by side: which place of the one is looked at where a place of the other is. By
 * the patient's position where both say it in one frame of reference, else by the relative place in
 * the stack. Not for: registration, resampling. */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

/* A value. */
typedef struct {
    DkmGrid from, to;
    gboolean by_position; /* FALSE: by the relative place in the stack */
} DkmLink;

/* FRAMES OF REFERENCE: their UIDs; equal and known, they link by position. */
DkmLink dkm_link_new(const DkmGrid *from, const char *from_reference, const DkmGrid *to,
                     const char *to_reference);
/* Fractional voxel of TO at fractional voxel ZYX of FROM, and back. It may lie outside. */
void dkm_link_forth(const DkmLink *link, const double zyx[3], double out[3]);
void dkm_link_back(const DkmLink *link, const double zyx[3], double out[3]);

G_END_DECLS
