/* What ops-*.c share: how a kernel is named, sized and launched. Only files of this folder include
 * it. */
#pragma once

#include "core/net/cuda/cuda.h"
#include "core/net/cuda/kernels/args.h"

G_BEGIN_DECLS

/* Names of kernels: NAME_f32, NAME_bf16; with _1 before it where 8 does not divide the channels. */
#define DKM_CUDA_TYPED(NAME, DTYPE) ((DTYPE) == DKM_F32 ? "dkm_" NAME "_f32" : "dkm_" NAME "_bf16")
#define DKM_CUDA_WIDE_OR_1(NAME, DTYPE, CHANNELS)                                                  \
    ((CHANNELS) % DKM_CUDA_WIDE == 0 ? DKM_CUDA_TYPED(NAME, DTYPE)                                 \
                                     : DKM_CUDA_TYPED(NAME "_1", DTYPE))

/* Grid and block of one launch. */
typedef struct {
    guint blocks[3], threads[3];
} DkmCudaSize;

/* Enough blocks of 256 for ITEMS threads. DKM_ERROR_UNSUPPORTED where a grid cannot hold them. */
gboolean dkm_cuda_size_flat(gsize items, DkmCudaSize *size, GError **error);
/* One struct of arguments. */
gboolean dkm_cuda_go(DkmCudaDevice *device, const char *kernel, DkmCudaSize size, const void *args,
                     GError **error);
/* Items threads of KERNEL in one dimension. */
gboolean dkm_cuda_go_flat(DkmCudaDevice *device, const char *kernel, gsize items, const void *args,
                          GError **error);
/* Vectors of 8 in COUNT elements, the last one shorter. */
static inline gsize dkm_cuda_vectors(gsize count)
{
    return (count + DKM_CUDA_WIDE - 1) / DKM_CUDA_WIDE;
}
/* Channels that a thread takes at a time. */
static inline int dkm_cuda_width(int channels)
{
    return channels % DKM_CUDA_WIDE == 0 ? DKM_CUDA_WIDE : 1;
}

/* How a tensor of SAMPLES times PIXELS is walked in columns: by shape alone. */
DkmColumns dkm_cuda_columns(int samples, gsize pixels, int channels);
DkmCudaSize dkm_cuda_columns_size(const DkmColumns *columns);
/* y(samples, items) = the sum of PARTIAL over chunks; items = MULTIPLE * channels. */
gboolean dkm_cuda_merge(DkmCudaDevice *device, const DkmColumns *columns, int multiple,
                        const float *partial, float *y, GError **error);

/* ops-*.c, one row an op */
extern const DkmCudaOp dkm_cuda_group_norm, dkm_cuda_group_norm_grad, dkm_cuda_batch_norm,
    dkm_cuda_batch_norm_grad, dkm_cuda_batch_norm_running, dkm_cuda_batch_norm_fold, dkm_cuda_add,
    dkm_cuda_act, dkm_cuda_act_grad, dkm_cuda_cast, dkm_cuda_concat, dkm_cuda_slice,
    dkm_cuda_reduce, dkm_cuda_upsample_nearest, dkm_cuda_upsample_nearest_grad,
    dkm_cuda_upsample_bilinear, dkm_cuda_upsample_bilinear_grad, dkm_cuda_max_pool,
    dkm_cuda_max_pool_grad, dkm_cuda_attention, dkm_cuda_attention_grad, dkm_cuda_dropout,
    dkm_cuda_time_embed, dkm_cuda_loss_mse, dkm_cuda_loss_mse_grad, dkm_cuda_loss_seg,
    dkm_cuda_loss_seg_grad;

G_END_DECLS
