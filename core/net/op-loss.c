/* The losses and their gradients (dL/dL = 1). */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static gboolean mse_fits(const DkmTensor *in, const char **why)
{
    if (in[0].dtype != DKM_F32 || !dkm_op_alike(&in[0], &in[1]))
        return dkm_op_refuse(why, "prediction and target must be f32 of one shape");
    if (!dkm_op_is_f32(&in[2], in[0].shape.n, 1, 1, 1))
        return dkm_op_refuse(why, "the weight must be f32 (N,1,1,1)");
    return TRUE;
}

static gboolean infer_mse(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                          const char **why)
{
    out[0] = dkm_op_f32(1, 1, 1, 1);
    return mse_fits(in, why);
}

static gboolean infer_mse_grad(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                               const char **why)
{
    out[0] = dkm_op_like(&in[0]);
    return mse_fits(in, why);
}

static gboolean seg_fits(const DkmTensor *in, const char **why)
{
    if (in[0].dtype != DKM_F32 || in[0].shape.c != 1 || !dkm_op_alike(&in[0], &in[1]))
        return dkm_op_refuse(why, "logits and label must be f32 (N,H,W,1)");
    return TRUE;
}

static gboolean infer_seg(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                          const char **why)
{
    out[0] = dkm_op_f32(1, 1, 1, 1);
    out[1] = dkm_op_f32(in[0].shape.n, 1, 1, 3);
    return seg_fits(in, why);
}

static gboolean infer_seg_grad(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                               const char **why)
{
    out[0] = dkm_op_like(&in[0]);
    return seg_fits(in, why);
}

static void gradient_mse(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    d_in[0] = dkm_graph_add(graph, DKM_OP_LOSS_MSE_GRAD, &node->p, node->in, 3);
}

static void gradient_seg(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    d_in[0] = dkm_graph_add(graph, DKM_OP_LOSS_SEG_GRAD, &node->p, node->in, 2);
}

const DkmOpDef dkm_op_loss_mse = {"loss_mse", 3, 3, 1, infer_mse, NULL, gradient_mse};
const DkmOpDef dkm_op_loss_mse_grad = {"loss_mse_grad", 3, 3, 1, infer_mse_grad, NULL, NULL};
const DkmOpDef dkm_op_loss_seg = {"loss_seg", 2, 2, 2, infer_seg, NULL, gradient_seg};
const DkmOpDef dkm_op_loss_seg_grad = {"loss_seg_grad", 2, 2, 1, infer_seg_grad, NULL, NULL};
