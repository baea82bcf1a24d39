/* Ops whose output element depends on the same element of the inputs, and the time embedding. */
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

const DkmOpDef dkm_op_add = {"add", 2, 2, 1, infer_add, NULL};
const DkmOpDef dkm_op_act = {"act", 1, 1, 1, infer_act, NULL};
const DkmOpDef dkm_op_act_grad = {"act_grad", 2, 2, 1, infer_act_grad, NULL};
const DkmOpDef dkm_op_cast = {"cast", 1, 1, 1, infer_cast, NULL};
const DkmOpDef dkm_op_dropout = {"dropout", 2, 2, 1, infer_dropout, NULL};
const DkmOpDef dkm_op_time_embed = {"time_embed", 1, 1, 1, infer_time_embed, NULL};
