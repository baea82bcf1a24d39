/* What the parts of `dkm ablate` share: a plan, a folder, and what lies in it. Only this folder and
 * command-ablate.c include it. */
#pragma once

#include "plugin/ablate/record.h"
#include "plugin/ablate/schedule.h"

/* All borrowed. */
typedef struct {
    const DkmAblatePlan *plan;
    const char *const *cases; /* folders, as given; NULL-terminated */
    const char *out;          /* the folder of results */
    const char *device;       /* of every child; NULL: theirs */
    const GArray *folds;      /* of int, those to train */
    int jobs, threads;        /* children at a time; threads of each */
    GCancellable *cancel;
} DkmAblate;

/* OUT/NAME + ENDING of STEP; g_free. */
char *dkm_ablate_path(const DkmAblate *ablate, const DkmAblateStep *step, const char *ending);
#define DKM_ABLATE_MODEL ".safetensors"
#define DKM_ABLATE_CHECKPOINT ".safetensors.checkpoint"
#define DKM_ABLATE_RECORD ".json"
#define DKM_ABLATE_EVALUATION_FILE ".evaluation.json"

/* The recipe of a training step. */
const DkmAblateRecipe *dkm_ablate_step_recipe(const DkmAblate *ablate, const DkmAblateStep *step);
const char *dkm_ablate_kind_name(DkmAblateKind kind); /* "dm", "sm", "evaluation" */

/* What OUT holds of step I. Makes it DONE, with the seconds it took, where it is complete and of
 * this plan, its record too; FAILED where something lies there that this plan did not make: it is
 * never replaced. Else WAITING, and *RESUME: from a checkpoint. What it needs must be DONE. */
void dkm_ablate_look(const DkmAblate *ablate, GArray *steps, guint i, gboolean *resume);
/* The record of a training step that is about to run. Errors: INPUT. */
DkmAblateRecord *dkm_ablate_open_record(const DkmAblate *ablate, const GArray *steps, guint i,
                                        GError **error);

/* All steps, as far as they can be done; then STEPS says what is done, and why the rest is not.
 * Errors: OUTPUT, CANCELLED (children have written their checkpoints). */
gboolean dkm_ablate_run(const DkmAblate *ablate, GArray *steps, GError **error);

/* results.json, table.md and plots of what is complete. Errors: OUTPUT, INPUT. */
gboolean dkm_ablate_report(const DkmAblate *ablate, GArray *steps, GError **error);
