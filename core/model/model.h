/* A model's network by itself, for measurement. Hosts use pipeline.h. */
#pragma once

#include "core/model/network.h"
#include "core/model/pipeline.h"

G_BEGIN_DECLS

/* Both modules for one sample of ROWS x COLUMNS (multiples of 16). Free it before the model. */
DkmNetwork *dkm_model_make_network(DkmModel *model, int rows, int columns, GError **error);
/* Slices that a run computes at once; 0, as at first: one on a CPU, elsewhere as many as the
 * device's memory allows, 16 at most. */
void dkm_model_set_batch(DkmModel *model, int slices);
/* The threshold on the probability that the file asks for. */
float dkm_model_threshold(const DkmModel *model);

G_END_DECLS
