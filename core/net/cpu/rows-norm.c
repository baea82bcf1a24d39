/* Normalisation: sums over pixels and maps over pixels, by tiles of channels so that a channel's
 * constants and sums stay in registers. */
#include "core/net/cpu/math-fast.h"
#include "core/net/cpu/rows.h"

/* VECS vectors of WIDTH channels each from FIRST on; WIDTH < LANES only where VECS is 1. */
typedef struct {
    gsize first, width;
    int vecs;
} Tile;

enum {
    MAX_VECS = 4,
    RUN = 128, /* pixels that are summed in f32 before they go to the double sums */
};

#define UNROLL _Pragma("GCC unroll 4")

/* FUNCTION(block, tile, ...) for each tile of the block's channels. */
#define EACH_TILE(block, function, ...)                                                            \
    do {                                                                                           \
        const gsize channels = (block)->channels;                                                  \
        gsize c = 0;                                                                               \
        for (; c + 4 * LANES <= channels; c += 4 * LANES)                                          \
            function(block, ((Tile){c, LANES, 4}), __VA_ARGS__);                                   \
        for (; c + 2 * LANES <= channels; c += 2 * LANES)                                          \
            function(block, ((Tile){c, LANES, 2}), __VA_ARGS__);                                   \
        for (; c + LANES <= channels; c += LANES)                                                  \
            function(block, ((Tile){c, LANES, 1}), __VA_ARGS__);                                   \
        if (c < channels)                                                                          \
            function(block, ((Tile){c, channels - c, 1}), __VA_ARGS__);                            \
    } while (0)

#define WITH_ACT(act, function, ...)                                                               \
    do {                                                                                           \
        if ((act) == DKM_ACT_SWISH)                                                                \
            function(__VA_ARGS__, DKM_ACT_SWISH);                                                  \
        else if ((act) == DKM_ACT_RELU)                                                            \
            function(__VA_ARGS__, DKM_ACT_RELU);                                                   \
        else                                                                                       \
            function(__VA_ARGS__, DKM_ACT_NONE);                                                   \
    } while (0)

INLINE void tile_load(Vec *to, const float *from, Tile t)
{
    UNROLL for (int v = 0; v < t.vecs; v++) to[v] =
        vec_load_some(from, t.first + (gsize)v * LANES, t.width, DKM_F32);
}

INLINE void tile_flush(double *sums, gsize channels, Tile t, const Vec *first, const Vec *second)
{
    for (int v = 0; v < t.vecs; v++) {
        const gsize c = t.first + (gsize)v * LANES;
        vec_flush(sums + c, first[v], t.width);
        vec_flush(sums + channels + c, second[v], t.width);
    }
}

INLINE void moments_tile(const DkmNormBlock *b, Tile t, const float *pivot, double *sums,
                         DkmDtype dtype)
{
    Vec base[MAX_VECS];
    tile_load(base, pivot, t);
    for (gsize start = 0; start < b->pixels; start += RUN) {
        const gsize end = MIN(start + RUN, b->pixels);
        Vec sum[MAX_VECS] = {0}, square[MAX_VECS] = {0};
        for (gsize pixel = start; pixel < end; pixel++) {
            const gsize at = pixel * b->channels + t.first;
            UNROLL for (int v = 0; v < t.vecs; v++)
            {
                const Vec d = vec_load_some(b->x, at + (gsize)v * LANES, t.width, dtype) - base[v];
                sum[v] += d;
                square[v] += d * d;
            }
        }
        tile_flush(sums, b->channels, t, sum, square);
    }
}

INLINE void moments_typed(const DkmNormBlock *b, const float *pivot, double *sums, DkmDtype dtype)
{
    EACH_TILE(b, moments_tile, pivot, sums, dtype);
}

static void moments(const DkmNormBlock *b, const float *pivot, double *sums)
{
    WITH_DTYPE(b->dtype, moments_typed, b, pivot, sums);
}

INLINE void apply_tile(const DkmNormBlock *b, Tile t, DkmAct act, DkmDtype dtype)
{
    Vec mean[MAX_VECS], scale[MAX_VECS], gamma[MAX_VECS], beta[MAX_VECS];
    tile_load(mean, b->mean, t);
    tile_load(scale, b->rstd, t);
    tile_load(gamma, b->gamma, t);
    tile_load(beta, b->beta, t);
    UNROLL for (int v = 0; v < t.vecs; v++) scale[v] *= gamma[v];
    for (gsize pixel = 0; pixel < b->pixels; pixel++) {
        UNROLL for (int v = 0; v < t.vecs; v++)
        {
            const gsize at = pixel * b->channels + t.first + (gsize)v * LANES;
            const Vec x = vec_load_some(b->x, at, t.width, dtype);
            const Vec z = (x - mean[v]) * scale[v] + beta[v];
            vec_store_some(b->out, at, t.width, vec_act(z, act), dtype);
        }
    }
}

