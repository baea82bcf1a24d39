/* What moves weights: Adam, the moving average, and the sum of squares for clipping. */
#include "core/error.h"
#include "core/net/cpu/blocks.h"

#include <math.h>

typedef struct {
    float *param, *m, *v; /* ema: param is the average */
    const float *grad;    /* ema: the parameter; sum_squares: the values */
    DkmAdamRates rates;
    float share;
    double *partials; /* one a block */
    DkmBlocks blocks;
    const DkmTrainRows *rows;
} Job;

static Job job_of(DkmCpuDevice *device, const float *values, gsize count)
{
    return (Job){
        .grad = values, .blocks = dkm_blocks_of(count, 1), .rows = dkm_cpu_rows(device)->train};
}

static void adam_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const gsize first = dkm_blocks_first(&job->blocks, item);
    job->rows->adam(job->param + first, job->grad + first, job->m + first, job->v + first,
                    dkm_blocks_count(&job->blocks, item), &job->rates);
}

gboolean dkm_cpu_adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                      GError **error)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    Job job = job_of(cpu, arrays->grad, arrays->count);
    const double t = (double)step->step;
    job.param = arrays->param;
    job.m = arrays->m;
    job.v = arrays->v;
    job.rates = (DkmAdamRates){
        .grad_scale = step->grad_scale,
        .weight_decay = step->weight_decay,
        .beta1 = step->beta1,
        .beta2 = step->beta2,
        .rate = (float)((double)step->rate / (1.0 - pow((double)step->beta1, t))),
        .root = (float)(1.0 / sqrt(1.0 - pow((double)step->beta2, t))),
        .eps = step->eps,
    };
    dkm_pool_run(cpu->pool, job.blocks.n, adam_task, &job);
    return TRUE;
}

static void ema_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const gsize first = dkm_blocks_first(&job->blocks, item);
    job->rows->ema(job->param + first, job->grad + first, dkm_blocks_count(&job->blocks, item),
                   job->share);
}

gboolean dkm_cpu_ema(DkmDevice *device, float *average, const float *param, gsize count,
                     float decay, GError **error)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    Job job = job_of(cpu, param, count);
    job.param = average;
    job.share = 1.0f - decay;
    dkm_pool_run(cpu->pool, job.blocks.n, ema_task, &job);
    return TRUE;
}

static void sum_squares_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    job->partials[item] = job->rows->sum_squares(job->grad + dkm_blocks_first(&job->blocks, item),
                                                 dkm_blocks_count(&job->blocks, item));
}

gboolean dkm_cpu_sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                             GError **error)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    Job job = job_of(cpu, values, count);
    g_autofree double *partials = g_try_new(double, job.blocks.n);
    if (!partials)
        return dkm_error_set_no_memory(error, job.blocks.n * sizeof *partials, "partial sums");
    job.partials = partials;
    dkm_pool_run(cpu->pool, job.blocks.n, sum_squares_task, &job);
    *sum = 0.0;
    for (gsize block = 0; block < job.blocks.n; block++)
        *sum += partials[block];
    return TRUE;
}
