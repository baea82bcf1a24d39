/* The diffusion module (DM): DDPM's U-Net with the paper's widths, as a list of graph calls.
 * Specification of DKM, section 1.1. Weight names are module paths: "down1.res1.conv1.weight".
 * Not for: the schedule, noise or losses. */
#pragma once

#include "core/model/preset.h"
#include "core/net/graph.h"

G_BEGIN_DECLS

typedef struct {
    DkmValue x;    /* (N,H,W,inputs) f32: x_t (and x_0 in reading B2); H, W multiples of 8 */
    DkmValue time; /* (N|1,1,1,1): t - 1, what the embedding counts from */
    DkmValue dropout_step; /* (1,1,1,1): number of the step, in training; else DKM_NO_VALUE */
} DkmDiffusionInput;

typedef struct {
    DkmValue code[DKM_LEVELS]; /* f1..f4 on the preset's side, at 1, 1/2, 1/4, 1/8 of the sides */
    DkmValue prediction;       /* (N,H,W,K) f32: the effective noise of each phase */
} DkmDiffusion;

/* Builds the whole module; a plan drops what its outputs do not need. */
DkmDiffusion dkm_diffusion_build(DkmGraph *graph, const DkmPreset *preset,
                                 const DkmDiffusionInput *input);

G_END_DECLS
