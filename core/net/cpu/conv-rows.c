/* The convolution micro-kernels of f32 and bf16, one source for every instruction set. */
#include "core/net/cpu/conv-tile.h"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

INLINE Vec step_f32(Vec acc, VecBits x, VecBits w)
{
    return (Vec)x * (Vec)w + acc;
}

/* clang-format off: one macro a kernel shape; the loops over M and V are unrolled by their constants. */
#define CONV_GRAD_TILE(NAME, M, V, STEP)                                                           \
    NOINLINE void NAME(const DkmConvGradTile *t)                                                   \
    {                                                                                              \
        Vec acc[M][V];                                                                             \
        for (int m = 0; m < M; m++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                acc[m][v] = vec_load_f32(t->acc + (m * V + v) * LANES);                            \
        const guint32 *w = t->dy;                                                                  \
        for (int row = 0; row < t->rows; row++) {                                                  \
            const guint32 *x = t->x + (gsize)row * t->row_stride;                                  \
            for (int s = 0; s < t->steps; s++, w += V * LANES, x += t->step_stride) {              \
                VecBits dy[V];                                                                     \
                for (int v = 0; v < V; v++)                                                        \
                    dy[v] = load_words(w + v * LANES);                                             \
                for (int m = 0; m < M; m++) {                                                      \
                    const VecBits word = repeat_word(x[m]);                                        \
                    for (int v = 0; v < V; v++)                                                    \
                        acc[m][v] = STEP(acc[m][v], word, dy[v]);                                  \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (int m = 0; m < M; m++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                vec_store_f32(t->acc + (m * V + v) * LANES, acc[m][v]);                            \
    }
/* clang-format on */

#if defined(__AVX512F__)
CONV_TILE(tile_6x4_f32, 6, 4, step_f32)
CONV_TILE(tile_12x2_f32, 12, 2, step_f32)
CONV_TILE(tile_12x1_f32, 12, 1, step_f32)
CONV_GRAD_TILE(grad_6x4_f32, 6, 4, step_f32)
CONV_GRAD_TILE(grad_8x2_f32, 8, 2, step_f32)
CONV_GRAD_TILE(grad_16x1_f32, 16, 1, step_f32)
#if defined(__AVX512BF16__)
INLINE Vec step_bf16(Vec acc, VecBits x, VecBits w)
{
    return (Vec)_mm512_dpbf16_ps((__m512)acc, (__m512bh)x, (__m512bh)w);
}
CONV_TILE(tile_6x4_bf16, 6, 4, step_bf16)
CONV_TILE(tile_12x2_bf16, 12, 2, step_bf16)
CONV_TILE(tile_12x1_bf16, 12, 1, step_bf16)
CONV_GRAD_TILE(grad_6x4_bf16, 6, 4, step_bf16)
CONV_GRAD_TILE(grad_8x2_bf16, 8, 2, step_bf16)
CONV_GRAD_TILE(grad_16x1_bf16, 16, 1, step_bf16)
#define BOTH(name)                                                                                 \
    {                                                                                              \
        name##_f32, name##_bf16                                                                    \
    }
#else
#define BOTH(name)                                                                                 \
    {                                                                                              \
        name##_f32, NULL                                                                           \
    }
#endif
static const DkmConvKernel kernels[] = {
    {6, 6, 4 * LANES, BOTH(tile_6x4), BOTH(grad_6x4)},
    {12, 8, 2 * LANES, BOTH(tile_12x2), BOTH(grad_8x2)},
    {12, 16, LANES, BOTH(tile_12x1), BOTH(grad_16x1)},
};
#elif defined(__AVX2__)
CONV_TILE(tile_6x2_f32, 6, 2, step_f32)
CONV_GRAD_TILE(grad_6x2_f32, 6, 2, step_f32)
static const DkmConvKernel kernels[] = {
    {6, 6, 2 * LANES, {tile_6x2_f32, NULL}, {grad_6x2_f32, NULL}}};
#else
CONV_TILE(tile_3x4_f32, 3, 4, step_f32)
CONV_GRAD_TILE(grad_3x4_f32, 3, 4, step_f32)
static const DkmConvKernel kernels[] = {
    {3, 3, 4 * LANES, {tile_3x4_f32, NULL}, {grad_3x4_f32, NULL}}};
#endif

INLINE Vec finish(const DkmConvStore *s, Vec sum, gsize j, gsize at, DkmDtype residual_dtype)
{
    if (s->bias)
        sum += vec_load_f32(s->bias + j);
    if (s->residual)
        sum += vec_load(s->residual, at, residual_dtype);
    return vec_act(sum, s->act);
}

INLINE void store_part(const DkmConvStore *s, const float *acc, gsize j, gsize at, gsize count)
{
    Vec sum = vec_load_f32(acc + j);
    if (s->bias)
        sum += vec_load_part(s->bias, j, count, DKM_F32);
    if (s->residual)
        sum += vec_load_part(s->residual, at, count, s->residual_dtype);
    vec_store_part(s->y, at, count, vec_act(sum, s->act), s->dtype);
}

INLINE void store_as(const DkmConvStore *s, DkmDtype residual_dtype, DkmDtype dtype)
{
    const gsize channels = (gsize)s->channels, whole = channels / LANES * LANES;
    for (gsize p = 0; p < (gsize)s->pixels; p++) {
        const float *acc = s->acc + p * (gsize)s->width;
        const gsize at = p * s->stride;
        for (gsize j = 0; j < whole; j += LANES)
            vec_store(s->y, at + j, finish(s, vec_load_f32(acc + j), j, at + j, residual_dtype),
                      dtype);
        if (whole < channels)
            store_part(s, acc, whole, at + whole, channels - whole);
    }
}

static void store(const DkmConvStore *s)
{
    if (s->residual_dtype == DKM_F32)
        WITH_DTYPE(s->dtype, store_as, s, DKM_F32);
    else
        WITH_DTYPE(s->dtype, store_as, s, DKM_BF16);
}

static void pair(guint32 *out, const guint16 *a, const guint16 *b, gsize count)
{
    for (gsize i = 0; i < count; i++)
        out[i] = (guint32)a[i] | (guint32)b[i] << 16;
}

static void pair_f32(guint32 *out, const float *a, const float *b, gsize count)
{
    EACH_VEC(i, n, count, {
        guint16 low[LANES], high[LANES];
        vec_store(low, 0, vec_load_some(a, i, n, DKM_F32), DKM_BF16);
        vec_store(high, 0, vec_load_some(b, i, n, DKM_F32), DKM_BF16);
        pair(out + i, low, high, n);
    });
}

extern const DkmConvRows ISA_NAME(dkm_conv_rows);
const DkmConvRows ISA_NAME(dkm_conv_rows) = {kernels, G_N_ELEMENTS(kernels), store, pair, pair_f32};
