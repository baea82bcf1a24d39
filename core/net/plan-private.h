/* The inside of a plan, for plan.c (which makes it), plan-run.c (which runs it) and roofline.c
 * (which counts what it costs) alone. */
#pragma once

#include "core/net/plan.h"

/* One live node, ready to run: the tensors of CALL point into the arena, the parameters or the
 * constants. */
typedef struct {
    int node; /* of the graph */
    DkmOpCall call;
    gboolean is_constant;     /* depends on weights and constants alone: run once a version */
    gboolean keeps_prepared;  /* its weight is constant: the back end may keep it prepared */
    gpointer prepared;        /* call.prepared points here */
    guint64 prepared_version; /* call.prepared_for points here */
} DkmPlanStep;

struct _DkmPlan {
    const DkmGraph *graph;
    DkmParams *params;
    const DkmBackend *backend;
    DkmDevice *device;
    DkmPlanMode mode;

    int n_values, n_steps;
    DkmTensor *tensors;        /* by value; data NULL where the outputs do not need it */
    gboolean *is_output;       /* by value */
    gboolean *is_set;          /* by value: INPUTs that hold something */
    gboolean *is_constant;     /* by value: INFERENCE: known once the weights are */
    DkmPlanStep *steps;        /* in order */
    guint64 constants_version; /* weights version for which the constant steps ran, 0: none */

    gpointer captured;        /* the other steps as one, the back end's; NULL: not captured */
    guint64 captured_version; /* weights version that it was captured for */
    char *capture_failure;    /* why it is not tried again; NULL: nothing went wrong */

    void *arena, *workspace;
    gsize arena_bytes, workspace_bytes;
    double *seconds; /* by node; NULL: profiling is off */
};

/* plan-run.c: lets go of what was captured, if anything. */
void dkm_plan_drop_captured(DkmPlan *plan);
