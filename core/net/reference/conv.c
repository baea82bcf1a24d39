/* Convolution and its gradients, each written as the sum that defines one output element. */
#include "core/net/int8.h"
#include "core/net/reference/reference.h"

/* The input row or column that tap K of output I reads; -1 where it lies in the padding. */
static int source(const DkmOpParams *p, int i, int k, int side)
{
    const int at = i * p->stride + k - (p->kernel - 1) / 2;
    return at >= 0 && at < side ? at : -1;
}

/* The output row or column that reads input I through tap K; -1 where there is none. */
static int target(const DkmOpParams *p, int i, int k, int side)
{
    const int at = i - k + (p->kernel - 1) / 2;
    return at >= 0 && at % p->stride == 0 && at / p->stride < side ? at / p->stride : -1;
}

/* sum over c of a(a_at + c) b(b_at + c) */
static double dot(const DkmTensor *a, gsize a_at, const DkmTensor *b, gsize b_at, int count)
{
    double sum = 0;
    for (gsize c = 0; c < (gsize)count; c++)
        sum += dkm_ref_get(a, a_at + c) * dkm_ref_get(b, b_at + c);
    return sum;
}

static double conv_element(const DkmOpCall *call, int n, int h, int w, int o)
{
    const DkmTensor *x = &call->in[0], *weight = &call->in[1];
    const int k = call->p->kernel;
    double sum = 0;
    for (int kh = 0; kh < k; kh++)
        for (int kw = 0; kw < k; kw++) {
            const int sh = source(call->p, h, kh, x->shape.h);
            const int sw = source(call->p, w, kw, x->shape.w);
            if (sh >= 0 && sw >= 0)
                sum += dot(x, dkm_ref_at(x, n, sh, sw, 0), weight, dkm_ref_at(weight, o, kh, kw, 0),
                           x->shape.c);
        }
    return sum;
}

/* The sum of output element I = (n,h,w,o) before its activation. */
static double conv_with_bias(const DkmOpCall *call, gsize i, int n, int h, int w, int o)
{
    const DkmTensor *bias = &call->in[2], *residual = &call->in[3];
    double z = conv_element(call, n, h, w, o);
    if (bias->data)
        z += dkm_ref_get4(bias, bias->shape.n > 1 ? n : 0, 0, 0, o);
    if (residual->data)
        z += dkm_ref_get(residual, i);
    return z;
}

/* The largest |w| of output channel O. */
static float largest_weight(const DkmTensor *weight, int o)
{
    const gsize n = dkm_shape_count(weight->shape) / (gsize)weight->shape.n;
    float largest = 0;
    for (gsize i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf((float)dkm_ref_get(weight, (gsize)o * n + i)));
    return largest;
}

/* The sum of output element (n,h,w,o) in int8. */
static gint32 int8_element(const DkmOpCall *call, int n, int h, int w, int o, float inverse_w)
{
    const DkmTensor *x = &call->in[0], *weight = &call->in[1];
    const float inverse_x = 1 / call->p->input_scale;
    gint32 sum = 0;
    for (int kh = 0; kh < call->p->kernel; kh++)
        for (int kw = 0; kw < call->p->kernel; kw++) {
            const int sh = source(call->p, h, kh, x->shape.h);
            const int sw = source(call->p, w, kw, x->shape.w);
            for (int i = 0; i < x->shape.c && sh >= 0 && sw >= 0; i++)
                sum += dkm_int8((float)dkm_ref_get4(x, n, sh, sw, i), inverse_x) *
                       dkm_int8((float)dkm_ref_get4(weight, o, kh, kw, i), inverse_w);
        }
    return sum;
}

/* One output channel; rounded to f32 step by step, as int8.h says. */
static void int8_channel(const DkmOpCall *call, int o)
{
    const DkmTensor *y = &call->out[0], *bias = &call->in[2], *residual = &call->in[3];
    const float largest = largest_weight(&call->in[1], o);
    const float multiplier = dkm_int8_multiplier(call->p->input_scale, largest);
    for (int n = 0; n < y->shape.n; n++)
        for (int h = 0; h < y->shape.h; h++)
            for (int w = 0; w < y->shape.w; w++) {
                const gsize i = dkm_ref_at(y, n, h, w, o);
                const float sum = (float)int8_element(call, n, h, w, o, dkm_int8_inverse(largest));
                float z = (float)((double)sum * (double)multiplier); /* never one with the next */
                if (bias->data)
                    z += (float)dkm_ref_get4(bias, bias->shape.n > 1 ? n : 0, 0, 0, o);
                if (residual->data)
                    z += (float)dkm_ref_get(residual, i);
                dkm_ref_set(y, i, dkm_ref_act(call->p->act, (double)z));
            }
}

static void int8_conv(const DkmOpCall *call)
{
    for (int o = 0; o < call->out[0].shape.c; o++)
        int8_channel(call, o);
}

void dkm_ref_conv(const DkmOpCall *call)
{
    const DkmTensor *y = &call->out[0];
    const DkmShape s = y->shape;
    gsize i = 0;
    if (call->p->input_scale > 0) {
        int8_conv(call);
        return;
    }
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int o = 0; o < s.c; o++, i++)
                    dkm_ref_set(y, i,
                                dkm_ref_act(call->p->act, conv_with_bias(call, i, n, h, w, o)));
}

static double dgrad_element(const DkmOpCall *call, int n, int h, int w, int i)
{
    const DkmTensor *dy = &call->in[0], *weight = &call->in[1];
    const int k = call->p->kernel;
    double sum = 0;
    for (int kh = 0; kh < k; kh++)
        for (int kw = 0; kw < k; kw++) {
            const int th = target(call->p, h, kh, dy->shape.h);
            const int tw = target(call->p, w, kw, dy->shape.w);
            if (th < 0 || tw < 0)
                continue;
            for (int o = 0; o < dy->shape.c; o++)
                sum += dkm_ref_get4(dy, n, th, tw, o) * dkm_ref_get4(weight, o, kh, kw, i);
        }
    return sum;
}

void dkm_ref_conv_dgrad(const DkmOpCall *call)
{
    const DkmTensor *dx = &call->out[0];
    const DkmShape s = dx->shape;
    gsize at = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int i = 0; i < s.c; i++, at++)
                    dkm_ref_set(dx, at, dgrad_element(call, n, h, w, i));
}

static double wgrad_element(const DkmOpCall *call, int o, int kh, int kw, int i)
{
    const DkmTensor *x = &call->in[0], *dy = &call->in[1];
    const DkmShape s = dy->shape;
    double sum = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++) {
                const int sh = source(call->p, h, kh, x->shape.h);
                const int sw = source(call->p, w, kw, x->shape.w);
                if (sh >= 0 && sw >= 0)
                    sum += dkm_ref_get4(x, n, sh, sw, i) * dkm_ref_get4(dy, n, h, w, o);
            }
    return sum;
}

void dkm_ref_conv_wgrad(const DkmOpCall *call)
{
    const DkmTensor *dw = &call->out[0];
    const DkmShape s = dw->shape;
    gsize at = 0;
    for (int o = 0; o < s.n; o++)
        for (int kh = 0; kh < s.h; kh++)
            for (int kw = 0; kw < s.w; kw++)
                for (int i = 0; i < s.c; i++, at++)
                    dkm_ref_set(dw, at, wgrad_element(call, o, kh, kw, i));
}
