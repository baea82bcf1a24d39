/* Deals the pixels of normalisation layers out to the pool; partial sums are added in block order.
 */
#include "core/net/cpu/norm-passes.h"

#include <string.h>

typedef struct {
    DkmNormPasses *passes;
    const DkmRows *rows;
    const float *pivots; /* (samples, C); moments only */
} Job;

void dkm_norm_passes_init(DkmNormPasses *p, const DkmTensor *x, gboolean per_sample,
                          DkmScratch *scratch)
{
    const gsize plane = (gsize)x->shape.h * (gsize)x->shape.w, n = (gsize)x->shape.n;
    *p = (DkmNormPasses){.samples = per_sample ? n : 1,
                         .pixels = per_sample ? plane : n * plane,
                         .channels = (gsize)x->shape.c};
    p->blocks = dkm_blocks_of(p->pixels, p->channels);
    const gsize constants = p->samples * p->channels;
    p->mean = dkm_scratch_take(scratch, constants, sizeof *p->mean);
    p->rstd = dkm_scratch_take(scratch, constants, sizeof *p->rstd);
    p->mean_dxhat = dkm_scratch_take(scratch, constants, sizeof *p->mean_dxhat);
    p->mean_dxhat_xhat = dkm_scratch_take(scratch, constants, sizeof *p->mean_dxhat_xhat);
    p->sums = dkm_scratch_take(scratch, 2 * constants, sizeof *p->sums);
    p->partials = dkm_scratch_take(scratch, 2 * constants * p->blocks.n, sizeof *p->partials);
    p->whole = (DkmNormBlock){.dtype = x->dtype, .channels = p->channels, .x = x->data};
}

static const void *shifted(const void *values, gsize bytes)
{
    return values ? (const guint8 *)values + bytes : NULL;
}

/* The block of a pool item; its sample in *SAMPLE. */
static DkmNormBlock block_of(const DkmNormPasses *p, gsize item, gsize *sample)
{
    const gsize block = item % p->blocks.n;
    *sample = item / p->blocks.n;
    const gsize pixel = *sample * p->pixels + dkm_blocks_first(&p->blocks, block);
    const gsize bytes = pixel * p->channels * dkm_dtype_size(p->whole.dtype);
    const gsize constants = *sample * p->channels;
    DkmNormBlock b = p->whole;
    b.pixels = dkm_blocks_count(&p->blocks, block);
    b.x = shifted(b.x, bytes);
    b.dy = shifted(b.dy, bytes);
    b.out = (void *)shifted(b.out, bytes);
    b.mean = p->mean + constants;
    b.rstd = p->rstd + constants;
    b.mean_dxhat = p->mean_dxhat + constants;
    b.mean_dxhat_xhat = p->mean_dxhat_xhat + constants;
    return b;
}

static double *cleared_partial(const DkmNormPasses *p, gsize item)
{
    double *partial = p->partials + item * 2 * p->channels;
    memset(partial, 0, 2 * p->channels * sizeof *partial);
    return partial;
}

static void add_partials(DkmNormPasses *p)
{
    const gsize n = 2 * p->channels;
    memset(p->sums, 0, p->samples * n * sizeof *p->sums);
    for (gsize item = 0; item < p->samples * p->blocks.n; item++) {
        double *sum = p->sums + item / p->blocks.n * n;
        for (gsize c = 0; c < n; c++)
            sum[c] += p->partials[item * n + c];
    }
}

static void run(DkmNormPasses *p, DkmCpuDevice *device, DkmPoolTask task, const float *pivots)
{
    Job job = {p, dkm_cpu_rows(device), pivots};
    dkm_pool_run(device->pool, p->samples * p->blocks.n, task, &job);
}

static void moments_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize sample;
    const DkmNormBlock block = block_of(job->passes, item, &sample);
    job->rows->norm->moments(&block, job->pivots + sample * block.channels,
                             cleared_partial(job->passes, item));
}

/* Sums are taken around each sample's first pixel, so that a mean that is large beside the standard
 * deviation costs no digits. */
void dkm_norm_passes_moments(DkmNormPasses *p, DkmCpuDevice *device, DkmMoments *moments)
{
    float *pivots = p->mean; /* overwritten with the means afterwards, by the caller */
    const gsize stride = p->pixels * p->channels * dkm_dtype_size(p->whole.dtype);
    for (gsize sample = 0; sample < p->samples; sample++)
        dkm_cpu_rows(device)->element->to_f32(pivots + sample * p->channels,
                                              shifted(p->whole.x, sample * stride), p->channels,
                                              p->whole.dtype);
    run(p, device, moments_task, pivots);
    add_partials(p);
    const double count = (double)p->pixels;
    for (gsize i = 0; i < p->samples * p->channels; i++) {
        const double *sums = p->sums + i / p->channels * 2 * p->channels + i % p->channels;
        const double first = sums[0], second = sums[p->channels];
        moments[i] = (DkmMoments){count, (double)pivots[i] + first / count,
                                  MAX(0.0, second - first * first / count)};
    }
}

void dkm_norm_passes_totals(DkmNormPasses *p, DkmCpuDevice *device)
{
    memset(p->mean, 0, p->samples * p->channels * sizeof *p->mean);
    run(p, device, moments_task, p->mean);
    add_partials(p);
}

static void apply_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize sample;
    const DkmNormBlock block = block_of(job->passes, item, &sample);
    job->rows->norm->apply(&block);
}

void dkm_norm_passes_apply(DkmNormPasses *p, DkmCpuDevice *device)
{
    run(p, device, apply_task, NULL);
}

static void grad_sums_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize sample;
    const DkmNormBlock block = block_of(job->passes, item, &sample);
    job->rows->norm->grad_sums(&block, cleared_partial(job->passes, item));
}

void dkm_norm_passes_grad_sums(DkmNormPasses *p, DkmCpuDevice *device)
{
    run(p, device, grad_sums_task, NULL);
    add_partials(p);
}

static void grad_apply_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize sample;
    const DkmNormBlock block = block_of(job->passes, item, &sample);
    job->rows->norm->grad_apply(&block);
}

void dkm_norm_passes_grad_apply(DkmNormPasses *p, DkmCpuDevice *device)
{
    run(p, device, grad_apply_task, NULL);
}
