/* Self-attention of one head over the tokens of a picture without a tensor core: the way where
 * cuDNN has none. A block has 32 rows of the result (queries; keys in two of the gradients) and 256
 * of its channels, and walks over the columns 32 at a time: scores, weights from them, weights
 * times a matrix. Nothing of tokens x tokens is ever stored. */
#include "core/net/cuda/kernels/kernel.h"

/* ROWS rows and COLUMNS columns a block, SLICE channels in shared memory at a time, eight threads a
 * row. PITCH of a row there: 16-byte steps that touch different banks. */
enum {
    ROWS = DKM_CUDA_ATTENTION_ROWS,
    COLUMNS = 32,
    SLICE = 32,
    PITCH = 36,
    SLICES = DKM_CUDA_ATTENTION_CHANNELS / 32,
    PER_ROW = 8
};
enum { CHANNELS = DKM_CUDA_ATTENTION_CHANNELS };

/* Shared memory of a block. */
typedef struct {
    float4 *rows, *columns, *weights; /* ROWS x PITCH floats */
} Tiles;

#define TILES(NAME)                                                                                \
    __shared__ float4 tile_rows[ROWS * PITCH / 4], tile_columns[COLUMNS * PITCH / 4];              \
    __shared__ float4 tile_weights[ROWS * PITCH / 4];                                              \
    const Tiles NAME = {tile_rows, tile_columns, tile_weights}

/* Tokens [FIRST, FIRST + 32) and channels [C, C + 32) of this block's sample; zeros outside. */
INLINE void load_tile(float4 *tile, const DkmAttentionArgs *a, const void *from, int first, int c,
                      int dtype)
{
    const int row = (int)threadIdx.x / PER_ROW, lane = (int)threadIdx.x % PER_ROW;
    const int token = first + row, channel = c + 4 * lane;
    const long long at = ((long long)blockIdx.z * a->tokens + token) * a->channels + channel;
    float v[4] = {0};
    if (token < a->tokens && a->channels % 4 == 0) {
        if (channel < a->channels)
            load4(v, from, at, dtype);
    } else if (token < a->tokens) {
        for (int k = 0; k < 4; k++)
            v[k] = channel + k < a->channels ? load1(from, at + k, dtype) : 0.0f;
    }
    float4 u;
    u.x = v[0], u.y = v[1], u.z = v[2], u.w = v[3];
    tile[row * (PITCH / 4) + lane] = u;
}

/* The tensors whose tokens a block has as rows, and walks over as columns. */
typedef struct {
    const void *rows, *columns;
} Pair;

/* score[i] = row . column of this thread's row and its columns FIRST + lane + 8 i. */
INLINE void scores(float *score, const DkmAttentionArgs *a, const Tiles *t, Pair pair, int first,
                   int dtype)
{
    const int row = (int)threadIdx.x / PER_ROW, lane = (int)threadIdx.x % PER_ROW;
    for (int i = 0; i < 4; i++)
        score[i] = 0.0f;
#pragma unroll 1
    for (int c = 0; c < a->channels; c += SLICE) {
        __syncthreads();
        load_tile(t->rows, a, pair.rows, (int)blockIdx.x * ROWS, c, dtype);
        load_tile(t->columns, a, pair.columns, first, c, dtype);
        __syncthreads();
        for (int k = 0; k < SLICE / 4; k++) {
            const float4 x = t->rows[row * (PITCH / 4) + k];
            for (int i = 0; i < 4; i++) {
                const float4 y = t->columns[(lane + PER_ROW * i) * (PITCH / 4) + k];
                score[i] += x.x * y.x + x.y * y.y + x.z * y.z + x.w * y.w;
            }
        }
    }
}

/* sum[4 s + k] += weights . this block's channel 32 s + 4 lane + k of MATRIX's tokens from FIRST
 * on. */
