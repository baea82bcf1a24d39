/* Weights in the order in which the micro-kernels read them. */
#include "core/net/cpu/conv.h"

/* Words of a chunk: the weights of one block and chunk (9 taps, 64 wide) stay near 300 KB, a strip
 * of 256 pixels near 170 KB: both fit a second-level cache. */
enum { CHUNK_WORDS_3X3 = 128, CHUNK_WORDS_1X1 = 512 };

static const DkmConvKernel *choose_kernel(const DkmConvRows *rows, int out_channels)
{
    for (int k = 0; k < rows->n_kernels; k++)
        if (out_channels % rows->kernels[k].width == 0)
            return &rows->kernels[k];
    return &rows->kernels[rows->n_kernels - 1];
}

DkmConvLayout dkm_conv_layout(const DkmCpuDevice *device, DkmDtype dtype, int kernel,
                              int in_channels, int out_channels)
{
    const DkmConvKernel *tile = choose_kernel(dkm_cpu_conv_rows(device), out_channels);
    const gboolean pairs = dtype == DKM_BF16 && device->has_bf16;
    const int words = pairs ? (in_channels + 1) / 2 : in_channels;
    const int chunk = MIN(words, kernel == 1 ? CHUNK_WORDS_1X1 : CHUNK_WORDS_3X3);
    return (DkmConvLayout){
        .kernel = tile,
        .word = pairs ? DKM_WORD_BF16 : DKM_WORD_F32,
        .taps = kernel * kernel,
        .in_channels = in_channels,
        .out_channels = out_channels,
        .chunk = chunk,
        .chunks = (words + chunk - 1) / chunk,
        .words = words,
        .blocks = (out_channels + tile->width - 1) / tile->width,
    };
}

gsize dkm_conv_packed_words(const DkmConvLayout *l)
{
    return (gsize)l->blocks * (gsize)l->kernel->width * (gsize)l->taps * (gsize)l->words;
}

const guint32 *dkm_conv_packed_at(const DkmConvLayout *l, const guint32 *packed, int block,
                                  int chunk)
{
    const gsize per_word = (gsize)l->taps * (gsize)l->kernel->width;
    return packed + ((gsize)block * (gsize)l->words + (gsize)chunk * (gsize)l->chunk) * per_word;
}

static float weight_at(const DkmConvWeights *from, int out, int tap, int in)
{
    if (from->transposed)
        return in < from->o
                   ? from->w[((gsize)in * (gsize)from->taps + (gsize)(from->taps - 1 - tap)) *
                                 (gsize)from->i +
                             (gsize)out]
                   : 0.0f;
    return in < from->i
               ? from->w[((gsize)out * (gsize)from->taps + (gsize)tap) * (gsize)from->i + (gsize)in]
               : 0.0f;
}

typedef struct {
    const DkmConvLayout *layout;
    const DkmConvWeights *from;
    guint32 *packed;
} PackJob;

static guint32 pack_word(const PackJob *job, int out, int tap, int word)
{
    if (job->layout->word == DKM_WORD_BF16)
        return (guint32)dkm_bf16_from_f32(weight_at(job->from, out, tap, 2 * word)) |
               (guint32)dkm_bf16_from_f32(weight_at(job->from, out, tap, 2 * word + 1)) << 16;
    const union {
        float f;
        guint32 u;
    } value = {.f = weight_at(job->from, out, tap, word)};
    return value.u;
}

/* One item: one block and chunk. */
static void pack_item(gpointer data, gsize item, int worker)
{
    const PackJob *job = data;
    const DkmConvLayout *l = job->layout;
    const int block = (int)(item / (gsize)l->chunks), chunk = (int)(item % (gsize)l->chunks);
    const int width = l->kernel->width, first = chunk * l->chunk;
    guint32 *to = (guint32 *)dkm_conv_packed_at(l, job->packed, block, chunk);
    for (int tap = 0; tap < l->taps; tap++)
        for (int s = 0; s < dkm_conv_chunk_words(l, chunk); s++)
            for (int j = 0; j < width; j++) {
                const int out = block * width + j;
                *to++ = out < l->out_channels ? pack_word(job, out, tap, first + s) : 0;
            }
}

void dkm_conv_pack(const DkmCpuDevice *device, const DkmConvLayout *l, const DkmConvWeights *from,
                   guint32 *packed)
{
    dkm_pool_run(device->pool, (gsize)l->blocks * (gsize)l->chunks, pack_item,
                 &(PackJob){l, from, packed});
}
