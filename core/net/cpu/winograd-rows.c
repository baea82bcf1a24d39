/* The transforms of F(4x4, 3x3), one source for every instruction set. Each is a small matrix from
 * the left and its transpose from the right: first down the columns, then along the rows. */
#include "core/net/cpu/math-fast.h"
#include "core/net/cpu/winograd.h"

enum { OUT = DKM_WINO_OUT, IN = DKM_WINO_IN };

/* B^T d: 6 values from 6. */
INLINE void input_1d(const Vec *d, gsize step, Vec *to, gsize to_step)
{
    const Vec d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step],
              d5 = d[5 * step];
    const Vec even = d4 - 4.0f * d2, odd = d3 - 4.0f * d1;
    const Vec near = d4 - d2, far = 2.0f * (d3 - d1);
    to[0] = 4.0f * d0 - 5.0f * d2 + d4;
    to[to_step] = even + odd;
    to[2 * to_step] = even - odd;
    to[3 * to_step] = near + far;
    to[4 * to_step] = near - far;
    to[5 * to_step] = 4.0f * d1 - 5.0f * d3 + d5;
}

/* A^T m: 4 values from 6. */
INLINE void output_1d(const Vec *m, gsize step, Vec *to, gsize to_step)
{
    const Vec sum1 = m[step] + m[2 * step], difference1 = m[step] - m[2 * step];
    const Vec sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
    to[0] = m[0] + sum1 + sum2;
    to[to_step] = difference1 + 2.0f * difference2;
    to[2 * to_step] = sum1 + 4.0f * sum2;
    to[3 * to_step] = difference1 + 8.0f * difference2 + m[5 * step];
}

/* A y: 6 values from 4. */
INLINE void output_gradient_1d(const Vec *y, gsize step, Vec *to, gsize to_step)
{
    const Vec y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
    const Vec even1 = y0 + y2, odd1 = y1 + y3;
    const Vec even2 = y0 + 4.0f * y2, odd2 = 2.0f * y1 + 8.0f * y3;
    to[0] = y0;
    to[to_step] = even1 + odd1;
    to[2 * to_step] = even1 - odd1;
    to[3 * to_step] = even2 + odd2;
    to[4 * to_step] = even2 - odd2;
    to[5 * to_step] = y3;
}

/* G g: 6 values from 3. */
INLINE void weights_1d(const Vec *g, gsize step, Vec *to, gsize to_step)
{
    const Vec g0 = g[0], g1 = g[step], g2 = g[2 * step];
    const Vec outer1 = (g0 + g2) * (-1.0f / 6.0f), middle1 = g1 * (1.0f / 6.0f);
    const Vec outer2 = g0 * (1.0f / 24.0f) + g2 * (1.0f / 6.0f), middle2 = g1 * (1.0f / 12.0f);
    to[0] = 0.25f * g0;
    to[to_step] = outer1 - middle1;
    to[2 * to_step] = outer1 + middle1;
    to[3 * to_step] = outer2 + middle2;
    to[4 * to_step] = outer2 - middle2;
    to[5 * to_step] = g2;
}

/* G^T u: 3 values from 6. */
INLINE void weight_gradient_1d(const Vec *u, gsize step, Vec *to, gsize to_step)
{
    const Vec sum1 = u[step] + u[2 * step], difference1 = u[2 * step] - u[step];
    const Vec sum2 = u[3 * step] + u[4 * step], difference2 = u[3 * step] - u[4 * step];
    to[0] = 0.25f * u[0] - sum1 * (1.0f / 6.0f) + sum2 * (1.0f / 24.0f);
    to[to_step] = difference1 * (1.0f / 6.0f) + difference2 * (1.0f / 12.0f);
    to[2 * to_step] = (sum2 - sum1) * (1.0f / 6.0f) + u[5 * step];
}

INLINE void input_as(const DkmWinoGather *t, DkmDtype dtype)
{
    for (gsize c = 0; c < t->channels; c += LANES) {
        Vec down[IN * IN];
        for (gsize column = 0; column < IN; column++) {
            Vec d[IN];
            for (gsize row = 0; row < IN; row++)
                d[row] = vec_load(t->x, row * t->row_stride + column * t->pixel_stride + c, dtype);
            input_1d(d, 1, down + column, IN);
        }
        for (gsize row = 0; row < IN; row++) {
            Vec along[IN];
            input_1d(down + row * IN, 1, along, 1);
            for (gsize column = 0; column < IN; column++)
                vec_store_f32(t->out + (row * IN + column) * t->place_stride + c, along[column]);
        }
    }
}

