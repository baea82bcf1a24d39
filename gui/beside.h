/* What hangs beside the study on the desk and is only looked at: an earlier study of the same
 * patient, a series that is no phase. Loaded when it is asked for, after the study itself; never
 * edited, measured or exported. */
#pragma once

#include "gui/reading.h"

G_BEGIN_DECLS

/* The scene of BESIDE, with the reading's look carried over to its lattice; of DKM_BESIDE_NONE the
 * study's own. Borrowed until the next one of that kind, or the next change. */
DkmScene dkm_reading_scene_of(DkmReading *self, DkmBeside beside);
gboolean dkm_reading_is_loading_beside(DkmReading *self, DkmBeside beside);

/* Loads the earlier study where there is one and it is not on its way. */
void dkm_reading_load_prior(DkmReading *self);
/* The series that may be shown beside the phases, of const DkmSeries*. Container: caller. */
GPtrArray *dkm_reading_others(DkmReading *self);
/* Which of them is shown, and showing another one. */
const DkmSeries *dkm_reading_other(DkmReading *self);
void dkm_reading_show_other(DkmReading *self, const DkmSeries *series);
/* "AX T2", "Series 4". g_free. */
char *dkm_series_title(const DkmSeries *series);

/* The pointer as it is in the lattice of BESIDE. */
DkmPointer dkm_reading_pointer_of(DkmReading *self, DkmBeside beside);

G_END_DECLS
