/* One vector of floats, as wide as the instruction set this file is compiled for, with the few
 * operations kernels need. GNU vector extensions, so that one source serves every instruction set;
 * intrinsics only where gcc makes several instructions out of one. Included only by rows-*.c. */
#pragma once

#include "core/net/tensor.h"

#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX2__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef guint32 VecBits __attribute__((vector_size(LANES * 4)));
typedef guint64 VecWide __attribute__((vector_size(LANES * 4))); /* two lanes in one */
typedef gint32 VecMask __attribute__((vector_size(LANES * 4)));  /* all ones where true */
typedef guint16 VecHalf __attribute__((vector_size(LANES * 2)));

/* Inlined into callers with a constant dtype (and the like), so that each gets a loop of its own.
 */
#define INLINE static inline __attribute__((always_inline))
/* Calls a function whose last argument is the dtype, as a constant. */
#define WITH_DTYPE(dtype, function, ...)                                                           \
    ((dtype) == DKM_F32 ? function(__VA_ARGS__, DKM_F32) : function(__VA_ARGS__, DKM_BF16))
/* The name of a symbol of this instruction set: dkm_norm_rows_avx2. */
#define ISA_PASTE(name, isa) name##_##isa
#define ISA_EXPAND(name, isa) ISA_PASTE(name, isa)
#define ISA_NAME(name) ISA_EXPAND(name, DKM_ISA_SUFFIX)

INLINE Vec vec_set(float value)
{
    return value - (Vec){0};
}

INLINE Vec vec_select(VecMask mask, Vec yes, Vec no)
{
    return (Vec)((mask & (VecMask)yes) | (~mask & (VecMask)no));
}

/* a > b ? a : b; so B where either is NaN. */
INLINE Vec vec_max(Vec a, Vec b)
{
#if defined(__AVX512F__)
    return (Vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (Vec)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (Vec)_mm_max_ps((__m128)a, (__m128)b);
#else
    return vec_select(a > b, a, b);
#endif
}

/* a < b ? a : b; so B where either is NaN. */
INLINE Vec vec_min(Vec a, Vec b)
{
#if defined(__AVX512F__)
    return (Vec)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
    return (Vec)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (Vec)_mm_min_ps((__m128)a, (__m128)b);
#else
    return vec_select(a < b, a, b);
#endif
}

/* NaN stays NaN. */
INLINE Vec vec_clamp(Vec x, float low, float high)
{
    return vec_min(vec_set(high), vec_max(vec_set(low), x));
}

/* 1 / x for x >= 1, to the last bit but one; 0 where that is below the smallest normal. */
INLINE Vec vec_inverse(Vec x)
{
#ifdef __AVX512F__
    const Vec rough = (Vec)_mm512_rcp14_ps((__m512)x); /* 14 bits; one Newton step doubles them */
    return rough + rough * (1.0f - x * rough);
#else
    return 1.0f / x;
#endif
}

INLINE Vec vec_load_f32(const float *from)
{
    Vec v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void vec_store_f32(float *to, Vec v)
{
    memcpy(to, &v, sizeof v);
}

INLINE Vec vec_from_half(VecHalf half)
{
#ifdef __AVX512F__
    return (Vec)_mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)half), 16);
#else
    return (Vec)(__builtin_convertvector(half, VecBits) << 16);
#endif
}

/* Rounds as dkm_bf16_from_f32(); with AVX512_BF16 denormals become zero. */
INLINE VecHalf vec_to_half(Vec v)
{
#ifdef __AVX512BF16__
    return (VecHalf)_mm512_cvtneps_pbh((__m512)v);
#else
    const VecBits u = (VecBits)v;
    const VecBits rounded = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;
    const VecBits quiet = u >> 16 | 0x40u;
    const VecBits nan = (VecBits)(v != v);
    return __builtin_convertvector((nan & quiet) | (~nan & rounded), VecHalf);
#endif
}

