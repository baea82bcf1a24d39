/* One study on the desk: who it is (copied from the study, so that it can be shown whatever
 * happens to the rest), its phases as they are loaded, the network's result, and the layers.
 * A single-owner mutable: main thread. Not for: loading, running, drawing. */
#pragma once

#include "core/edit/versions.h"
#include "core/model/pipeline.h"
#include "core/series/study.h"

G_BEGIN_DECLS

/* Fields are read by everyone and written by this file alone. */
typedef struct {
    DkmStudies *studies; /* keeps STUDY and its frame table alive */
    const DkmStudy *study;
    char *patient_name; /* as people write it: "Doe, Jane"; "(no name)" where absent */
    char *patient_id;   /* "(no ID)" where absent */
    char *study_date;   /* "2001-02-28"; "(no date)" where absent */
    DkmVolume **phases; /* study->dce->n_phases of them; NULL where not loaded yet */
    guint early, late;  /* the phases that are shown and measured; 0 where there is none */
    DkmResult *result;  /* the network's, or NULL */
    guint result_layer; /* id of the layer made from it, or 0 */
    DkmLayers *layers;
    DkmVersions *versions; /* what has been exported */
} DkmReviewCase;

/* STUDY belongs to STUDIES and has a dce. */
DkmReviewCase *dkm_review_case_new(DkmStudies *studies, const DkmStudy *study);
void dkm_review_case_free(DkmReviewCase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmReviewCase, dkm_review_case_free)

guint dkm_review_case_n_phases(const DkmReviewCase *self);
const DkmGrid *dkm_review_case_grid(const DkmReviewCase *self);
/* Loaded, or NULL; NULL too where PHASE does not exist. */
DkmVolume *dkm_review_case_phase(const DkmReviewCase *self, guint phase);
/* Takes a reference to VOLUME. Error GEOMETRY where it does not lie on the study's grid. */
gboolean dkm_review_case_set_phase(DkmReviewCase *self, guint phase, DkmVolume *volume,
                                   GError **error);
/* Takes a reference to RESULT and makes its mask a new layer: one undo step; earlier layers stay.
 * Errors: GEOMETRY, NO_MEMORY; then nothing has changed. */
gboolean dkm_review_case_set_result(DkmReviewCase *self, DkmResult *result, GError **error);

/* The same with the mask inside BOX alone; NULL: all of it. GEOMETRY where BOX lies outside. */
gboolean dkm_review_case_set_result_in_box(DkmReviewCase *self, DkmResult *result,
                                           const DkmBox *box, GError **error);

/* The phases of DCE that are shown and measured, as of a case with it; 0 where there is none. */
void dkm_review_phases(const DkmPhases *dce, guint *early, guint *late);

/* The phase of OTHER that is of the same kind as PHASE of SELF: before contrast, early, late; else
 * of those that are loaded the one nearest in time. */
guint dkm_review_phase_like(const DkmReviewCase *self, guint phase, const DkmReviewCase *other);

/* "Pre-contrast", "Early", "Late", "Post-contrast" (the only one) or "Phase 4". g_free. */
char *dkm_review_case_phase_name(const DkmReviewCase *self, guint phase);

G_END_DECLS
