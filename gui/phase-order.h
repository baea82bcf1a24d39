/* Which volumes of a study are its phases and in which order, while a reader says so, and as it was
 * said last: kept for the study in a file of this user's own. No widget. A single-owner mutable:
 * main thread. Not for: reading the study anew (ordering.h). */
#pragma once

#include "core/series/phase-choice.h"

G_BEGIN_DECLS

typedef struct _DkmPhaseOrder DkmPhaseOrder;

/* Of a row that is no phase. */
#define DKM_PHASE_ASIDE (-1)

/* STUDY as the rules have found it in FOUND; where it has no dce, no row is a phase yet. */
DkmPhaseOrder *dkm_phase_order_new(DkmStudies *found, const DkmStudy *study);
void dkm_phase_order_free(DkmPhaseOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPhaseOrder, dkm_phase_order_free)

/* Rows: the phases in their order, then what is set aside, as the rules list it. */
guint dkm_phase_order_count(const DkmPhaseOrder *order);
guint dkm_phase_order_n_phases(const DkmPhaseOrder *order);
/* Borrowed. NUMBER (or NULL): how it is called, from 1; it stays when rows move. */
const DkmPhaseCandidate *dkm_phase_order_get(const DkmPhaseOrder *order, guint row, guint *number);
/* 0: before contrast; 1, 2, ...: after it; DKM_PHASE_ASIDE. */
int dkm_phase_order_place(const DkmPhaseOrder *order, guint row);

/* Makes ROW the phase of PLACE, or sets it aside; the others close up or make room. Its row from
 * then on. */
guint dkm_phase_order_set_place(DkmPhaseOrder *order, guint row, int place);
/* One place earlier (STEP -1) or later (1): past the last phase a row is set aside, and of the rows
 * that are set aside the first becomes the last phase. Its row from then on. */
guint dkm_phase_order_move(DkmPhaseOrder *order, guint row, int step);
/* As dragged: ROW comes to lie before or after (IS_AFTER) the row ONTO, among the phases where that
 * is one, else set aside. Its row from then on. */
guint dkm_phase_order_drop(DkmPhaseOrder *order, guint row, guint onto, gboolean is_after);
/* Back to what the rules found. */
void dkm_phase_order_reset(DkmPhaseOrder *order);
/* As ORDER_GIVEN of a study's phases has it, "4,1,2"; NULL: as the rules found it. */
void dkm_phase_order_take_given(DkmPhaseOrder *order, const char *order_given);
gboolean dkm_phase_order_is_found(const DkmPhaseOrder *order);
/* As the rules found it. Borrowed. */
const DkmStudy *dkm_phase_order_study(const DkmPhaseOrder *order);

/* The studies with the phases in this order: those that were found, where it is the rules' own.
 * Errors: those of dkm_phase_candidates_choose(). STUDY (or NULL): its own one of them. */
DkmStudies *dkm_phase_order_apply(const DkmPhaseOrder *order, const DkmStudy **study,
                                  GError **error);

/* --- kept for the study -------------------------------------------------------------------------
 */

/* A study without a UID of its own is not kept: FALSE. */
gboolean dkm_phase_order_can_keep(const DkmPhaseOrder *order);
/* On disk at once; the rules' own leaves nothing there. DKM_ERROR_OUTPUT, INPUT. */
gboolean dkm_phase_order_keep(const DkmPhaseOrder *order, GError **error);
/* Takes what was kept of the study. FALSE: nothing was; with DKM_ERROR_INPUT: it is of other images
 * than those there are now, or cannot be read. Then nothing has changed. */
gboolean dkm_phase_order_recall(DkmPhaseOrder *order, GError **error);
/* *STUDY of FOUND as a reader has ordered it last: the studies with that order, and *STUDY its own
 * one of them. NULL: nothing was kept; with an error: it does not fit any more. */
DkmStudies *dkm_phase_order_recalled(DkmStudies *found, const DkmStudy **study, GError **error);

G_END_DECLS
