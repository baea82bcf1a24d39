/* CUDA's vocabulary in C, so that the kernels of core/net/cuda/kernels compile with an ordinary
 * compiler and run without a GPU: a thread is a fiber, threads of a block take turns at barriers
 * and shuffles alone. Finds what an order of threads can show: run forward, backward and in random
 * order, a kernel that misses a barrier gives other bits. Stricter than a GPU: a barrier or shuffle
 * that not every thread reaches at the same line ends the program with a message. */
#pragma once

#include "tests/core/net/cuda/half.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DKM_EMULATED 1

typedef struct {
    unsigned x, y, z;
} EmulatedIndex;

typedef struct __attribute__((aligned(16))) {
    float x, y, z, w;
} float4;
typedef struct __attribute__((aligned(16))) {
    unsigned x, y, z, w;
} uint4;
typedef struct __attribute__((aligned(8))) {
    unsigned x, y;
} uint2;

extern EmulatedIndex threadIdx, blockIdx, blockDim, gridDim;

/* One kernel, registered before main() by DKM_KERNEL. */
typedef struct EmulatedKernel {
    const char *name;
    void (*call)(void **args);
    unsigned most_threads; /* its launch bound */
    unsigned launches;
    struct EmulatedKernel *next;
} EmulatedKernel;

void emulated_register(EmulatedKernel *kernel);

#define DKM_KERNEL(NAME, ARGS, THREADS)                                                            \
    void dkm_##NAME(const ARGS a);                                                                 \
    static void dkm_##NAME##_call(void **args)                                                     \
    {                                                                                              \
        dkm_##NAME(*(const ARGS *)args[0]);                                                        \
    }                                                                                              \
    __attribute__((constructor)) static void dkm_##NAME##_register(void)                           \
    {                                                                                              \
        static EmulatedKernel kernel = {"dkm_" #NAME, dkm_##NAME##_call, THREADS, 0, NULL};        \
        emulated_register(&kernel);                                                                \
    }                                                                                              \
    void dkm_##NAME(const ARGS a)
#define INLINE static inline

/* Shared memory lies together, so that it can be spoilt before each block. */
#define __shared__ static __attribute__((section("dkm_shared")))
extern float *emulated_dynamic_shared;

void emulated_barrier(const char *file, int line);
/* Replaces the SIZE bytes at VALUE by those of lane SOURCE of the warp; ends the program where not
 * all of the warp's lanes are at this line. SOURCE -1: a barrier of the warp alone. */
void emulated_shuffle(void *value, size_t size, int source, const char *file, int line);
unsigned emulated_lane(void);

#define __syncthreads() emulated_barrier(__FILE__, __LINE__)
#define __syncwarp() emulated_shuffle(NULL, 0, -1, __FILE__, __LINE__)
#define EMULATED_SHUFFLE(value, source)                                                            \
    __extension__({                                                                                \
        __typeof__(value) emulated_value = (value);                                                \
        emulated_shuffle(&emulated_value, sizeof emulated_value, (int)(source), __FILE__,          \
                         __LINE__);                                                                \
        emulated_value;                                                                            \
    })
#define __shfl_xor_sync(mask, value, lanes) EMULATED_SHUFFLE(value, emulated_lane() ^ (lanes))
/* Beyond the warp a lane keeps its own. */
#define __shfl_down_sync(mask, value, lanes)                                                       \
    EMULATED_SHUFFLE(value,                                                                        \
                     emulated_lane() + (lanes) < 32 ? emulated_lane() + (lanes) : emulated_lane())

static inline float __uint_as_float(unsigned bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static inline unsigned __float_as_uint(float value)
{
    unsigned bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
/* The GPU's are less exact: 2 units in the last place, more beyond 2^7. */
#define __expf expf
static inline float __fdividef(float x, float y)
{
    return x / y;
}
static inline float widen_half(unsigned half)
{
    return half_to_float((uint16_t)half);
}
static inline unsigned narrow_half(float value)
{
    return half_from_float(value);
}
static inline unsigned __umulhi(unsigned a, unsigned b)
{
    return (unsigned)((uint64_t)a * b >> 32);
}
static inline double sinpi(double x)
{
    return sin(3.14159265358979323846 * fmod(x, 2));
}
static inline double cospi(double x)
{
    return cos(3.14159265358979323846 * fmod(x, 2));
}
