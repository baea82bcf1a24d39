/* The shape of every convolution micro-kernel: M pixels by V vectors of output channels, whose sums
 * stay in registers. Each hot loop stands alone in a noinline function that leaves its sums in acc;
 * together with an epilogue gcc 12 spills them (tests/lint/no-spill.py watches). Included by
 * conv-rows.c and conv-int8-rows.c only. */
#pragma once

#include "core/net/cpu/conv-rows.h"
#include "core/net/cpu/math-fast.h"

#define NOINLINE static __attribute__((noinline))

INLINE VecBits load_words(const guint32 *from)
{
    VecBits v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE VecBits repeat_word(guint32 word)
{
    return word - (VecBits){0};
}

/* STEP(acc, x, w): acc with one word of x multiplied by each lane's of w, added. Of int8 acc holds
 * the bits of int32. */
/* clang-format off: one macro a kernel shape; the loops over M and V are unrolled by their constants. */
#define CONV_TILE(NAME, M, V, STEP)                                                                \
    NOINLINE void NAME(const DkmConvTile *t)                                                       \
    {                                                                                              \
        Vec acc[M][V];                                                                             \
        for (int m = 0; m < M; m++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                acc[m][v] = t->add ? vec_load_f32(t->acc + (m * V + v) * LANES) : (Vec){0};        \
        const guint32 *w = t->weight;                                                              \
        const gsize steps = (gsize)t->steps;                                                       \
        for (int row = 0; row < t->rows; row++) {                                                  \
            const guint32 *x[M];                                                                   \
            for (int m = 0; m < M; m++)                                                            \
                x[m] = t->pixel[m] + t->row[row];                                                  \
            for (gsize s = 0; s < steps; s++, w += V * LANES) {                                    \
                VecBits weight[V];                                                                 \
                for (int v = 0; v < V; v++)                                                        \
                    weight[v] = load_words(w + v * LANES);                                         \
                for (int m = 0; m < M; m++) {                                                      \
                    const VecBits word = repeat_word(x[m][s]);                                     \
                    for (int v = 0; v < V; v++)                                                    \
                        acc[m][v] = STEP(acc[m][v], word, weight[v]);                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
        for (int m = 0; m < M; m++)                                                                \
            for (int v = 0; v < V; v++)                                                            \
                vec_store_f32(t->acc + (m * V + v) * LANES, acc[m][v]);                            \
    }
/* clang-format on */
