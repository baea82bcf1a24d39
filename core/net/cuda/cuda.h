/* What the files of the CUDA module share: the launch of an own kernel, and the table of ops.
 * Plain C without a CUDA header, so that every op but convolution also runs in the emulator of the
 * tests, launches included: there dkm_cuda_launch() walks fibers instead of asking a driver. */
#pragma once

#include "core/net/backend.h"

G_BEGIN_DECLS

/* device.c's on a GPU; the emulator's own in the tests. */
typedef struct _DkmCudaDevice DkmCudaDevice;

/* One launch of the kernel called NAME (extern "C" in kernels/). ARGS point to its arguments, in
 * their order. */
typedef struct {
    const char *kernel;
    guint grid[3], block[3]; /* threads of a block: 1024 at most */
    gsize shared_bytes;
    void **args;
    int n_args;
} DkmCudaLaunch;

/* In the order of the device's stream; returns before it ran. DKM_ERROR_DEVICE. */
gboolean dkm_cuda_launch(DkmCudaDevice *device, const DkmCudaLaunch *launch, GError **error);
/* Fills BYTES of device memory with zeros, in stream order. */
gboolean dkm_cuda_zero(DkmCudaDevice *device, void *memory, gsize bytes, GError **error);

/* One row of the table, as the cpu's: results do not depend on how blocks are scheduled (no
 * floating-point atomics). WORKSPACE may be NULL (none). */
typedef struct {
    gboolean (*run)(DkmCudaDevice *device, const DkmOpCall *call, GError **error);
    gsize (*workspace)(DkmCudaDevice *device, const DkmOpCall *call);
} DkmCudaOp;

/* ops.c: every op but the three convolutions, whose rows are NULL there; conv.c has those (cuDNN).
 */
extern const DkmCudaOp *const dkm_cuda_own_ops[DKM_OP_COUNT];
extern const DkmCudaOp dkm_cuda_conv, dkm_cuda_conv_dgrad, dkm_cuda_conv_wgrad;

/* optimiser.c: as the table in backend.h says. SUM_SQUARES leaves a double in device memory. */
gboolean dkm_cuda_adam(DkmCudaDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                       GError **error);
gboolean dkm_cuda_ema(DkmCudaDevice *device, float *average, const float *param, gsize count,
                      float decay, GError **error);
gboolean dkm_cuda_sum_squares(DkmCudaDevice *device, const float *values, gsize count,
                              double *sum_on_device, GError **error);

G_END_DECLS
