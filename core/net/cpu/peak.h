/* What this machine can do at most, measured: the bar that times are compared with. */
#pragma once

#include "core/net/roofline.h"

/* Per second, all threads of the device together; the best seen so far. Begins as all 0. */
typedef struct {
    int threads;       /* of the device */
    DkmRates rates;    /* bf16_flop, int8_flop: as f32_flop without a unit for them; bytes: read and
                          written by c = a + b on arrays far beyond a core's own caches */
    double read_bytes; /* the same arrays read only */
} DkmCpuPeak;

/* Raise PEAK to the best of many short bursts, some SECONDS of them for each figure. All threads of
 * the device begin a burst together, and each is timed by its own clock of CPU time: neighbours
 * that take the cores away lengthen a run but do not lower the peak. */
void dkm_cpu_peak_raise_flop(DkmDevice *device, double seconds, DkmCpuPeak *peak);
/* FALSE and NO_MEMORY where there is no room for the arrays (96 MB). */
gboolean dkm_cpu_peak_raise_bytes(DkmDevice *device, double seconds, DkmCpuPeak *peak,
                                  GError **error);
