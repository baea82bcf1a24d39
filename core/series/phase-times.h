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

/* Seconds from the start of phase FROM to that of phase TO, both after injection, by CLOCK (one
 * that dkm_phase_times_find() returned, or NULL); NaN where it does not say. */
double dkm_phase_times_between(const DkmStack *stack, const guint *phase, const char *clock,
                               guint from, guint to);

G_END_DECLS
