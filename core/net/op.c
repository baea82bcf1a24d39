#include "core/net/op-family.h"

static const DkmOpDef *const defs[DKM_OP_COUNT] = {
    [DKM_OP_CONV] = &dkm_op_conv,
    [DKM_OP_CONV_DGRAD] = &dkm_op_conv_dgrad,
    [DKM_OP_CONV_WGRAD] = &dkm_op_conv_wgrad,
    [DKM_OP_GROUP_NORM] = &dkm_op_group_norm,
    [DKM_OP_GROUP_NORM_GRAD] = &dkm_op_group_norm_grad,
    [DKM_OP_BATCH_NORM] = &dkm_op_batch_norm,
    [DKM_OP_BATCH_NORM_GRAD] = &dkm_op_batch_norm_grad,
    [DKM_OP_BATCH_NORM_RUNNING] = &dkm_op_batch_norm_running,
    [DKM_OP_BATCH_NORM_FOLD] = &dkm_op_batch_norm_fold,
    [DKM_OP_ADD] = &dkm_op_add,
    [DKM_OP_ACT] = &dkm_op_act,
    [DKM_OP_ACT_GRAD] = &dkm_op_act_grad,
    [DKM_OP_CAST] = &dkm_op_cast,
    [DKM_OP_CONCAT] = &dkm_op_concat,
    [DKM_OP_SLICE] = &dkm_op_slice,
    [DKM_OP_REDUCE] = &dkm_op_reduce,
    [DKM_OP_UPSAMPLE_NEAREST] = &dkm_op_upsample_nearest,
    [DKM_OP_UPSAMPLE_NEAREST_GRAD] = &dkm_op_upsample_nearest_grad,
    [DKM_OP_UPSAMPLE_BILINEAR] = &dkm_op_upsample_bilinear,
    [DKM_OP_UPSAMPLE_BILINEAR_GRAD] = &dkm_op_upsample_bilinear_grad,
    [DKM_OP_MAX_POOL] = &dkm_op_max_pool,
    [DKM_OP_MAX_POOL_GRAD] = &dkm_op_max_pool_grad,
    [DKM_OP_ATTENTION] = &dkm_op_attention,
    [DKM_OP_ATTENTION_GRAD] = &dkm_op_attention_grad,
    [DKM_OP_DROPOUT] = &dkm_op_dropout,
    [DKM_OP_TIME_EMBED] = &dkm_op_time_embed,
    [DKM_OP_LOSS_MSE] = &dkm_op_loss_mse,
    [DKM_OP_LOSS_MSE_GRAD] = &dkm_op_loss_mse_grad,
    [DKM_OP_LOSS_SEG] = &dkm_op_loss_seg,
    [DKM_OP_LOSS_SEG_GRAD] = &dkm_op_loss_seg_grad,
};

const DkmOpDef *dkm_op_def(DkmOpKind kind)
{
    g_return_val_if_fail((guint)kind < DKM_OP_COUNT, NULL);
    return defs[kind];
}

static gboolean is_positive(DkmShape s)
{
    return s.n > 0 && s.h > 0 && s.w > 0 && s.c > 0;
}

gboolean dkm_op_infer(DkmOpKind kind, const DkmOpParams *p, const DkmTensor *in, int n_in,
                      DkmTensor *out, const char **why)
{
    if ((guint)kind >= DKM_OP_COUNT)
        return dkm_op_refuse(why, "no such op");
    const DkmOpDef *def = defs[kind];
    if (n_in < def->min_in || n_in > def->max_in)
        return dkm_op_refuse(why, "wrong number of inputs");
    DkmTensor all[DKM_OP_MAX_IN] = {0};
    for (int i = 0; i < n_in; i++) {
        if (!in[i].data && i < def->min_in)
            return dkm_op_refuse(why, "a required input is absent");
        if (in[i].data && !is_positive(in[i].shape))
            return dkm_op_refuse(why, "an input has an empty side");
        if (in[i].data)
            all[i] = in[i];
    }
    return def->infer(p, all, n_in, out, why);
}

double dkm_op_flop(DkmOpKind kind, const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    const DkmOpDef *def = dkm_op_def(kind);
    return def->flop ? def->flop(p, in, out) : 0.0;
}