INLINE void apply_act(const DkmNormBlock *b, DkmDtype dtype, DkmAct act)
{
    EACH_TILE(b, apply_tile, act, dtype);
}

INLINE void apply_typed(const DkmNormBlock *b, DkmDtype dtype)
{
    WITH_ACT(b->act, apply_act, b, dtype);
}

static void apply(const DkmNormBlock *b)
{
    WITH_DTYPE(b->dtype, apply_typed, b);
}

/* The constants of a tile that both passes of the gradient need. */
typedef struct {
    Vec mean[MAX_VECS], rstd[MAX_VECS], gamma[MAX_VECS], beta[MAX_VECS];
} Affine;

INLINE void affine_load(Affine *a, const DkmNormBlock *b, Tile t)
{
    tile_load(a->mean, b->mean, t);
    tile_load(a->rstd, b->rstd, t);
    tile_load(a->gamma, b->gamma, t);
    tile_load(a->beta, b->beta, t);
}

INLINE void grad_sums_tile(const DkmNormBlock *b, Tile t, double *sums, DkmAct act, DkmDtype dtype)
{
    Affine a;
    affine_load(&a, b, t);
    for (gsize start = 0; start < b->pixels; start += RUN) {
        const gsize end = MIN(start + RUN, b->pixels);
        Vec sum[MAX_VECS] = {0}, product[MAX_VECS] = {0};
        for (gsize pixel = start; pixel < end; pixel++) {
            UNROLL for (int v = 0; v < t.vecs; v++)
            {
                const gsize at = pixel * b->channels + t.first + (gsize)v * LANES;
                const Vec x = vec_load_some(b->x, at, t.width, dtype);
                const Vec xhat = (x - a.mean[v]) * a.rstd[v];
                const Vec dz = vec_act_grad(xhat * a.gamma[v] + a.beta[v],
                                            vec_load_some(b->dy, at, t.width, dtype), act);
                sum[v] += dz;
                product[v] += dz * xhat;
            }
        }
        tile_flush(sums, b->channels, t, sum, product);
    }
}

INLINE void grad_sums_act(const DkmNormBlock *b, double *sums, DkmDtype dtype, DkmAct act)
{
    EACH_TILE(b, grad_sums_tile, sums, act, dtype);
}

INLINE void grad_sums_typed(const DkmNormBlock *b, double *sums, DkmDtype dtype)
{
    WITH_ACT(b->act, grad_sums_act, b, sums, dtype);
}

static void grad_sums(const DkmNormBlock *b, double *sums)
{
    WITH_DTYPE(b->dtype, grad_sums_typed, b, sums);
}

INLINE void grad_apply_tile(const DkmNormBlock *b, Tile t, DkmAct act, DkmDtype dtype)
{
    Affine a;
    Vec mean[MAX_VECS], product[MAX_VECS];
    affine_load(&a, b, t);
    tile_load(mean, b->mean_dxhat, t);
    tile_load(product, b->mean_dxhat_xhat, t);
    for (gsize pixel = 0; pixel < b->pixels; pixel++) {
        UNROLL for (int v = 0; v < t.vecs; v++)
        {
            const gsize at = pixel * b->channels + t.first + (gsize)v * LANES;
            const Vec x = vec_load_some(b->x, at, t.width, dtype);
            const Vec xhat = (x - a.mean[v]) * a.rstd[v];
            const Vec dz = vec_act_grad(xhat * a.gamma[v] + a.beta[v],
                                        vec_load_some(b->dy, at, t.width, dtype), act);
            const Vec dx = a.rstd[v] * (a.gamma[v] * dz - mean[v] - xhat * product[v]);
            vec_store_some(b->out, at, t.width, dx, dtype);
        }
    }
}

INLINE void grad_apply_act(const DkmNormBlock *b, DkmDtype dtype, DkmAct act)
{
    EACH_TILE(b, grad_apply_tile, act, dtype);
}

INLINE void grad_apply_typed(const DkmNormBlock *b, DkmDtype dtype)
{
    WITH_ACT(b->act, grad_apply_act, b, dtype);
}

static void grad_apply(const DkmNormBlock *b)
{
    WITH_DTYPE(b->dtype, grad_apply_typed, b);
}

const DkmNormRows ISA_NAME(dkm_norm_rows) = {moments, apply, grad_sums, grad_apply};
