/* Kinetics of one lesion from the measured phases: the mean curve of its voxels, and the worst
 * curve of any 3 x 3 voxels in it; readers report the worst one, never the mean alone. */
#pragma once

#include "core/image/kinetics.h"

G_BEGIN_DECLS

#define DKM_LESION_MOST_PHASES 128
/* A curve counts as the worst only where the early phase is over the pre-contrast by this much. */
#define DKM_LESION_LEAST_PERCENT 50.0

/* Borrowed; all on one grid. EARLY and LATE: indices; LATE may equal EARLY. */
typedef struct {
    const DkmMask *mask;
    const DkmVolume *const *phases;
    guint n_phases, early, late;
    float background;  /* below it in the pre-contrast phase a worst curve would be one of noise */
    double curve_band; /* of the types, as in dkm_curve_type_within(); reports leave it at 0 */
} DkmLesionSource;

typedef struct {
    guint n; /* phases; 0 where the mask is empty or one is missing */
    gsize voxels;
    double mean[DKM_LESION_MOST_PHASES];  /* images' units */
    double worst[DKM_LESION_MOST_PHASES]; /* of 3 x 3 voxels of one slice; where has_worst */
    gboolean has_worst;
    int worst_zyx[3]; /* its middle */
    gsize types[4];   /* voxels by DkmCurveType */
} DkmLesionCurve;

/* The worst curve is that of the 3 x 3 voxels, all of them in the lesion, that enhance by
 * DKM_LESION_LEAST_PERCENT and fall most from early to late; where LATE is EARLY, that rise most.
 * The same for a report and on the screen. Some milliseconds a phase for a reader's lesion. */
void dkm_lesion_curve(const DkmLesionSource *source, DkmLesionCurve *out);

G_END_DECLS
