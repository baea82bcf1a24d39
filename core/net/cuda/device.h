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
    cudaLibrary_t library;
    GHashTable *kernels; /* name -> cudaKernel_t */
    DkmPlanCache *cache;
    GHashTable *convs;            /* key -> DkmConvPlan */
    GHashTable *blocks;           /* memory -> its bytes */
    gsize used, most;             /* bytes of blocks; never more than MOST */
    void *stage[DKM_CUDA_STAGES]; /* pinned host memory */
    cudaEvent_t staged[DKM_CUDA_STAGES];
    double *scalar; /* device memory of DKM_CUDA_SUM_DOUBLES */
    gboolean tries; /* a capture: a failure now is its alone */
    int compute;    /* ten times its compute capability */
    char *lost;     /* why nothing works any more; NULL: it does */
    char *description;
};

/* Takes FAILURE, CUDA's or cuDNN's, to ERROR. All but a want of memory ends the device, unless it
 * TRIES: what a failed launch left behind is not to be computed with. */
void dkm_cuda_fail(DkmCudaDevice *device, GError *failure, GError **error);
/* The one place where a cudaError_t becomes an error; fails DEVICE (may be NULL). TRUE for success.
 */
gboolean dkm_cuda_check(DkmCudaDevice *device, cudaError_t status, const char *what,
                        GError **error);
/* FALSE and the reason once the device is lost. */
gboolean dkm_cuda_is_alive(DkmCudaDevice *device, GError **error);

gboolean dkm_cuda_device_probe(char **why);
DkmCudaDevice *dkm_cuda_device_open(GError **error);
void dkm_cuda_device_close(DkmCudaDevice *device);
gboolean dkm_cuda_has_dtype(const DkmCudaDevice *device, DkmDtype dtype);
void *dkm_cuda_alloc(DkmCudaDevice *device, gsize bytes, GError **error);
void dkm_cuda_free(DkmCudaDevice *device, void *memory);
gboolean dkm_cuda_upload(DkmCudaDevice *device, void *to, const void *from_host, gsize bytes,
                         GError **error);
gboolean dkm_cuda_download(DkmCudaDevice *device, void *to_host, const void *from, gsize bytes,
                           GError **error);

/* The own kernels for all architectures, one fat binary: fatbin.S. */
extern const guint8 dkm_cuda_fatbin[];

G_END_DECLS
