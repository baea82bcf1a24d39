/* Whether all frames of a study are of one patient. Not for: which patient; no text of it leaves
 * this file. */
#pragma once

#include "core/frame.h"

G_BEGIN_DECLS

/* The sentence (g_free) that names the file among the N frames FRAMES whose patient ID, name or
 * birth date differs from that of the others; an attribute that a file lacks differs from none.
 * NULL where all agree. */
char *dkm_frames_patient_conflict(const DkmFrameTable *table, const guint *frames, guint n);
/* For frames of different studies: both say the same patient ID and the same name, and the birth
 * dates that are there do not differ. */
gboolean dkm_frames_are_of_one_patient(const DkmFrame *a, const DkmFrame *b);

G_END_DECLS
