/* Which images cannot be a phase, by what they call themselves: another modality, derived maps,
 * subtractions, projections, localizers. Not for: geometry. */
#pragma once

#include "core/frame.h"

G_BEGIN_DECLS

/* Why FRAME cannot be part of the dynamics, one phrase for a person (g_free); NULL where nothing
 * speaks against it. Holds no patient data. */
char *dkm_frame_set_aside_reason(const DkmFrame *frame);

G_END_DECLS
