/* Which engine of cuDNN a convolution runs on: from disk, else compiled. */
#pragma once

#include "core/net/cuda/conv-graph.h"
#include "core/net/cuda/cuda.h"

G_BEGIN_DECLS

/* What serves all calls of one key. */
typedef struct {
    DkmConvGraph graph;
    DkmCudnnPlan *plan; /* NULL: nothing can be run, for the reason FAILURE */
    GError *failure;
    gboolean splits; /* no engine does the whole: bias, residual and activation are left */
} DkmConvPlan;

/* The first time may take a second; owned by DEVICE. */
const DkmConvPlan *dkm_conv_plan_get(DkmCudaDevice *device, const DkmConvCall *call);
void dkm_conv_plan_free(gpointer plan);

G_END_DECLS
