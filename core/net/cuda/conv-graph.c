/* From a call to a graph: the convolution, then bias, residual and activation on f32 sums. */
#include "core/net/cuda/conv-graph.h"

static const DkmTensor *optional(const DkmConvCall *call, int i)
{
    const gboolean there = call->kind == DKM_OP_CONV && call->in[i].data;
    return there ? &call->in[i] : NULL;
}

gboolean dkm_conv_has_epilogue(const DkmConvCall *call)
{
    return call->kind == DKM_OP_CONV &&
           (optional(call, 2) || optional(call, 3) || call->p->act != DKM_ACT_NONE ||
            call->out[0].dtype != call->in[0].dtype);
}

static cudnnPointwiseMode_t mode_of(DkmAct act)
{
    switch (act) {
    case DKM_ACT_RELU:
        return CUDNN_POINTWISE_RELU_FWD;
    case DKM_ACT_SWISH:
        return CUDNN_POINTWISE_SWISH_FWD;
    case DKM_ACT_SIGMOID:
        return CUDNN_POINTWISE_SIGMOID_FWD;
    case DKM_ACT_NONE:
        break;
    }
    return CUDNN_POINTWISE_IDENTITY;
}

/* Appends what follows the sums: at most three ops, of which the last one writes y. */
static void add_epilogue(DkmConvGraph *g, const DkmConvCall *call, DkmCudnnTensor sums)
{
    const DkmTensor *bias = optional(call, 2), *residual = optional(call, 3), *y = &call->out[0];
    const gboolean acts = call->p->act != DKM_ACT_NONE || (!bias && !residual);
    g->y = dkm_cudnn_graph_tensor(g->graph, y->shape, y->dtype);
    if (bias) {
        const gboolean last = !residual && !acts;
        const DkmCudnnTensor to = last ? g->y : dkm_cudnn_graph_virtual(g->graph, y->shape);
        g->bias = dkm_cudnn_graph_tensor(g->graph, bias->shape, bias->dtype);
        dkm_cudnn_graph_pointwise(g->graph, CUDNN_POINTWISE_ADD, sums, g->bias, to);
        sums = to;
    }
    if (residual) {
        const DkmCudnnTensor to = acts ? dkm_cudnn_graph_virtual(g->graph, y->shape) : g->y;
        g->residual = dkm_cudnn_graph_tensor(g->graph, residual->shape, residual->dtype);
        dkm_cudnn_graph_pointwise(g->graph, CUDNN_POINTWISE_ADD, sums, g->residual, to);
        sums = to;
    }
    if (acts)
        dkm_cudnn_graph_pointwise(g->graph, mode_of(call->p->act), sums, 0, g->y);
}

/* What plays x, w and y of the forward convolution. */
typedef struct {
    DkmShape x, w, y;
    DkmCudnnConv kind;
} Roles;

static Roles roles_of(const DkmConvCall *call)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1], *out = &call->out[0];
    if (call->kind == DKM_OP_CONV_DGRAD)
        return (Roles){out->shape, b->shape, a->shape, DKM_CUDNN_DGRAD};
    if (call->kind == DKM_OP_CONV_WGRAD)
        return (Roles){a->shape, out->shape, b->shape, DKM_CUDNN_WGRAD};
    return (Roles){a->shape, b->shape, out->shape, DKM_CUDNN_FORWARD};
}

DkmConvGraph dkm_conv_graph(const DkmConvCall *call, DkmConvPart part)
{
    DkmConvGraph g = {.graph = dkm_cudnn_graph_new()};
    const Roles roles = roles_of(call);
    const DkmDtype dtype = call->in[0].dtype;
    const gboolean goes_on = part == DKM_CONV_WHOLE && dkm_conv_has_epilogue(call);
    g.x = dkm_cudnn_graph_tensor(g.graph, roles.x, dtype);
    g.w = dkm_cudnn_graph_tensor(g.graph, roles.w, dtype);
    g.y = goes_on ? dkm_cudnn_graph_virtual(g.graph, roles.y)
                  : dkm_cudnn_graph_tensor(g.graph, roles.y, dtype);
    dkm_cudnn_graph_conv(g.graph, &(DkmCudnnConvOp){roles.kind, g.x, g.w, g.y, call->p->stride,
                                                    (call->p->kernel - 1) / 2});
    if (goes_on)
        add_epilogue(&g, call, g.y);
    return g;
}

static void append_tensor(GString *key, const char *name, const DkmTensor *tensor)
{
    if (tensor)
        g_string_append_printf(key, " %s%dx%dx%dx%d%s", name, tensor->shape.n, tensor->shape.h,
                               tensor->shape.w, tensor->shape.c,
                               tensor->dtype == DKM_F32 ? "f" : "b");
}

char *dkm_conv_key(const DkmConvCall *call)
{
    GString *key = g_string_new(dkm_op_def(call->kind)->name);
    g_string_append_printf(key, " k%d s%d a%d", call->p->kernel, call->p->stride,
                           call->kind == DKM_OP_CONV ? (int)call->p->act : 0);
    append_tensor(key, "", &call->in[0]);
    append_tensor(key, "", &call->in[1]);
    append_tensor(key, "+", optional(call, 2));
    append_tensor(key, "+", optional(call, 3));
    append_tensor(key, "=", &call->out[0]);
    return g_string_free(key, FALSE);
}