INLINE void accumulate(float *sum, const DkmAttentionArgs *a, const Tiles *t, const void *matrix,
                       int first, int dtype)
{
    const int row = (int)threadIdx.x / PER_ROW, lane = (int)threadIdx.x % PER_ROW;
#pragma unroll
    for (int s = 0; s < SLICES; s++) {
        const int c = (int)blockIdx.y * CHANNELS + s * SLICE;
        if (c >= a->channels)
            break;
        __syncthreads();
        load_tile(t->columns, a, matrix, first, c, dtype);
        __syncthreads();
#pragma unroll 4
        for (int j = 0; j < COLUMNS; j++) {
            const float weight = ((const float *)t->weights)[row * PITCH + j];
            const float4 x = t->columns[j * (PITCH / 4) + lane];
            sum[4 * s] += weight * x.x;
            sum[4 * s + 1] += weight * x.y;
            sum[4 * s + 2] += weight * x.z;
            sum[4 * s + 3] += weight * x.w;
        }
    }
}

INLINE void store_rows(const DkmAttentionArgs *a, const float *sum, float factor, int dtype)
{
    const int token = (int)blockIdx.x * ROWS + (int)threadIdx.x / PER_ROW;
    const int lane = (int)threadIdx.x % PER_ROW;
    const long long at = ((long long)blockIdx.z * a->tokens + token) * a->channels;
    if (token >= a->tokens)
        return;
#pragma unroll
    for (int s = 0; s < SLICES; s++)
        for (int k = 0; k < 4; k++) {
            const int c = (int)blockIdx.y * CHANNELS + s * SLICE + 4 * lane + k;
            if (c < a->channels)
                store1(a->out, at + c, sum[4 * s + k] * factor, dtype);
        }
}

INLINE float row_max(float value)
{
    for (int lanes = PER_ROW / 2; lanes > 0; lanes /= 2)
        value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, lanes));
    return value;
}

INLINE float row_sum(float value, int lanes)
{
    for (lanes /= 2; lanes > 0; lanes /= 2)
        value += __shfl_xor_sync(ALL_LANES, value, lanes);
    return value;
}

INLINE void put_weight(const Tiles *t, int i, float weight)
{
    const int row = (int)threadIdx.x / PER_ROW, lane = (int)threadIdx.x % PER_ROW;
    ((float *)t->weights)[row * PITCH + lane + PER_ROW * i] = weight;
}

/* Softmax as it goes: TOP is the largest score so far, TOTAL (this lane's part) and sum are of
 * weights exp(score - top). */
INLINE void attention(const DkmAttentionArgs *a, int dtype)
{
    TILES(tiles);
    const int lane = (int)threadIdx.x % PER_ROW;
    const int token = (int)blockIdx.x * ROWS + (int)threadIdx.x / PER_ROW;
    const Pair pair = {a->q, a->k};
    float sum[4 * SLICES], score[4], top = -INFINITY, total = 0.0f;
    for (int i = 0; i < 4 * SLICES; i++)
        sum[i] = 0.0f;
    for (int first = 0; first < a->tokens; first += COLUMNS) {
        scores(score, a, &tiles, pair, first, dtype);
        float most = top;
        for (int i = 0; i < 4; i++) {
            const int inside = first + lane + PER_ROW * i < a->tokens;
            score[i] = inside ? score[i] * a->scale : -INFINITY;
            most = fmaxf(most, score[i]);
        }
        most = row_max(most);
        const float shrink = expf(top - most);
        top = most;
        total *= shrink;
        for (int i = 0; i < 4 * SLICES; i++)
            sum[i] *= shrink;
        for (int i = 0; i < 4; i++) {
            const float weight = expf(score[i] - top);
            total += weight;
            put_weight(&tiles, i, weight);
        }
        accumulate(sum, a, &tiles, a->v, first, dtype);
    }
    total = row_sum(total, PER_ROW);
    store_rows(a, sum, 1.0f / total, dtype);
    if (lane == 0 && token < a->tokens && blockIdx.y == 0)
        a->out_lse[(long long)blockIdx.z * a->tokens + token] = top + logf(total);
}
DKM_KERNEL_TYPED(attention, DkmAttentionArgs, DKM_CUDA_THREADS)

