/* Ops on ranges of channels: concat, slice, and the sum over pixels; and the time embedding, which
 * makes channels from a number. */
#include "core/net/cpu/norm-passes.h"

#include <math.h>

/* Copies CHANNELS channels of every pixel from one tensor to another, from and to given first ones.
 */
typedef struct {
    const DkmTensor *to, *from;
    gsize to_first, from_first, channels;
} Range;

typedef struct {
    Range ranges[2];
    int n_ranges;
    DkmBlocks blocks; /* of pixels */
    const DkmRows *rows;
} Job;

static void copy_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const gsize first = dkm_blocks_first(&job->blocks, item);
    const gsize count = dkm_blocks_count(&job->blocks, item);
    for (int i = 0; i < job->n_ranges; i++) {
        const Range *r = &job->ranges[i];
        const gsize size = dkm_dtype_size(r->to->dtype);
        const gsize to_width = (gsize)r->to->shape.c, from_width = (gsize)r->from->shape.c;
        job->rows->plane->copy(dkm_tensor_at(r->to, first * to_width + r->to_first),
                               to_width * size,
                               dkm_tensor_at(r->from, first * from_width + r->from_first),
                               from_width * size, r->channels * size, count);
    }
}

static void copy_ranges(DkmCpuDevice *device, Job *job, DkmShape wide)
{
    job->rows = dkm_cpu_rows(device);
    job->blocks = dkm_blocks_of((gsize)wide.n * (gsize)wide.h * (gsize)wide.w, (gsize)wide.c);
    dkm_pool_run(device->pool, job->blocks.n, copy_task, job);
}

static gboolean concat(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1], *y = &call->out[0];
    const gsize first = (gsize)a->shape.c;
    Job job = {.ranges = {{y, a, 0, 0, first}, {y, b, first, 0, (gsize)b->shape.c}}, .n_ranges = 2};
    copy_ranges(device, &job, y->shape);
    return TRUE;
}

static gboolean slice(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmOpParams *p = call->p;
    Job job = {.ranges = {{&call->out[0], &call->in[0], 0, (gsize)p->first, (gsize)p->channels}},
               .n_ranges = 1};
    copy_ranges(device, &job, call->in[0].shape);
    return TRUE;
}

static gsize reduce_workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmScratch scratch = {0};
    DkmNormPasses passes;
    dkm_norm_passes_init(&passes, &call->in[0], call->p->per_sample, &scratch);
    return scratch.used;
}

static gboolean reduce(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    DkmNormPasses passes;
    dkm_norm_passes_init(&passes, &call->in[0], call->p->per_sample, &scratch);
    dkm_norm_passes_totals(&passes, device);
    float *y = call->out[0].data;
    for (gsize sample = 0; sample < passes.samples; sample++)
        for (gsize c = 0; c < passes.channels; c++)
            y[sample * passes.channels + c] = (float)passes.sums[sample * 2 * passes.channels + c];
    return TRUE;
}

static gboolean time_embed(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const float *t = call->in[0].data;
    float *y = call->out[0].data;
    const DkmShape shape = call->out[0].shape;
    const int half = shape.c / 2;
    for (int n = 0; n < shape.n; n++)
        for (int i = 0; i < half; i++) {
            const double frequency = exp(-log(10000.0) * i / MAX(1, half - 1));
            y[n * shape.c + i] = (float)sin((double)t[n] * frequency);
            y[n * shape.c + half + i] = (float)cos((double)t[n] * frequency);
        }
    return TRUE;
}

const DkmCpuKernel dkm_cpu_concat = {concat, NULL};
const DkmCpuKernel dkm_cpu_slice = {slice, NULL};
const DkmCpuKernel dkm_cpu_reduce = {reduce, reduce_workspace};
const DkmCpuKernel dkm_cpu_time_embed = {time_embed, NULL};
