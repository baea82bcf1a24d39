/* Weights in the order in which the micro-kernels read them. */
#include "core/net/cpu/conv.h"
#include "core/net/cpu/rows.h"

#include <string.h>

/* Words of a chunk: the weights of one block and chunk (9 taps, 64 wide) stay near 300 KB, a strip
 * of 256 pixels near 170 KB: both fit a second-level cache. */
enum { CHUNK_WORDS_3X3 = 128, CHUNK_WORDS_1X1 = 512 };

/* The widest that divides the channels, else the narrowest. */
static const DkmConvKernel *choose_kernel(const DkmConvKernel *kernels, int n, int out_channels)
{
    for (int k = 0; k < n; k++)
        if (out_channels % kernels[k].width == 0)
            return &kernels[k];
    return &kernels[n - 1];
}

static DkmConvLayout layout(const DkmConvKernel *tile, DkmWord word, int kernel, int in_channels,
                            int out_channels)
{
    const int values = dkm_word_values(word), words = (in_channels + values - 1) / values;
    const int chunk = MIN(words, kernel == 1 ? CHUNK_WORDS_1X1 : CHUNK_WORDS_3X3);
    return (DkmConvLayout){
        .kernel = tile,
        .word = word,
        .taps = kernel * kernel,
        .in_channels = in_channels,
        .out_channels = out_channels,
        .chunk = chunk,
        .chunks = (words + chunk - 1) / chunk,
        .words = words,
        .blocks = (out_channels + tile->width - 1) / tile->width,
        .step_unit = 1,
    };
}

DkmConvLayout dkm_conv_layout(const DkmCpuDevice *device, DkmDtype dtype, int kernel,
                              int in_channels, int out_channels)
{
    const DkmConvRows *rows = dkm_cpu_conv_rows(device);
    const gboolean pairs = dtype == DKM_BF16 && device->multiplies_bf16;
    return layout(choose_kernel(rows->kernels, rows->n_kernels, out_channels),
                  pairs ? DKM_WORD_BF16 : DKM_WORD_F32, kernel, in_channels, out_channels);
}

gboolean dkm_conv_matrix_fits(const DkmCpuDevice *device, DkmDtype dtype, int in_channels,
                              int out_channels)
{
    const DkmConvMatrix *matrix = dkm_cpu_conv_matrix(device);
    return matrix && dtype == DKM_BF16 && in_channels % (2 * DKM_CONV_MATRIX_WORDS) == 0 &&
           out_channels % matrix->kernels[matrix->n_kernels - 1].width == 0;
}

DkmConvLayout dkm_conv_layout_fast(const DkmCpuDevice *device, DkmDtype dtype, int kernel,
                                   int in_channels, int out_channels)
{
    const DkmConvMatrix *matrix = dkm_cpu_conv_matrix(device);
    if (!dkm_conv_matrix_fits(device, dtype, in_channels, out_channels))
        return dkm_conv_layout(device, dtype, kernel, in_channels, out_channels);
    DkmConvLayout l = layout(choose_kernel(matrix->kernels, matrix->n_kernels, out_channels),
                             DKM_WORD_BF16, kernel, in_channels, out_channels);
    l.matrix = matrix;
    return l;
}

DkmConvLayout dkm_conv_layout_int8(const DkmCpuDevice *device, int kernel, int in_channels,
                                   int out_channels)
{
    const DkmConvMatrix *matrix = dkm_cpu_conv_matrix(device);
    const DkmConvInt8 *rows = dkm_cpu_conv_int8(device);
    const DkmConvKernel *tile =
        matrix ? choose_kernel(matrix->kernels, matrix->n_kernels, out_channels)
               : choose_kernel(rows->kernels, rows->n_kernels, out_channels);
    DkmConvLayout l = layout(tile, DKM_WORD_INT8, kernel, in_channels, out_channels);
    l.matrix = matrix;
    l.step_unit = matrix ? DKM_CONV_MATRIX_WORDS : 1;
    l.offset = matrix ? 0 : rows->offset;
    return l;
}

static gsize chunk_size(const DkmConvLayout *l, int chunk)
{
    return (gsize)(l->taps == 1 ? 1 : 3) * (gsize)dkm_conv_row_steps(l, chunk) *
           (gsize)l->kernel->width;
}

/* The last chunk may be shorter. */
static gsize block_size(const DkmConvLayout *l)
{
    return (gsize)(l->chunks - 1) * chunk_size(l, 0) + chunk_size(l, l->chunks - 1);
}

