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

/* optimiser.c: as the table in backend.h says. SUM_SQUARES leaves the sum in the first double of
 * device memory with room for DKM_CUDA_SUM_DOUBLES; the rest is its scratch. */
enum { DKM_CUDA_SUM_DOUBLES = 513 };
gboolean dkm_cuda_adam(DkmCudaDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                       GError **error);
gboolean dkm_cuda_ema(DkmCudaDevice *device, float *average, const float *param, gsize count,
                      float decay, GError **error);
gboolean dkm_cuda_sum_squares(DkmCudaDevice *device, const float *values, gsize count,
                              double *sum_on_device, GError **error);

/* fp16, in which cuDNN computes where it has no bf16 (sm_75). No tensor of a graph has it. */
#define DKM_CUDA_DTYPE_F16 ((DkmDtype)2)

/* pack.c: what convolutions need around cuDNN. TO(TO_ROWS, TO_CHANNELS) = FROM(FROM_ROWS,
 * FROM_CHANNELS) in its upper left corner, cut where TO is smaller, zeros where it is larger.
 * Converts between the dtypes. Weights of padded channels in and out: rows are O k k. */
typedef struct {
    const void *from;
    void *to;
    DkmDtype from_dtype, to_dtype;
    gsize from_rows, to_rows;
    int from_channels, to_channels;
    gboolean broadcast;  /* the one row of FROM in every row of TO: a bias for each sample */
    gboolean accumulate; /* TO += FROM (dW in bf16 to f32, part after part) */
} DkmCudaPad;

gboolean dkm_cuda_pad(DkmCudaDevice *device, const DkmCudaPad *pad, GError **error);

/* Y = act(x + bias + residual) for a convolution without an epilogue. X may be Y where the dtypes
 * are one. dtypes of (x, residual, y): all f32, all bf16, (f32, bf16, bf16) or (bf16, bf16, f32).
 */
typedef struct {
    const DkmTensor *x, *y;    /* of one shape */
    const DkmTensor *bias;     /* (1|N,1,1,C) f32, or NULL */
    const DkmTensor *residual; /* of y's shape, or NULL */
    DkmAct act;
} DkmCudaEpilogue;

gboolean dkm_cuda_epilogue(DkmCudaDevice *device, const DkmCudaEpilogue *epilogue, GError **error);

G_END_DECLS
