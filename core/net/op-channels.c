/* Ops that join, cut or sum along channels. */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static gboolean infer_concat(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                             const char **why)
{
    const DkmShape a = in[0].shape, b = in[1].shape;
    if (in[0].dtype != in[1].dtype || a.n != b.n || a.h != b.h || a.w != b.w)
        return dkm_op_refuse(why, "a and b must be alike but for their channels");
    out[0] = (DkmTensor){NULL, {a.n, a.h, a.w, a.c + b.c}, in[0].dtype};
    return TRUE;
}

static gboolean infer_slice(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                            const char **why)
{
    const DkmShape x = in[0].shape;
    if (p->first < 0 || p->channels < 1 || p->first > x.c - p->channels)
        return dkm_op_refuse(why, "the slice lies outside the channels of x");
    out[0] = (DkmTensor){NULL, {x.n, x.h, x.w, p->channels}, in[0].dtype};
    return TRUE;
}

static gboolean infer_reduce(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                             const char **why)
{
    out[0] = dkm_op_f32(p->per_sample ? in[0].shape.n : 1, 1, 1, in[0].shape.c);
    return TRUE;
}

static void gradient_concat(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const int a = dkm_graph_value(graph, node->in[0])->shape.c;
    const int b = dkm_graph_value(graph, node->in[1])->shape.c;
    const DkmOpParams left = {.first = 0, .channels = a}, right = {.first = a, .channels = b};
    d_in[0] = dkm_graph_add(graph, DKM_OP_SLICE, &left, &dy, 1);
    d_in[1] = dkm_graph_add(graph, DKM_OP_SLICE, &right, &dy, 1);
}

const DkmOpDef dkm_op_concat = {"concat", 2, 2, 1, infer_concat, NULL, gradient_concat};
const DkmOpDef dkm_op_slice = {"slice", 1, 1, 1, infer_slice, NULL, NULL};
const DkmOpDef dkm_op_reduce = {"reduce", 1, 1, 1, infer_reduce, NULL, NULL};
