/* Small dense products and the soft-max over rows: what attention is made of. All f32. */
#include "core/net/cpu/math-fast.h"
#include "core/net/cpu/rows.h"

#include <math.h>

/* A tile of C: TILE_M rows by TILE_VECS vectors stay in registers. */
enum {
    TILE_M = 6,
#if defined(__AVX512F__)
    TILE_VECS = 4,
#else
    TILE_VECS = 2,
#endif
    TILE_N = TILE_VECS * LANES,
};

#define UNROLL _Pragma("GCC unroll 8")

/* A part of C: ROWS rows from M on, VECS vectors from column N on. */
typedef struct {
    gsize m, n;
    int rows, vecs;
} Tile;

INLINE void tile_product(const DkmGemm *g, Tile t)
{
    const float *a = g->a + t.m * g->a_row, *b = g->b + t.n;
    Vec sum[TILE_M][TILE_VECS] = {0};
    for (gsize k = 0; k < g->k; k++, a += g->a_column, b += g->b_row) {
        Vec column[TILE_VECS];
        UNROLL for (int v = 0; v < t.vecs; v++) column[v] = vec_load_f32(b + v * LANES);
        UNROLL for (int r = 0; r < t.rows; r++)
        {
            const float factor = a[(gsize)r * g->a_row];
            UNROLL for (int v = 0; v < t.vecs; v++) sum[r][v] += factor * column[v];
        }
    }
    float *c = g->c + t.m * g->c_row + t.n;
    UNROLL for (int r = 0; r < t.rows; r++)
    {
        UNROLL for (int v = 0; v < t.vecs; v++)
            vec_store_f32(c + (gsize)r * g->c_row + v * LANES, sum[r][v]);
    }
}

/* One function a shape: beside other code gcc 12 spills the sums. */
static __attribute__((noinline)) void tile_wide(const DkmGemm *g, gsize m, gsize n)
{
    tile_product(g, (Tile){m, n, TILE_M, TILE_VECS});
}

static __attribute__((noinline)) void tile_wide_row(const DkmGemm *g, gsize m, gsize n)
{
    tile_product(g, (Tile){m, n, 1, TILE_VECS});
}

static __attribute__((noinline)) void tile_narrow(const DkmGemm *g, gsize m, gsize n)
{
    tile_product(g, (Tile){m, n, TILE_M, 1});
}

static __attribute__((noinline)) void tile_narrow_row(const DkmGemm *g, gsize m, gsize n)
{
    tile_product(g, (Tile){m, n, 1, 1});
}

/* The columns from N on, fewer than LANES. */
static void edge_row(const DkmGemm *g, gsize m, gsize n)
{
    Vec sum = {0};
    for (gsize k = 0; k < g->k; k++)
        sum += g->a[m * g->a_row + k * g->a_column] *
               vec_load_part(g->b + k * g->b_row, n, g->n - n, DKM_F32);
    vec_store_part(g->c + m * g->c_row, n, g->n - n, sum, DKM_F32);
}

/* Column tiles outside, so that the strip of B stays in the first cache for all rows of A. */
static void gemm(const DkmGemm *g)
{
    const gsize whole_rows = g->m / TILE_M * TILE_M;
    gsize n = 0;
    for (; n + TILE_N <= g->n; n += TILE_N) {
        for (gsize m = 0; m < whole_rows; m += TILE_M)
            tile_wide(g, m, n);
        for (gsize m = whole_rows; m < g->m; m++)
            tile_wide_row(g, m, n);
    }
    for (; n + LANES <= g->n; n += LANES) {
        for (gsize m = 0; m < whole_rows; m += TILE_M)
            tile_narrow(g, m, n);
        for (gsize m = whole_rows; m < g->m; m++)
            tile_narrow_row(g, m, n);
    }
    for (gsize m = 0; n < g->n && m < g->m; m++)
        edge_row(g, m, n);
}

static float largest(const float *s, gsize count)
{
    Vec best = vec_set(s[0]);
    EACH_VEC(i, n, count, {
        Vec v = vec_load_some(s, i, n, DKM_F32);
        for (gsize k = n; k < LANES; k++)
            v[k] = s[0];
        best = vec_max(v, best);
    });
    float result = best[0];
    for (int k = 1; k < LANES; k++)
        result = MAX(result, best[k]);
    return result;
}

static void softmax_again(float *s, gsize count, float scale, float lse)
{
    EACH_VEC(i, n, count, {
        const Vec v = vec_load_some(s, i, n, DKM_F32);
        vec_store_some(s, i, n, vec_exp(v * scale - lse), DKM_F32);
    });
}

static float softmax(float *s, gsize count, float scale)
{
    const float top = largest(s, count) * scale;
    Vec sum = {0};
    EACH_VEC(i, n, count, {
        Vec e = vec_exp(vec_load_some(s, i, n, DKM_F32) * scale - top);
        for (gsize k = n; k < LANES; k++)
            e[k] = 0.0f;
        sum += e;
        vec_store_some(s, i, n, e, DKM_F32);
    });
    const double total = vec_total(sum);
    const float share = (float)(1.0 / total);
    EACH_VEC(i, n, count,
             { vec_store_some(s, i, n, vec_load_some(s, i, n, DKM_F32) * share, DKM_F32); });
    return (float)((double)top + log(total));
}

static void softmax_grad(float *dp, const float *p, gsize count, float mean, float scale)
{
    EACH_VEC(i, n, count, {
        const Vec slope = (vec_load_some(dp, i, n, DKM_F32) - mean) * scale;
        vec_store_some(dp, i, n, vec_load_some(p, i, n, DKM_F32) * slope, DKM_F32);
    });
}

static float dot(const float *a, const float *b, gsize count)
{
    Vec sum = {0};
    EACH_VEC(i, n, count,
             { sum += vec_load_some(a, i, n, DKM_F32) * vec_load_some(b, i, n, DKM_F32); });
    return (float)vec_total(sum);
}

/* By square blocks, so that either side touches each line of its cache once. */
static void transpose(float *out, gsize out_row, const float *x, gsize x_row, gsize rows,
                      gsize columns)
{
    enum { SIDE = 16 };
    float block[SIDE][SIDE + 1];
    for (gsize i = 0; i < rows; i += SIDE)
        for (gsize j = 0; j < columns; j += SIDE) {
            const gsize high = MIN(SIDE, rows - i), wide = MIN(SIDE, columns - j);
            for (gsize r = 0; r < high; r++)
                for (gsize c = 0; c < wide; c++)
                    block[c][r] = x[(i + r) * x_row + j + c];
            for (gsize c = 0; c < wide; c++)
                memcpy(out + (j + c) * out_row + i, block[c], high * sizeof(float));
        }
}

const DkmMatrixRows ISA_NAME(dkm_matrix_rows) = {gemm,         softmax, softmax_again,
                                                 softmax_grad, dot,     transpose};
