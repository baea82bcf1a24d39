/* What a convolution in int8 computes (CONV with p.input_scale): the definition, to the bit where
 * the activation is none or ReLU, for every back end that has it.
 *
 *     q_x = dkm_int8(x, 1 / input_scale), 0 beyond the border
 *     q_w = dkm_int8(w, dkm_int8_inverse(m_o)), m_o: the largest |w| of output channel o
 *     y   = act((sum of q_x q_w) * (input_scale * (m_o / 127)) + bias + residual)
 *
 * The sum is exact (int32); every product and sum behind it is rounded to f32, in this order. */
#pragma once

#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

/* So many products of two int8 (one of them without its sign) fit an int32 for sure. */
enum { DKM_INT8_MOST = 127, DKM_INT8_MAX_INPUTS = 65536 };

/* VALUE INVERSE, rounded to the nearest (halves to even) and clamped to -127..127; -127 for what is
 * no number. */
static inline int dkm_int8(float value, float inverse)
{
    const float most = (float)DKM_INT8_MOST;
    float v = value * inverse;
    v = v > -most ? v : -most;
    v = v < most ? v : most;
    return (int)rintf(v);
}

/* What weights are multiplied with whose largest is LARGEST; all are 0 where it is next to 0. */
static inline float dkm_int8_inverse(float largest)
{
    return largest > 1e-30f ? (float)DKM_INT8_MOST / largest : 0.0f;
}

/* What sums of an output channel are multiplied with. */
static inline float dkm_int8_multiplier(float input_scale, float largest)
{
    return input_scale * (largest / (float)DKM_INT8_MOST);
}

G_END_DECLS
