/* exp and friends on vectors of floats: polynomial, no table, no call. Errors are what
 * test-math-fast.c measures over the whole range. Included only by rows-*.c and their test. */
#pragma once

#include "core/net/cpu/vector.h"
#include "core/net/op.h"

/* e^x for x in [-87.3, 88.3], clamped outside: at least 1.2e-38, at most 2.3e38. NaN stays NaN.
 * x = n ln 2 + r, |r| <= ln 2 / 2; e^r by the polynomial of degree 6 with the least
 * relative error, 3.1e-9 before rounding; 2^n put into the exponent. */
INLINE Vec vec_exp(Vec x)
{
    x = vec_clamp(x, -87.3f, 88.3f);
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    const Vec shifted = x * 1.44269504f + magic;
    const Vec n = shifted - magic;
    const Vec r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vec sum = r * 1.38145406e-3f + 8.36874545e-3f;
    sum = sum * r + 4.16683890e-2f;
    sum = sum * r + 0.166665211f;
    sum = sum * r + 0.49999994f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    /* The low bits of SHIFTED hold n. */
    return sum * (Vec)(((VecBits)shifted + (127u - 0x4b400000u)) << 23);
}

/* ln(1+e) for e in [0, 1]: 2 atanh(e / (2+e)) as a series. */
INLINE Vec vec_log1p(Vec e)
{
    const Vec t = e / (e + 2.0f), t2 = t * t;
    Vec sum = t2 * (1.0f / 15.0f) + 1.0f / 13.0f;
    sum = sum * t2 + 1.0f / 11.0f;
    sum = sum * t2 + 1.0f / 9.0f;
    sum = sum * t2 + 1.0f / 7.0f;
    sum = sum * t2 + 1.0f / 5.0f;
    sum = sum * t2 + 1.0f / 3.0f;
    sum = sum * t2 + 1.0f;
    return 2.0f * t * sum;
}

INLINE Vec vec_sigmoid(Vec x)
{
    return vec_inverse(1.0f + vec_exp(-x));
}

INLINE Vec vec_act(Vec x, DkmAct act)
{
    switch (act) {
    case DKM_ACT_RELU:
        return vec_max((Vec){0}, x); /* in this order NaN stays NaN */
    case DKM_ACT_SWISH:
        return x * vec_sigmoid(x);
    case DKM_ACT_SIGMOID:
        return vec_sigmoid(x);
    case DKM_ACT_NONE:
        break;
    }
    return x;
}

/* d act(x) / dx times DY. */
INLINE Vec vec_act_grad(Vec x, Vec dy, DkmAct act)
{
    if (act == DKM_ACT_NONE)
        return dy;
    if (act == DKM_ACT_RELU)
        return vec_select(x > 0.0f, dy, (Vec){0});
    const Vec s = vec_sigmoid(x);
    if (act == DKM_ACT_SIGMOID)
        return dy * s * (1.0f - s);
    return dy * (s * (1.0f + x * (1.0f - s)));
}
