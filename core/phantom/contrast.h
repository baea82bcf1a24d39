/* The contrast agent: how much of it is in plasma and in a tissue at a time after the injection.
 * Pure functions. Not for: signal. */
#pragma once

#include "core/phantom/tissue.h"

G_BEGIN_DECLS

/* Concentration in plasma, mmol/l, MINUTES after a bolus of 0.1 mmol/kg (0 before): the population
 * curve of Weinmann et al. (1984) as Tofts and Kermode give it, MRM 17:357 (1991). */
double dkm_contrast_plasma(double minutes);
/* Concentration in a tissue, mmol/l: vp Cp(t) + Ktrans * integral of Cp(s) exp(-kep (t - s)) ds
 * with kep = Ktrans / ve, the extended Tofts model (Tofts, JMRI 7:91, 1997), in closed form. */
double dkm_contrast_tissue(const DkmTissueFacts *tissue, double minutes);

G_END_DECLS