/* The upper and lower halves of X times FACTOR. */
INLINE void vec_multiply_wide(VecBits x, guint32 factor, VecBits *high, VecBits *low)
{
    const VecBits factors = factor - (VecBits){0};
    const VecWide upper = (VecWide)x >> 32;
#if defined(__AVX512F__)
    const VecWide even = (VecWide)_mm512_mul_epu32((__m512i)x, (__m512i)factors);
    const VecWide odd = (VecWide)_mm512_mul_epu32((__m512i)upper, (__m512i)factors);
#elif defined(__AVX2__)
    const VecWide even = (VecWide)_mm256_mul_epu32((__m256i)x, (__m256i)factors);
    const VecWide odd = (VecWide)_mm256_mul_epu32((__m256i)upper, (__m256i)factors);
#else
    const VecWide even = ((VecWide)x & 0xffffffffu) * factor, odd = upper * factor;
    (void)factors;
#endif
    *high = (VecBits)(even >> 32 | (odd & 0xffffffff00000000u));
    *low = (VecBits)((even & 0xffffffffu) | odd << 32);
}

/* Elements I..I+LANES-1 of an array of DTYPE. */
INLINE Vec vec_load(const void *from, gsize i, DkmDtype dtype)
{
    if (dtype == DKM_F32)
        return vec_load_f32((const float *)from + i);
    VecHalf half;
    memcpy(&half, (const guint16 *)from + i, sizeof half);
    return vec_from_half(half);
}

INLINE void vec_store(void *to, gsize i, Vec v, DkmDtype dtype)
{
    if (dtype == DKM_F32) {
        vec_store_f32((float *)to + i, v);
        return;
    }
    const VecHalf half = vec_to_half(v);
    memcpy((guint16 *)to + i, &half, sizeof half);
}

/* The first COUNT < LANES elements only; the other lanes load as zero. */
static inline Vec vec_load_part(const void *from, gsize i, gsize count, DkmDtype dtype)
{
    Vec v = {0};
    for (gsize k = 0; k < count; k++)
        v[k] = dtype == DKM_F32 ? ((const float *)from)[i + k]
                                : dkm_bf16_to_f32(((const guint16 *)from)[i + k]);
    return v;
}

static inline void vec_store_part(void *to, gsize i, gsize count, Vec v, DkmDtype dtype)
{
    for (gsize k = 0; k < count; k++) {
        if (dtype == DKM_F32)
            ((float *)to)[i + k] = v[k];
        else
            ((guint16 *)to)[i + k] = dkm_bf16_from_f32(v[k]);
    }
}

/* COUNT elements, COUNT <= LANES. */
INLINE Vec vec_load_some(const void *from, gsize i, gsize count, DkmDtype dtype)
{
    return count == LANES ? vec_load(from, i, dtype) : vec_load_part(from, i, count, dtype);
}

INLINE void vec_store_some(void *to, gsize i, gsize count, Vec v, DkmDtype dtype)
{
    if (count == LANES)
        vec_store(to, i, v, dtype);
    else
        vec_store_part(to, i, count, v, dtype);
}

/* TO[k] += lane k, for the first COUNT lanes. */
static inline void vec_flush(double *to, Vec v, gsize count)
{
    for (gsize k = 0; k < count; k++)
        to[k] += (double)v[k];
}

/* The sum of all lanes, in lane order. */
static inline double vec_total(Vec v)
{
    double total = 0.0;
    for (int k = 0; k < LANES; k++)
        total += (double)v[k];
    return total;
}

/* The statements for each vector of COUNT elements: I its first, N how many (LANES, a constant, but
 * in the last one). */
#define EACH_VEC(i, n, count, ...)                                                                 \
    do {                                                                                           \
        gsize i = 0;                                                                               \
        for (; i + LANES <= (count); i += LANES) {                                                 \
            const gsize n = LANES;                                                                 \
            __VA_ARGS__                                                                            \
        }                                                                                          \
        if (i < (count)) {                                                                         \
            const gsize n = (count)-i;                                                             \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    } while (0)
