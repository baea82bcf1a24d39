/* Launching emulated kernels (emulate.h) from a test, and a back end whose every op but convolution
 * is the CUDA module's own code: core/net/cuda/ops-*.c on emulated launches. */
#pragma once

#include "core/net/cuda/cuda.h"

/* The order in which blocks and threads of a block run. */
typedef enum { EMULATED_FORWARD, EMULATED_REVERSE, EMULATED_RANDOM } EmulatedOrder;

/* What a DkmCudaDevice* points to in the tests. */
typedef struct {
    EmulatedOrder order;
    guint64 seed;     /* of random orders */
    guint64 launches; /* so far */
} EmulatedDevice;

/* cpu memory, order by DkmDeviceOptions.threads: 0 forward, 1 reverse, 2 and more: random, seeded
 * by it. Convolutions are the reference's. */
extern const DkmBackend emulated_backend;

/* Kernels whose name matches PATTERN (or does not) that were never launched, one a line. */
char *emulated_unused(const char *pattern, gboolean matches);

/* The kernels that are no op of a graph: test-pack.c's; all others are test-agreement.c's. */
#define EMULATED_NO_OPS "^dkm_(pad|epilogue|adam|ema|sum)"
