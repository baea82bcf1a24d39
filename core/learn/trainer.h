/* One optimiser step after another on a training graph: forward, gradients, clipping, Adam, moving
 * averages. And everything that a later step depends on, to and from a checkpoint file. Single
 * owner, one thread. Not for: data, epochs or validation. */
#pragma once

#include "core/model/engine.h"
#include "core/net/plan.h"
#include "core/net/weights.h"

G_BEGIN_DECLS

/* All borrowed; must outlive the trainer. GRAPH gets its gradient nodes here. */
typedef struct {
    const DkmEngine *engine;
    DkmGraph *graph;
    DkmParams *params; /* every PARAM and STATE of GRAPH is made where it is not there yet */
    guint64 seed;      /* of fresh parameters */
    DkmValue loss;
    const DkmValue *state, *new_state; /* running statistics: stored back after each step */
    int n_states;
    float weight_decay, clip; /* clip: largest norm of the whole gradient; 0: none */
    float average_decay;      /* of the moving average of the weights; 0: none is kept */
} DkmTrainerSetup;

typedef struct _DkmTrainer DkmTrainer;

DkmTrainer *dkm_trainer_new(const DkmTrainerSetup *setup, GError **error);
void dkm_trainer_free(DkmTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmTrainer, dkm_trainer_free)

gboolean dkm_trainer_set_input(DkmTrainer *trainer, DkmValue input, const float *host,
                               GError **error);
/* One Adam step at RATE on the inputs that are set. DKM_ERROR_MODEL where the loss is not finite
 * (nothing is changed then), CANCELLED (nothing is changed). */
gboolean dkm_trainer_step(DkmTrainer *trainer, float rate, double *loss, GCancellable *cancel,
                          GError **error);
gint64 dkm_trainer_steps(const DkmTrainer *trainer); /* done so far */
double dkm_trainer_flop(const DkmTrainer *trainer);  /* of one step */
/* The moving average of the weights, or the weights themselves where none is kept. */
DkmParams *dkm_trainer_result(DkmTrainer *trainer);

/* Weights, averages, moments and step count, with META's pairs (NULL-terminated) beside them. */
gboolean dkm_trainer_save(DkmTrainer *trainer, const char *path, const char *const *meta,
                          GError **error);
/* Tensors that checkpoints hold as well: what is to be kept from an earlier step. Borrowed. */
void dkm_trainer_set_kept(DkmTrainer *trainer, DkmParams *kept);
/* Goes on from a checkpoint and returns the open file, for META. SETTINGS must be what META had
 * under "settings" when it was saved: another recipe would not continue the same run
 * (DKM_ERROR_USAGE). */
DkmWeights *dkm_trainer_load(DkmTrainer *trainer, const char *path, const char *settings,
                             GError **error);

G_END_DECLS
