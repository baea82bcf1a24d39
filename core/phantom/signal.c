#include "core/phantom/signal.h"

#include <math.h>

/* Gd-DTPA in plasma at 1.5 T, l/(mmol s): Rohrer et al., Invest Radiol 40:715 (2005). */
static const double R1_PER_MMOL = 4.1, R2_PER_MMOL = 4.6;

double dkm_signal_spgr(const DkmSequence *sequence, const DkmTissueFacts *tissue, double mmol)
{
    const double r1 = 1000 / tissue->t1_ms + R1_PER_MMOL * mmol; /* 1/s */
    const double r2 = 1000 / tissue->t2_star_ms + R2_PER_MMOL * mmol;
    const double flip = sequence->flip_deg * G_PI / 180;
    const double e1 = exp(-sequence->repetition_ms / 1000 * r1);
    return tissue->proton_density * sin(flip) * (1 - e1) / (1 - e1 * cos(flip)) *
           exp(-sequence->echo_ms / 1000 * r2);
}
