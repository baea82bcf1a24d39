/* What the convolution drivers share: the kernel for a shape, packed weights, strips of input.
 * Included by conv-*.c only.
 *
 * A strip is a few input rows with their zero border, converted to words, for a chunk of channels:
 * (rows, columns, words). Packed weights are (block of output channels, chunk, tap, step, width).
 */
#pragma once

#include "core/net/cpu/conv-rows.h"
#include "core/net/tensor.h"

/* How one convolution is cut up: by shape alone, never by the number of threads. */
typedef struct {
    const DkmConvKernel *kernel;
    const DkmConvMatrix *matrix; /* the unit that the kernel belongs to, or NULL */
    DkmWord word;
    int taps, in_channels, out_channels;
    int chunk;         /* words of a full chunk of input channels */
    int chunks, words; /* number of chunks; words of all input channels */
    int blocks;        /* of kernel->width output channels */
    int step_unit;     /* steps of a row of taps come in these; those beyond the words are zero */
    int offset;        /* added to x where its words are int8 */
} DkmConvLayout;

/* Whether the device's matrix unit can take convolutions of these channels. */
gboolean dkm_conv_matrix_fits(const DkmCpuDevice *device, DkmDtype dtype, int in_channels,
                              int out_channels);
/* On the device's matrix unit where it can take these channels; else in vectors. */
DkmConvLayout dkm_conv_layout_fast(const DkmCpuDevice *device, DkmDtype dtype, int kernel,
                                   int in_channels, int out_channels);
/* In vectors. */
DkmConvLayout dkm_conv_layout(const DkmCpuDevice *device, DkmDtype dtype, int kernel,
                              int in_channels, int out_channels);
/* Of int8, on the best unit of the device. */
DkmConvLayout dkm_conv_layout_int8(const DkmCpuDevice *device, int kernel, int in_channels,
                                   int out_channels);
static inline int dkm_conv_chunk_words(const DkmConvLayout *l, int chunk)
{
    return MIN(l->chunk, l->words - chunk * l->chunk);
}

/* Steps of one row of taps. */
static inline int dkm_conv_row_steps(const DkmConvLayout *l, int chunk)
{
    const int steps = (l->taps == 1 ? 1 : 3) * dkm_conv_chunk_words(l, chunk);
    return (steps + l->step_unit - 1) / l->step_unit * l->step_unit;
}

/* Weights w (O,k,k,I) f32 as convolution takes them; TRANSPOSED: as its data gradient takes them
 * (output channels I, input channels O, taps turned round). */
typedef struct {
    const float *w;
    int o, i, taps;
    gboolean transposed;
} DkmConvWeights;

gsize dkm_conv_packed_words(const DkmConvLayout *l);
void dkm_conv_pack(const DkmCpuDevice *device, const DkmConvLayout *l, const DkmConvWeights *from,
                   guint32 *packed);
/* The packed weights of one block and chunk. */
const guint32 *dkm_conv_packed_at(const DkmConvLayout *l, const guint32 *packed, int block,
                                  int chunk);

/* The same in int8 for an input of that scale; behind the weights lie what sums of each output
 * channel are multiplied with, and their surplus (DkmConvStore). */
void dkm_conv_pack_int8(const DkmCpuDevice *device, const DkmConvLayout *l,
                        const DkmConvWeights *from, float input_scale, guint32 *packed);
const float *dkm_conv_int8_multiplier(const DkmConvLayout *l, const guint32 *packed);
const gint32 *dkm_conv_int8_surplus(const DkmConvLayout *l, const guint32 *packed);

/* Weights of a few input channels, one tap, one block of output channels: (inputs, width) f32,
 * zeros beyond the tensor's channels. */
typedef struct {
    int block, tap, first, inputs;
} DkmConvPanel;
void dkm_conv_fill_panel(const DkmCpuDevice *device, const DkmConvLayout *l,
                         const DkmConvWeights *from, const DkmConvPanel *panel, float *out);

/* What a strip is cut from. DILATION 2: the tensor's pixels lie on the even places of a lattice of
 * twice its sides, with zeros between (the data gradient of stride 2). */
typedef struct {
    const DkmTensor *x;
    int dilation;
    int sample, first_row, rows;        /* on the dilated lattice; rows outside are zero */
    int first_column, columns;          /* the same */
    int first_channel, channels, words; /* of one pixel; channels beyond the tensor's are zero */
    DkmWord word;
    float inverse; /* int8: 1 / scale; each byte is OFFSET more */
    int offset;
} DkmStrip;

void dkm_conv_gather(const DkmCpuDevice *device, const DkmStrip *strip, guint32 *out);

/* How a convolution is computed. */
typedef enum { DKM_CONV_DIRECT, DKM_CONV_WINOGRAD } DkmConvAlgorithm;

/* Packed weights that stay, in the node's slot (conv-kept.c), under the device's budget. */
/* NULL: the slot is empty, or holds those of another version. */
const void *dkm_conv_kept(const DkmOpCall *call);
/* Of the slot, FALSE where it is empty. */
gboolean dkm_conv_kept_algorithm(const DkmOpCall *call, DkmConvAlgorithm *algorithm);
/* Room in the slot for the present version; NULL and DKM_ERROR_NO_MEMORY. */
void *dkm_conv_keep(DkmCpuDevice *device, const DkmOpCall *call, DkmConvAlgorithm algorithm,
                    gsize words, GError **error);
