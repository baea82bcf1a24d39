#include "core/net/weights-layout.h"

static gboolean is_vector(DkmShape s)
{
    return s.n == 1 && s.h == 1 && s.w == 1;
}

static gboolean is_pair(DkmShape s)
{
    return s.n == 1 && s.h == 1 && s.w == 2;
}

int dkm_weights_dims(DkmShape shape, gint64 dims[4])
{
    const gint64 vector[4] = {shape.c}, pair[4] = {2, shape.c};
    const gint64 convolution[4] = {shape.n, shape.c, shape.h, shape.w};
    const int n = is_vector(shape) ? 1 : is_pair(shape) ? 2 : 4;
    const gint64 *from = n == 1 ? vector : n == 2 ? pair : convolution;
    for (int i = 0; i < n; i++)
        dims[i] = from[i];
    return n;
}

gboolean dkm_weights_dims_fit(const gint64 *dims, int n_dims, DkmShape shape)
{
    switch (n_dims) {
    case 1:
        return is_vector(shape) && dims[0] == shape.c;
    case 2: /* running statistics, or a linear layer */
        return dims[1] == shape.c && ((is_pair(shape) && dims[0] == 2) ||
                                      (shape.h == 1 && shape.w == 1 && dims[0] == shape.n));
    case 4:
        return dims[0] == shape.n && dims[1] == shape.c && dims[2] == shape.h && dims[3] == shape.w;
    default:
        return FALSE;
    }
}

/* (O, A, B) to (O, B, A). */
static void swap_inner(const float *from, float *to, gsize o, gsize a, gsize b)
{
    for (gsize k = 0; k < o; k++, from += a * b, to += a * b)
        for (gsize i = 0; i < a; i++)
            for (gsize j = 0; j < b; j++)
                to[j * a + i] = from[i * b + j];
}

void dkm_weights_to_ohwi(const float *oihw, DkmShape s, float *ohwi)
{
    swap_inner(oihw, ohwi, (gsize)s.n, (gsize)s.c, (gsize)s.h * (gsize)s.w);
}

void dkm_weights_to_oihw(const float *ohwi, DkmShape s, float *oihw)
{
    swap_inner(ohwi, oihw, (gsize)s.n, (gsize)s.h * (gsize)s.w, (gsize)s.c);
}
