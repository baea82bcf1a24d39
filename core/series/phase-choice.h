/* What a person may take for the phases of a study: every volume of it, those that the rules set
 * aside too, and the study once more with the volumes that a person took, in that person's order.
 * Recorded on the result as an override is. Not for: times (phase-override.h). */
#pragma once

#include "core/series/study.h"

G_BEGIN_DECLS

/* One volume, or a series that is none. */
typedef struct {
    GArray *frames; /* of guint: indices into the table; of a phase as found: slice by slice */
    const DkmFrame *first; /* of them; owned by the table */
    char *id;              /* the same for the same images at the next scan; tells no patient */
    gboolean is_found;     /* the rules take it: it is the phase of its place in the list */
    double t_seconds;      /* since the first phase as found; NaN where its clock does not say */
    char *reason;          /* why the rules set it aside, in words; else NULL */
    char *problem;         /* why it cannot be a phase at all, in words; else NULL */
} DkmPhaseCandidate;

/* Of DkmPhaseCandidate*, owner of them: the phases of STUDY as found and in that order (none where
 * it has no dce), then what was set aside, by series. Nothing that STUDY holds is left out. */
GPtrArray *dkm_phase_candidates_new(const DkmStudies *studies, const DkmStudy *study);

/* STUDIES, as found, once more, where the phases of STUDY are the N candidates CHOSEN (indices),
 * the first before contrast; the others are set aside. order_given counts them from 1. Errors:
 * USAGE where none is chosen, one twice, or one that cannot be a phase; GEOMETRY naming series and
 * slice where they do not share one lattice, INPUT where the study's images are not of one patient.
 */
DkmStudies *dkm_phase_candidates_choose(const DkmStudies *studies, const DkmStudy *study,
                                        const GPtrArray *candidates, const guint *chosen, guint n,
                                        GError **error);

G_END_DECLS