static void input(const DkmWinoGather *tile)
{
    WITH_DTYPE(tile->dtype, input_as, tile);
}

INLINE void output_gradient_as(const DkmWinoGather *t, DkmDtype dtype)
{
    for (gsize c = 0; c < t->channels; c += LANES) {
        Vec down[IN * OUT];
        for (gsize column = 0; column < OUT; column++) {
            Vec y[OUT];
            for (gsize row = 0; row < OUT; row++)
                y[row] = vec_load(t->x, row * t->row_stride + column * t->pixel_stride + c, dtype);
            output_gradient_1d(y, 1, down + column, OUT);
        }
        for (gsize row = 0; row < IN; row++) {
            Vec along[IN];
            output_gradient_1d(down + row * OUT, 1, along, 1);
            for (gsize column = 0; column < IN; column++)
                vec_store_f32(t->out + (row * IN + column) * t->place_stride + c, along[column]);
        }
    }
}

static void output_gradient(const DkmWinoGather *tile)
{
    WITH_DTYPE(tile->dtype, output_gradient_as, tile);
}

INLINE void finish_pixel(const DkmWinoStore *t, Vec sum, gsize c, gsize at, DkmDtype dtype)
{
    if (t->bias)
        sum += vec_load_f32(t->bias + c);
    if (t->residual)
        sum += vec_load(t->residual, at, t->residual_dtype);
    vec_store(t->y, at, vec_act(sum, t->act), dtype);
}

INLINE void output_as(const DkmWinoStore *t, DkmDtype dtype)
{
    for (gsize c = 0; c < t->channels; c += LANES) {
        Vec down[OUT * IN];
        for (gsize column = 0; column < IN; column++) {
            Vec m[IN];
            for (gsize row = 0; row < IN; row++)
                m[row] = vec_load_f32(t->sums + (row * IN + column) * t->place_stride + c);
            output_1d(m, 1, down + column, IN);
        }
        for (gsize row = 0; row < (gsize)t->rows; row++) {
            Vec along[OUT];
            output_1d(down + row * IN, 1, along, 1);
            for (gsize column = 0; column < (gsize)t->columns; column++)
                finish_pixel(t, along[column], c,
                             row * t->row_stride + column * t->pixel_stride + c, dtype);
        }
    }
}

static void output(const DkmWinoStore *tile)
{
    WITH_DTYPE(tile->dtype, output_as, tile);
}

static void weights(const float *w, gsize tap_stride, float *out, gsize place_stride, gsize count)
{
    for (gsize i = 0; i < count; i += LANES) {
        Vec down[IN * 3];
        for (gsize column = 0; column < 3; column++) {
            Vec g[3];
            for (gsize row = 0; row < 3; row++)
                g[row] = vec_load_f32(w + (row * 3 + column) * tap_stride + i);
            weights_1d(g, 1, down + column, 3);
        }
        for (gsize row = 0; row < IN; row++) {
            Vec along[IN];
            weights_1d(down + row * 3, 1, along, 1);
            for (gsize column = 0; column < IN; column++)
                vec_store_f32(out + (row * IN + column) * place_stride + i, along[column]);
        }
    }
}

static void weight_gradient(const float *sums, gsize place_stride, float *dw, gsize tap_stride,
                            gsize count)
{
    for (gsize i = 0; i < count; i += LANES) {
        Vec down[3 * IN];
        for (gsize column = 0; column < IN; column++) {
            Vec u[IN];
            for (gsize row = 0; row < IN; row++)
                u[row] = vec_load_f32(sums + (row * IN + column) * place_stride + i);
            weight_gradient_1d(u, 1, down + column, IN);
        }
        for (gsize row = 0; row < 3; row++) {
            Vec along[3];
            weight_gradient_1d(down + row * IN, 1, along, 1);
            for (gsize column = 0; column < 3; column++)
                vec_store_f32(dw + (row * 3 + column) * tap_stride + i, along[column]);
        }
    }
}

extern const DkmWinoRows ISA_NAME(dkm_wino_rows);
const DkmWinoRows ISA_NAME(dkm_wino_rows) = {input, output_gradient, output, weights,
                                             weight_gradient};
