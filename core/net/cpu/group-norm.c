/* Group normalisation with the activation behind it, forward and gradient. */
#include "core/net/cpu/norm-passes.h"

#include <math.h>

typedef struct {
    DkmNormPasses passes;
    DkmMoments *moments; /* (samples, C) */
    gsize groups, width; /* channels of a group */
} Layer;

static void layer_init(Layer *layer, const DkmOpCall *call, DkmScratch *scratch)
{
    dkm_norm_passes_init(&layer->passes, &call->in[0], TRUE, scratch);
    DkmNormPasses *p = &layer->passes;
    layer->groups = (gsize)call->p->groups;
    layer->width = p->channels / layer->groups;
    layer->moments = dkm_scratch_take(scratch, p->samples * p->channels, sizeof *layer->moments);
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

/* Gives each channel of group GROUP (counted over all samples) the group's mean and rstd. */
static void group_spread(Layer *layer, gsize group, float mean, float rstd)
{
    for (gsize c = group * layer->width; c < (group + 1) * layer->width; c++) {
        layer->passes.mean[c] = mean;
        layer->passes.rstd[c] = rstd;
    }
}

/* Chan's rule: the group's moments from its channels'. */
static void group_stats(Layer *layer, gsize group, float eps, float stats[2])
{
    const DkmMoments *m = layer->moments + group * layer->width;
    double mean = 0.0, deviation = 0.0;
    for (gsize c = 0; c < layer->width; c++)
        mean += m[c].mean / (double)layer->width;
    for (gsize c = 0; c < layer->width; c++)
        deviation += m[c].deviation + m[c].count * (m[c].mean - mean) * (m[c].mean - mean);
    const double variance = deviation / (m[0].count * (double)layer->width);
    stats[0] = (float)mean;
    stats[1] = (float)(1.0 / sqrt(variance + (double)eps));
}

static gboolean forward(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Layer layer;
    layer_init(&layer, call, &scratch);
    float *stats = call->out[1].data;
    dkm_norm_passes_moments(&layer.passes, device, layer.moments);
    for (gsize group = 0; group < layer.passes.samples * layer.groups; group++) {
        group_stats(&layer, group, call->p->eps, stats + 2 * group);
        group_spread(&layer, group, stats[2 * group], stats[2 * group + 1]);
    }
    dkm_norm_passes_apply(&layer.passes, device);
    return TRUE;
}

/* Means of dxhat = gamma dz, and of dxhat xhat, over each group. */
static void group_grad_means(Layer *layer, gsize group)
{
    DkmNormPasses *p = &layer->passes;
    const gsize sample = group / layer->groups, first = group % layer->groups * layer->width;
    const double *sums = p->sums + sample * 2 * p->channels;
    const double count = (double)p->pixels * (double)layer->width;
    double dxhat = 0.0, product = 0.0;
    for (gsize c = first; c < first + layer->width; c++) {
        dxhat += (double)p->whole.gamma[c] * sums[c] / count;
        product += (double)p->whole.gamma[c] * sums[p->channels + c] / count;
    }
    for (gsize c = group * layer->width; c < (group + 1) * layer->width; c++) {
        p->mean_dxhat[c] = (float)dxhat;
        p->mean_dxhat_xhat[c] = (float)product;
    }
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
    for (gsize group = 0; group < p->samples * layer.groups; group++)
        group_spread(&layer, group, stats[2 * group], stats[2 * group + 1]);
    dkm_norm_passes_grad_sums(p, device);
    for (gsize group = 0; group < p->samples * layer.groups; group++)
        group_grad_means(&layer, group);
    for (gsize c = 0; c < p->channels; c++) {
        double beta = 0.0, gamma = 0.0;
        for (gsize sample = 0; sample < p->samples; sample++) {
            beta += p->sums[sample * 2 * p->channels + c];
            gamma += p->sums[(sample * 2 + 1) * p->channels + c];
        }
        dgamma[c] = (float)gamma;
        dbeta[c] = (float)beta;
    }
    dkm_norm_passes_grad_apply(p, device);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_group_norm = {forward, workspace};
const DkmCpuKernel dkm_cpu_group_norm_grad = {backward, workspace};
