#include "core/learn/intensity.h"

#include "core/model/noise.h"
#include "core/philox.h"

#include <math.h>

/* Number I, part PART, in -1..1. */
static double draw(guint64 seed, guint64 i, guint part)
{
    return 2 * dkm_philox_uniform(seed, i * 16 + part, DKM_STREAM_INTENSITY) - 1;
}

DkmIntensity dkm_intensity_draw(guint64 seed, guint64 number)
{
    DkmIntensity d = {.gain = exp(0.1 * draw(seed, number, 0)),
                      .gamma = exp(0.15 * draw(seed, number, 1)),
                      .noise = 0.05 * (1 + draw(seed, number, 2)),
                      .seed = seed,
                      .number = number};
    for (guint i = 0; i < DKM_INTENSITY_BIASES; i++)
        d.bias[i] = 0.15 * draw(seed, number, 3 + i);
    return d;
}

/* The field at (Y, X), each from -1 to 1. */
static double field_at(const DkmIntensity *d, double y, double x)
{
    return exp(d->bias[0] * y + d->bias[1] * x + d->bias[2] * y * y + d->bias[3] * x * x +
               d->bias[4] * y * x);
}

/* A z-score at (Y, X) with another brightness; MEAN and SD are those of the normalisation. */
static double change(const DkmIntensity *d, double z, double mean, double sd, const double yx[2])
{
    if (!(mean > 0)) /* brightness has no zero to start from */
        return z;
    const double u = MAX(0, 1 + z * sd / mean);
    return (d->gain * field_at(d, yx[0], yx[1]) * pow(u, d->gamma) - 1) * mean / sd;
}

void dkm_intensity_apply(const DkmIntensity *d, const DkmNormalisation *normalisation,
                         DkmPhaseKind phase, int side, int stride, float *values)
{
    const double mean = (double)normalisation->mean, sd = (double)normalisation->sd;
    guint64 number = (d->number * DKM_PHASE_KINDS + (guint64)phase) << 24;
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++, values += stride) {
            const double yx[] = {2.0 * i / (side - 1) - 1, 2.0 * j / (side - 1) - 1};
            const double z =
                change(d, (double)*values, mean, sd, yx) +
                d->noise * dkm_philox_normal(d->seed, number++, DKM_STREAM_INTENSITY_NOISE);
            *values = (float)CLAMP(z, -DKM_NORMALISE_CLAMP, DKM_NORMALISE_CLAMP);
        }
}
