/* The dynamics of one study: which frames make which phase, in which order, and the evidence for
 * it. Rules: geometry first, no tag trusted alone; a key is accepted only if each of its values
 * covers every slice position exactly once. Not for: reading pixels. */
#pragma once

#include "core/frame.h"
#include "core/grid.h"
#include "core/series/geometry.h"

G_BEGIN_DECLS

/* One phase: frames sorted so that frames[z] is slice z of the grid. */
typedef struct {
    guint *frames;    /* indices into the frame table, grid.n[0] of them */
    double t_seconds; /* since the start of phase 0; NaN where no clock tells */
} DkmPhase;

typedef enum {
    DKM_VERDICT_CHOSEN,    /* this key gave the phases */
    DKM_VERDICT_AGREES,    /* would give the same phases in the same order */
    DKM_VERDICT_DISAGREES, /* is a partition too, but another one or in another order */
    DKM_VERDICT_FAILS,     /* does not cover every position once per value */
    DKM_VERDICT_ABSENT,    /* missing in some frames, or the same in all */
} DkmVerdict;

/* What one candidate key said. */
typedef struct {
    const char *key; /* DICOM keyword, static: "ContentTime" */
    DkmVerdict verdict;
    guint n_values; /* distinct values found */
    char *detail;   /* one sentence for a person, owned */
} DkmKeyEvidence;

/* A later phase that lacks slices. */
typedef struct {
    GArray *frames; /* of guint: indices into the frame table */
    char *reason;   /* "not used: phase 2 of 3 lacks slice 34 of 60 (at 43.20 mm)" */
} DkmPhaseAside;

typedef enum { DKM_CONFIDENCE_LOW, DKM_CONFIDENCE_MEDIUM, DKM_CONFIDENCE_HIGH } DkmConfidence;

/* A shared immutable. */
typedef struct {
    gatomicrefcount refs;
    DkmGrid grid;
    guint n_phases;      /* at least 1; phase 0 is pre-contrast */
    DkmPhase *phases;    /* in the order of time */
    const char *key;     /* the chosen key, static; "none" for a single phase */
    const char *clock;   /* the attribute that gave t_seconds, static, or NULL */
    double lead_seconds; /* of the first phase after injection before phase 1, where it is aside;
                            0: it is phase 1, or nobody knows */
    DkmConfidence confidence;
    /* What a person gave (phase-override.h): "2,1,3" of the phases as found, and "0,150,450" s;
     * else NULL. */
    char *order_given, *times_given;
    char *contradiction; /* of the order given with the clock, a sentence that names both (it is
                            among the findings too); else NULL */
    GArray *evidence;    /* of DkmKeyEvidence, in the order tried */
    GArray *aside;       /* of DkmPhaseAside, in the order of time; findings tell of them too */
    GPtrArray *findings; /* of char*: what a person should know, not failures */
} DkmPhases;

/* Splits the N frames FRAMES (indices into TABLE; one geometry, one or several series) into phases.
 * Later phases that lack slices are set aside where the keys tell which they are. Errors:
 * DKM_ERROR_GEOMETRY with a message that names the slice: missing in the first phase or nobody
 * knows where, double, unevenly spaced, sheared. */
DkmPhases *dkm_phases_find(const DkmFrameTable *table, const guint *frames, guint n,
                           GError **error);
/* The phases that a person has sorted: PHASE says of each frame of STACK which of N_PHASES it is
 * of, each of which has each slice once. Without evidence; to be changed before it is shared.
 * Errors: those of dkm_stack_grid(). */
DkmPhases *dkm_phases_assemble(const DkmStack *stack, const guint *phase, guint n_phases,
                               GError **error);
/* A copy of its own, to be changed before it is shared. */
DkmPhases *dkm_phases_dup(const DkmPhases *phases);
DkmPhases *dkm_phases_ref(DkmPhases *phases);
void dkm_phases_unref(DkmPhases *phases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPhases, dkm_phases_unref)

/* Index of the phase whose time since the first after injection (phase 1, or one that is set aside
 * before it) is nearest to SECONDS; phase index order where times are unknown (2 phases: 1, 1; 3 or
 * more: early 1, late last). */
guint dkm_phases_nearest(const DkmPhases *phases, double seconds_after_first_post);

/* The phases that stand for early and late, as the networks were trained with them: nearest to
 * 2'30" and 7'30" after injection, where the first phase after it counts as 2'30". 0: there is
 * none; two different ones where there are two. A single one is late from five minutes after the
 * pre-contrast phase on. */
void dkm_phases_find_posts(const DkmPhases *phases, guint *early, guint *late);

G_END_DECLS