/* Multiplier and surplus of every output channel behind int8. */
gsize dkm_conv_packed_words(const DkmConvLayout *l)
{
    const gsize blocks = (gsize)l->blocks;
    return blocks * block_size(l) +
           (l->word == DKM_WORD_INT8 ? 2 * blocks * (gsize)l->kernel->width : 0);
}

const float *dkm_conv_int8_multiplier(const DkmConvLayout *l, const guint32 *packed)
{
    const void *behind = packed + (gsize)l->blocks * block_size(l);
    return behind;
}

const gint32 *dkm_conv_int8_surplus(const DkmConvLayout *l, const guint32 *packed)
{
    const void *behind =
        dkm_conv_int8_multiplier(l, packed) + (gsize)l->blocks * (gsize)l->kernel->width;
    return behind;
}

const guint32 *dkm_conv_packed_at(const DkmConvLayout *l, const guint32 *packed, int block,
                                  int chunk)
{
    return packed + (gsize)block * block_size(l) + (gsize)chunk * chunk_size(l, 0);
}

typedef struct {
    const DkmCpuDevice *device;
    const DkmConvLayout *layout;
    const DkmConvWeights *from;
    guint32 *packed;
} PackJob;

void dkm_conv_fill_panel(const DkmCpuDevice *device, const DkmConvLayout *l,
                         const DkmConvWeights *from, const DkmConvPanel *panel, float *out)
{
    const int width = l->kernel->width, first_out = panel->block * width;
    const gsize outs = (gsize)MIN(width, l->out_channels - first_out);
    const gsize ins = (gsize)MIN(panel->inputs, l->in_channels - panel->first);
    const gsize row = (gsize)l->taps * (gsize)from->i;
    memset(out, 0, (gsize)panel->inputs * (gsize)width * sizeof(float));
    if (!from->transposed) {
        const float *w = from->w + (gsize)first_out * row + (gsize)(panel->tap * from->i);
        dkm_cpu_rows(device)->matrix->transpose(out, (gsize)width, w + panel->first, row, outs,
                                                ins);
        return;
    }
    const float *w = from->w + (gsize)panel->first * row +
                     (gsize)((l->taps - 1 - panel->tap) * from->i) + first_out;
    for (gsize i = 0; i < ins; i++)
        memcpy(out + i * (gsize)width, w + i * row, outs * sizeof(float));
}

/* WORDS rows of packed weights from a panel. */
static void pack_panel(const PackJob *job, const float *panel, int words, guint32 *to)
{
    const gsize width = (gsize)job->layout->kernel->width;
    if (job->layout->word == DKM_WORD_F32) {
        memcpy(to, panel, (gsize)words * width * sizeof(float));
        return;
    }
    const DkmConvRows *rows = dkm_cpu_conv_rows(job->device);
    for (int k = 0; k < words; k++, panel += 2 * width, to += width)
        rows->pair_f32(to, panel, panel + width, width);
}

/* One item: one block and chunk. */
static void pack_item(gpointer data, gsize item, int worker)
{
    enum { PANEL_WORDS = 16 };
    const PackJob *job = data;
    const DkmConvLayout *l = job->layout;
    const int block = (int)(item / (gsize)l->chunks), chunk = (int)(item % (gsize)l->chunks);
    const int width = l->kernel->width, per_word = dkm_word_values(l->word);
    const int first = chunk * l->chunk, end = first + dkm_conv_chunk_words(l, chunk);
    guint32 *to = (guint32 *)dkm_conv_packed_at(l, job->packed, block, chunk);
    float values[2 * PANEL_WORDS * DKM_CONV_WIDTH_MAX];
    for (int tap = 0; tap < l->taps; tap++)
        for (int s = first; s < end; s += PANEL_WORDS) {
            const int words = MIN(PANEL_WORDS, end - s);
            dkm_conv_fill_panel(job->device, l, job->from,
                                &(DkmConvPanel){block, tap, s * per_word, words * per_word},
                                values);
            pack_panel(job, values, words, to);
            to += words * width;
        }
}

void dkm_conv_pack(const DkmCpuDevice *device, const DkmConvLayout *l, const DkmConvWeights *from,
                   guint32 *packed)
{
    dkm_pool_run(device->pool, (gsize)l->blocks * (gsize)l->chunks, pack_item,
                 &(PackJob){device, l, from, packed});
}
