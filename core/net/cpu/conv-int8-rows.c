/* The inner loops of convolution in int8: compiled plainly and for AVX512_VNNI. Without contraction
 * into multiply-adds, so that both give the bits of core/net/int8.h. */
#include "core/net/cpu/conv-tile.h"
#include "core/net/int8.h"

typedef guint8 VecBytes __attribute__((vector_size(LANES)));

#if defined(__AVX512VNNI__)
enum { OFFSET = 128 }; /* vpdpbusd takes x without its sign */

INLINE Vec step_int8(Vec acc, VecBits x, VecBits w)
{
    return (Vec)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)x, (__m512i)w);
}
CONV_TILE(tile_6x4_int8, 6, 4, step_int8)
CONV_TILE(tile_12x2_int8, 12, 2, step_int8)
CONV_TILE(tile_12x1_int8, 12, 1, step_int8)
static const DkmConvKernel kernels[] = {
    {.pixels = 6, .width = 4 * LANES, .tile = {NULL, NULL, tile_6x4_int8}},
    {.pixels = 12, .width = 2 * LANES, .tile = {NULL, NULL, tile_12x2_int8}},
    {.pixels = 12, .width = LANES, .tile = {NULL, NULL, tile_12x1_int8}},
};

#define EACH_SUM(i) _Pragma("GCC unroll 16") for (int i = 0; i < SUMS; i++)

/* Every loop over the sums is unrolled, or gcc 12 keeps them in memory. */
static double multiply_add(void)
{
    enum { STEPS = 40000, SUMS = 16 };
    __m512i sum[SUMS], a = _mm512_set1_epi8(1), b = _mm512_set1_epi8(2);
    EACH_SUM(i) sum[i] = _mm512_set1_epi32(i);
    for (int step = 0; step < STEPS; step++)
        EACH_SUM(i) __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(sum[i]) : "v"(a), "v"(b));
    EACH_SUM(i) __asm__ volatile("" : : "v"(sum[i]));
    return 8.0 * LANES * SUMS * STEPS;
}
#else
enum { OFFSET = 0 };
#define multiply_add NULL

/* Byte BYTE of every word, with its sign. */
INLINE VecMask byte_of(VecBits words, int byte)
{
    return (VecMask)(words << (24 - 8 * byte)) >> 24;
}

INLINE Vec step_int8(Vec acc, VecBits x, VecBits w)
{
    VecMask sum = (VecMask)acc;
    for (int byte = 0; byte < 4; byte++)
        sum += byte_of(x, byte) * byte_of(w, byte);
    return (Vec)sum;
}
CONV_TILE(tile_3x4_int8, 3, 4, step_int8)
static const DkmConvKernel kernels[] = {
    {.pixels = 3, .width = 4 * LANES, .tile = {NULL, NULL, tile_3x4_int8}}};
#endif

INLINE VecBytes lowest_bytes(VecBits words)
{
#if defined(__AVX512F__)
    return (VecBytes)_mm512_cvtepi32_epi8((__m512i)words);
#else
    return __builtin_convertvector(words, VecBytes);
#endif
}

/* Adding 1.5 * 2^23 rounds to an integer, which then stands in the lower bits. */
INLINE void quantise_as(guint8 *out, const void *x, gsize count, float inverse, int offset,
                        DkmDtype dtype)
{
    const Vec magic = vec_set(12582912.0f + (float)offset);
    EACH_VEC(i, n, count, {
        Vec v = vec_load_some(x, i, n, dtype) * inverse;
        v = vec_max(v, vec_set(-DKM_INT8_MOST)); /* in this order for what is no number */
        v = vec_min(v, vec_set(DKM_INT8_MOST)) + magic;
        const VecBytes bytes = lowest_bytes((VecBits)v);
        memcpy(out + i, &bytes, n);
    });
}

static void quantise(guint8 *out, const void *x, gsize count, float inverse, int offset,
                     DkmDtype dtype)
{
    WITH_DTYPE(dtype, quantise_as, out, x, count, inverse, offset);
}

/* N channels from J on of one pixel. */
INLINE void finish(const DkmConvStore *s, const float *acc, gsize j, gsize at, gsize n,
                   DkmDtype dtype)
{
    VecMask sum, surplus;
    memcpy(&sum, acc + j, sizeof sum);
    memcpy(&surplus, s->surplus + j, sizeof surplus);
    Vec y = __builtin_convertvector(sum - surplus, Vec) * vec_load_f32(s->multiplier + j);
    if (s->bias)
        y += vec_load_some(s->bias, j, n, DKM_F32);
    if (s->residual)
        y += s->residual_dtype == DKM_F32 ? vec_load_some(s->residual, at + j, n, DKM_F32)
                                          : vec_load_some(s->residual, at + j, n, DKM_BF16);
    vec_store_some(s->y, at + j, n, vec_act(y, s->act), dtype);
}

INLINE void store_as(const DkmConvStore *s, DkmDtype dtype)
{
    const gsize channels = (gsize)s->channels;
    for (gsize p = 0; p < (gsize)s->pixels; p++) {
        const float *acc = s->acc + p * (gsize)s->width;
        EACH_VEC(j, n, channels, { finish(s, acc, j, p * s->stride, n, dtype); });
    }
}

static void store(const DkmConvStore *s)
{
    WITH_DTYPE(s->dtype, store_as, s);
}

extern const DkmConvInt8 ISA_NAME(dkm_conv_int8);
const DkmConvInt8 ISA_NAME(dkm_conv_int8) = {kernels, G_N_ELEMENTS(kernels), OFFSET, quantise,
                                             store,   multiply_add};
