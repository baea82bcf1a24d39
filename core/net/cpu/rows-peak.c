/* Loops that do nothing but arithmetic, for the machine's measured peak. */
#include "core/net/cpu/rows.h"
#include "core/net/cpu/vector.h"

enum {
    STEPS = 40000, /* a fraction of a millisecond */
    STREAMS = 8,
#ifdef __AVX512F__
    SUMS = 24,
#else
    SUMS = 10,
#endif
};

/* Sums that do not wait for one another, in registers. */
static double multiply_add(void)
{
    Vec sum[SUMS];
    for (int i = 0; i < SUMS; i++)
        sum[i] = vec_set((float)i); /* all alike, gcc would keep one */
    Vec a = vec_set(0.5f), b = vec_set(0.25f);
    for (int step = 0; step < STEPS; step++) {
        /* A and B could be anything: nothing is computed ahead of time. */
        __asm__ volatile("" : "+x"(a), "+x"(b));
        _Pragma("GCC unroll 24") for (int i = 0; i < SUMS; i++) sum[i] = sum[i] * a + b;
    }
    Vec total = {0};
    for (int i = 0; i < SUMS; i++)
        total += sum[i];
    __asm__ volatile("" : : "x"(total));
    return 2.0 * LANES * SUMS * STEPS;
}

#ifdef __AVX512BF16__
static double multiply_add_bf16(void)
{
    __m512 sum[SUMS];
    for (int i = 0; i < SUMS; i++)
        sum[i] = _mm512_set1_ps((float)i);
    __m512i a = _mm512_set1_epi16(0x3f00), b = _mm512_set1_epi16(0x3e80);
    for (int step = 0; step < STEPS; step++) {
        __asm__ volatile("" : "+x"(a), "+x"(b));
        _Pragma("GCC unroll 24") for (int i = 0; i < SUMS; i++) sum[i] =
            _mm512_dpbf16_ps(sum[i], (__m512bh)a, (__m512bh)b);
    }
    __m512 total = sum[0];
    for (int i = 1; i < SUMS; i++)
        total = _mm512_add_ps(total, sum[i]);
    __asm__ volatile("" : : "x"(total));
    return 4.0 * LANES * SUMS * STEPS;
}
#else
#define multiply_add_bf16 NULL
#endif

/* Every value is loaded and counts in the sum, so that none can be left out. */
static void read_values(const float *from, gsize count)
{
    Vec sum[STREAMS] = {{0}};
    gsize i = 0;
    for (; i + STREAMS * LANES <= count; i += STREAMS * LANES)
        for (gsize k = 0; k < STREAMS; k++)
            sum[k] += vec_load_f32(from + i + k * LANES);
    for (; i + LANES <= count; i += LANES)
        sum[0] += vec_load_f32(from + i);
    for (int k = 1; k < STREAMS; k++)
        sum[0] += sum[k];
    __asm__ volatile("" : : "x"(sum[0]));
}

const DkmPeakRows ISA_NAME(dkm_peak_rows) = {multiply_add, multiply_add_bf16, read_values};
