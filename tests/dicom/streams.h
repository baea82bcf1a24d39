/* Coded pictures of STREAM_ROWS x STREAM_COLUMNS samples, for the tests of what decodes them. */
#pragma once

#include <glib.h>
#include <string.h>

enum { STREAM_ROWS = 6, STREAM_COLUMNS = 8 };

/* A lossless JPEG of 16-bit samples that are all 32768: every difference is 0, one bit long. */
G_GNUC_UNUSED static const guint8 stream_lossless[] = {
    0xff, 0xd8, /* SOI */
    0xff, 0xc3, 0,    11, 16, 0, STREAM_ROWS, 0, STREAM_COLUMNS,
    1,    1,    0x11, 0, /* SOF3 */
    0xff, 0xc4, 0,    20, 0,  1, 0,           0, 0,
    0,    0,    0,    0,  0,  0, 0,           0, 0,
    0,    0,    0,    0, /* DHT */
    0xff, 0xda, 0,    8,  1,  1, 0,           1, 0,
    0,                           /* SOS */
    0,    0,    0,    0,  0,  0, /* 48 bits */
    0xff, 0xd9,                  /* EOI */
};
/* One block of 8 x 8 whose coefficients are all 0: every sample is half of the range. */
static inline GBytes *stream_sequential(guint8 marker, guint8 precision)
{
    static const guint8 frame[] = {0xff,        0xd8, 0xff,           0xc0, 0, 11,   8, 0,
                                   STREAM_ROWS, 0,    STREAM_COLUMNS, 1,    1, 0x11, 0};
    static const guint8 rest[] = {
        0xff, 0xc4, 0, 20, 0x00, 1, 0, 0, 0,  0, 0,    0,    0,
        0,    0,    0, 0,  0,    0, 0, 0, 0, /* DC */
        0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0,  0, 0,    0,    0,
        0,    0,    0, 0,  0,    0, 0, 0, 0, /* AC */
        0xff, 0xda, 0, 8,  1,    1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9,
    };
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, frame, sizeof frame);
    out->data[3] = marker;
    out->data[6] = precision;
    const guint8 quantisation[5] = {0xff, 0xdb, 0, 67, 0}, one = 1;
    g_byte_array_append(out, quantisation, sizeof quantisation);
    for (int i = 0; i < 64; i++)
        g_byte_array_append(out, &one, 1);
    g_byte_array_append(out, rest, sizeof rest);
    return g_byte_array_free_to_bytes(out);
}

/* 83 times the pixel's number, by OpenJPH 0.9. */
G_GNUC_UNUSED static const guint8 stream_high_throughput[] = {
    0xff, 0x4f, 0xff, 0x51, 0x00, 0x29, 0x40, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x06,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x06,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0b, 0x01, 0x01, 0xff, 0x50, 0x00,
    0x08, 0x00, 0x02, 0x00, 0x00, 0x00, 0x07, 0xff, 0x52, 0x00, 0x0c, 0x00, 0x02, 0x00, 0x01, 0x00,
    0x01, 0x04, 0x04, 0x40, 0x01, 0xff, 0x5c, 0x00, 0x07, 0x20, 0x70, 0x70, 0x70, 0x78, 0xff, 0x64,
    0x00, 0x16, 0x00, 0x01, 0x4f, 0x70, 0x65, 0x6e, 0x4a, 0x50, 0x48, 0x20, 0x56, 0x65, 0x72, 0x20,
    0x30, 0x2e, 0x39, 0x2e, 0x30, 0x2e, 0xff, 0x90, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46,
    0x00, 0x01, 0xff, 0x93, 0xc0, 0x01, 0x6c, 0x80, 0xff, 0x7f, 0xd9, 0x59, 0x4f, 0xf1, 0xac, 0x07,
    0x8b, 0x5f, 0x64, 0x14, 0x6c, 0xb5, 0x28, 0x30, 0xf4, 0x00, 0x5f, 0x73, 0x21, 0x00, 0xd0, 0xb8,
    0x00, 0xc0, 0x01, 0x53, 0x00, 0x05, 0x60, 0x24, 0x12, 0xe9, 0xa0, 0x42, 0x31, 0x02, 0x76, 0x00,
    0x2e, 0x75, 0xa9, 0x4b, 0x5d, 0xfa, 0xc0, 0x52, 0x81, 0xbe, 0xb6, 0x00, 0xff, 0xd9};

/* PackBits of every STRIDE-th byte of IN. */
static inline void stream_pack_bits(GByteArray *out, const guint8 *in, gsize n, gsize stride)
{
    for (gsize i = 0; i < n;) {
        gsize run = 1;
        while (i + run < n && run < 128 && in[(i + run) * stride] == in[i * stride])
            run++;
        if (run > 2) {
            const guint8 pair[2] = {(guint8)(257 - run), in[i * stride]};
            g_byte_array_append(out, pair, 2);
            i += run;
            continue;
        }
        const gsize left = MIN(n - i, 1 + i % 128); /* literal runs of every length */
        const guint8 code = (guint8)(left - 1);
        g_byte_array_append(out, &code, 1);
        for (gsize k = 0; k < left; k++)
            g_byte_array_append(out, in + (i + k) * stride, 1);
        i += left;
    }
    if (out->len % 2)
        g_byte_array_append(out, (const guint8 *)"", 1);
}

static inline void stream_put_u32(GByteArray *b, guint at, guint32 value)
{
    for (guint k = 0; k < 4; k++)
        b->data[at + k] = (guint8)(value >> (8 * k));
}

/* N little-endian samples of BYTES bytes: the first segment holds the most significant ones. */
static inline GByteArray *stream_rle(const guint8 *samples, gsize n, int bytes)
{
    GByteArray *b = g_byte_array_new();
    g_byte_array_set_size(b, 64);
    memset(b->data, 0, 64);
    stream_put_u32(b, 0, (guint32)bytes);
    for (int s = 0; s < bytes; s++) {
        stream_put_u32(b, 4 + 4 * (guint)s, b->len);
        stream_pack_bits(b, samples + bytes - 1 - s, n, (gsize)bytes);
    }
    return b;
}
