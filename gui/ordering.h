/* A reader says which volumes of the open study are its phases, and in which order: the study is
 * read anew with them, and is whenever it is opened. Part of the reading: main thread. */
#pragma once

#include "gui/phase-order.h"
#include "gui/reading.h"

G_BEGIN_DECLS

/* Of the open study as it is now, or of the folder's only one, which the rules could not read.
 * NULL: there is none, or something is written of it. Caller's. */
DkmPhaseOrder *dkm_reading_order(DkmReading *self);
gboolean dkm_reading_can_order(DkmReading *self);
/* A reader has set the order of the open study: not the rules alone. */
gboolean dkm_reading_is_ordered(DkmReading *self);
/* The masks, their history and what was exported of them stay when the study is read in ORDER: they
 * lie on the same slices, and are on disk meanwhile. */
gboolean dkm_reading_order_keeps_masks(DkmReading *self, const DkmPhaseOrder *order);
/* Keeps ORDER for the study and reads the study anew with it; masks that cannot stay are gone.
 * FALSE, with a message, where ORDER is no order: then nothing has changed. */
gboolean dkm_reading_set_order(DkmReading *self, const DkmPhaseOrder *order);

G_END_DECLS
