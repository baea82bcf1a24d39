/* Weights of convolutions in int8, in the order of the micro-kernels: four input channels a word.
 */
#include "core/net/cpu/conv.h"
#include "core/net/int8.h"

#include <string.h>

typedef struct {
    const DkmConvLayout *layout;
    const DkmConvWeights *from;
    float input_scale;
    guint32 *packed;
} PackJob;

static float largest_of(const float *w, gsize count)
{
    float largest = 0;
    for (gsize i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(w[i]));
    return largest;
}

/* Column J of one block and chunk, from the weights W (taps, I) of its output channel. Returns the
 * sum of what it writes. */
static int pack_column(const PackJob *job, const float *w, float inverse, int chunk, gint8 *column)
{
    const DkmConvLayout *l = job->layout;
    const int per_word = dkm_word_values(DKM_WORD_INT8), words = dkm_conv_chunk_words(l, chunk);
    const int first = chunk * l->chunk * per_word;
    const int channels = MIN(words * per_word, l->in_channels - first);
    const int side = l->taps == 1 ? 1 : 3, steps = dkm_conv_row_steps(l, chunk);
    int sum = 0;
    for (int tap = 0; tap < l->taps; tap++) {
        const int step = tap / side * steps + tap % side * words;
        for (int c = 0; c < channels; c++) {
            const int q =
                dkm_int8(w[(gsize)tap * (gsize)l->in_channels + (gsize)(first + c)], inverse);
            const gsize word = (gsize)(step + c / per_word) * (gsize)l->kernel->width;
            column[word * sizeof(guint32) + (gsize)(c % per_word)] = (gint8)q;
            sum += q;
        }
    }
    return sum;
}

/* One item: one block of output channels. */
static void pack_item(gpointer data, gsize block, int worker)
{
    const PackJob *job = data;
    const DkmConvLayout *l = job->layout;
    const gsize width = (gsize)l->kernel->width, row = (gsize)l->taps * (gsize)l->in_channels;
    float *multiplier = (float *)dkm_conv_int8_multiplier(l, job->packed);
    gint32 *surplus = (gint32 *)dkm_conv_int8_surplus(l, job->packed);
    for (gsize j = 0; j < width && block * width + j < (gsize)l->out_channels; j++) {
        const gsize o = block * width + j;
        const float *w = job->from->w + o * row;
        const float largest = largest_of(w, row);
        int sum = 0;
        for (int chunk = 0; chunk < l->chunks; chunk++) {
            guint32 *at = (guint32 *)dkm_conv_packed_at(l, job->packed, (int)block, chunk) + j;
            sum += pack_column(job, w, dkm_int8_inverse(largest), chunk, (gint8 *)at);
        }
        multiplier[o] = dkm_int8_multiplier(job->input_scale, largest);
        surplus[o] = l->offset * sum;
    }
}

void dkm_conv_pack_int8(const DkmCpuDevice *device, const DkmConvLayout *l,
                        const DkmConvWeights *from, float input_scale, guint32 *packed)
{
    memset(packed, 0, dkm_conv_packed_words(l) * sizeof *packed);
    dkm_pool_run(device->pool, (gsize)l->blocks, pack_item,
                 &(PackJob){l, from, input_scale, packed});
}
