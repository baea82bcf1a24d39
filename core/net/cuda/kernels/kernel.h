/* What the kernels share: their declaration, loads and stores by dtype, activations, sums of a
 * block. The kernels are C; nvcc takes them as C++, the tests take them as C (tests/core/net/cuda/
 * emulate.h, which comes before this file and brings CUDA's words). */
#pragma once

#if defined(__CUDACC__) || defined(DKM_EMULATED)

#include "core/net/cuda/kernels/args.h"

#ifdef __CUDACC__
/* The kernel dkm_NAME with one argument A; the second bound keeps it within 128 registers. */
#define DKM_KERNEL(NAME, ARGS, THREADS)                                                            \
    extern "C" __global__ void __launch_bounds__(THREADS, 512 / (THREADS))                         \
        dkm_##NAME(const __grid_constant__ ARGS a)
#define INLINE static __device__ __forceinline__
#endif

/* Two kernels of one body, which is then compiled for a dtype that is a constant. */
#define DKM_KERNEL_TYPED(NAME, ARGS, THREADS)                                                      \
    DKM_KERNEL(NAME##_f32, ARGS, THREADS)                                                          \
    {                                                                                              \
        NAME(&a, DKM_CUDA_F32);                                                                    \
    }                                                                                              \
    DKM_KERNEL(NAME##_bf16, ARGS, THREADS)                                                         \
    {                                                                                              \
        NAME(&a, DKM_CUDA_BF16);                                                                   \
    }

/* Four: of vectors of channels too (_1: channels that 8 does not divide). */
#define DKM_KERNEL_WIDE(NAME, ARGS, THREADS)                                                       \
    DKM_KERNEL(NAME##_f32, ARGS, THREADS)                                                          \
    {                                                                                              \
        NAME(&a, DKM_CUDA_F32, DKM_CUDA_WIDE);                                                     \
    }                                                                                              \
    DKM_KERNEL(NAME##_bf16, ARGS, THREADS)                                                         \
    {                                                                                              \
        NAME(&a, DKM_CUDA_BF16, DKM_CUDA_WIDE);                                                    \
    }                                                                                              \
    DKM_KERNEL(NAME##_1_f32, ARGS, THREADS)                                                        \
    {                                                                                              \
        NAME(&a, DKM_CUDA_F32, 1);                                                                 \
    }                                                                                              \
    DKM_KERNEL(NAME##_1_bf16, ARGS, THREADS)                                                       \
    {                                                                                              \
        NAME(&a, DKM_CUDA_BF16, 1);                                                                \
    }

#define ALL_LANES 0xffffffffu

INLINE float widen(unsigned bf16)
{
    return __uint_as_float(bf16 << 16);
}

/* To nearest even; NaN stays NaN. As dkm_bf16_from_f32(). */
INLINE unsigned narrow(float value)
{
    const unsigned u = __float_as_uint(value);
    if ((u & 0x7fffffffu) > 0x7f800000u)
        return u >> 16 | 0x40u;
    return (u + 0x7fffu + (u >> 16 & 1u)) >> 16;
}

INLINE unsigned narrow2(float a, float b)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    unsigned both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(b), "f"(a));
    return both;
#else
    return narrow(a) | narrow(b) << 16;
#endif
}

#ifdef __CUDACC__
INLINE float widen_half(unsigned half)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"((unsigned short)half));
    return value;
}

INLINE unsigned narrow_half(float value)
{
    unsigned short half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
    return half;
}
#endif

/* The number in 16 bits of DTYPE, and back. */
INLINE float widen_as(unsigned bits, int dtype)
{
    return dtype == DKM_CUDA_BF16 ? widen(bits) : widen_half(bits);
}

INLINE unsigned narrow_as(float value, int dtype)
{
    return dtype == DKM_CUDA_BF16 ? narrow(value) : narrow_half(value);
}

/* Two of them; A in the lower half. */
INLINE void widen2_as(float *v, unsigned both, int dtype)
{
    v[0] = widen_as(both & 0xffffu, dtype);
    v[1] = dtype == DKM_CUDA_BF16 ? __uint_as_float(both & 0xffff0000u) : widen_half(both >> 16);
}

INLINE unsigned narrow2_as(float a, float b, int dtype)
{
    return dtype == DKM_CUDA_BF16 ? narrow2(a, b) : narrow_half(a) | narrow_half(b) << 16;
}

INLINE float load1(const void *from, long long i, int dtype)
{
    if (dtype == DKM_CUDA_F32)
        return ((const float *)from)[i];
    return widen_as(((const unsigned short *)from)[i], dtype);
}

INLINE void store1(void *to, long long i, float value, int dtype)
{
    if (dtype == DKM_CUDA_F32)
        ((float *)to)[i] = value;
    else
        ((unsigned short *)to)[i] = (unsigned short)narrow_as(value, dtype);
}

INLINE void load4(float *v, const void *from, long long i, int dtype)
{
    if (dtype == DKM_CUDA_F32) {
        const float4 u = *(const float4 *)((const float *)from + i);
        v[0] = u.x, v[1] = u.y, v[2] = u.z, v[3] = u.w;
    } else {
        const uint2 u = *(const uint2 *)((const unsigned short *)from + i);
        widen2_as(v, u.x, dtype);
        widen2_as(v + 2, u.y, dtype);
    }
}

INLINE void load8(float *v, const void *from, long long i, int dtype)
{
    if (dtype == DKM_CUDA_F32) {
        load4(v, from, i, dtype);
        load4(v + 4, from, i + 4, dtype);
    } else {
        const uint4 u = *(const uint4 *)((const unsigned short *)from + i);
        widen2_as(v, u.x, dtype);
        widen2_as(v + 2, u.y, dtype);
        widen2_as(v + 4, u.z, dtype);
        widen2_as(v + 6, u.w, dtype);
    }
}

INLINE void store8(void *to, long long i, const float *v, int dtype)
{
    if (dtype == DKM_CUDA_F32) {
        float4 *out = (float4 *)((float *)to + i), u;
        u.x = v[0], u.y = v[1], u.z = v[2], u.w = v[3];
        out[0] = u;
        u.x = v[4], u.y = v[5], u.z = v[6], u.w = v[7];
        out[1] = u;
    } else {
        uint4 u;
        u.x = narrow2_as(v[0], v[1], dtype), u.y = narrow2_as(v[2], v[3], dtype);
        u.z = narrow2_as(v[4], v[5], dtype), u.w = narrow2_as(v[6], v[7], dtype);
        *(uint4 *)((unsigned short *)to + i) = u;
    }
}

/* WIDTH 8 or 1. */
INLINE void load(float *v, const void *from, long long i, int dtype, int width)
{
    if (width == DKM_CUDA_WIDE)
        load8(v, from, i, dtype);
    else
        v[0] = load1(from, i, dtype);
}

INLINE void store(void *to, long long i, const float *v, int dtype, int width)
{
    if (width == DKM_CUDA_WIDE)
        store8(to, i, v, dtype);
    else
        store1(to, i, v[0], dtype);
}

/* The first of this thread's elements of a flat array: 8 a thread. */
INLINE long long flat_first(void)
{
    return ((long long)blockIdx.x * blockDim.x + threadIdx.x) * DKM_CUDA_WIDE;
}

/* Eight elements from I on, fewer at the end of an array of COUNT. */
INLINE void load_flat(float *v, const void *from, long long i, long long count, int dtype)
{
    if (i + DKM_CUDA_WIDE <= count)
        load8(v, from, i, dtype);
    else
        for (int k = 0; k < DKM_CUDA_WIDE; k++)
            v[k] = i + k < count ? load1(from, i + k, dtype) : 0.0f;
}

INLINE void store_flat(void *to, long long i, long long count, const float *v, int dtype)
{
    if (i + DKM_CUDA_WIDE <= count)
        store8(to, i, v, dtype);
    else
        for (int k = 0; k < DKM_CUDA_WIDE; k++)
            if (i + k < count)
                store1(to, i + k, v[k], dtype);
}

/* Of activations: within 1e-6 of itself, in half the instructions of expf() and a division. */
INLINE float sigmoid(float z)
{
    return __fdividef(1.0f, 1.0f + __expf(-z));
}

/* The activation of WIDTH numbers: one question for all of them. */
INLINE void activate(int act, float *z, int width)
{
    if (act == DKM_CUDA_SWISH)
        for (int k = 0; k < width; k++)
            z[k] *= sigmoid(z[k]);
    else if (act == DKM_CUDA_RELU)
        for (int k = 0; k < width; k++)
            z[k] = z[k] < 0.0f ? 0.0f : z[k]; /* NaN stays NaN */
    else if (act == DKM_CUDA_SIGMOID)
        for (int k = 0; k < width; k++)
            z[k] = sigmoid(z[k]);
}

/* Turns z into d activate(z) / dz. */
INLINE void act_slopes(int act, float *z, int width)
{
    if (act == DKM_CUDA_SWISH)
        for (int k = 0; k < width; k++) {
            const float s = sigmoid(z[k]);
            z[k] = s * (1.0f + z[k] * (1.0f - s));
        }
    else if (act == DKM_CUDA_RELU)
        for (int k = 0; k < width; k++)
            z[k] = z[k] > 0.0f ? 1.0f : 0.0f;
    else if (act == DKM_CUDA_SIGMOID)
        for (int k = 0; k < width; k++) {
            const float s = sigmoid(z[k]);
            z[k] = s * (1.0f - s);
        }
    else
        for (int k = 0; k < width; k++)
            z[k] = 1.0f;
}

/* The sum over a block of 256 in thread 0, in an order that depends on nothing. ROOM: 8 doubles of
 * shared memory that nobody else uses. */
INLINE double block_sum(double value, double *room)
{
    for (int lanes = 16; lanes > 0; lanes /= 2)
        value += __shfl_xor_sync(ALL_LANES, value, lanes);
    if (threadIdx.x % 32 == 0)
        room[threadIdx.x / 32] = value;
    __syncthreads();
    if (threadIdx.x == 0)
        for (unsigned warp = 1; warp < blockDim.x / 32; warp++)
            value += room[warp];
    return value;
}

/* Where a thread stands in DkmColumns. */
typedef struct {
    int channel;         /* its first */
    int active;          /* no: past the last channel */
    long long at, step;  /* first element, and from one to the next */
    int count;           /* pixels that it visits */
    int thread, sample;  /* thread: of the block */
    long long block_row; /* (sample, chunk) */
} Walk;

INLINE Walk walk(const DkmColumns *columns, int width)
{
    Walk w;
    const int lanes = (int)blockDim.x, rows = (int)blockDim.y, row = (int)threadIdx.y;
    const long long first = (long long)blockIdx.x * columns->chunk;
    const long long left = columns->pixels - first;
    const int pixels = left < columns->chunk ? (int)left : columns->chunk;
    w.channel = ((int)blockIdx.y * lanes + (int)threadIdx.x) * width;
    w.active = w.channel < columns->channels;
    w.sample = (int)blockIdx.z;
    w.at = (w.sample * columns->pixels + first + row) * columns->channels + w.channel;
    w.step = (long long)rows * columns->channels;
    w.count = w.active && row < pixels ? (pixels - row + rows - 1) / rows : 0;
    w.thread = row * lanes + (int)threadIdx.x;
    w.block_row = (long long)w.sample * columns->chunks + blockIdx.x;
    return w;
}

/* Adds v of all rows of the block into those of row 0. ROOM: 8 * 256 floats that nobody else
 * uses. */
INLINE void rows_sum(float *room, float *v, int thread, int width)
{
    for (int k = 0; k < width; k++)
        room[k * DKM_CUDA_THREADS + thread] = v[k];
    for (int half = (int)blockDim.y / 2; half > 0; half /= 2) {
        __syncthreads();
        if ((int)threadIdx.y < half)
            for (int k = 0; k < width; k++)
                room[k * DKM_CUDA_THREADS + thread] +=
                    room[k * DKM_CUDA_THREADS + thread + half * (int)blockDim.x];
    }
    for (int k = 0; k < width; k++)
        v[k] = room[k * DKM_CUDA_THREADS + thread];
}

#endif
