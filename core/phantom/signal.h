/* The signal of a spoiled gradient echo. Pure functions. */
#pragma once

#include "core/phantom/tissue.h"

G_BEGIN_DECLS

typedef struct {
    double repetition_ms, echo_ms, flip_deg;
} DkmSequence;

/* Signal of TISSUE that holds MMOL of contrast agent a litre, as a share of its fully relaxed
 * magnetisation: PD sin a (1 - E1) / (1 - E1 cos a) exp(-TE R2*), E1 = exp(-TR R1) (Haase et al.,
 * JMR 67:258, 1986), R1 = R1_0 + r1 C, R2* = R2*_0 + r2 C. */
double dkm_signal_spgr(const DkmSequence *sequence, const DkmTissueFacts *tissue, double mmol);

G_END_DECLS
