/* What a person says of the phases, against or beyond what the headers say: another order, other
 * times. Recorded on the result, never silent. Not for: which images make a phase; that the headers
 * must tell. */
#pragma once

#include "core/series/study.h"

G_BEGIN_DECLS

/* A value; what it points to is the caller's unless it was parsed. */
typedef struct {
    const guint *order; /* order[p]: which phase, as found and counted from 0, comes p-th; NULL: as
                           found */
    guint n_order;
    const double *t_seconds; /* of each phase in the new order; NULL: as the clock says */
    guint n_times;
} DkmPhaseOverride;

/* "2,1,3" (phases as found, counted from 1) and "0,137,491" (seconds); NULL where not given. Errors
 * USAGE: no such list. dkm_phase_override_clear() what was filled. */
gboolean dkm_phase_override_parse(DkmPhaseOverride *out, const char *order, const char *times,
                                  GError **error);
void dkm_phase_override_clear(DkmPhaseOverride *override);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmPhaseOverride, dkm_phase_override_clear)
gboolean dkm_phase_override_is_empty(const DkmPhaseOverride *override);

/* PHASES as OVERRIDE has it: order_given and times_given say what a person gave, the findings say
 * it in words; times count from the first phase. A clock that does not rise in the new order is
 * dropped. Errors USAGE: not each phase once, not one time a phase, times that do not rise. */
DkmPhases *dkm_phases_override(const DkmPhases *phases, const DkmPhaseOverride *override,
                               GError **error);

/* STUDIES once more, with the phases of the study STUDY_UID overridden (NULL: of the only one with
 * dynamics). Errors: those of dkm_phases_override() and dkm_studies_only_dce(). */
DkmStudies *dkm_studies_override(const DkmStudies *studies, const char *study_uid,
                                 const DkmPhaseOverride *override, GError **error);

G_END_DECLS
