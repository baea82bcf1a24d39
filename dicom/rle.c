#include "dicom/rle.h"

enum { HEADER = 64 };

static guint32 header_word(const guint8 *data, int i)
{
    const guint8 *b = data + 4 * i;
    return (guint32)b[0] | (guint32)b[1] << 8 | (guint32)b[2] << 16 | (guint32)b[3] << 24;
}

/* One segment: a byte plane of N bytes, STRIDE apart in OUT. */
static gboolean decode_segment(const guint8 *data, const guint8 *end, gsize n, gsize stride,
                               guint8 *out)
{
    gsize filled = 0;
    while (filled < n && data < end) {
        const int code = (gint8)*data++;
        if (code == -128)
            continue;
        const gsize count = code >= 0 ? (gsize)code + 1 : (gsize)(1 - code);
        const gsize needed = code >= 0 ? count : 1;
        if (count > n - filled || needed > (gsize)(end - data))
            return FALSE;
        for (gsize i = 0; i < count; i++)
            out[(filled + i) * stride] = code >= 0 ? data[i] : data[0];
        data += needed;
        filled += count;
    }
    return filled == n;
}

gboolean dkm_rle_decode(const guint8 *data, gsize length, gsize n, int bytes, guint8 *out)
{
    if (length < HEADER || header_word(data, 0) != (guint32)bytes)
        return FALSE;
    for (int s = 0; s < bytes; s++) {
        const gsize from = header_word(data, 1 + s);
        const gsize to = s + 1 < bytes ? header_word(data, 2 + s) : length;
        if (from < HEADER || to > length || from > to)
            return FALSE;
        /* the most significant byte plane comes first */
        if (!decode_segment(data + from, data + to, n, (gsize)bytes, out + (bytes - 1 - s)))
            return FALSE;
    }
    return TRUE;
}
