/* Self-attention where cuDNN has none: our own tiled kernels. */
#include "core/net/cuda/ops.h"

#include <math.h>

static DkmAttentionArgs args_of(const DkmOpCall *call)
{
    const DkmShape q = call->in[0].shape;
    return (DkmAttentionArgs){.q = call->in[0].data,
                              .k = call->in[1].data,
                              .v = call->in[2].data,
                              .tokens = q.h * q.w,
                              .channels = q.c,
                              .scale = (float)(1.0 / sqrt((double)q.c))};
}

/* Blocks of ROWS tokens and CHANNELS channels. */
static DkmCudaSize size_of(const DkmOpCall *call, int rows, int channels)
{
    const DkmShape q = call->in[0].shape;
    return (DkmCudaSize){{(guint)((q.h * q.w + rows - 1) / rows),
                          (guint)((q.c + channels - 1) / channels), (guint)q.n},
                         {DKM_CUDA_THREADS, 1, 1}};
}

static DkmCudaSize tile_size(const DkmOpCall *call)
{
    return size_of(call, DKM_CUDA_ATTENTION_ROWS, DKM_CUDA_ATTENTION_CHANNELS);
}

static gboolean run_attention(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    DkmAttentionArgs args = args_of(call);
    args.out = call->out[0].data;
    args.out_lse = call->out[1].data;
    return dkm_cuda_go(device, DKM_CUDA_TYPED("attention", call->in[0].dtype), tile_size(call),
                       &args, error);
}

/* delta of every token */
static gsize workspace_grad(DkmCudaDevice *device, const DkmOpCall *call)
{
    const DkmShape q = call->in[0].shape;
    return (gsize)q.n * (gsize)q.h * (gsize)q.w * sizeof(float);
}

static gboolean run_delta(DkmCudaDevice *device, const DkmOpCall *call, DkmAttentionArgs args,
                          GError **error)
{
    args.out_delta = call->workspace;
    const DkmCudaSize size = size_of(call, DKM_CUDA_THREADS / 32, args.channels);
    return dkm_cuda_go(device, DKM_CUDA_TYPED("attention_delta", call->in[0].dtype), size, &args,
                       error);
}

static gboolean run_attention_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmDtype dtype = call->in[0].dtype;
    const char *const kernels[] = {DKM_CUDA_TYPED("attention_grad_q", dtype),
                                   DKM_CUDA_TYPED("attention_grad_k", dtype),
                                   DKM_CUDA_TYPED("attention_grad_v", dtype)};
    DkmAttentionArgs args = args_of(call);
    args.y = call->in[3].data;
    args.dy = call->in[4].data;
    args.lse = call->in[5].data;
    args.delta = call->workspace;
    gboolean ran = run_delta(device, call, args, error);
    for (int i = 0; i < 3 && ran; i++) {
        args.out = call->out[i].data;
        ran = dkm_cuda_go(device, kernels[i], tile_size(call), &args, error);
    }
    return ran;
}

const DkmCudaOp dkm_cuda_attention = {run_attention, NULL};
const DkmCudaOp dkm_cuda_attention_grad = {run_attention_grad, workspace_grad};
