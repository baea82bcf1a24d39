/* The inner loops of every op but the convolutions, over blocks that one thread takes. rows-*.c are
 * compiled once per instruction set; the op files (norm.c, ...) deal the blocks out and hold no
 * loop over elements. "Values" are of the block's dtype; C channels, fastest.
 * Not for: threads, shapes, errors. */
#pragma once

#include "core/net/cpu/cpu.h"

/* A run of pixels of a normalisation layer: z = (x - mean) rstd gamma + beta, y = act(z). */
typedef struct {
    DkmDtype dtype;
    DkmAct act;
    gsize pixels, channels;
    const void *x, *dy;                        /* values, pixels x C */
    void *out;                                 /* y, or dx */
    const float *mean, *rstd, *gamma, *beta;   /* C each */
    const float *mean_dxhat, *mean_dxhat_xhat; /* grad_apply: means of dxhat = gamma dz, and of
                                                  dxhat xhat, C each */
} DkmNormBlock;

typedef struct {
    /* SUMS (2,C) += sum of x - pivot, sum of (x - pivot)^2; PIVOT C floats. */
    void (*moments)(const DkmNormBlock *block, const float *pivot, double *sums);
    void (*apply)(const DkmNormBlock *block);
    /* SUMS (2,C) += sum of dz, sum of dz xhat. */
    void (*grad_sums)(const DkmNormBlock *block, double *sums);
    /* dx = rstd (gamma dz - mean_dxhat - xhat mean_dxhat_xhat). */
    void (*grad_apply)(const DkmNormBlock *block);
} DkmNormRows;

/* Neighbouring values of a tensor, from number FIRST (a multiple of 4) on. */
typedef struct {
    DkmDtype dtype;
    gsize first, count;
    guint32 salt, step; /* Philox key and counter, op.h */
    guint32 threshold;  /* a word below it drops its value */
    float scale;        /* of the kept */
} DkmDropoutBlock;

/* COUNT neighbouring values. OUT may be an input. */
typedef struct {
    void (*add)(void *out, const void *a, const void *b, gsize count, DkmAct act, DkmDtype dtype);
    void (*act)(void *out, const void *x, gsize count, DkmAct act, DkmDtype dtype);
    void (*act_grad)(void *dx, const void *x, const void *dy, gsize count, DkmAct act,
                     DkmDtype dtype);
    void (*to_f32)(float *out, const void *x, gsize count, DkmDtype dtype);
    void (*from_f32)(void *out, const float *x, gsize count, DkmDtype dtype);
    void (*dropout)(const DkmDropoutBlock *block, void *out, const void *x);
} DkmElementRows;

/* One output position of a linear resampling along one axis: the sum of WEIGHT[k] times input
 * position FIRST + k. */
enum { DKM_TAPS_MAX = 6 };
typedef struct {
    int first, count;
    float weight[DKM_TAPS_MAX];
} DkmTaps;

/* Two rows of a (H,W,C) tensor and the row of half the length that pools them. */
typedef struct {
    DkmDtype dtype;
    gsize out_width, channels;
    const void *x, *y, *dy; /* x: the upper row, the lower one behind it */
    void *out;              /* y, or dx: two rows */
} DkmPoolRows;

typedef struct {
    /* ROWS times: BYTES from one place to the other, which then move on by their strides. */
    void (*copy)(void *to, gsize to_stride, const void *from, gsize from_stride, gsize bytes,
                 gsize rows);
    /* OUT (COUNT f32) = the sum over taps of weight times row FIRST + k of X (rows of COUNT). */
    void (*rows_blend)(float *out, const void *x, const DkmTaps *taps, gsize count, DkmDtype dtype);
    /* The same along a row: COUNT pixels of C values in OUT, one DkmTaps each, from pixels of X. */
    void (*pixels_blend)(void *out, const float *x, const DkmTaps *taps, gsize count,
                         gsize channels, DkmDtype dtype);
    void (*max_pool)(const DkmPoolRows *rows);
    void (*max_pool_grad)(const DkmPoolRows *rows);
} DkmPlaneRows;

/* c (M,N) = a (M,K) b (K,N), f32. A's element (m,k) at a[m a_row + k a_column]; rows of B and C are
 * contiguous, B_ROW and C_ROW floats apart. */
typedef struct {
    gsize m, n, k;
    const float *a, *b;
    float *c;
    gsize a_row, a_column, b_row, c_row;
} DkmGemm;

typedef struct {
    void (*gemm)(const DkmGemm *gemm);
    /* S = e^(scale S - log-sum-exp), in place; returns the log-sum-exp of scale S. */
    float (*softmax)(float *s, gsize count, float scale);
    /* S = e^(scale S - LSE), in place. */
    void (*softmax_again)(float *s, gsize count, float scale, float lse);
    /* DP = P (DP - MEAN) SCALE, in place. */
    void (*softmax_grad)(float *dp, const float *p, gsize count, float mean, float scale);
    float (*dot)(const float *a, const float *b, gsize count);
    /* OUT[j OUT_ROW + i] = X[i X_ROW + j] for i < ROWS, j < COLUMNS. */
    void (*transpose)(float *out, gsize out_row, const float *x, gsize x_row, gsize rows,
                      gsize columns);
} DkmMatrixRows;

/* What the segmentation loss needs of one run of pixels: S = sigmoid(logit), G the label. */
typedef struct {
    double cross_entropy, s, g, sg, ss, gg;
} DkmSegSums;

/* dlogit = CE (S - G) + S (1 - S) (CONSTANT + LABEL G + PROBABILITY S). */
typedef struct {
    float ce, constant, label, probability;
} DkmSegSlope;

/* Adam's constants of one step, bias correction worked in. */
typedef struct {
    float grad_scale, weight_decay, beta1, beta2;
    float rate;      /* of m / (sqrt(v) root + eps) */
    float root, eps; /* root = 1 / sqrt(1 - beta2^step) */
} DkmAdamRates;

typedef struct {
    /* The sum of (pred - target)^2. */
    double (*squared_error)(const float *pred, const float *target, gsize count);
    /* DPRED = SCALE (pred - target). */
    void (*squared_error_grad)(float *dpred, const float *pred, const float *target, gsize count,
                               float scale);
    void (*seg_sums)(const float *logits, const float *label, gsize count, DkmSegSums *sums);
    void (*seg_grad)(float *dlogits, const float *logits, const float *label, gsize count,
                     const DkmSegSlope *slope);
    void (*adam)(float *param, const float *grad, float *m, float *v, gsize count,
                 const DkmAdamRates *rates);
    void (*ema)(float *average, const float *param, gsize count, float share);
    double (*sum_squares)(const float *values, gsize count);
} DkmTrainRows;

typedef struct {
    /* Each runs a while and returns the FLOP it did. */
    double (*multiply_add)(void);
    double (*multiply_add_bf16)(void); /* NULL where there is no instruction for it */
    void (*read)(const float *from, gsize count);
} DkmPeakRows;

typedef struct {
    const DkmNormRows *norm;
    const DkmElementRows *element;
    const DkmPlaneRows *plane;
    const DkmMatrixRows *matrix;
    const DkmTrainRows *train;
    const DkmPeakRows *peak;
} DkmRows;

/* Those of the device's instruction set. */
const DkmRows *dkm_cpu_rows(const DkmCpuDevice *device);
