/* What both trainings share: the order of slices, epochs, the rate, reports, checkpoints, resuming,
 * stopping. Only files of this folder include it. */
#pragma once

#include "core/learn/train.h"
#include "core/learn/trainer.h"

G_BEGIN_DECLS

/* What a run has done so far. */
typedef struct {
    gint64 steps;
    const char *history; /* a line for each epoch */
    int best_epoch;      /* whose weights are kept; 0: none's */
    double best_score;
    const char *statistics; /* of the training cases: dkm_input_statistics() */
} DkmTrainRecord;

/* What differs. SELF is the implementer's record. */
typedef struct {
    /* Sets the inputs of step STEP (0-based) with the BATCH samples SAMPLES; FIRST is the number of
     * the first of them in the whole run, the counter of their random choices. */
    gboolean (*fill)(gpointer self, const DkmSample *samples, guint64 first, GError **error);
    /* After an epoch: a line for people, g_free; NULL on error. SCORE: larger is better, if set. */
    char *(*validate)(gpointer self, double *score, GCancellable *cancel, GError **error);
    /* Keeps the weights just validated, the best so far; NULL where the last ones are the result.
     */
    gboolean (*keep)(gpointer self, GError **error);
    /* Writes the result. */
    gboolean (*save)(gpointer self, const DkmTrainRecord *record, GError **error);
    gpointer self;
} DkmTrainTask;

/* Refuses options that cannot work, before anything is allocated. */
gboolean dkm_train_check(const DkmTrainOptions *options, GError **error);
gboolean dkm_train_loop(const DkmTrainOptions *options, const char *kind, DkmTrainer *trainer,
                        const DkmTrainTask *task, GCancellable *cancel, GError **error);

/* Metadata of a model file as alternating keys and values, NULL-terminated, for
 * dkm_weights_save(). */
GPtrArray *dkm_train_metadata(const DkmTrainOptions *options, const char *kind,
                              const DkmTrainRecord *record);

G_END_DECLS
