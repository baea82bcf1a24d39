/* A loss that knows how far a pixel lies from the outline: the boundary loss of Kervadec et al.,
 * "Boundary loss for highly unbalanced segmentation", 2019, equation 5: the mean of phi p over the
 * pixels, p the probability, phi the signed distance to the label's outline (negative inside). It
 * is added to the losses of regions, it replaces none. */
#pragma once

#include "core/net/graph.h"

G_BEGIN_DECLS

/* What phi is 1 at, in mm; further away it is 1 as well, so that a window without a label weighs
 * what one with a distant label does. */
#define DKM_BOUNDARY_REACH_MM 10.0

/* Phi of LABEL (SIDE x SIDE, 0 or 1; a pixel is PIXEL_MM wide) into PHI, within -1..1; 1 everywhere
 * without a label, -1 without background. Errors: NO_MEMORY. */
gboolean dkm_boundary_map(const float *label, int side, double pixel_mm, float *phi,
                          GError **error);

typedef struct {
    DkmValue below, above; /* inputs, as the logits: -phi/4 and phi/4 */
    DkmValue loss;         /* WEIGHT times the mean of phi p */
} DkmBoundaryLoss;
/* LOGITS: f32 (N,H,W,1). As two squared errors, ((p + phi/4)^2 - (p - phi/4)^2 = phi p), for which
 * every back end has its gradient. */
DkmBoundaryLoss dkm_boundary_loss_build(DkmGraph *graph, DkmValue logits, float weight);

G_END_DECLS
