/* Up-sampling and pooling by two. */
#include "core/net/cuda/ops.h"

#include "core/error.h"

/* LOW is the shape of the smaller picture; THREADS of them or, FOUR times as many, of the larger.
 */
static gboolean run_resample(DkmCudaDevice *device, const char *kernel, const DkmTensor *low,
                             int times, DkmResampleArgs args, GError **error)
{
    const DkmShape s = low->shape;
    args.samples = s.n;
    args.h = s.h;
    args.w = s.w;
    args.channels = s.c;
    const gsize threads = dkm_shape_count(s) / (gsize)dkm_cuda_width(s.c) * (gsize)times;
    return dkm_cuda_go_flat(device, kernel, threads, &args, error);
}

#define KERNEL(NAME) DKM_CUDA_WIDE_OR_1(NAME, call->in[0].dtype, call->in[0].shape.c)

static gboolean run_nearest(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *x = &call->in[0];
    return run_resample(device, KERNEL("upsample_nearest"), x, 1,
                        (DkmResampleArgs){.low = x->data, .y = call->out[0].data}, error);
}

static gboolean run_nearest_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *dy = &call->in[0], *dx = &call->out[0];
    return run_resample(device, KERNEL("upsample_nearest_grad"), dx, 1,
                        (DkmResampleArgs){.high = dy->data, .y = dx->data}, error);
}

/* The kernels tell places apart in 32 bits: 2 h (h-1) of a side h. */
static gboolean sides_fit(DkmShape low, GError **error)
{
    enum { MOST = 16384 };
    if (low.h <= MOST && low.w <= MOST)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                "a picture of %d x %d is too large to be interpolated", low.h, low.w);
    return FALSE;
}

static gboolean run_bilinear(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *x = &call->in[0];
    return sides_fit(x->shape, error) &&
           run_resample(device, KERNEL("upsample_bilinear"), x, 4,
                        (DkmResampleArgs){.low = x->data, .y = call->out[0].data}, error);
}

static gboolean run_bilinear_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *dy = &call->in[0], *dx = &call->out[0];
    return sides_fit(dx->shape, error) &&
           run_resample(device, KERNEL("upsample_bilinear_grad"), dx, 1,
                        (DkmResampleArgs){.high = dy->data, .y = dx->data}, error);
}

static gboolean run_max_pool(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *y = &call->out[0];
    return run_resample(device, KERNEL("max_pool"), y, 1,
                        (DkmResampleArgs){.high = call->in[0].data, .y = y->data}, error);
}

static gboolean run_max_pool_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *dy = &call->in[2];
    return run_resample(
        device, KERNEL("max_pool_grad"), dy, 1,
        (DkmResampleArgs){.high = call->in[0].data, .grad = dy->data, .y = call->out[0].data},
        error);
}

const DkmCudaOp dkm_cuda_upsample_nearest = {run_nearest, NULL};
const DkmCudaOp dkm_cuda_upsample_nearest_grad = {run_nearest_grad, NULL};
const DkmCudaOp dkm_cuda_upsample_bilinear = {run_bilinear, NULL};
const DkmCudaOp dkm_cuda_upsample_bilinear_grad = {run_bilinear_grad, NULL};
const DkmCudaOp dkm_cuda_max_pool = {run_max_pool, NULL};
const DkmCudaOp dkm_cuda_max_pool_grad = {run_max_pool_grad, NULL};
