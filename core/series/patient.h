/* Whether all frames of a study are of one patient. Not for: which patient; no text of it leaves
 * this file. */
#pragma once

#include "core/frame.h"

G_BEGIN_DECLS

/* The sentence (g_free) that names the file among the N frames FRAMES whose patient ID, name or
 * birth date differs from that of the others; an attribute that a file lacks differs from none.
 * NULL where all agree. */
char *dkm_frames_patient_conflict(const DkmFrameTable *table, const guint *frames, guint n);

G_END_DECLS
