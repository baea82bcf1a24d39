#include "core/phantom/contrast.h"

#include <math.h>

/* Dose in mmol/kg; amplitudes in kg/l; rates in 1/min. */
static const double DOSE = 0.1;
static const double amplitude[2] = {3.99, 4.78}, rate[2] = {0.144, 0.0111};

double dkm_contrast_plasma(double minutes)
{
    if (minutes < 0)
        return 0;
    return DOSE * (amplitude[0] * exp(-rate[0] * minutes) + amplitude[1] * exp(-rate[1] * minutes));
}

/* The integral of exp(-m s) exp(-kep (t - s)) over s = 0..t. */
static double convolve(double m, double kep, double t)
{
    if (fabs(kep - m) < 1e-9)
        return t * exp(-m * t);
    return (exp(-m * t) - exp(-kep * t)) / (kep - m);
}

double dkm_contrast_tissue(const DkmTissueFacts *tissue, double minutes)
{
    if (minutes <= 0)
        return 0;
    const double kep = tissue->ktrans_per_min / tissue->ve;
    double leaked = 0;
    for (int i = 0; i < 2; i++)
        leaked += DOSE * amplitude[i] * convolve(rate[i], kep, minutes);
    return tissue->vp * dkm_contrast_plasma(minutes) + tissue->ktrans_per_min * leaked;
}
