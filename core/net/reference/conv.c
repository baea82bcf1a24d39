/* Convolution and its gradients, each written as the sum that defines one output element. */
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

void dkm_ref_conv(const DkmOpCall *call)
{
    const DkmTensor *y = &call->out[0];
    const DkmShape s = y->shape;
    gsize i = 0;
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
