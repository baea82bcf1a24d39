/* Later phases that lack slices: set aside by name, so that one lost image does not cost the study.
 * Not for: a pre-contrast phase with a gap, slices that come twice; those stay refused. */
#pragma once

#include "core/series/geometry.h"
#include "core/series/phases.h"

G_BEGIN_DECLS

/* What would be the phases of a stack if none of them lacked a slice. */
typedef struct {
    guint n_phases;  /* 0: every phase has every slice, or nothing tells which one does not */
    guint *of_frame; /* of each frame of the stack */
    guint *n_slices; /* of each phase */
} DkmPartialPhases;

/* n_phases is 0 too where the first phase is incomplete, or keys contradict each other. */
DkmPartialPhases dkm_partial_phases_find(const DkmStack *stack);
void dkm_partial_phases_clear(DkmPartialPhases *partial);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmPartialPhases, dkm_partial_phases_clear)

/* Frames of the complete phases, indices into the table; g_array_unref. */
GArray *dkm_partial_phases_kept(const DkmPartialPhases *partial, const DkmStack *stack);
/* Sets PHASES, found in the kept frames, to what is true of all: who is aside, which findings, and
 * times counted by phases. FALSE where its first phase is not the first of PARTIAL. */
gboolean dkm_partial_phases_tell(const DkmPartialPhases *partial, const DkmStack *stack,
                                 DkmPhases *phases);
/* "; not used: phase 2 of 3 lacks slice 34 of 60 (at 43.20 mm)" for a message that something needs
 * more phases than PHASES has; "" where none is aside. g_free. */
char *dkm_phases_aside_words(const DkmPhases *phases);

G_END_DECLS
