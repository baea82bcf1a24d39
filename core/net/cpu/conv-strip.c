/* Input rows with their zero border, as words. */
#include "core/net/cpu/blocks.h"
#include "core/net/cpu/conv.h"

#include <string.h>

static void quantise_pixels(const DkmCpuDevice *device, const DkmStrip *strip, const void *x,
                            gsize count, guint32 *out)
{
    const DkmConvInt8 *rows = dkm_cpu_conv_int8(device);
    const gsize channels = (gsize)strip->channels, words = (gsize)strip->words;
    const DkmDtype dtype = strip->x->dtype;
    if (channels == 4 * words) {
        rows->quantise((guint8 *)out, x, count * channels, strip->inverse, strip->offset, dtype);
        return;
    }
    for (gsize p = 0; p < count; p++) { /* the last word is not full */
        out[p * words + words - 1] = 0;
        rows->quantise((guint8 *)(out + p * words),
                       (const guint8 *)x + p * channels * dkm_dtype_size(dtype), channels,
                       strip->inverse, strip->offset, dtype);
    }
}

/* The channels of COUNT neighbouring pixels, or of one where they are not dense. */
static void convert_pixels(const DkmCpuDevice *device, const DkmStrip *strip, gsize from,
                           gsize count, guint32 *out)
{
    const gsize channels = (gsize)strip->channels, words = (gsize)strip->words;
    const void *x = dkm_tensor_at(strip->x, from);
    if (strip->word == DKM_WORD_INT8) {
        quantise_pixels(device, strip, x, count, out);
        return;
    }
    if (strip->word == DKM_WORD_F32 && strip->x->dtype == DKM_F32) {
        memcpy(out, x, count * channels * 4);
    } else if (strip->word == DKM_WORD_F32) {
        void *floats = out; /* a word of this kind is a float */
        dkm_cpu_rows(device)->element->to_f32(floats, x, count * channels, DKM_BF16);
    } else if (channels == 2 * words) {
        memcpy(out, x, count * channels * 2);
    } else { /* an odd number of channels: the last pair holds a zero */
        for (gsize p = 0; p < count; p++) {
            out[p * words + words - 1] = 0;
            memcpy(out + p * words, (const guint16 *)x + p * channels, channels * 2);
        }
    }
}

static gsize value_at(const DkmStrip *strip, int row, int column)
{
    const DkmShape s = strip->x->shape;
    return (((gsize)strip->sample * (gsize)s.h + (gsize)row) * (gsize)s.w + (gsize)column) *
               (gsize)s.c +
           (gsize)strip->first_channel;
}

/* Columns [from, end) of the strip that lie inside the tensor, one row of it. */
static void gather_inside(const DkmCpuDevice *device, const DkmStrip *strip, int row, int from,
                          int end, guint32 *out)
{
    const gsize words = (gsize)strip->words;
    if (strip->dilation == 1 && strip->channels == strip->x->shape.c) {
        const int count = end - from;
        if (count > 0)
            convert_pixels(device, strip, value_at(strip, row, strip->first_column + from),
                           (gsize)count, out + (gsize)from * words);
        return;
    }
    for (int c = from; c < end; c++) {
        const int column = strip->first_column + c;
        guint32 *to = out + (gsize)c * words;
        if (column % strip->dilation == 0)
            convert_pixels(device, strip, value_at(strip, row, column / strip->dilation), 1, to);
        else
            memset(to, strip->offset, words * 4);
    }
}

void dkm_conv_gather(const DkmCpuDevice *device, const DkmStrip *strip, guint32 *out)
{
    const gsize words = (gsize)strip->words;
    const int height = strip->x->shape.h * strip->dilation,
              width = strip->x->shape.w * strip->dilation;
    const int from = CLAMP(-strip->first_column, 0, strip->columns);
    const int end = CLAMP(width - strip->first_column, from, strip->columns);
    for (int r = 0; r < strip->rows; r++, out += (gsize)strip->columns * words) {
        const int row = strip->first_row + r;
        if (row < 0 || row >= height || row % strip->dilation != 0) {
            memset(out, strip->offset, (gsize)strip->columns * words * 4);
            continue;
        }
        memset(out, strip->offset, (gsize)from * words * 4);
        gather_inside(device, strip, row / strip->dilation, from, end, out);
        memset(out + (gsize)end * words, strip->offset, (gsize)(strip->columns - end) * words * 4);
    }
}
