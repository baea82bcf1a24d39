/* The geometry of painting: a brush of so many millimetres swept along the pointer's way, as a
 * capsule and not as stamps, so that a fast stroke leaves no gap.
 * Not for: which layer is painted, or undo (layers.h). */
#pragma once

#include "core/edit/delta.h"
#include "core/edit/threshold.h"

G_BEGIN_DECLS

#define DKM_BRUSH_BALL (-1)

/* A value. */
typedef struct {
    double radius_mm; /* never thinner than a voxel: half its diagonal at least */
    int normal;       /* 0, 1, 2: paints only the plane across that axis (z, y, x); DKM_BRUSH_BALL:
                         in all three dimensions */
    gboolean erase;   /* clears instead of setting */
    DkmThreshold *only; /* paints (and clears) nothing but what it accepts; NULL: all. Borrowed */
} DkmBrush;

/* Sets (or clears) every voxel of MASK whose centre lies within the brush's radius of the segment
 * FROM..TO (fractional indices z, y, x), and adds those that changed to FLIPS. A brush with a plane
 * paints the plane that TO is in. */
void dkm_brush_sweep(const DkmBrush *brush, const double from[3], const double to[3], DkmMask *mask,
                     DkmFlips *flips);

G_END_DECLS
