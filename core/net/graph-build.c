/* The builders that networks are written in: parameters, names and the right op parameters around
 * dkm_graph_add(). */
#include "core/net/graph-private.h"

static DkmShape vector(int c)
{
    return (DkmShape){1, 1, 1, c};
}

/* NAME.SUFFIX in the present scope. */
static DkmValue part(DkmGraph *graph, const char *name, const char *suffix, DkmShape shape,
                     DkmInit init)
{
    g_autofree char *full = g_strconcat(name, ".", suffix, NULL);
    return dkm_graph_param(graph, full, shape, init);
}

/* The bias of a convolution: its own, the one given per sample, or their sum. One ADD node, so that
 * it folds into a constant where both are. */
static DkmValue conv_bias(DkmGraph *graph, const char *name, const DkmConvSpec *spec)
{
    if (spec->no_bias)
        return spec->extra_bias;
    const DkmValue own = part(graph, name, "bias", vector(spec->out_channels), DKM_INIT_ZERO);
    if (spec->extra_bias == DKM_NO_VALUE)
        return own;
    return dkm_graph_sum(graph, spec->extra_bias, own, DKM_ACT_NONE);
}

DkmValue dkm_graph_conv(DkmGraph *graph, const char *name, DkmValue x, DkmConvSpec spec)
{
    const DkmValueInfo *from = dkm_graph_value(graph, x);
    const DkmShape shape = {spec.out_channels, spec.kernel, spec.kernel, from->shape.c};
    const DkmOpParams p = {.kernel = spec.kernel,
                           .stride = spec.stride ? spec.stride : 1,
                           .act = spec.act,
                           .dtype = spec.f32_out ? DKM_F32 : from->dtype};
    if (graph->error)
        return DKM_NO_VALUE;
    const DkmValue weight =
        part(graph, name, "weight", shape, spec.zero_init ? DKM_INIT_ZERO : spec.init);
    const DkmValue bias = conv_bias(graph, name, &spec);
    return dkm_graph_add(graph, DKM_OP_CONV, &p, (DkmValue[]){x, weight, bias, spec.residual}, 4);
}

static DkmValue norm(DkmGraph *graph, DkmOpKind kind, const DkmOpParams *p, const char *name,
                     DkmValue x)
{
    if (graph->error)
        return DKM_NO_VALUE;
    const int c = dkm_graph_value(graph, x)->shape.c;
    const DkmValue gamma = part(graph, name, "weight", vector(c), DKM_INIT_ONE);
    const DkmValue beta = part(graph, name, "bias", vector(c), DKM_INIT_ZERO);
    return dkm_graph_add(graph, kind, p, (DkmValue[]){x, gamma, beta}, 3);
}

DkmValue dkm_graph_group_norm(DkmGraph *graph, const char *name, DkmValue x, int groups, float eps,
                              DkmAct act)
{
    const DkmOpParams p = {.groups = groups, .eps = eps, .act = act};
    return norm(graph, DKM_OP_GROUP_NORM, &p, name, x);
}

DkmValue dkm_graph_batch_norm(DkmGraph *graph, const char *name, DkmValue x, float eps, DkmAct act)
{
    const DkmOpParams p = {.eps = eps, .act = act};
    return norm(graph, DKM_OP_BATCH_NORM, &p, name, x);
}

DkmValue dkm_graph_unary(DkmGraph *graph, DkmOpKind kind, DkmValue x)
{
    const DkmOpParams p = {0};
    return dkm_graph_add(graph, kind, &p, &x, 1);
}

DkmValue dkm_graph_act(DkmGraph *graph, DkmValue x, DkmAct act)
{
    const DkmOpParams p = {.act = act};
    return dkm_graph_add(graph, DKM_OP_ACT, &p, &x, 1);
}

DkmValue dkm_graph_sum(DkmGraph *graph, DkmValue a, DkmValue b, DkmAct act)
{
    const DkmOpParams p = {.act = act};
    return dkm_graph_add(graph, DKM_OP_ADD, &p, (DkmValue[]){a, b}, 2);
}

DkmValue dkm_graph_concat(DkmGraph *graph, DkmValue a, DkmValue b)
{
    const DkmOpParams p = {0};
    return dkm_graph_add(graph, DKM_OP_CONCAT, &p, (DkmValue[]){a, b}, 2);
}

DkmValue dkm_graph_cast(DkmGraph *graph, DkmValue x, DkmDtype dtype)
{
    const DkmOpParams p = {.dtype = dtype};
    if (dkm_graph_value(graph, x)->dtype == dtype)
        return x;
    return dkm_graph_add(graph, DKM_OP_CAST, &p, &x, 1);
}
