/* Sums over pixels, in two stages whose order depends on the shape alone. */
#include "core/net/cuda/ops.h"

gboolean dkm_cuda_merge(DkmCudaDevice *device, const DkmColumns *columns, int multiple,
                        const float *partial, float *y, GError **error)
{
    const DkmMergeArgs args = {partial, y, columns->chunks, multiple * columns->channels};
    const DkmCudaSize size = {{(guint)(args.items + 31) / 32, 1, (guint)columns->samples},
                              {32, DKM_CUDA_THREADS / 32, 1}};
    return dkm_cuda_go(device, "dkm_merge_sums", size, &args, error);
}

static DkmColumns columns_of(const DkmOpCall *call)
{
    const int samples = call->out[0].shape.n, channels = call->in[0].shape.c;
    const gsize pixels = dkm_shape_count(call->in[0].shape) / (gsize)channels / (gsize)samples;
    return dkm_cuda_columns(samples, pixels, channels);
}

static gsize workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    const DkmColumns columns = columns_of(call);
    return (gsize)columns.samples * (gsize)columns.chunks * (gsize)columns.channels * sizeof(float);
}

static gboolean run_reduce(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmColumns columns = columns_of(call);
    const gboolean once = columns.chunks == 1;
    const DkmChannelSumArgs args = {columns, call->in[0].data,
                                    once ? call->out[0].data : call->workspace};
    const char *kernel = DKM_CUDA_WIDE_OR_1("channel_sums", call->in[0].dtype, columns.channels);
    return dkm_cuda_go(device, kernel, dkm_cuda_columns_size(&columns), &args, error) &&
           (once || dkm_cuda_merge(device, &columns, 1, args.partial, call->out[0].data, error));
}

const DkmCudaOp dkm_cuda_reduce = {run_reduce, workspace};
