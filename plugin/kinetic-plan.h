/* Which phases and thresholds the commands measure kinetics with. Not for: measuring. */
#pragma once

#include "plugin/session.h"

#include "core/image/kinetics.h"

/* UCSF's phases: the first after injection within 2.5 minutes, and 7.5 minutes; two different ones
 * where there are two. 0 where there is none. */
void dkm_kinetic_plan_phases(const DkmPhases *dce, guint *early, guint *late);
/* The I-SPY preset with what UCSF's own objects in the study say instead; UCSF gets what they say.
 * Errors: they cannot be read. */
gboolean dkm_kinetic_plan_rule(const DkmSession *session, DkmFtvParameters *rule,
                               DkmUcsfParameters *ucsf, GError **error);
