/* The network of one window: the models, each opened at its first run and kept. Its work happens on
 * the engine thread alone (DKM_LANE_ENGINE), one run at a time. */
#pragma once

#include "core/model/input-gate.h"
#include "gui/jobs.h"

G_BEGIN_DECLS

typedef struct _DkmRunner DkmRunner;

DkmRunner *dkm_runner_new(void);
DkmRunner *dkm_runner_ref(DkmRunner *runner);
void dkm_runner_unref(DkmRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRunner, dkm_runner_unref)

/* There is a file where the model of the pre-contrast phase is looked for. */
gboolean dkm_runner_has_model(void);

/* What to run the network on. Borrowed; EARLY and LATE may be NULL. */
typedef struct {
    DkmVolume *pre_contrast, *early, *late;
    DkmAcquisition acquisition; /* how they were made */
    gboolean predict;           /* the post-contrast phases too */
    gboolean has_box;           /* nothing is computed outside BOX */
    DkmBox box;
} DkmRunRequest;

/* What the model of any phases accepts besides the pre-contrast phase. */
typedef struct {
    gboolean with[2][2]; /* [early][late] */
    char *words;         /* dkm_model_accepted()'s */
} DkmRunnerFacts;
void dkm_runner_facts_free(DkmRunnerFacts *facts);

/* Opens that model and asks it; DONE gets DkmRunnerFacts. The caller drops the job. */
DkmJob *dkm_runner_ask(DkmRunner *runner, DkmJobDone done, gpointer user);

/* Where REQUEST's images are unlike those that the models were trained on: of the model of the
 * pre-contrast phase, and what the other adds where it accepts the phases. DONE gets a GPtrArray of
 * sentences, of char*. The caller drops the job. */
DkmJob *dkm_runner_compare(DkmRunner *runner, const DkmRunRequest *request, DkmJobDone done,
                           gpointer user);

/* What a run gives. */
typedef struct {
    DkmResult *result;
    GPtrArray *unlike; /* of char*: the input gate's findings (core/model/input-gate.h) */
} DkmRun;
void dkm_run_free(DkmRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRun, dkm_run_free)

/* Starts a run: of the model of any phases where EARLY or LATE is given. DONE gets a DkmRun. The
 * caller drops the job. */
DkmJob *dkm_runner_start(DkmRunner *runner, const DkmRunRequest *request, DkmJobDone done,
                         gpointer user);

G_END_DECLS
