/* Progress of one blocking job: written by the job's thread, polled by a host's timer.
 * Not for: cancelling, which is GCancellable's. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Zero-initialised by the owner; every field is read and written atomically. */
typedef struct {
    gint permille; /* 0..1000 of the whole job */
} DkmProgress;

/* NULL-safe. DONE of TOTAL parts of the share [FROM, TO] permille of the job are finished. */
void dkm_progress_set(DkmProgress *progress, int from, int to, gsize done, gsize total);
/* 0..1000; 0 for NULL. */
int dkm_progress_get(const DkmProgress *progress);

G_END_DECLS
