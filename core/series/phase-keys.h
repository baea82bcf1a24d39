/* Every attribute that may tell the phases of a stack apart, each judged by the same test: a key is
 * a partition only if each of its values covers every slice exactly once. Not for: seconds
 * (phase-times), reading order from file names. */
#pragma once

#include "core/series/geometry.h"
#include "core/series/phases.h"

G_BEGIN_DECLS

/* How a key split the stack, best first. */
typedef enum {
    DKM_SPLIT_EXACT,         /* by its values as they are */
    DKM_SPLIT_MERGED,        /* after joining clock values less than 2 s apart */
    DKM_SPLIT_WITHIN_SERIES, /* by its values inside each series, series in the order of time */
    DKM_SPLIT_RANKED,        /* no value covers all slices; by its rank at each slice */
    DKM_SPLIT_NONE,
} DkmSplit;

typedef struct {
    const char *key; /* DICOM keyword */
    DkmSplit split;
    gboolean is_clock;
    guint n_values;  /* distinct values */
    guint *phase;    /* of each frame of the stack, in the key's order; NULL for SPLIT_NONE */
    gboolean absent; /* missing in some frames, or the same in all */
    char *problem;   /* why it is no partition, one phrase; NULL for SPLIT_EXACT */
} DkmPhaseKey;

/* Judges all keys on STACK, whose slices all hold N_PHASES (> 1) frames. Array of DkmPhaseKey in
 * the order of trust; free with g_array_unref. */
GArray *dkm_phase_keys_judge(const DkmStack *stack, guint n_phases);
/* The key to take: among those that cover every slice (ranks only where none does) the one that
 * most others agree with, the first of equals. NULL where none splits the stack. */
const DkmPhaseKey *dkm_phase_keys_choose(const GArray *keys, guint n_frames);
/* What KEY says beside CHOSEN. N_FRAMES of the stack. */
DkmKeyEvidence dkm_phase_key_evidence(const DkmPhaseKey *key, const DkmPhaseKey *chosen,
                                      guint n_frames);
/* For a stack whose slices do not all hold EXPECTED frames: which 1-based phase lacks (SURPLUS
 * FALSE) or doubles (TRUE) slice SLICE, by the first key that otherwise splits it; 0 where none
 * tells. */
guint dkm_phase_keys_blame(const DkmStack *stack, guint expected, guint slice, gboolean surplus);

/* For a stack whose slices hold N_PHASES frames at most: the phase of each frame by the keys that
 * have N_PHASES values, each of them once a slice at most; g_free. NULL where none does or two of
 * them contradict each other. */
guint *dkm_phase_keys_partial(const DkmStack *stack, guint n_phases);

/* Seconds since midnight made continuous: values of the early hours after a late evening get a day
 * more. In place; NaN stays. */
void dkm_unwrap_midnight(double *seconds, guint n);

G_END_DECLS
