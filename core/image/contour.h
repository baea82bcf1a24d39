/* Distances between the outlines of two masks in one plane. Not for: volumes, see compare.h. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One plane of two masks, ROWS x COLUMNS bytes of 0 or 1. */
typedef struct {
    const guint8 *a, *b;
    int rows, columns;
    double spacing_mm[2]; /* between rows, between columns */
} DkmPlanePair;

/* Appends to DISTANCES (of double, mm) the distance of each outline pixel of A to the nearest
 * outline pixel of B, and of each of B to the nearest of A. The outline of a mask is its pixels
 * with a side neighbour that is not set or lies outside the plane. Nothing is appended where either
 * is empty. Errors: NO_MEMORY. */
gboolean dkm_contour_distances(const DkmPlanePair *pair, GArray *distances, GError **error);

G_END_DECLS
