/* How bright a visit of a slice is: gain, gamma, a smooth bias field and noise, one draw for all
 * phases of a sample, so that enhancement stays enhancement. A value type. Only files of this
 * folder include it. */
#pragma once

#include "core/learn/cases.h"

G_BEGIN_DECLS

enum { DKM_INTENSITY_BIASES = 5 };

/* Of intensities in units of the foreground's mean. */
typedef struct {
    double gain, gamma;
    double bias[DKM_INTENSITY_BIASES]; /* the field's logarithm: y, x, yy, xx, yx over -1..1 */
    double noise;                      /* standard deviation, in z-scores */
    guint64 seed, number;
} DkmIntensity;

/* Number NUMBER of SEED: gain within 10 %, gamma within 16 %, every term of the field within 0.15,
 * noise up to 0.1. */
DkmIntensity dkm_intensity_draw(guint64 seed, guint64 number);
/* Changes the SIDE*SIDE z-scores VALUES, STRIDE apart, of PHASE of a case normalised by
 * NORMALISATION. */
void dkm_intensity_apply(const DkmIntensity *intensity, const DkmNormalisation *normalisation,
                         DkmPhaseKind phase, int side, int stride, float *values);

G_END_DECLS
