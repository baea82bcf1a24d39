/* Up-sampling and pooling by two. */
#include "core/net/reference/reference.h"

#include <math.h>
#include <string.h>

void dkm_ref_upsample_nearest(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const DkmShape s = y->shape;
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++)
                    dkm_ref_set(y, i++, dkm_ref_get4(x, n, h / 2, w / 2, c));
}

void dkm_ref_upsample_nearest_grad(const DkmOpCall *call)
{
    const DkmTensor *dy = &call->in[0], *dx = &call->out[0];
    const DkmShape s = dx->shape;
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++) {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum += dkm_ref_get4(dy, n, 2 * h + k / 2, 2 * w + k % 2, c);
                    dkm_ref_set(dx, i++, sum);
                }
}

/* Share of source SOURCE in output I of a line of SIDE sources, align_corners = true: the output
 * lies at i (side-1)/(2 side-1) of the sources. */
static double bilinear_share(int source, int i, int side)
{
    const double at = (double)i * (side - 1) / (2 * side - 1);
    return MAX(0.0, 1.0 - fabs(at - source));
}

void dkm_ref_upsample_bilinear(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const DkmShape s = y->shape, from = x->shape;
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++) {
                    const int h0 = (int)((gint64)h * (from.h - 1) / (2 * from.h - 1));
                    const int w0 = (int)((gint64)w * (from.w - 1) / (2 * from.w - 1));
                    double sum = 0;
                    for (int a = h0; a <= MIN(h0 + 1, from.h - 1); a++)
                        for (int b = w0; b <= MIN(w0 + 1, from.w - 1); b++)
                            sum += bilinear_share(a, h, from.h) * bilinear_share(b, w, from.w) *
                                   dkm_ref_get4(x, n, a, b, c);
                    dkm_ref_set(y, i++, sum);
                }
}

static double bilinear_grad_element(const DkmTensor *dy, DkmShape s, int n, int h, int w, int c)
{
    double sum = 0;
    /* source k reaches outputs within one source spacing, (2 side-1)/(side-1) <= 3 outputs */
    for (int a = MAX(2 * h - 3, 0); a <= MIN(2 * h + 4, 2 * s.h - 1); a++)
        for (int b = MAX(2 * w - 3, 0); b <= MIN(2 * w + 4, 2 * s.w - 1); b++)
            sum += bilinear_share(h, a, s.h) * bilinear_share(w, b, s.w) *
                   dkm_ref_get4(dy, n, a, b, c);
    return sum;
}

void dkm_ref_upsample_bilinear_grad(const DkmOpCall *call)
{
    const DkmTensor *dy = &call->in[0], *dx = &call->out[0];
    const DkmShape s = dx->shape;
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++)
                    dkm_ref_set(dx, i++, bilinear_grad_element(dy, s, n, h, w, c));
}

/* Offset in X of the first maximum, in row order, under pixel (h,w) of the pooled picture. NaN
 * wins, as in PyTorch: a damaged input must not look healthy. */
static gsize first_maximum(const DkmTensor *x, int n, int h, int w, int c)
{
    gsize best = dkm_ref_at(x, n, 2 * h, 2 * w, c);
    for (int k = 1; k < 4; k++) {
        const gsize at = dkm_ref_at(x, n, 2 * h + k / 2, 2 * w + k % 2, c);
        const double value = dkm_ref_get(x, at);
        if (value > dkm_ref_get(x, best) || isnan(value))
            best = at;
    }
    return best;
}

void dkm_ref_max_pool(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const DkmShape s = y->shape;
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++)
                    dkm_ref_set(y, i++, dkm_ref_get(x, first_maximum(x, n, h, w, c)));
}

void dkm_ref_max_pool_grad(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *dy = &call->in[2], *dx = &call->out[0];
    const DkmShape s = dy->shape;
    memset(dx->data, 0, dkm_tensor_bytes(dx));
    gsize i = 0;
    for (int n = 0; n < s.n; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = 0; c < s.c; c++)
                    dkm_ref_set(dx, first_maximum(x, n, h, w, c), dkm_ref_get(dy, i++));
}
