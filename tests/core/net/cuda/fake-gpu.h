/* A GPU of the imagination: CUDA's runtime and cuDNN's backend API as far as the module calls them,
 * in host memory. Computes nothing; fails where a test says so, and tells what was asked of it. */
#pragma once

#include "core/net/cuda/device.h"

G_BEGIN_DECLS

enum { FAKE_ENGINES = 8, FAKE_MEMORY = 1 << 30 };

typedef struct {
    cudnnBackendNumericalNote_t note; /* -1: none */
    float ms;                         /* what a run takes */
    gsize workspace_bytes;
    cudnnStatus_t run; /* what a run gives */
} FakeEngine;

typedef struct {
    const char *name;
    int major, minor;
    gsize available;                /* bytes */
    cudaError_t launch, sync, zero; /* what these give, until told otherwise */
    gboolean captures, broken;      /* as a stream is: broken by the first failure in a capture */
    FakeEngine engines[FAKE_ENGINES];
    int n_engines;
    gboolean takes_no_text; /* saved plans are refused */
    gboolean fuses_nothing; /* no engine for more than one operation */
    /* What happened. */
    int n_launches, n_runs, n_compiled, n_loaded, last_engine, n_blocks;
    double clock_ms;
} FakeGpu;

extern FakeGpu fake_gpu;
/* A new one that works: compute capability 9.0, N_ENGINES engines without notes, 1 ms each. */
void fake_gpu_reset(int n_engines);

/* module.c's table. */
const DkmBackend *dkm_backend_v1(void);

G_END_DECLS
