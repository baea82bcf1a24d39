/* A model's network by itself, for measurement. Hosts use pipeline.h. */
#pragma once

#include "core/model/network.h"
#include "core/model/pipeline.h"

G_BEGIN_DECLS

/* Both modules for one sample of ROWS x COLUMNS (multiples of 16). Free it before the model. */
DkmNetwork *dkm_model_make_network(DkmModel *model, int rows, int columns, GError **error);
/* The threshold on the probability that the file asks for. */
float dkm_model_threshold(const DkmModel *model);

G_END_DECLS
