/* Ops whose output element depends on the same element of the inputs, and the time embedding. */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static gboolean infer_add(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                          const char **why)
{
    const DkmShape a = in[0].shape, for_every_sample = {1, 1, 1, a.c};
    const gboolean broadcast =
        a.h == 1 && a.w == 1 && dkm_shape_equal(in[1].shape, for_every_sample);
    if (in[0].dtype != in[1].dtype || (!broadcast && !dkm_shape_equal(a, in[1].shape)))
        return dkm_op_refuse(why, "a and b must be alike, or b (1,1,1,C) beside a (N,1,1,C)");
    if (p->act != DKM_ACT_NONE && p->act != DKM_ACT_RELU)
        return dkm_op_refuse(why, "a sum goes with no activation or ReLU");
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static gboolean infer_act(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                          const char **why)
{
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static gboolean infer_act_grad(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                               const char **why)
{
    if (!dkm_op_alike(&in[0], &in[1]))
        return dkm_op_refuse(why, "x and dy must be alike");
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static gboolean infer_cast(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                           const char **why)
{
    out[0] = (DkmTensor){NULL, in[0].shape, p->dtype};
    return TRUE;
}

static gboolean infer_dropout(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                              const char **why)
{
    if (!dkm_op_is_vector(&in[1], 1))
        return dkm_op_refuse(why, "the step must be f32 (1,1,1,1)");
    if (!(p->rate >= 0 && p->rate < 1))
        return dkm_op_refuse(why, "the rate must be in [0,1)");
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static gboolean infer_time_embed(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                 DkmTensor *out, const char **why)
{
    const int n = in[0].shape.n, c = p->out_shape.c;
    if (!dkm_op_is_f32(&in[0], n, 1, 1, 1))
        return dkm_op_refuse(why, "t must be f32 (N,1,1,1)");
    if (c < 4 || c % 2 != 0 || !dkm_shape_equal(p->out_shape, (DkmShape){n, 1, 1, c}))
        return dkm_op_refuse(why, "the embedding must be (N,1,1,C) with C even, 4 or more");
    out[0] = dkm_op_f32(n, 1, 1, c);
    return TRUE;
}

static void gradient_add(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValueInfo *a = dkm_graph_value(graph, node->in[0]);
    const DkmValueInfo *b = dkm_graph_value(graph, node->in[1]);
    const DkmValue through[] = {node->out[0], dy};
    const DkmValue dz = node->p.act == DKM_ACT_NONE
                            ? dy
                            : dkm_graph_add(graph, DKM_OP_ACT_GRAD, &node->p, through, 2);
    d_in[0] = d_in[1] = dz;
    if (!dkm_shape_equal(a->shape, b->shape))
        d_in[1] = dkm_graph_cast(graph, dkm_graph_unary(graph, DKM_OP_REDUCE, dz), b->dtype);
}

static void gradient_act(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValue in[] = {node->in[0], dy};
    d_in[0] = dkm_graph_add(graph, DKM_OP_ACT_GRAD, &node->p, in, 2);
}

static void gradient_cast(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    d_in[0] = dkm_graph_cast(graph, dy, dkm_graph_value(graph, node->in[0])->dtype);
}

/* The mask depends on salt and step alone, so the gradient passes the same dropout. */
static void gradient_dropout(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValue in[] = {dy, node->in[1]};
    d_in[0] = dkm_graph_add(graph, DKM_OP_DROPOUT, &node->p, in, 2);
}

const DkmOpDef dkm_op_add = {"add", 2, 2, 1, infer_add, NULL, gradient_add};
const DkmOpDef dkm_op_act = {"act", 1, 1, 1, infer_act, NULL, gradient_act};
const DkmOpDef dkm_op_act_grad = {"act_grad", 2, 2, 1, infer_act_grad, NULL, NULL};
const DkmOpDef dkm_op_cast = {"cast", 1, 1, 1, infer_cast, NULL, gradient_cast};
const DkmOpDef dkm_op_dropout = {"dropout", 2, 2, 1, infer_dropout, NULL, gradient_dropout};
const DkmOpDef dkm_op_time_embed = {"time_embed", 1, 1, 1, infer_time_embed, NULL, NULL};
