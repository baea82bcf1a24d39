/* Batch normalisation: forward with batch statistics, gradient, running statistics, and folding
 * into the convolution before it. */
#include "core/net/cpu/norm-passes.h"

#include <math.h>

typedef struct {
    DkmNormPasses passes;
    DkmMoments *moments; /* C */
} Layer;

static void layer_init(Layer *layer, const DkmOpCall *call, DkmScratch *scratch)
{
    DkmNormPasses *p = &layer->passes;
    dkm_norm_passes_init(p, &call->in[0], FALSE, scratch);
    layer->moments = dkm_scratch_take(scratch, p->channels, sizeof *layer->moments);
    p->whole.act = call->p->act;
    p->whole.gamma = call->in[1].data;
    p->whole.beta = call->in[2].data;
    p->whole.out = call->out[0].data;
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmScratch scratch = {0};
    Layer layer;
    layer_init(&layer, call, &scratch);
    return scratch.used;
}

static gboolean forward(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Layer layer;
    layer_init(&layer, call, &scratch);
    DkmNormPasses *p = &layer.passes;
    float *stats = call->out[1].data;
    dkm_norm_passes_moments(p, device, layer.moments);
    for (gsize c = 0; c < p->channels; c++) {
        const double variance = layer.moments[c].deviation / layer.moments[c].count;
        p->mean[c] = (float)layer.moments[c].mean;
        p->rstd[c] = (float)(1.0 / sqrt(variance + (double)call->p->eps));
        stats[c] = p->mean[c];
        stats[p->channels + c] = p->rstd[c];
        stats[2 * p->channels + c] = (float)variance;
    }
    dkm_norm_passes_apply(p, device);
    return TRUE;
}

static gboolean backward(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Layer layer;
    layer_init(&layer, call, &scratch);
    DkmNormPasses *p = &layer.passes;
    const float *stats = call->in[3].data;
    float *dgamma = call->out[1].data, *dbeta = call->out[2].data;
    p->whole.dy = call->in[4].data;
    for (gsize c = 0; c < p->channels; c++) {
        p->mean[c] = stats[c];
        p->rstd[c] = stats[p->channels + c];
    }
    dkm_norm_passes_grad_sums(p, device);
    for (gsize c = 0; c < p->channels; c++) {
        const double dz = p->sums[c], product = p->sums[p->channels + c];
        const double share = (double)p->whole.gamma[c] / (double)p->pixels;
        dbeta[c] = (float)dz;
        dgamma[c] = (float)product;
        p->mean_dxhat[c] = (float)(share * dz);
        p->mean_dxhat_xhat[c] = (float)(share * product);
    }
    dkm_norm_passes_grad_apply(p, device);
    return TRUE;
}

static gboolean running(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const float *old = call->in[0].data, *stats = call->in[1].data;
    float *updated = call->out[0].data;
    const int channels = call->in[0].shape.c;
    const double momentum = (double)call->p->momentum, count = (double)call->p->count;
    const double unbiased = count > 1.0 ? count / (count - 1.0) : 1.0;
    for (int c = 0; c < channels; c++) {
        const double mean = (double)stats[c];
        const double variance = (double)stats[2 * channels + c] * unbiased;
        updated[c] = (float)((1.0 - momentum) * (double)old[c] + momentum * mean);
        updated[channels + c] =
            (float)((1.0 - momentum) * (double)old[channels + c] + momentum * variance);
    }
    return TRUE;
}

static gboolean fold(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const float *w = call->in[0].data, *gamma = call->in[1].data, *beta = call->in[2].data;
    const float *mean = call->in[3].data;
    float *folded = call->out[0].data, *bias = call->out[1].data;
    const DkmShape shape = call->in[0].shape;
    const gsize filter = (gsize)shape.h * (gsize)shape.w * (gsize)shape.c;
    for (int o = 0; o < shape.n; o++) {
        const double variance = (double)mean[shape.n + o];
        const double scale = (double)gamma[o] / sqrt(variance + (double)call->p->eps);
        const float factor = (float)scale;
        for (gsize i = 0; i < filter; i++)
            folded[(gsize)o * filter + i] = w[(gsize)o * filter + i] * factor;
        bias[o] = (float)((double)beta[o] - (double)mean[o] * scale);
    }
    return TRUE;
}

const DkmCpuKernel dkm_cpu_batch_norm = {forward, workspace};
const DkmCpuKernel dkm_cpu_batch_norm_grad = {backward, workspace};
const DkmCpuKernel dkm_cpu_batch_norm_running = {running, NULL};
const DkmCpuKernel dkm_cpu_batch_norm_fold = {fold, NULL};
