/* Times plans of one graph on a device. */
#pragma once

#include "core/net/cuda/device.h"

G_BEGIN_DECLS

/* The fastest of PLANS (of DkmCudnnPlan), on zeros, in device memory of its own for as long; waits
 * for the device. What only fails here is passed over. -1: none ran, or NO_MEMORY. */
int dkm_conv_tune(DkmCudaDevice *device, const DkmConvGraph *graph, const GPtrArray *plans,
                  GError **error);

G_END_DECLS
