/* The inside of a CUDA device, for the files of this folder that call the CUDA runtime or cuDNN.
 * Not for the own ops: cuda.h is all that they need. One thread at a time. */
#pragma once

#include "core/net/cuda/conv-graph.h"
#include "core/net/cuda/cuda.h"
#include "core/net/cuda/plan-cache.h"

#include <cuda_runtime_api.h>

G_BEGIN_DECLS

enum { DKM_CUDA_STAGES = 2 };

struct _DkmCudaDevice {
    cudaStream_t stream; /* of all work */
    cudnnHandle_t cudnn;
    DkmCudnnTarget *target;
    DkmPlanCache *cache;
    char *identity; /* of device and libraries: what a compiled plan depends on */
    gboolean tune;  /* time engines before one is kept */
    cudaLibrary_t library;
    GHashTable *kernels;          /* name -> cudaKernel_t */
    GHashTable *convs;            /* key -> conv.c's plans */
    GHashTable *blocks;           /* memory -> its bytes */
    gsize used, most;             /* bytes of blocks; never more than MOST */
    void *stage[DKM_CUDA_STAGES]; /* pinned host memory */
    cudaEvent_t staged[DKM_CUDA_STAGES];
    double *scalar; /* device memory of DKM_CUDA_SUM_DOUBLES */
    gboolean has_bf16;
    gboolean capturing; /* calls are recorded: what fails then spoils the capture alone */
    char *lost;         /* why nothing works any more; NULL: it does */
    char *description;
};

/* After a failed call that ERROR tells of, all but a want of memory ends the device: what a failed
 * launch left behind is not to be computed with. Nothing is lost in a capture. FALSE. */
gboolean dkm_cuda_lose(DkmCudaDevice *device, const GError *error);
/* The one place where a cudaError_t becomes an error; dkm_cuda_lose() then. TRUE for success. */
gboolean dkm_cuda_check(DkmCudaDevice *device, cudaError_t status, const char *what,
                        GError **error);
/* FALSE and the reason once the device is lost. */
gboolean dkm_cuda_is_alive(DkmCudaDevice *device, GError **error);

gboolean dkm_cuda_device_probe(char **why);
DkmCudaDevice *dkm_cuda_device_open(gboolean tune, GError **error);
void dkm_cuda_device_close(DkmCudaDevice *device);
void *dkm_cuda_alloc(DkmCudaDevice *device, gsize bytes, GError **error);
void dkm_cuda_free(DkmCudaDevice *device, void *memory);
gboolean dkm_cuda_upload(DkmCudaDevice *device, void *to, const void *from_host, gsize bytes,
                         GError **error);
gboolean dkm_cuda_download(DkmCudaDevice *device, void *to_host, const void *from, gsize bytes,
                           GError **error);

/* tune.c: times PLANS (of DkmCudnnPlan, all for GRAPH) on this device; the fastest one comes first.
 * Where they cannot be timed, nothing changes. */
void dkm_cuda_tune(DkmCudaDevice *device, const DkmConvCall *call, const DkmConvGraph *graph,
                   GPtrArray *plans);
/* The row of MS (ROWS x RUNS, milliseconds; sorted row by row) with the least median; one that
 * could not be run holds INFINITY. */
guint dkm_cuda_fastest(float *ms, guint rows, guint runs);

/* conv.c */
void dkm_cuda_conv_plans_free(gpointer plans);

/* The own kernels for all architectures, one fat binary: fatbin.S. */
extern const guint8 dkm_cuda_fatbin[];

G_END_DECLS
