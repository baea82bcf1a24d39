/* What the families op-*.c share: small checks for infer(), and the list of every definition, which
 * op.c turns into a table. Only files of this folder include it. */
#pragma once

#include "core/net/op.h"

G_BEGIN_DECLS

static inline gboolean dkm_op_refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return FALSE;
}

static inline gboolean dkm_op_alike(const DkmTensor *a, const DkmTensor *b)
{
    return a->dtype == b->dtype && dkm_shape_equal(a->shape, b->shape);
}

static inline gboolean dkm_op_is_f32(const DkmTensor *t, int n, int h, int w, int c)
{
    return t->dtype == DKM_F32 && dkm_shape_equal(t->shape, (DkmShape){n, h, w, c});
}

/* f32 (1,1,1,C), the shape of gamma, beta and bias. */
static inline gboolean dkm_op_is_vector(const DkmTensor *t, int c)
{
    return dkm_op_is_f32(t, 1, 1, 1, c);
}

static inline DkmTensor dkm_op_f32(int n, int h, int w, int c)
{
    return (DkmTensor){NULL, {n, h, w, c}, DKM_F32};
}

/* A result of T's shape and dtype. */
static inline DkmTensor dkm_op_like(const DkmTensor *t)
{
    return (DkmTensor){NULL, t->shape, t->dtype};
}

/* op-conv.c */
extern const DkmOpDef dkm_op_conv, dkm_op_conv_dgrad, dkm_op_conv_wgrad;
/* op-norm.c */
extern const DkmOpDef dkm_op_group_norm, dkm_op_group_norm_grad, dkm_op_batch_norm,
    dkm_op_batch_norm_grad, dkm_op_batch_norm_running, dkm_op_batch_norm_fold;
/* op-elementwise.c */
extern const DkmOpDef dkm_op_add, dkm_op_act, dkm_op_act_grad, dkm_op_cast, dkm_op_dropout,
    dkm_op_time_embed;
/* op-channels.c */
extern const DkmOpDef dkm_op_concat, dkm_op_slice, dkm_op_reduce;
/* op-resample.c */
extern const DkmOpDef dkm_op_upsample_nearest, dkm_op_upsample_nearest_grad,
    dkm_op_upsample_bilinear, dkm_op_upsample_bilinear_grad, dkm_op_max_pool, dkm_op_max_pool_grad;
/* op-attention.c */
extern const DkmOpDef dkm_op_attention, dkm_op_attention_grad;
/* op-loss.c */
extern const DkmOpDef dkm_op_loss_mse, dkm_op_loss_mse_grad, dkm_op_loss_seg, dkm_op_loss_seg_grad;

G_END_DECLS
