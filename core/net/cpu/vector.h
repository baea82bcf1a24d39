/* One vector of floats, as wide as the instruction set this file is compiled for, with the few
 * operations kernels need. GNU vector extensions: no intrinsics, so every instruction set is served
 * by one source. Included only by rows-*.c. */
#pragma once

#include "core/net/tensor.h"

#include <string.h>

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX2__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef guint32 VecBits __attribute__((vector_size(LANES * 4)));
typedef gint32 VecMask __attribute__((vector_size(LANES * 4))); /* all ones where true */
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

INLINE Vec vec_max(Vec a, Vec b)
{
    return vec_select(a > b, a, b);
}

/* NaN stays NaN in both. */
INLINE Vec vec_at_least(Vec x, float low)
{
    return vec_select(x < vec_set(low), vec_set(low), x);
}
INLINE Vec vec_at_most(Vec x, float high)
{
    return vec_select(x > vec_set(high), vec_set(high), x);
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
    return (Vec)(__builtin_convertvector(half, VecBits) << 16);
}

/* Rounds as dkm_bf16_from_f32(). */
INLINE VecHalf vec_to_half(Vec v)
{
    const VecBits u = (VecBits)v;
    const VecBits rounded = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;
    const VecBits quiet = u >> 16 | 0x40u;
    const VecBits nan = (VecBits)(v != v);
    return __builtin_convertvector((nan & quiet) | (~nan & rounded), VecHalf);
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
