/* The time-intensity curve at one place: numbers for the curve view. No widget. */
#pragma once

#include "core/edit/review-case.h"
#include "core/image/kinetics.h"

G_BEGIN_DECLS

#define DKM_CURVE_MOST_PHASES 128

typedef struct {
    guint n;                             /* phases; 0: nothing to show */
    gboolean is_air;                     /* the place is in the study, but below its tissue */
    gboolean has_seconds;                /* else the times are phase numbers */
    double t[DKM_CURVE_MOST_PHASES];     /* seconds since the start of phase 0 */
    double value[DKM_CURVE_MOST_PHASES]; /* mean of the 3 x 3 voxels of the slice, images' units;
                                            NaN where the phase is not loaded */
    guint early, late;                   /* indices */
    double enhancement_percent;          /* early over pre-contrast; NaN where there is none */
    double late_change_percent;          /* late over early; NaN where there is none */
    double band;                         /* share of the early value that a plateau may be off by */
    DkmCurveType type;
} DkmCurve;

#define DKM_CURVE_BAND 0.1 /* the usual band */

/* The curve at voxel ZYX of the study; n = 0 where that is outside, or in air: below BACKGROUND
 * before contrast, where the measured maps have no value either. */
DkmCurve dkm_curve_at(const DkmReviewCase *on, const int zyx[3], float background);
/* The curve of VALUES, one a phase of the study (NaN where not loaded). */
DkmCurve dkm_curve_of(const DkmReviewCase *on, const double *values);
/* Names the type anew, with another band; 0: the usual one. */
void dkm_curve_set_band(DkmCurve *curve, double band);
/* "+150 % early, then -20 %: wash-out", and the band where it is another than usual; "no
 * tissue"; "" where there is nothing to say. g_free. */
char *dkm_curve_describe(const DkmCurve *curve);
/* "60 % persistent, 20 % plateau, ..." of voxels by DkmCurveType, and the rest that has no type
 * where there is one. g_free. */
char *dkm_curve_type_shares(const gsize types[4]);

G_END_DECLS
