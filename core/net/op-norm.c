/* Group norm, batch norm, their gradients, and what batch norm needs at test time. */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static gboolean affine_fits(const DkmTensor *in, int c, const char **why)
{
    if (!dkm_op_is_vector(&in[1], c) || !dkm_op_is_vector(&in[2], c))
        return dkm_op_refuse(why, "gamma and beta must be f32 (1,1,1,C)");
    return TRUE;
}

static gboolean group_params_fit(const DkmOpParams *p, int c, const char **why)
{
    if (p->groups < 1 || c % p->groups != 0)
        return dkm_op_refuse(why, "the channels must be a multiple of the groups");
    if (p->act != DKM_ACT_NONE && p->act != DKM_ACT_SWISH)
        return dkm_op_refuse(why, "group norm goes with no activation or swish");
    return TRUE;
}

static gboolean infer_group_norm(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                 DkmTensor *out, const char **why)
{
    const DkmTensor *x = &in[0];
    if (!group_params_fit(p, x->shape.c, why) || !affine_fits(in, x->shape.c, why))
        return FALSE;
    out[0] = dkm_op_like(x);
    out[1] = dkm_op_f32(x->shape.n, 1, p->groups, 2);
    return TRUE;
}

/* x, gamma, beta, stats, dy -> dx, dgamma, dbeta for both norms. */
static gboolean infer_gradient(const DkmTensor *in, const DkmTensor *stats, DkmTensor *out,
                               const char **why)
{
    if (!dkm_op_alike(&in[3], stats))
        return dkm_op_refuse(why, "the statistics have the wrong shape");
    if (!dkm_op_alike(&in[0], &in[4]))
        return dkm_op_refuse(why, "x and dy must be alike");
    out[0] = dkm_op_like(&in[0]);
    out[1] = dkm_op_like(&in[1]);
    out[2] = dkm_op_like(&in[2]);
    return TRUE;
}

static gboolean infer_group_norm_grad(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                      DkmTensor *out, const char **why)
{
    const DkmShape x = in[0].shape;
    if (!group_params_fit(p, x.c, why) || !affine_fits(in, x.c, why))
        return FALSE;
    const DkmTensor stats = dkm_op_f32(x.n, 1, p->groups, 2);
    return infer_gradient(in, &stats, out, why);
}

static gboolean batch_params_fit(const DkmOpParams *p, const char **why)
{
    if (p->act != DKM_ACT_NONE && p->act != DKM_ACT_RELU)
        return dkm_op_refuse(why, "batch norm goes with no activation or ReLU");
    return TRUE;
}

static gboolean infer_batch_norm(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                 DkmTensor *out, const char **why)
{
    const DkmTensor *x = &in[0];
    if (!batch_params_fit(p, why) || !affine_fits(in, x->shape.c, why))
        return FALSE;
    out[0] = dkm_op_like(x);
    out[1] = dkm_op_f32(1, 1, 3, x->shape.c);
    return TRUE;
}

static gboolean infer_batch_norm_grad(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                      DkmTensor *out, const char **why)
{
    const int c = in[0].shape.c;
    if (!batch_params_fit(p, why) || !affine_fits(in, c, why))
        return FALSE;
    const DkmTensor stats = dkm_op_f32(1, 1, 3, c);
    return infer_gradient(in, &stats, out, why);
}

static gboolean infer_running(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                              const char **why)
{
    const int c = in[0].shape.c;
    if (!dkm_op_is_f32(&in[0], 1, 1, 2, c) || !dkm_op_is_f32(&in[1], 1, 1, 3, c))
        return dkm_op_refuse(why, "running must be f32 (1,1,2,C) and the statistics (1,1,3,C)");
    if (p->count < 2)
        return dkm_op_refuse(why, "an unbiased variance needs two values or more");
    out[0] = dkm_op_like(&in[0]);
    return TRUE;
}

static gboolean infer_fold(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                           const char **why)
{
    const int o = in[0].shape.n;
    if (in[0].dtype != DKM_F32)
        return dkm_op_refuse(why, "the weight must be f32");
    if (!affine_fits(in, o, why))
        return FALSE;
    if (!dkm_op_is_f32(&in[3], 1, 1, 2, o))
        return dkm_op_refuse(why, "running must be f32 (1,1,2,O)");
    out[0] = dkm_op_like(&in[0]);
    out[1] = dkm_op_f32(1, 1, 1, o);
    return TRUE;
}

static void gradient_norm(DkmGraph *graph, DkmOpKind kind, const DkmNode *node, DkmValue dy,
                          DkmValue *d_in)
{
    const DkmValue in[] = {node->in[0], node->in[1], node->in[2], node->out[1], dy};
    d_in[0] = dkm_graph_add(graph, kind, &node->p, in, G_N_ELEMENTS(in));
    d_in[1] = dkm_graph_output(graph, d_in[0], 1);
    d_in[2] = dkm_graph_output(graph, d_in[0], 2);
}

static void gradient_group_norm(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    gradient_norm(graph, DKM_OP_GROUP_NORM_GRAD, node, dy, d_in);
}

static void gradient_batch_norm(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    gradient_norm(graph, DKM_OP_BATCH_NORM_GRAD, node, dy, d_in);
}

const DkmOpDef dkm_op_group_norm = {"group_norm",       3, 3, 2, infer_group_norm, NULL,
                                    gradient_group_norm};
const DkmOpDef dkm_op_group_norm_grad = {"group_norm_grad",     5,    5,   3,
                                         infer_group_norm_grad, NULL, NULL};
const DkmOpDef dkm_op_batch_norm = {"batch_norm",       3, 3, 2, infer_batch_norm, NULL,
                                    gradient_batch_norm};
const DkmOpDef dkm_op_batch_norm_grad = {"batch_norm_grad",     5,    5,   3,
                                         infer_batch_norm_grad, NULL, NULL};
const DkmOpDef dkm_op_batch_norm_running = {"batch_norm_running", 2,    2,   1,
                                            infer_running,        NULL, NULL};
const DkmOpDef dkm_op_batch_norm_fold = {"batch_norm_fold", 4, 4, 2, infer_fold, NULL, NULL};
