/* Both modules with their losses, as they are trained: what a trainer steps on and a bench times.
 * Values of a graph that the caller owns. Not for: data, recipes. */
#pragma once

#include "core/learn/boundary.h"
#include "core/model/preset.h"
#include "core/model/segmentation.h"
#include "core/net/graph.h"

G_BEGIN_DECLS

typedef struct {
    const DkmPreset *preset;
    int batch, side; /* slices a step; pixels, a multiple of 16 */
    gboolean deep;   /* SM: deep supervision */
    float boundary;  /* SM: weight of the boundary loss; 0: without */
} DkmNetSize;

typedef struct {
    DkmValue x, time, target, weight; /* inputs; see core/learn/dm-batch.h */
    DkmValue dropout_step;            /* input; DKM_NO_VALUE without dropout */
    DkmValue loss;
} DkmDmNet;

/* Weights are named "dm....". DROPOUT: at the preset's rate, where it has one. */
DkmDmNet dkm_dm_net_build(DkmGraph *graph, const DkmNetSize *size, gboolean dropout);

typedef struct {
    DkmValue x_0, label;              /* inputs; x_0 with all that the preset's input shows */
    DkmValue deep_label[DKM_SM_DEEP]; /* inputs of 1/2 and 1/4 of the sides; or DKM_NO_VALUE */
    DkmValue code[DKM_LEVELS];        /* inputs; DKM_NO_VALUE where the preset fuses none */
    DkmBoundaryLoss boundary;         /* DKM_NO_VALUE without */
    DkmSegmentation sm;
    DkmValue loss;
} DkmSmNet;

/* Weights are named "sm....". LAMBDA: of the loss's SSIM. With deep supervision the loss is the sum
 * of those at all three sizes. */
DkmSmNet dkm_sm_net_build(DkmGraph *graph, const DkmNetSize *size, float lambda);

G_END_DECLS
