/* The segmentation module (SM): four kinetic blocks that take in the kinetic code, four up blocks,
 * one logit; or the plain U-Net that is its control. Specification of DKM, section 2. Weight names
 * are module paths: "k3.conv1.weight". */
#pragma once

#include "core/model/preset.h"
#include "core/net/graph.h"

G_BEGIN_DECLS

enum { DKM_SM_DEEP = 2 };       /* heads beside the one at full size */
enum { DKM_SM_MAX_NORMS = 20 }; /* 4 fusions, 8 in kinetic blocks, 8 in up blocks */

typedef struct {
    DkmValue x;                /* (N,H,W,inputs) f32, clean; H, W multiples of 16 */
    DkmValue code[DKM_LEVELS]; /* f1..f4, read where the preset fuses them */
    gboolean deep;             /* heads at 1/2 and 1/4 of the sides as well: for training alone */
    gboolean training; /* batch statistics; else the running ones, folded into the weights */
} DkmSegmentationInput;

typedef struct {
    DkmValue logits;                      /* (N,H,W,1) f32 */
    DkmValue deep_logits[DKM_SM_DEEP];    /* (N,H/2,W/2,1), (N,H/4,W/4,1) f32, or DKM_NO_VALUE */
    DkmValue fused_code[DKM_LEVELS];      /* u = ReLU(BN(W f)); DKM_NO_VALUE where not fused */
    int n_norms;                          /* in training; else 0 */
    DkmValue state[DKM_SM_MAX_NORMS];     /* running statistics before the step (STATE) */
    DkmValue new_state[DKM_SM_MAX_NORMS]; /* and after it: the trainer stores them */
} DkmSegmentation;

DkmSegmentation dkm_segmentation_build(DkmGraph *graph, const DkmPreset *preset,
                                       const DkmSegmentationInput *input);

G_END_DECLS
