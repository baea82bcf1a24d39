/* Group and batch norm on one set of kernels: batch norm is one sample of N*H*W pixels with a group
 * for each channel. */
#include "core/net/cuda/ops.h"

/* What differs between the two. */
typedef struct {
    DkmColumns columns;
    int groups, step; /* statistics: STEP floats apart */
    float *mean, *rstd, *variance;
} Norm;

static Norm norm_of(const DkmOpCall *call, const DkmTensor *stats)
{
    const DkmShape x = call->in[0].shape;
    const gsize pixels = (gsize)x.h * (gsize)x.w;
    float *s = stats->data;
    if (call->kind == DKM_OP_GROUP_NORM || call->kind == DKM_OP_GROUP_NORM_GRAD)
        return (Norm){dkm_cuda_columns(x.n, pixels, x.c), call->p->groups, 2, s, s + 1, NULL};
    return (Norm){dkm_cuda_columns(1, (gsize)x.n * pixels, x.c), x.c, 1, s, s + x.c, s + 2 * x.c};
}

/* Floats of (samples, chunks, 2, channels). */
static gsize partial_floats(const DkmColumns *columns)
{
    return 2 * (gsize)columns->samples * (gsize)columns->chunks * (gsize)columns->channels;
}

static gsize workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    const Norm norm = norm_of(call, &call->out[1]);
    return partial_floats(&norm.columns) * sizeof(float);
}

/* Sums of a sample and means of its groups beside the partial sums. */
static gsize workspace_grad(DkmCudaDevice *device, const DkmOpCall *call)
{
    const Norm norm = norm_of(call, &call->in[3]);
    const gsize samples = (gsize)norm.columns.samples;
    return (partial_floats(&norm.columns) + 2 * samples * (gsize)norm.columns.channels +
            2 * samples * (gsize)norm.groups) *
           sizeof(float);
}

static DkmNormArgs args_of(const DkmOpCall *call, const Norm *norm)
{
    return (DkmNormArgs){.columns = norm->columns,
                         .x = call->in[0].data,
                         .y = call->out[0].data,
                         .gamma = call->in[1].data,
                         .beta = call->in[2].data,
                         .mean = norm->mean,
                         .rstd = norm->rstd,
                         .partial = call->workspace,
                         .group_size = norm->columns.channels / norm->groups,
                         .step = norm->step,
                         .act = (int)call->p->act};
}

static gboolean run_stats(DkmCudaDevice *device, const DkmOpCall *call, const Norm *norm,
                          GError **error)
{
    const DkmNormStatsArgs args = {.columns = norm->columns,
                                   .partial = call->workspace,
                                   .mean = norm->mean,
                                   .rstd = norm->rstd,
                                   .variance = norm->variance,
                                   .group_size = norm->columns.channels / norm->groups,
                                   .step = norm->step,
                                   .eps = call->p->eps};
    const DkmCudaSize size = {{(guint)norm->groups, 1, (guint)norm->columns.samples},
                              {DKM_CUDA_MERGE_THREADS, 1, 1}};
    return dkm_cuda_go(device, "dkm_norm_stats", size, &args, error);
}

static gboolean run_norm(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const Norm norm = norm_of(call, &call->out[1]);
    const DkmNormArgs args = args_of(call, &norm);
    const DkmCudaSize size = dkm_cuda_columns_size(&norm.columns);
    const DkmDtype dtype = call->in[0].dtype;
    const int channels = norm.columns.channels;
    return dkm_cuda_go(device, DKM_CUDA_WIDE_OR_1("norm_moments", dtype, channels), size, &args,
                       error) &&
           run_stats(device, call, &norm, error) &&
           dkm_cuda_go(device, DKM_CUDA_WIDE_OR_1("norm_apply", dtype, channels), size, &args,
                       error);
}

/* From the chunks' sums to the groups' means, dgamma and dbeta. */
static gboolean run_finish(DkmCudaDevice *device, const DkmOpCall *call, const Norm *norm,
                           GError **error)
{
    const DkmColumns *columns = &norm->columns;
    float *sums = (float *)call->workspace + partial_floats(columns);
    const int group_size = columns->channels / norm->groups;
    const DkmNormGradArgs args = {.sums = sums,
                                  .gamma = call->in[1].data,
                                  .group_means =
                                      sums + 2 * (gsize)columns->samples * (gsize)columns->channels,
                                  .dgamma = call->out[1].data,
                                  .dbeta = call->out[2].data,
                                  .samples = columns->samples,
                                  .channels = columns->channels,
                                  .group_size = group_size,
                                  .elements = (float)columns->pixels * (float)group_size};
    const gsize threads = (gsize)MAX(columns->channels, columns->samples * norm->groups);
    return dkm_cuda_merge(device, columns, 2, call->workspace, sums, error) &&
           dkm_cuda_go_flat(device, "dkm_norm_grad_finish", threads, &args, error);
}

static gboolean run_norm_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const Norm norm = norm_of(call, &call->in[3]);
    const DkmCudaSize size = dkm_cuda_columns_size(&norm.columns);
    const DkmDtype dtype = call->in[0].dtype;
    const int channels = norm.columns.channels;
    DkmNormArgs args = args_of(call, &norm);
    args.dy = call->in[4].data;
    args.group_means = args.partial + partial_floats(&norm.columns) +
                       2 * (gsize)norm.columns.samples * (gsize)channels;
    return dkm_cuda_go(device, DKM_CUDA_WIDE_OR_1("norm_grad_sums", dtype, channels), size, &args,
                       error) &&
           run_finish(device, call, &norm, error) &&
           dkm_cuda_go(device, DKM_CUDA_WIDE_OR_1("norm_grad_apply", dtype, channels), size, &args,
                       error);
}

static gboolean run_running(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const double count = (double)call->p->count;
    const DkmRunningArgs args = {.running = call->in[0].data,
                                 .stats = call->in[1].data,
                                 .out = call->out[0].data,
                                 .channels = call->in[0].shape.c,
                                 .momentum = call->p->momentum,
                                 .unbias = (float)(count / (count - 1))};
    return dkm_cuda_go_flat(device, "dkm_batch_norm_running", (gsize)args.channels, &args, error);
}

static gboolean run_fold(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmShape w = call->in[0].shape;
    const DkmFoldArgs args = {.w = call->in[0].data,
                              .gamma = call->in[1].data,
                              .beta = call->in[2].data,
                              .running = call->in[3].data,
                              .folded = call->out[0].data,
                              .bias = call->out[1].data,
                              .channels = w.n,
                              .taps = w.h * w.w * w.c,
                              .eps = call->p->eps};
    return dkm_cuda_go_flat(device, "dkm_batch_norm_fold", dkm_shape_count(w), &args, error);
}

const DkmCudaOp dkm_cuda_group_norm = {run_norm, workspace};
const DkmCudaOp dkm_cuda_group_norm_grad = {run_norm_grad, workspace_grad};
const DkmCudaOp dkm_cuda_batch_norm = {run_norm, workspace};
const DkmCudaOp dkm_cuda_batch_norm_grad = {run_norm_grad, workspace_grad};
const DkmCudaOp dkm_cuda_batch_norm_running = {run_running, NULL};
const DkmCudaOp dkm_cuda_batch_norm_fold = {run_fold, NULL};
