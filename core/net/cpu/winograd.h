/* Winograd's F(4x4, 3x3): a 3x3 convolution of stride 1 by tiles of 4x4 output pixels. A tile's 6x6
 * input pixels become 36 values a channel (a "place" each); at every place a matrix product over
 * channels is all that is left, 36 multiplications for 144. f32 throughout: 2e-6 to 6e-6 of the
 * largest value off (Lavin and Gray, arXiv 1509.09308; points 0, 1, -1, 2, -2).
 * winograd-rows.c, compiled once per instruction set, has the transforms; winograd*.c deal the work
 * out. Included by those, conv.c and conv-wgrad.c only. */
#pragma once

#include "core/net/cpu/conv.h"

enum { DKM_WINO_OUT = 4, DKM_WINO_IN = 6, DKM_WINO_PLACES = 36, DKM_WINO_TAPS = 9 };

/* PLACES arrays of transformed values lie PLACE_STRIDE floats apart. Channels are multiples of 16.
 */
typedef struct {
    const void *x; /* first pixel of the tile, NHWC */
    gsize row_stride, pixel_stride, channels;
    DkmDtype dtype;
    float *out;
    gsize place_stride;
} DkmWinoGather;

/* What happens to a tile's sums: y = act(sum + bias + residual) for ROWS x COLUMNS of its pixels.
 */
typedef struct {
    const float *sums;
    gsize place_stride, channels;
    int rows, columns;
    gsize row_stride, pixel_stride; /* of y and residual */
    const float *bias;              /* NULL: none */
    void *y;
    const void *residual; /* or NULL */
    DkmDtype dtype, residual_dtype;
    DkmAct act;
} DkmWinoStore;

typedef struct {
    void (*input)(const DkmWinoGather *tile);           /* 6x6 pixels -> 36 places */
    void (*output_gradient)(const DkmWinoGather *tile); /* 4x4 pixels of dy -> 36 places */
    void (*output)(const DkmWinoStore *tile);
    /* COUNT weights a tap, taps TAP_STRIDE floats apart, and places PLACE_STRIDE. */
    void (*weights)(const float *w, gsize tap_stride, float *out, gsize place_stride, gsize count);
    void (*weight_gradient)(const float *sums, gsize place_stride, float *dw, gsize tap_stride,
                            gsize count);
} DkmWinoRows;

/* Those of the device's instruction set. */
const DkmWinoRows *dkm_cpu_wino_rows(const DkmCpuDevice *device);

/* SIDE x SIDE pixels of a sample from (ROW, COLUMN) on, which may lie beyond the border: zeros. */
typedef struct {
    const DkmTensor *tensor;
    int sample, row, column, side;
    int first_channel, channels;
} DkmWinoPatch;

/* Points TILE at the pixels, in the tensor or copied to ROOM (side x side x channels values). */
void dkm_wino_patch(const DkmWinoPatch *patch, void *room, DkmWinoGather *tile);

/* Tiles that cover SIDE pixels. */
static inline int dkm_wino_tiles(int side)
{
    return (side + DKM_WINO_OUT - 1) / DKM_WINO_OUT;
}

/* By shape alone: y is convolved from x. */
gboolean dkm_wino_shape_fits(const DkmCpuDevice *device, const DkmOpParams *p, DkmShape x,
                             DkmShape y);
/* Whether CALL (CONV, CONV_DGRAD) may take this way: by shape alone. */
gboolean dkm_wino_fits(const DkmCpuDevice *device, const DkmOpCall *call);
/* Weights in their 36 places: four times as many as there are. */
gsize dkm_wino_packed_words(const DkmCpuDevice *device, const DkmOpCall *call);
void dkm_wino_pack(const DkmCpuDevice *device, const DkmOpCall *call, const DkmConvWeights *from,
                   float *packed);
gsize dkm_wino_workspace(const DkmCpuDevice *device, const DkmOpCall *call);
void dkm_wino_run(const DkmCpuDevice *device, const DkmOpCall *call, const float *packed,
                  void *workspace);

/* The same for CONV_WGRAD. */
gboolean dkm_wino_wgrad_fits(const DkmCpuDevice *device, const DkmOpCall *call);
gsize dkm_wino_wgrad_workspace(const DkmCpuDevice *device, const DkmOpCall *call);
void dkm_wino_wgrad_run(const DkmCpuDevice *device, const DkmOpCall *call);
