/* Joining, cutting and summing along channels. */
#include "core/net/reference/reference.h"

/* Channels [X_FIRST, X_FIRST + COUNT) of X to [Y_FIRST, ...) of Y, every pixel. */
static void copy_channels(const DkmTensor *x, int x_first, const DkmTensor *y, int y_first,
                          int count)
{
    const gsize x_c = (gsize)x->shape.c, y_c = (gsize)y->shape.c;
    const gsize pixels = dkm_shape_count(x->shape) / x_c;
    for (gsize i = 0; i < pixels; i++)
        for (int c = 0; c < count; c++)
            dkm_ref_set(y, i * y_c + (gsize)(y_first + c),
                        dkm_ref_get(x, i * x_c + (gsize)(x_first + c)));
}

void dkm_ref_concat(const DkmOpCall *call)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1];
    copy_channels(a, 0, &call->out[0], 0, a->shape.c);
    copy_channels(b, 0, &call->out[0], a->shape.c, b->shape.c);
}

void dkm_ref_slice(const DkmOpCall *call)
{
    copy_channels(&call->in[0], call->p->first, &call->out[0], 0, call->p->channels);
}

void dkm_ref_reduce(const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *y = &call->out[0];
    const gsize channels = (gsize)x->shape.c, samples = (gsize)y->shape.n;
    const gsize pixels = dkm_shape_count(x->shape) / channels / samples;
    for (gsize n = 0; n < samples; n++)
        for (gsize c = 0; c < channels; c++) {
            double sum = 0;
            for (gsize i = 0; i < pixels; i++)
                sum += dkm_ref_get(x, (n * pixels + i) * channels + c);
            dkm_ref_set(y, n * channels + c, sum);
        }
}
