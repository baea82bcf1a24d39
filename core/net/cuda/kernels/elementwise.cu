/* Element by element, and the copying of channels. */
#include "core/net/cuda/kernels/kernel.h"

INLINE void add(const DkmFlatArgs *a, int dtype)
{
    const long long i = flat_first();
    float x[DKM_CUDA_WIDE], y[DKM_CUDA_WIDE];
    load_flat(x, a->a, i, a->count, dtype);
    if (a->period == a->count)
        load_flat(y, a->b, i, a->count, dtype);
    else
        for (int k = 0; k < DKM_CUDA_WIDE; k++)
            y[k] = load1(a->b, (i + k) % a->period, dtype);
    for (int k = 0; k < DKM_CUDA_WIDE; k++)
        x[k] += y[k];
    activate(a->act, x, DKM_CUDA_WIDE);
    store_flat(a->y, i, a->count, x, dtype);
}
DKM_KERNEL_TYPED(add, DkmFlatArgs, DKM_CUDA_THREADS)

INLINE void act(const DkmFlatArgs *a, int dtype)
{
    const long long i = flat_first();
    float x[DKM_CUDA_WIDE];
    load_flat(x, a->a, i, a->count, dtype);
    activate(a->act, x, DKM_CUDA_WIDE);
    store_flat(a->y, i, a->count, x, dtype);
}
DKM_KERNEL_TYPED(act, DkmFlatArgs, DKM_CUDA_THREADS)

/* a: x, b: dy */
INLINE void act_grad(const DkmFlatArgs *a, int dtype)
{
    const long long i = flat_first();
    float x[DKM_CUDA_WIDE], dy[DKM_CUDA_WIDE];
    load_flat(x, a->a, i, a->count, dtype);
    load_flat(dy, a->b, i, a->count, dtype);
    act_slopes(a->act, x, DKM_CUDA_WIDE);
    for (int k = 0; k < DKM_CUDA_WIDE; k++)
        x[k] *= dy[k];
    store_flat(a->y, i, a->count, x, dtype);
}
DKM_KERNEL_TYPED(act_grad, DkmFlatArgs, DKM_CUDA_THREADS)

/* From DTYPE to the other one. */
INLINE void cast(const DkmFlatArgs *a, int dtype)
{
    const long long i = flat_first();
    float x[DKM_CUDA_WIDE];
    load_flat(x, a->a, i, a->count, dtype);
    store_flat(a->y, i, a->count, x, dtype == DKM_CUDA_F32 ? DKM_CUDA_BF16 : DKM_CUDA_F32);
}
DKM_KERNEL_TYPED(cast, DkmFlatArgs, DKM_CUDA_THREADS)

/* Philox4x32-10 of counter (low, high of BLOCK, STEP, 0) and key (SALT, 0). */
INLINE void philox(unsigned long long block, unsigned step, unsigned salt, unsigned *c)
{
    unsigned k0 = salt, k1 = 0;
    c[0] = (unsigned)block, c[1] = (unsigned)(block >> 32), c[2] = step, c[3] = 0;
    for (int round = 0; round < 10; round++) {
        const unsigned high0 = __umulhi(0xD2511F53u, c[0]), low0 = 0xD2511F53u * c[0];
        const unsigned high1 = __umulhi(0xCD9E8D57u, c[2]), low1 = 0xCD9E8D57u * c[2];
        c[0] = high1 ^ c[1] ^ k0;
        c[1] = low1;
        c[2] = high0 ^ c[3] ^ k1;
        c[3] = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

INLINE void dropout(const DkmDropoutArgs *a, int dtype)
{
    const long long i = flat_first();
    const unsigned step = (unsigned)a->step[0];
    float x[DKM_CUDA_WIDE];
    unsigned word[DKM_CUDA_WIDE];
    load_flat(x, a->x, i, a->count, dtype);
    philox((unsigned long long)i / 4, step, a->salt, word);
    philox((unsigned long long)i / 4 + 1, step, a->salt, word + 4);
    for (int k = 0; k < DKM_CUDA_WIDE; k++)
        x[k] = word[k] >= a->threshold ? x[k] * a->scale : 0.0f;
    store_flat(a->y, i, a->count, x, dtype);
}
DKM_KERNEL_TYPED(dropout, DkmDropoutArgs, DKM_CUDA_THREADS)

/* Angles in double, in half turns: they reach thousands, and sinpi() needs no table on the stack.
 */
DKM_KERNEL(time_embed, DkmTimeEmbedArgs, DKM_CUDA_THREADS)
{
    const int half = a.channels / 2;
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), n = i / half, f = i % half;
    if (n >= a.samples)
        return;
    const double ln10000 = 9.210340371976182736, pi = 3.14159265358979323846;
    const double turns = a.t[n] * exp(-ln10000 * f / (half - 1)) / pi;
    a.y[n * a.channels + f] = (float)sinpi(turns);
    a.y[n * a.channels + half + f] = (float)cospi(turns);
}

/* Where unit I of y comes from: a (*FROM_B 0) or b, and which unit there. */
INLINE unsigned long long source_of(const DkmJoinArgs *a, unsigned i, int *from_b)
{
    const unsigned width = (unsigned)(a->a_units + a->b_units), row = i / width, u = i % width;
    *from_b = u >= (unsigned)a->a_units;
    if (*from_b)
        return (unsigned long long)row * (unsigned)a->b_units + u - (unsigned)a->a_units;
    return (unsigned long long)row * (unsigned)a->a_row + (unsigned)a->a_first + u;
}

#define JOIN(NAME, UNIT)                                                                           \
    DKM_KERNEL(NAME, DkmJoinArgs, DKM_CUDA_THREADS)                                                \
    {                                                                                              \
        const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;                                  \
        int from_b;                                                                                \
        if (i >= a.units)                                                                          \
            return;                                                                                \
        const unsigned long long source = source_of(&a, i, &from_b);                               \
        ((UNIT *)a.y)[i] = ((const UNIT *)(from_b ? a.b : a.a))[source];                           \
    }
JOIN(join_16, uint4)
JOIN(join_4, unsigned)
JOIN(join_2, unsigned short)
