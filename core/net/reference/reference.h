/* What the files of the reference back end share: reading and writing elements as doubles, and the
 * table's rows. Plain and slow on purpose: this is the specification, it is read before it is run.
 * Only files in this folder include it. */
#pragma once

#include "core/net/backend.h"

G_BEGIN_DECLS

static inline double dkm_ref_get(const DkmTensor *t, gsize i)
{
    return t->dtype == DKM_F32 ? ((const float *)t->data)[i]
                               : dkm_bf16_to_f32(((const guint16 *)t->data)[i]);
}

static inline void dkm_ref_set(const DkmTensor *t, gsize i, double value)
{
    if (t->dtype == DKM_F32)
        ((float *)t->data)[i] = (float)value;
    else
        ((guint16 *)t->data)[i] = dkm_bf16_from_f32((float)value);
}

/* Offset of element (n,h,w,c). */
static inline gsize dkm_ref_at(const DkmTensor *t, int n, int h, int w, int c)
{
    const DkmShape s = t->shape;
    return (((gsize)n * (gsize)s.h + (gsize)h) * (gsize)s.w + (gsize)w) * (gsize)s.c + (gsize)c;
}

static inline double dkm_ref_get4(const DkmTensor *t, int n, int h, int w, int c)
{
    return dkm_ref_get(t, dkm_ref_at(t, n, h, w, c));
}

/* elementwise.c: act(z) and d act(z) / dz */
double dkm_ref_act(DkmAct act, double z);
double dkm_ref_act_slope(DkmAct act, double z);
double dkm_ref_sigmoid(double z);

/* One op. No op of the reference can fail once its shapes are right. */
typedef void (*DkmRefOp)(const DkmOpCall *call);

void dkm_ref_conv(const DkmOpCall *call);
void dkm_ref_conv_dgrad(const DkmOpCall *call);
void dkm_ref_conv_wgrad(const DkmOpCall *call);
void dkm_ref_group_norm(const DkmOpCall *call);
void dkm_ref_group_norm_grad(const DkmOpCall *call);
void dkm_ref_batch_norm(const DkmOpCall *call);
void dkm_ref_batch_norm_grad(const DkmOpCall *call);
void dkm_ref_batch_norm_running(const DkmOpCall *call);
void dkm_ref_batch_norm_fold(const DkmOpCall *call);
void dkm_ref_add(const DkmOpCall *call);
void dkm_ref_act_op(const DkmOpCall *call);
void dkm_ref_act_grad(const DkmOpCall *call);
void dkm_ref_cast(const DkmOpCall *call);
void dkm_ref_concat(const DkmOpCall *call);
void dkm_ref_slice(const DkmOpCall *call);
void dkm_ref_reduce(const DkmOpCall *call);
void dkm_ref_upsample_nearest(const DkmOpCall *call);
void dkm_ref_upsample_nearest_grad(const DkmOpCall *call);
void dkm_ref_upsample_bilinear(const DkmOpCall *call);
void dkm_ref_upsample_bilinear_grad(const DkmOpCall *call);
void dkm_ref_max_pool(const DkmOpCall *call);
void dkm_ref_max_pool_grad(const DkmOpCall *call);
void dkm_ref_attention(const DkmOpCall *call);
void dkm_ref_attention_grad(const DkmOpCall *call);
void dkm_ref_dropout(const DkmOpCall *call);
void dkm_ref_time_embed(const DkmOpCall *call);
void dkm_ref_loss_mse(const DkmOpCall *call);
void dkm_ref_loss_mse_grad(const DkmOpCall *call);
void dkm_ref_loss_seg(const DkmOpCall *call);
void dkm_ref_loss_seg_grad(const DkmOpCall *call);

/* Doubles of workspace for attention and its gradient. */
gsize dkm_ref_attention_workspace(const DkmOpCall *call);

/* optimiser.c */
gboolean dkm_ref_adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                      GError **error);
gboolean dkm_ref_ema(DkmDevice *device, float *average, const float *param, gsize count,
                     float decay, GError **error);
gboolean dkm_ref_sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                             GError **error);

G_END_DECLS
