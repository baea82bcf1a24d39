/* What a plan makes to do, and in which order. Pure: no process, no file. */
#pragma once

#include "plugin/ablate/plan.h"

typedef enum {
    DKM_ABLATE_DM,
    DKM_ABLATE_SM,
    DKM_ABLATE_EVALUATION,
    DKM_ABLATE_KINDS
} DkmAblateKind;

typedef enum {
    DKM_ABLATE_WAITING,
    DKM_ABLATE_RUNNING,
    DKM_ABLATE_DONE,
    DKM_ABLATE_FAILED,   /* or what it needs has failed */
    DKM_ABLATE_LEFT_OUT, /* waits, but not for this run */
} DkmAblateState;

typedef struct {
    DkmAblateKind kind;
    int diffusion, row; /* of the plan; -1: none */
    int fold;
    int needs; /* the step that must be done before; -1: none */
    DkmAblateState state;
    double seconds;      /* DONE: what it took, 0: not known; RUNNING: so far */
    double seconds_left; /* RUNNING: by its own word; NaN: it has not said */
    char *why;           /* FAILED: a sentence */
} DkmAblateStep;

/* The steps of PLAN, rows one behind the other, each over all folds, every step behind the one that
 * it needs: the first rows of a plan are complete first. */
GArray *dkm_ablate_steps_new(const DkmAblatePlan *plan);
/* The first that waits for nothing; -1: none. */
int dkm_ablate_steps_next(const GArray *steps);
/* Those that wait in another fold than FOLDS, of int, are left out. */
void dkm_ablate_steps_leave_out(GArray *steps, const GArray *folds);
/* Those whose need has failed fail. */
void dkm_ablate_steps_block(GArray *steps);
guint dkm_ablate_steps_count(const GArray *steps, DkmAblateState state);
/* Seconds until all is done with JOBS at a time: running steps by their own word, others as long as
 * those of their kind took, or are about to take. *AT_LEAST: of some kind nothing is known. */
double dkm_ablate_steps_left(const GArray *steps, int jobs, gboolean *at_least);

/* "dm-b1-fold0", "sm-no-code-fold0"; an evaluation goes by its model's name. g_free. */
char *dkm_ablate_step_name(const DkmAblatePlan *plan, const DkmAblateStep *step);

/* What a line of `dkm train` says: "epoch 1/12 step 19/1872 loss ..., 18 min left". FALSE where it
 * is no such line. */
gboolean dkm_ablate_parse_progress(const char *line, double *share_done, double *minutes_left);

/* One epoch of a model file's "history". */
typedef struct {
    int epoch;
    double loss, validation; /* NaN: not told */
} DkmAblateEpoch;
/* Of DkmAblateEpoch; lines that are none are passed over. */
GArray *dkm_ablate_parse_history(const char *history);
