/* A back end with a device of it open: what plans and parameters are made on. Single owner. */
#pragma once

#include "core/net/backend.h"

G_BEGIN_DECLS

typedef struct {
    const DkmBackend *backend;
    DkmDevice *device;
    GStrv refused; /* "auto": why better devices were passed over, a sentence each; else NULL */
} DkmEngine;

/* NAME as dkm_backend_find(); "auto" also passes over a device that does not open (too little
 * memory). THREADS 0: one a core. Errors: DEVICE, USAGE, NO_MEMORY. */
gboolean dkm_engine_open(DkmEngine *engine, const char *name, int threads, GError **error);
/* The same for training, measurement and tests, which ask for more than threads. */
gboolean dkm_engine_open_with(DkmEngine *engine, const char *name, const DkmDeviceOptions *options,
                              GError **error);
void dkm_engine_close(DkmEngine *engine);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmEngine, dkm_engine_close)
/* TRUE for the back ends that are built in. */
gboolean dkm_engine_is_cpu(const DkmEngine *engine);
/* "cpu: AMD EPYC, 2 threads, avx512". g_free. */
char *dkm_engine_describe(const DkmEngine *engine);

G_END_DECLS
