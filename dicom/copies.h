/* Do files that share a SOP Instance UID share their pixels too? Not for: which of them is used
 * (core/series/study). */
#pragma once

#include "core/frame.h"
#include "core/pool.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Fills `content` of TABLE's frames where another file has the same SOP Instance UID and transfer
 * syntax: the files of no other instance are read again. A file that cannot be stays unknown. */
void dkm_copies_read(DkmFrameTable *table, DkmPool *pool, GCancellable *cancel);

G_END_DECLS
