/* Kinetic codes of training batches from the frozen diffusion module, kept in memory where every
 * visit of a slice shows the same window and the same noise. Only files of this folder include it.
 */
#pragma once

#include "core/learn/cases.h"
#include "core/model/network.h"

G_BEGIN_DECLS

typedef struct _DkmCodeSource DkmCodeSource;

/* Where the codes of a batch go: a place for each fused level, and one (samples, side, side, K) for
 * the predicted phases where the preset's input shows them; else NULL. */
typedef struct {
    float *code[DKM_LEVELS], *phases;
} DkmCodes;

/* SHAPE of the batches, code_only, and predict where the preset's input shows predicted phases.
 * CACHE: keep each sample's code (in the activations' type, so that a kept code equals a fresh one
 * bit for bit). */
DkmCodeSource *dkm_code_source_new(const DkmNetworkShape *shape, DkmParams *params, gboolean cache,
                                   GError **error);
void dkm_code_source_free(DkmCodeSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCodeSource, dkm_code_source_free)

/* Codes of the batch SAMPLES, whose windows and noise are X_0 and NOISE, into CODES. */
gboolean dkm_code_source_get(DkmCodeSource *source, const DkmSample *samples, const float *x_0,
                             const float *noise, const DkmCodes *codes, GError **error);

G_END_DECLS
