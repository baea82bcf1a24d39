/* Seconds of each phase since the first one, from the first clock that runs. Not for: order
 * (phase-keys), which is settled before. */
#pragma once

#include "core/series/geometry.h"

G_BEGIN_DECLS

/* Fills T_SECONDS (N_PHASES, the first 0) for the partition PHASE (of each frame of STACK) and
 * returns the attribute that gave them (static), or NULL after filling NaN where no clock rises
 * from phase to phase. A clock that spans less than 59 s is taken only where no other spans more.
 * Appends to FINDINGS (of char*) what is unusual. */
const char *dkm_phase_times_find(const DkmStack *stack, const guint *phase, guint n_phases,
                                 double *t_seconds, GPtrArray *findings);

G_END_DECLS
