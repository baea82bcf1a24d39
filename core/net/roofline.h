/* What a network costs at the least on a machine of known rates, layer by layer: a layer takes the
 * longer of its arithmetic at the peak and its tensors, read and written once, at the bandwidth.
 * The bar of the bench. Not for: measuring the rates (core/net/cpu/peak.h). */
#pragma once

#include "core/net/plan.h"

G_BEGIN_DECLS

/* Per second. */
typedef struct {
    double f32_flop, bf16_flop; /* by the type of the activations that are multiplied */
    double bytes;               /* of tensors, read or written */
    double int8_flop;           /* of convolutions in int8 */
} DkmRates;

/* Seconds of one op; FLOP are what its definition counts, bytes those of its present tensors. */
double dkm_call_bound(const DkmOpCall *call, const DkmRates *rates);
/* Seconds of one run; what is computed once a weights version is not counted. */
double dkm_plan_bound(const DkmPlan *plan, const DkmRates *rates);

/* One node that a plan runs each time. */
typedef struct {
    const char *scope; /* "down1.res1"; the graph's */
    const DkmOpCall *call;
    double seconds;     /* measured since dkm_plan_profile(), 0 where off */
    double flop, bound; /* of one run */
} DkmLayerCost;
/* In the order of the plan. g_array_unref; valid while the plan lives. */
GArray *dkm_plan_layers(const DkmPlan *plan, const DkmRates *rates);

/* All nodes of one kind together. */
typedef struct {
    DkmOpKind kind;
    int count;
    double seconds; /* measured since dkm_plan_profile(), 0 where off */
    double bound;   /* of one run */
} DkmOpShare;
/* The kinds that PLAN runs each time, the slowest first. g_array_unref. */
GArray *dkm_plan_op_shares(const DkmPlan *plan, const DkmRates *rates);

G_END_DECLS
