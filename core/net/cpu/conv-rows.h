/* The inner loops of convolution. conv-rows.c is compiled once per instruction set; conv-*.c deal
 * the work out. A "word" is what one multiply-add step takes of an operand: one f32, a pair of bf16
 * that vdpbf16ps multiplies and adds at once, or four int8. Not for: shapes, borders, threads. */
#pragma once

#include "core/net/cpu/cpu.h"

enum { DKM_CONV_PIXELS_MAX = 12, DKM_CONV_TAP_ROWS_MAX = 3, DKM_CONV_WIDTH_MAX = 64 };

/* Which words a convolution works on. */
typedef enum { DKM_WORD_F32, DKM_WORD_BF16, DKM_WORD_INT8, DKM_WORDS } DkmWord;

static inline int dkm_word_values(DkmWord word)
{
    return 1 << word;
}

/* acc[m][j] (+)= sum over rows of taps and steps of pixel[m][row[r] + s] * weight[r][s][j], j <
 * width. */
typedef struct {
    const guint32 *pixel[DKM_CONV_PIXELS_MAX]; /* of a matrix unit only the first is set */
    gsize pixel_stride;                        /* from there to the next, in words; else unused */
    gssize row[DKM_CONV_TAP_ROWS_MAX];         /* in words */
    int rows, steps;
    const guint32 *weight; /* rows x steps x width words */
    float *acc;            /* pixels x width; of int8, the bits of int32 */
    gboolean add;          /* to what acc holds */
} DkmConvTile;

/* acc[m][j] += sum over rows and steps of x[row r][s step_stride + m] * dy[r][s][j], m < inputs,
 * j < width. */
typedef struct {
    const guint32 *x, *dy;
    gsize row_stride, step_stride; /* of x, in words; dy is dense */
    int rows, steps;
    float *acc; /* inputs x width */
} DkmConvGradTile;

/* One shape of tile: PIXELS (in the weight gradient INPUTS) rows of WIDTH accumulators. */
typedef struct {
    int pixels, inputs, width;
    void (*tile[DKM_WORDS])(const DkmConvTile *tile);  /* NULL: not of these words */
    void (*grad_tile[2])(const DkmConvGradTile *tile); /* f32, bf16 */
} DkmConvKernel;

/* A unit that multiplies whole tiles of bf16 pairs or of int8. Each thread brackets its work with
 * begin and end.
 */
typedef struct {
    const DkmConvKernel *kernels; /* widest first; no weight gradient */
    int n_kernels;
    void (*begin)(void);
    void (*end)(void);
    /* For the peak: run a while and return the FLOP they did. */
    double (*multiply_add)(void);
    double (*multiply_add_int8)(void);
} DkmConvMatrix;
enum { DKM_CONV_MATRIX_WORDS = 16 }; /* steps come in these */

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
    /* Of int8: y = act((acc - surplus) multiplier + bias + residual), by output channel. */
    const gint32 *surplus;
    const float *multiplier;
} DkmConvStore;

/* Convolution in int8, in vectors. A unit may take x as unsigned: then OFFSET is added to each of
 * them, and sums hold OFFSET times the sum of the weights too much. */
typedef struct {
    const DkmConvKernel *kernels; /* widest first; no weight gradient */
    int n_kernels, offset;
    /* OUT[i] = dkm_int8(X[i], INVERSE) + OFFSET, the lower 8 bits of it. */
    void (*quantise)(guint8 *out, const void *x, gsize count, float inverse, int offset,
                     DkmDtype dtype);
    void (*store)(const DkmConvStore *store);
    double (*multiply_add)(void); /* as the matrix unit's; NULL: not measured */
} DkmConvInt8;

typedef struct {
    const DkmConvKernel *kernels; /* widest first */
    int n_kernels;
    void (*store)(const DkmConvStore *store);
    /* OUT[i] = the bf16 pair A[i], B[i]. COUNT words. */
    void (*pair)(guint32 *out, const guint16 *a, const guint16 *b, gsize count);
    void (*pair_f32)(guint32 *out, const float *a, const float *b, gsize count);
} DkmConvRows;

/* Those of the device's instruction set. */
const DkmConvRows *dkm_cpu_conv_rows(const DkmCpuDevice *device);
const DkmConvInt8 *dkm_cpu_conv_int8(const DkmCpuDevice *device);
/* That of the device, or NULL. */
const DkmConvMatrix *dkm_cpu_conv_matrix(const DkmCpuDevice *device);
