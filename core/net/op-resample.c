/* Ops that double or halve the sides. */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static DkmTensor doubled(const DkmTensor *x)
{
    const DkmShape s = x->shape;
    return (DkmTensor){NULL, {s.n, 2 * s.h, 2 * s.w, s.c}, x->dtype};
}

static gboolean halve(const DkmTensor *x, DkmTensor *half, const char **why)
{
    const DkmShape s = x->shape;
    if (s.h % 2 != 0 || s.w % 2 != 0)
        return dkm_op_refuse(why, "the sides must be even");
    *half = (DkmTensor){NULL, {s.n, s.h / 2, s.w / 2, s.c}, x->dtype};
    return TRUE;
}

static gboolean infer_doubling(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                               const char **why)
{
    if (in[0].shape.h > G_MAXINT / 2 || in[0].shape.w > G_MAXINT / 2)
        return dkm_op_refuse(why, "the sides are too large");
    out[0] = doubled(&in[0]);
    return TRUE;
}

static gboolean infer_halving(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                              const char **why)
{
    return halve(&in[0], &out[0], why);
}

static gboolean infer_max_pool_grad(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                    DkmTensor *out, const char **why)
{
    DkmTensor y;
    if (!halve(&in[0], &y, why))
        return FALSE;
    if (!dkm_op_alike(&in[1], &y) || !dkm_op_alike(&in[2], &y))
        return dkm_op_refuse(why, "y and dy must have half the sides of x");
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static void gradient_nearest(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    d_in[0] = dkm_graph_unary(graph, DKM_OP_UPSAMPLE_NEAREST_GRAD, dy);
}

static void gradient_bilinear(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    d_in[0] = dkm_graph_unary(graph, DKM_OP_UPSAMPLE_BILINEAR_GRAD, dy);
}

static void gradient_max_pool(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValue in[] = {node->in[0], node->out[0], dy};
    d_in[0] = dkm_graph_add(graph, DKM_OP_MAX_POOL_GRAD, &node->p, in, 3);
}

const DkmOpDef dkm_op_upsample_nearest = {"upsample_nearest", 1, 1, 1, infer_doubling, NULL,
                                          gradient_nearest};
const DkmOpDef dkm_op_upsample_nearest_grad = {"upsample_nearest_grad", 1,    1,   1,
                                               infer_halving,           NULL, NULL};
const DkmOpDef dkm_op_upsample_bilinear = {"upsample_bilinear", 1, 1, 1, infer_doubling, NULL,
                                           gradient_bilinear};
const DkmOpDef dkm_op_upsample_bilinear_grad = {
    "upsample_bilinear_grad", 1, 1, 1, infer_halving, NULL, NULL};
const DkmOpDef dkm_op_max_pool = {"max_pool", 1, 1, 1, infer_halving, NULL, gradient_max_pool};
const DkmOpDef dkm_op_max_pool_grad = {"max_pool_grad", 3, 3, 1, infer_max_pool_grad, NULL, NULL};
