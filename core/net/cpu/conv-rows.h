/* The inner loops of convolution. conv-rows.c is compiled once per instruction set; conv-*.c deal
 * the work out. A "word" is what one multiply-add step takes of an operand: one f32, or a pair of
 * bf16 that vdpbf16ps multiplies and adds at once. Not for: shapes, borders, threads. */
#pragma once

#include "core/net/cpu/cpu.h"

enum { DKM_CONV_PIXELS_MAX = 12, DKM_CONV_TAPS_MAX = 9 };

/* acc[m][j] (+)= sum over taps and steps of pixel[m][tap[t] + s] * weight[t][s][j], j < width. */
typedef struct {
    const guint32 *pixel[DKM_CONV_PIXELS_MAX];
    gssize tap[DKM_CONV_TAPS_MAX]; /* in words */
    int taps, steps;
    const guint32 *weight; /* taps x steps x width words */
    float *acc;            /* pixels x width */
    gboolean add;          /* to what acc holds */
} DkmConvTile;

/* acc[m][j] += sum over rows and steps of x[row r][s step_stride + m] * dy[r][s][j], j < width. */
typedef struct {
    const guint32 *x, *dy;
    gsize row_stride, step_stride; /* of x, in words; dy is dense */
    int rows, steps;
    float *acc; /* pixels x width */
} DkmConvGradTile;

/* One shape of tile: PIXELS rows of WIDTH accumulators. */
typedef struct {
    int pixels, width;
    void (*tile[2])(const DkmConvTile *tile);          /* by word: f32, bf16 pair (or NULL) */
    void (*grad_tile[2])(const DkmConvGradTile *tile); /* the same */
} DkmConvKernel;

/* What happens to the sums of PIXELS output pixels: y = act(acc + bias + residual). */
typedef struct {
    int pixels, width;       /* of acc */
    int channels;            /* valid of width */
    gsize stride;            /* values from pixel to pixel in y and residual */
    const float *acc, *bias; /* bias NULL: none */
    void *y;
    const void *residual; /* or NULL */
    DkmDtype dtype, residual_dtype;
    DkmAct act;
} DkmConvStore;

typedef struct {
    const DkmConvKernel *kernels; /* widest first */
    int n_kernels;
    void (*store)(const DkmConvStore *store);
    /* OUT[i] = the pair A[i], B[i]; B NULL: zeros. COUNT words. */
    void (*pair)(guint32 *out, const guint16 *a, const guint16 *b, gsize count);
} DkmConvRows;

/* Those of the device's instruction set. */
const DkmConvRows *dkm_cpu_conv_rows(const DkmCpuDevice *device);
