/* The table of the module's own ops, and how a launch is sized. */
#include "core/net/cuda/ops.h"

#include "core/error.h"

G_STATIC_ASSERT((int)DKM_CUDA_F32 == (int)DKM_F32 && (int)DKM_CUDA_BF16 == (int)DKM_BF16 &&
                (int)DKM_CUDA_F16 == (int)DKM_CUDA_DTYPE_F16);
G_STATIC_ASSERT((int)DKM_CUDA_NONE == (int)DKM_ACT_NONE &&
                (int)DKM_CUDA_RELU == (int)DKM_ACT_RELU &&
                (int)DKM_CUDA_SWISH == (int)DKM_ACT_SWISH &&
                (int)DKM_CUDA_SIGMOID == (int)DKM_ACT_SIGMOID);

const DkmCudaOp *const dkm_cuda_own_ops[DKM_OP_COUNT] = {
    [DKM_OP_GROUP_NORM] = &dkm_cuda_group_norm,
    [DKM_OP_GROUP_NORM_GRAD] = &dkm_cuda_group_norm_grad,
    [DKM_OP_BATCH_NORM] = &dkm_cuda_batch_norm,
    [DKM_OP_BATCH_NORM_GRAD] = &dkm_cuda_batch_norm_grad,
    [DKM_OP_BATCH_NORM_RUNNING] = &dkm_cuda_batch_norm_running,
    [DKM_OP_BATCH_NORM_FOLD] = &dkm_cuda_batch_norm_fold,
    [DKM_OP_ADD] = &dkm_cuda_add,
    [DKM_OP_ACT] = &dkm_cuda_act,
    [DKM_OP_ACT_GRAD] = &dkm_cuda_act_grad,
    [DKM_OP_CAST] = &dkm_cuda_cast,
    [DKM_OP_CONCAT] = &dkm_cuda_concat,
    [DKM_OP_SLICE] = &dkm_cuda_slice,
    [DKM_OP_REDUCE] = &dkm_cuda_reduce,
    [DKM_OP_UPSAMPLE_NEAREST] = &dkm_cuda_upsample_nearest,
    [DKM_OP_UPSAMPLE_NEAREST_GRAD] = &dkm_cuda_upsample_nearest_grad,
    [DKM_OP_UPSAMPLE_BILINEAR] = &dkm_cuda_upsample_bilinear,
    [DKM_OP_UPSAMPLE_BILINEAR_GRAD] = &dkm_cuda_upsample_bilinear_grad,
    [DKM_OP_MAX_POOL] = &dkm_cuda_max_pool,
    [DKM_OP_MAX_POOL_GRAD] = &dkm_cuda_max_pool_grad,
    [DKM_OP_ATTENTION] = &dkm_cuda_attention,
    [DKM_OP_ATTENTION_GRAD] = &dkm_cuda_attention_grad,
    [DKM_OP_DROPOUT] = &dkm_cuda_dropout,
    [DKM_OP_TIME_EMBED] = &dkm_cuda_time_embed,
    [DKM_OP_LOSS_MSE] = &dkm_cuda_loss_mse,
    [DKM_OP_LOSS_MSE_GRAD] = &dkm_cuda_loss_mse_grad,
    [DKM_OP_LOSS_SEG] = &dkm_cuda_loss_seg,
    [DKM_OP_LOSS_SEG_GRAD] = &dkm_cuda_loss_seg_grad,
};

gboolean dkm_cuda_size_flat(gsize items, DkmCudaSize *size, GError **error)
{
    /* Kernels count threads in 32 bits. */
    if (items > G_MAXUINT32 - DKM_CUDA_THREADS) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                    "%" G_GSIZE_FORMAT " threads are too many for one launch", items);
        return FALSE;
    }
    const guint blocks = (guint)((items + DKM_CUDA_THREADS - 1) / DKM_CUDA_THREADS);
    *size = (DkmCudaSize){{blocks, 1, 1}, {DKM_CUDA_THREADS, 1, 1}};
    return TRUE;
}

gboolean dkm_cuda_go(DkmCudaDevice *device, const char *kernel, DkmCudaSize size, const void *args,
                     GError **error)
{
    void *pointers[] = {(void *)args};
    const DkmCudaLaunch launch = {.kernel = kernel,
                                  .grid = {size.blocks[0], size.blocks[1], size.blocks[2]},
                                  .block = {size.threads[0], size.threads[1], size.threads[2]},
                                  .args = pointers,
                                  .n_args = 1};
    return dkm_cuda_launch(device, &launch, error);
}

gboolean dkm_cuda_go_flat(DkmCudaDevice *device, const char *kernel, gsize items, const void *args,
                          GError **error)
{
    DkmCudaSize size;
    return dkm_cuda_size_flat(items, &size, error) &&
           dkm_cuda_go(device, kernel, size, args, error);
}

/* Vectors of channels that lie side by side in a block: a power of two, 32 at most. */
static int lanes_of(int channels)
{
    const int vectors = channels / dkm_cuda_width(channels);
    int lanes = 1;
    while (lanes < vectors && lanes < 32)
        lanes *= 2;
    return lanes;
}

/* A few pixels a thread at least, and no more chunks than one block merges quickly. */
DkmColumns dkm_cuda_columns(int samples, gsize pixels, int channels)
{
    enum { LEAST_PIXELS = 4, MOST_CHUNKS = 512 };
    const gsize rows = (gsize)(DKM_CUDA_THREADS / lanes_of(channels));
    const gsize chunk = MAX(rows * LEAST_PIXELS, (pixels + MOST_CHUNKS - 1) / MOST_CHUNKS);
    return (DkmColumns){.pixels = (long long)pixels,
                        .samples = samples,
                        .channels = channels,
                        .chunk = (int)chunk,
                        .chunks = (int)((pixels + chunk - 1) / chunk)};
}

DkmCudaSize dkm_cuda_columns_size(const DkmColumns *columns)
{
    const int lanes = lanes_of(columns->channels);
    const int vectors = columns->channels / dkm_cuda_width(columns->channels);
    return (DkmCudaSize){
        {(guint)columns->chunks, (guint)((vectors + lanes - 1) / lanes), (guint)columns->samples},
        {(guint)lanes, (guint)(DKM_CUDA_THREADS / lanes), 1}};
}
