/* What this machine can do at most, measured: the bar that times are compared with. */
#pragma once

#include "core/net/backend.h"

/* Per second, all threads of the device together. */
typedef struct {
    double f32_flop, bf16_flop; /* bf16_flop: as f32_flop where there is no instruction for it */
    double bytes;               /* read and written by c = a + b on arrays beyond every cache */
} DkmCpuPeak;

/* Best of several short runs, about 0.1 s. DEVICE: one of the cpu back end. FALSE and NO_MEMORY
 * where there is no room for the arrays. */
gboolean dkm_cpu_peak_measure(DkmDevice *device, DkmCpuPeak *peak, GError **error);