/* One warp a token: dy y^T, the mean of dS over a row of P. */
INLINE void attention_delta(const DkmAttentionArgs *a, int dtype)
{
    const int lane = (int)threadIdx.x % 32;
    const int token = (int)(blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32);
    const long long row = (long long)blockIdx.z * a->tokens + token;
    float sum = 0.0f;
    for (int c = lane; c < a->channels && token < a->tokens; c += 32)
        sum +=
            load1(a->dy, row * a->channels + c, dtype) * load1(a->y, row * a->channels + c, dtype);
    sum = row_sum(sum, 32);
    if (lane == 0 && token < a->tokens)
        a->out_delta[row] = sum;
}
DKM_KERNEL_TYPED(attention_delta, DkmAttentionArgs, DKM_CUDA_THREADS)

typedef enum { GRAD_Q, GRAD_K, GRAD_V } Gradient;

/* This thread's row and four columns of P (GRAD_V) or dS = P (dy v^T - delta). */
INLINE void put_gradient_weights(const DkmAttentionArgs *a, const Tiles *t, Gradient which,
                                 int first, int dtype)
{
    const int lane = (int)threadIdx.x % PER_ROW;
    const int row = (int)blockIdx.x * ROWS + (int)threadIdx.x / PER_ROW;
    const long long sample = (long long)blockIdx.z * a->tokens;
    float score[4], slope[4] = {0};
    const int by_query = which == GRAD_Q; /* rows are queries */
    const Pair q_k = {by_query ? a->q : a->k, by_query ? a->k : a->q};
    const Pair dy_v = {by_query ? a->dy : a->v, by_query ? a->v : a->dy};
    scores(score, a, t, q_k, first, dtype);
    if (which != GRAD_V)
        scores(slope, a, t, dy_v, first, dtype);
    for (int i = 0; i < 4; i++) {
        const int column = first + lane + PER_ROW * i, query = by_query ? row : column;
        float weight = 0.0f;
        if (column < a->tokens && row < a->tokens) {
            weight = expf(score[i] * a->scale - a->lse[sample + query]);
            if (which != GRAD_V)
                weight *= slope[i] - a->delta[sample + query];
        }
        put_weight(t, i, weight);
    }
}

INLINE void attention_grad(const DkmAttentionArgs *a, Gradient which, int dtype)
{
    TILES(tiles);
    float sum[4 * SLICES];
    for (int i = 0; i < 4 * SLICES; i++)
        sum[i] = 0.0f;
    for (int first = 0; first < a->tokens; first += COLUMNS) {
        put_gradient_weights(a, &tiles, which, first, dtype);
        accumulate(sum, a, &tiles,
                   which == GRAD_Q   ? a->k
                   : which == GRAD_K ? a->q
                                     : a->dy,
                   first, dtype);
    }
    store_rows(a, sum, which == GRAD_V ? 1.0f : a->scale, dtype);
}

INLINE void attention_grad_q(const DkmAttentionArgs *a, int dtype)
{
    attention_grad(a, GRAD_Q, dtype);
}
DKM_KERNEL_TYPED(attention_grad_q, DkmAttentionArgs, DKM_CUDA_THREADS)

INLINE void attention_grad_k(const DkmAttentionArgs *a, int dtype)
{
    attention_grad(a, GRAD_K, dtype);
}
DKM_KERNEL_TYPED(attention_grad_k, DkmAttentionArgs, DKM_CUDA_THREADS)

INLINE void attention_grad_v(const DkmAttentionArgs *a, int dtype)
{
    attention_grad(a, GRAD_V, dtype);
}
DKM_KERNEL_TYPED(attention_grad_v, DkmAttentionArgs, DKM_CUDA_THREADS)
