/* Convolution and its two gradients. */
#include "core/net/graph.h"
#include "core/net/int8.h"
#include "core/net/op-family.h"

/* Shape of the convolution of X(N,H,W,I) to O channels; padding (k-1)/2 keeps ceil(side/stride). */
static DkmShape conv_shape(const DkmOpParams *p, DkmShape x, int o)
{
    return (DkmShape){x.n, (x.h - 1) / p->stride + 1, (x.w - 1) / p->stride + 1, o};
}

static gboolean params_fit(const DkmOpParams *p, const char **why)
{
    if (p->kernel != 1 && p->kernel != 3)
        return dkm_op_refuse(why, "the kernel must be 1 or 3");
    if (p->stride != 1 && p->stride != 2)
        return dkm_op_refuse(why, "the stride must be 1 or 2");
    return TRUE;
}

static gboolean weight_fits(const DkmOpParams *p, const DkmTensor *w, int o, int i)
{
    return dkm_op_is_f32(w, o, p->kernel, p->kernel, i);
}

/* Sums in int8 must be exact. */
static gboolean int8_fits(const DkmOpParams *p, const DkmTensor *w, const char **why)
{
    if (p->input_scale == 0)
        return TRUE;
    if (!(p->input_scale > 1e-30f && p->input_scale < 1e30f))
        return dkm_op_refuse(why, "the scale of the input must be a positive number");
    if ((gint64)w->shape.h * w->shape.w * w->shape.c > DKM_INT8_MAX_INPUTS)
        return dkm_op_refuse(why, "the kernel reads too many values for a sum in int8");
    return TRUE;
}

static gboolean infer_conv(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                           const char **why)
{
    const DkmTensor *x = &in[0], *w = &in[1], *bias = &in[2], *residual = &in[3];
    if (!params_fit(p, why))
        return FALSE;
    const int o = w->shape.n;
    if (!weight_fits(p, w, o, x->shape.c))
        return dkm_op_refuse(why, "the weight must be f32 (O,k,k,I) with I channels as x has");
    if (p->dtype != x->dtype && p->dtype != DKM_F32)
        return dkm_op_refuse(why, "the output must have the dtype of x or f32");
    if (!int8_fits(p, w, why))
        return FALSE;
    if (bias->data && !dkm_op_is_vector(bias, o) && !dkm_op_is_f32(bias, x->shape.n, 1, 1, o))
        return dkm_op_refuse(why, "the bias must be f32 (1,1,1,O) or (N,1,1,O)");
    const DkmShape y = conv_shape(p, x->shape, o);
    if (residual->data && (residual->dtype != x->dtype || !dkm_shape_equal(residual->shape, y)))
        return dkm_op_refuse(why, "the residual must have the shape of y and the dtype of x");
    out[0] = (DkmTensor){NULL, y, p->dtype};
    return TRUE;
}

static gboolean infer_dgrad(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                            const char **why)
{
    const DkmTensor *dy = &in[0], *w = &in[1];
    if (!params_fit(p, why))
        return FALSE;
    if (!weight_fits(p, w, dy->shape.c, p->out_shape.c))
        return dkm_op_refuse(why, "the weight must be f32 (O,k,k,I) of dy's and dx's channels");
    if (!dkm_shape_equal(conv_shape(p, p->out_shape, dy->shape.c), dy->shape))
        return dkm_op_refuse(why, "dy is not the shape that dx's convolution has");
    out[0] = (DkmTensor){NULL, p->out_shape, dy->dtype};
    return TRUE;
}

static gboolean infer_wgrad(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                            const char **why)
{
    const DkmTensor *x = &in[0], *dy = &in[1];
    if (!params_fit(p, why))
        return FALSE;
    if (x->dtype != dy->dtype)
        return dkm_op_refuse(why, "x and dy must have one dtype");
    if (!dkm_shape_equal(conv_shape(p, x->shape, dy->shape.c), dy->shape))
        return dkm_op_refuse(why, "dy is not the shape that x's convolution has");
    out[0] = dkm_op_f32(dy->shape.c, p->kernel, p->kernel, x->shape.c);
    return TRUE;
}

/* Every element of y takes k*k*I multiply-adds. */
static double conv_flop(const DkmOpParams *p, DkmShape y, int i)
{
    return 2.0 * (double)dkm_shape_count(y) * p->kernel * p->kernel * i;
}

static double flop_conv(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    return conv_flop(p, out[0].shape, in[0].shape.c);
}

static double flop_dgrad(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    return conv_flop(p, in[0].shape, out[0].shape.c);
}

static double flop_wgrad(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    return conv_flop(p, in[1].shape, in[0].shape.c);
}

/* d loss / d (conv + bias + residual). ReLU's slope shows in y; for others the sum is computed
 * again. */
static DkmValue before_act(DkmGraph *graph, const DkmNode *node, DkmValue dy)
{
    const DkmOpParams act = {.act = node->p.act};
    DkmValue z = node->out[0];
    if (act.act == DKM_ACT_NONE)
        return dy;
    if (act.act != DKM_ACT_RELU) {
        DkmOpParams linear = node->p;
        linear.act = DKM_ACT_NONE;
        z = dkm_graph_add(graph, DKM_OP_CONV, &linear, node->in, node->n_in);
    }
    return dkm_graph_add(graph, DKM_OP_ACT_GRAD, &act, (DkmValue[]){z, dy}, 2);
}

static void gradient_conv(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValue x = node->in[0], w = node->in[1], bias = node->in[2];
    const DkmValueInfo *x_info = dkm_graph_value(graph, x);
    const DkmOpParams p = {
        .kernel = node->p.kernel, .stride = node->p.stride, .out_shape = x_info->shape};
    const DkmOpParams over = {.per_sample = dkm_graph_value(graph, bias)->shape.n > 1};
    const DkmValue dz = before_act(graph, node, dy);
    const DkmValue dz_x = dkm_graph_cast(graph, dz, x_info->dtype);
    d_in[0] = dkm_graph_add(graph, DKM_OP_CONV_DGRAD, &p, (DkmValue[]){dz_x, w}, 2);
    d_in[1] = dkm_graph_add(graph, DKM_OP_CONV_WGRAD, &p, (DkmValue[]){x, dz_x}, 2);
    if (bias != DKM_NO_VALUE)
        d_in[2] = dkm_graph_add(graph, DKM_OP_REDUCE, &over, &dz, 1);
    d_in[3] = dz_x; /* a residual has the dtype of x */
}

const DkmOpDef dkm_op_conv = {"conv", 2, 4, 1, infer_conv, flop_conv, gradient_conv};
const DkmOpDef dkm_op_conv_dgrad = {"conv_dgrad", 2, 2, 1, infer_dgrad, flop_dgrad, NULL};
const DkmOpDef dkm_op_conv_wgrad = {"conv_wgrad", 2, 2, 1, infer_wgrad, flop_wgrad, NULL};
