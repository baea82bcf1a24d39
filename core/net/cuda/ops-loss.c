/* The losses and their gradients. */
#include "core/net/cuda/ops.h"

/* Blocks that sum COUNT elements: by shape alone. */
static int blocks_for(gsize count)
{
    enum { ELEMENTS = 4 * DKM_CUDA_THREADS, MOST = 512 };
    return (int)CLAMP((count + ELEMENTS - 1) / ELEMENTS, 1, MOST);
}

static DkmMseArgs mse_args(const DkmOpCall *call)
{
    const DkmShape s = call->in[0].shape;
    const gsize count = dkm_shape_count(s);
    return (DkmMseArgs){.pred = call->in[0].data,
                        .target = call->in[1].data,
                        .weight = call->in[2].data,
                        .count = (long long)count,
                        .sample = (unsigned)(count / (gsize)s.n),
                        .blocks = blocks_for(count)};
}

static gsize mse_workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    return (gsize)blocks_for(dkm_shape_count(call->in[0].shape)) * sizeof(double);
}

static gboolean run_mse(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    DkmMseArgs args = mse_args(call);
    DkmCudaSize countable; /* the kernel counts elements in 32 bits */
    args.partial = call->workspace;
    args.loss = call->out[0].data;
    return dkm_cuda_size_flat((gsize)args.count, &countable, error) &&
           dkm_cuda_go_flat(device, "dkm_mse_sums", (gsize)args.blocks * DKM_CUDA_THREADS, &args,
                            error) &&
           dkm_cuda_go_flat(device, "dkm_mse_finish", 1, &args, error);
}

static gboolean run_mse_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    DkmMseArgs args = mse_args(call);
    args.dpred = call->out[0].data;
    return dkm_cuda_go_flat(device, "dkm_mse_grad", (gsize)args.count, &args, error);
}

static gsize pixels_of(const DkmOpCall *call)
{
    const DkmShape s = call->in[0].shape;
    return dkm_shape_count(s) / (gsize)s.n;
}

static gsize seg_workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    const gsize sums = (gsize)blocks_for(pixels_of(call)) * DKM_SEG_SUMS * sizeof(double);
    return (gsize)call->in[0].shape.n * (sums + sizeof(DkmSegSlopes));
}

/* Sums of every sample, then what SEG_FINISH makes of them. */
static gboolean measure(DkmCudaDevice *device, const DkmSegArgs *args, GError **error)
{
    const DkmCudaSize size = {{(guint)args->blocks, 1, (guint)args->samples},
                              {DKM_CUDA_THREADS, 1, 1}};
    return dkm_cuda_go(device, "dkm_seg_sums", size, args, error) &&
           dkm_cuda_go_flat(device, "dkm_seg_finish", 1, args, error);
}

static DkmSegArgs seg_args(const DkmOpCall *call)
{
    const int samples = call->in[0].shape.n, blocks = blocks_for(pixels_of(call));
    double *partial = call->workspace;
    return (DkmSegArgs){
        .logits = call->in[0].data,
        .label = call->in[1].data,
        .partial = partial,
        .slopes = (DkmSegSlopes *)(partial + (gsize)samples * (gsize)blocks * DKM_SEG_SUMS),
        .pixels = (unsigned)pixels_of(call),
        .samples = samples,
        .blocks = blocks,
        .lambda = call->p->lambda};
}

static gboolean run_seg(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    DkmSegArgs args = seg_args(call);
    args.loss = call->out[0].data;
    args.parts = call->out[1].data;
    return measure(device, &args, error);
}

static gboolean run_seg_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    DkmSegArgs args = seg_args(call);
    DkmCudaSize size;
    args.dlogits = call->out[0].data;
    if (!measure(device, &args, error) || !dkm_cuda_size_flat(args.pixels, &size, error))
        return FALSE;
    size.blocks[2] = (guint)args.samples;
    return dkm_cuda_go(device, "dkm_seg_grad", size, &args, error);
}

const DkmCudaOp dkm_cuda_loss_mse = {run_mse, mse_workspace};
const DkmCudaOp dkm_cuda_loss_mse_grad = {run_mse_grad, NULL};
const DkmCudaOp dkm_cuda_loss_seg = {run_seg, seg_workspace};
const DkmCudaOp dkm_cuda_loss_seg_grad = {run_seg_grad, seg_workspace};
