/* What the convolution drivers share: the kernel for a shape, packed weights, strips of input.
 * Included by conv-*.c only.
 *
 * A strip is a few input rows with their zero border, converted to words, for a chunk of channels:
 * (rows, columns, words). Packed weights are (block of output channels, chunk, tap, step, width).
 */
#pragma once

#include "core/net/cpu/conv-rows.h"
#include "core/net/tensor.h"

/* Which words a convolution works on. */
typedef enum { DKM_WORD_F32, DKM_WORD_BF16 } DkmWord;

/* How one convolution is cut up: by shape alone, never by the number of threads. */
typedef struct {
    const DkmConvKernel *kernel;
    const DkmConvMatrix *matrix; /* the unit that the kernel belongs to, or NULL */
    DkmWord word;
    int taps, in_channels, out_channels;
    int chunk;         /* words of a full chunk of input channels */
    int chunks, words; /* number of chunks; words of all input channels */
    int blocks;        /* of kernel->width output channels */
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
static inline int dkm_conv_chunk_words(const DkmConvLayout *l, int chunk)
{
    return MIN(l->chunk, l->words - chunk * l->chunk);
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
