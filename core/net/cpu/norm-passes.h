/* The passes over pixels that group norm, batch norm and channel sums share: a layer is seen as
 * SAMPLES runs of PIXELS, each with its own mean and rstd per channel. Single owner, one op call.
 * Included by the norm-like op files of this folder. */
#pragma once

#include "core/net/cpu/blocks.h"

typedef struct {
    gsize samples, pixels, channels;
    DkmBlocks blocks;                    /* of one sample's pixels */
    float *mean, *rstd;                  /* (samples, C) */
    float *mean_dxhat, *mean_dxhat_xhat; /* (samples, C), backward only */
    double *sums;                        /* (samples, 2, C) */
    double *partials;                    /* (samples, blocks, 2, C) */
    DkmNormBlock whole; /* tensors, dtype, act, gamma, beta; the rest is set per block */
} DkmNormPasses;

/* X seen as one run a sample, or as a single run over all; arrays cut off SCRATCH. */
void dkm_norm_passes_init(DkmNormPasses *passes, const DkmTensor *x, gboolean per_sample,
                          DkmScratch *scratch);
/* Mean and sum of squared deviations of one run of values, from sums around a pivot. */
typedef struct {
    double count, mean, deviation;
} DkmMoments;
/* Of every (sample, channel): MOMENTS (samples, C). */
void dkm_norm_passes_moments(DkmNormPasses *passes, DkmCpuDevice *device, DkmMoments *moments);
/* SUMS = sum over pixels of x (first C) per sample. */
void dkm_norm_passes_totals(DkmNormPasses *passes, DkmCpuDevice *device);
/* whole.out = act of the normalised whole.x. */
void dkm_norm_passes_apply(DkmNormPasses *passes, DkmCpuDevice *device);
/* SUMS = sums of dz and dz xhat per sample and channel. */
void dkm_norm_passes_grad_sums(DkmNormPasses *passes, DkmCpuDevice *device);
/* whole.out = dx, from mean_dxhat and mean_dxhat_xhat. */
void dkm_norm_passes_grad_apply(DkmNormPasses *passes, DkmCpuDevice *device);
