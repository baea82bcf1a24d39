/* What a launch hands to its kernel: one struct by value, seen alike by the C code that fills it
 * (ops-*.c) and by the kernel (*.cu). Plain C types only: no GLib here. Pointers are device memory,
 * 64-byte aligned; "X" tensors are void and of the dtype in the kernel's name, all else is f32. */
#pragma once

/* As DkmDtype and DkmAct; ops.c checks it. fp16 is in pack.cu alone. */
enum { DKM_CUDA_F32, DKM_CUDA_BF16, DKM_CUDA_F16 };
enum { DKM_CUDA_NONE, DKM_CUDA_RELU, DKM_CUDA_SWISH, DKM_CUDA_SIGMOID };

/* Threads of most blocks; channels (or elements) that a thread takes at a time where they divide.
 */
enum { DKM_CUDA_THREADS = 256, DKM_CUDA_WIDE = 8 };
enum { DKM_CUDA_MERGE_THREADS = 128 };
/* Rows and channels of the result that a block of attention has. */
enum { DKM_CUDA_ATTENTION_ROWS = 32, DKM_CUDA_ATTENTION_CHANNELS = 256 };

/* y = f(a, b) element by element; b starts again after PERIOD elements (COUNT: never). */
typedef struct {
    const void *a, *b;
    void *y;
    long long count, period;
    int act;
} DkmFlatArgs;

/* Keeps an element whose random word is THRESHOLD or more, times SCALE. */
typedef struct {
    const void *x;
    void *y;
    const float *step;
    long long count;
    unsigned salt, threshold;
    float scale;
} DkmDropoutArgs;

typedef struct {
    const float *t; /* (N) */
    float *y;       /* (N, C) */
    int samples, channels;
} DkmTimeEmbedArgs;

/* Every row of y is A_UNITS of a's row from A_FIRST on, then all B_UNITS of b's. A unit is as many
 * bytes as the kernel's name says. */
typedef struct {
    const void *a, *b;
    void *y;
    unsigned units; /* of y, all rows */
    int a_row, a_first, a_units, b_units;
} DkmJoinArgs;

/* Walks over an X(SAMPLES, PIXELS, CHANNELS) tensor in columns: a thread has one vector of
 * channels, a block LANES vectors side by side and blockDim.y pixels at a time of its CHUNK of
 * pixels; the grid is (chunks, tiles of channels, samples). */
typedef struct {
    long long pixels; /* of a sample */
    int samples, channels;
    int chunk; /* pixels */
    int chunks;
} DkmColumns;

typedef struct {
    DkmColumns columns;
    const void *x;
    float *partial; /* (samples, chunks, channels) */
} DkmChannelSumArgs;

/* y(samples, ITEMS) = the sum of partial(samples, CHUNKS, ITEMS) over the chunks. */
typedef struct {
    const float *partial;
    float *y;
    int chunks, items;
} DkmMergeArgs;

/* Group and batch norm: batch norm is one sample with a group for each channel. Statistics of
 * (sample, group) lie STEP floats apart. */
typedef struct {
    DkmColumns columns;
    const void *x, *dy;
    void *y; /* output, or dx */
    const float *gamma, *beta, *mean, *rstd;
    const float *group_means; /* (samples, groups, 2): of g and of g * normalised; gradient only */
    float *partial;           /* (samples, chunks, 2, channels) */
    int group_size, step, act;
} DkmNormArgs;

/* Partial means and squared deviations to statistics. */
typedef struct {
    DkmColumns columns;
    const float *partial; /* (samples, chunks, 2, channels) */
    float *mean, *rstd;
    float *variance; /* may be absent */
    int group_size, step;
    float eps;
} DkmNormStatsArgs;

/* From SUMS (samples, 2, channels) of dz and dz * normalised. */
typedef struct {
    const float *sums, *gamma;
    float *group_means, *dgamma, *dbeta;
    int samples, channels, group_size;
    float elements; /* of a group of a sample */
} DkmNormGradArgs;

typedef struct {
    const float *running, *stats;
    float *out;
    int channels;
    float momentum, unbias; /* count / (count - 1) */
} DkmRunningArgs;

typedef struct {
    const float *w, *gamma, *beta, *running;
    float *folded, *bias;
    int channels, taps; /* taps: of one output channel */
    float eps;
} DkmFoldArgs;

/* Between a picture of H x W and one of twice the sides. */
typedef struct {
    const void *low, *high; /* those that are read */
    const void *grad;       /* max pool's gradient alone: dy */
    void *y;
    int samples, h, w, channels;
} DkmResampleArgs;

typedef struct {
    const void *q, *k, *v, *y, *dy;
    const float *lse, *delta; /* (N, tokens); delta = dy y^T of a token */
    void *out;
    float *out_lse, *out_delta;
    int tokens, channels;
    float scale; /* 1 / sqrt(channels) */
} DkmAttentionArgs;

typedef struct {
    const float *pred, *target, *weight;
    float *dpred;
    double *partial; /* a block */
    float *loss;
    long long count;
    unsigned sample; /* elements of one */
    int blocks;
} DkmMseArgs;

/* Sums of one sample, S = sigmoid(logit), G = label. */
enum { DKM_SEG_ENTROPY, DKM_SEG_S, DKM_SEG_G, DKM_SEG_SG, DKM_SEG_SS, DKM_SEG_GG, DKM_SEG_SUMS };

/* The gradient of a pixel is (s - g) entropy + (dice_g g + dice_1 + ssim_g g + ssim_s s + ssim_1)
 * s (1 - s); these are its factors, mean over samples and lambda included. */
typedef struct {
    float entropy, slope_g, slope_s, slope_1;
} DkmSegSlopes;

typedef struct {
    const float *logits, *label;
    float *dlogits;
    double *partial;      /* (samples, blocks, DKM_SEG_SUMS) */
    float *parts;         /* (samples, 3) */
    DkmSegSlopes *slopes; /* (samples) */
    float *loss;          /* NULL: slopes are wanted */
    unsigned pixels;
    int samples, blocks;
    float lambda;
} DkmSegArgs;

typedef struct {
    float *param, *m, *v;
    const float *grad;
    long long count;
    float rate, beta1, beta2, eps, weight_decay, grad_scale;
    float unbias2; /* 1 / (1 - beta2^step); rate holds 1 / (1 - beta1^step) */
} DkmAdamArgs;

typedef struct {
    float *average;
    const float *param;
    long long count;
    float share; /* 1 - decay */
} DkmEmaArgs;

typedef struct {
    const float *values;
    double *partial;
    long long count;
    int blocks;
} DkmSumSquaresArgs;

/* to(TO_ROWS, TO_CHANNELS) = from(FROM_ROWS, FROM_CHANNELS) in the upper left corner, zeros
 * elsewhere; one row of from stands for all where BROADCAST. */
typedef struct {
    const void *from;
    void *to;
    long long from_rows, to_rows;
    int from_channels, to_channels;
    int broadcast, accumulate; /* accumulate: to += */
} DkmPadArgs;

/* y = act(x + bias + residual) */
typedef struct {
    const void *x, *residual; /* residual may be absent */
    const float *bias;        /* may be absent */
    void *y;
    long long count;
    unsigned channels;
    long long bias_period; /* elements of y for a row of bias; the whole tensor: one row */
    int act, residual_dtype;
} DkmEpilogueArgs;
