/* Element by element: activations, sums, casts, dropout; and the time embedding. */
#include "core/net/reference/reference.h"

#include "core/philox.h"

#include <math.h>

double dkm_ref_sigmoid(double z)
{
    return 1.0 / (1.0 + exp(-z));
}

double dkm_ref_act(DkmAct act, double z)
{
    switch (act) {
    case DKM_ACT_RELU:
        return z < 0 ? 0 : z; /* NaN stays NaN: overflow must be seen at the end */
    case DKM_ACT_SWISH:
        return z * dkm_ref_sigmoid(z);
    case DKM_ACT_SIGMOID:
        return dkm_ref_sigmoid(z);
    case DKM_ACT_NONE:
        break;
    }
    return z;
}

double dkm_ref_act_slope(DkmAct act, double z)
{
    const double s = dkm_ref_sigmoid(z);
    switch (act) {
    case DKM_ACT_RELU:
        return z > 0 ? 1 : 0;
    case DKM_ACT_SWISH:
        return s * (1 + z * (1 - s));
    case DKM_ACT_SIGMOID:
        return s * (1 - s);
    case DKM_ACT_NONE:
        break;
    }
    return 1;
}

void dkm_ref_add(const DkmOpCall *call)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1], *y = &call->out[0];
    const gsize count = dkm_shape_count(a->shape), period = dkm_shape_count(b->shape);
    for (gsize i = 0; i < count; i++)
        dkm_ref_set(y, i,
                    dkm_ref_act(call->p->act, dkm_ref_get(a, i) + dkm_ref_get(b, i % period)));
}

void dkm_ref_act_op(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const gsize count = dkm_shape_count(x->shape);
    for (gsize i = 0; i < count; i++)
        dkm_ref_set(y, i, dkm_ref_act(call->p->act, dkm_ref_get(x, i)));
}

void dkm_ref_act_grad(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *dy = &call->in[1], *dx = &call->out[0];
    const gsize count = dkm_shape_count(x->shape);
    for (gsize i = 0; i < count; i++)
        dkm_ref_set(dx, i, dkm_ref_get(dy, i) * dkm_ref_act_slope(call->p->act, dkm_ref_get(x, i)));
}

void dkm_ref_cast(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const gsize count = dkm_shape_count(x->shape);
    for (gsize i = 0; i < count; i++)
        dkm_ref_set(y, i, dkm_ref_get(x, i));
}

void dkm_ref_dropout(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const gsize count = dkm_shape_count(x->shape);
    const double rate = call->p->rate;
    const guint32 key[2] = {call->p->salt, 0}, step = (guint32)dkm_ref_get(&call->in[1], 0);
    guint32 word[4] = {0};
    for (gsize i = 0; i < count; i++) {
        const guint64 block = i / 4;
        if (i % 4 == 0)
            dkm_philox(key, (guint32[]){(guint32)block, (guint32)(block >> 32), step, 0}, word);
        const gboolean keep = word[i % 4] / 4294967296.0 >= rate;
        dkm_ref_set(y, i, keep ? dkm_ref_get(x, i) / (1 - rate) : 0);
    }
}

/* DDPM: [sin(t w_i), cos(t w_i)], w_i = exp(-ln(10000) i / (half - 1)). */
void dkm_ref_time_embed(const DkmOpCall *call)
{
    const DkmTensor *t = &call->in[0], *y = &call->out[0];
    const int half = y->shape.c / 2;
    for (int n = 0; n < y->shape.n; n++)
        for (int i = 0; i < half; i++) {
            const double angle = dkm_ref_get(t, (gsize)n) * exp(-log(10000.0) * i / (half - 1));
            dkm_ref_set(y, dkm_ref_at(y, n, 0, 0, i), sin(angle));
            dkm_ref_set(y, dkm_ref_at(y, n, 0, 0, half + i), cos(angle));
        }
}
