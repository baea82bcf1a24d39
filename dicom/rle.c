#include "dicom/rle.h"

#include "core/error.h"
#include "core/i18n.h"

enum { HEADER = 64 };

typedef struct {
    const guint8 *at, *end;
} Span;

static gboolean damaged(GError **error, const char *how)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("RLE data are damaged: %s"), how);
    return FALSE;
}

static guint32 little_endian(const guint8 *b)
{
    return (guint32)b[0] | (guint32)b[1] << 8 | (guint32)b[2] << 16 | (guint32)b[3] << 24;
}

/* What may stand behind the last sample: zeros up to an even length, codes that say nothing. */
static gboolean is_padding(Span rest)
{
    while (rest.at < rest.end && (*rest.at == 0 || *rest.at == 0x80))
        rest.at++;
    return rest.at == rest.end;
}

/* PackBits: fills every STRIDE-th byte of OUT, N of them. */
static gboolean unpack(Span in, guint8 *out, gsize n, gsize stride, GError **error)
{
    gsize done = 0;
    while (done < n) {
        if (in.at == in.end)
            return damaged(error, "a segment ends early");
        const int byte = *in.at++, code = byte < 128 ? byte : byte - 256;
        if (code == -128)
            continue;
        const gsize length = (gsize)(code >= 0 ? code + 1 : 1 - code);
        const gsize stored = code >= 0 ? length : 1;
        if (stored > (gsize)(in.end - in.at))
            return damaged(error, "a run ends early");
        if (length > n - done)
            return damaged(error, "a segment holds too many samples");
        for (gsize i = 0; i < length; i++)
            out[(done + i) * stride] = in.at[code >= 0 ? i : 0];
        in.at += stored;
        done += length;
    }
    return is_padding(in) || damaged(error, "a segment holds too many samples");
}

/* Segment INDEX of COUNT: from its offset to the next one's, or to the end. */
static gboolean segment(GBytes *fragment, guint index, guint count, Span *out, GError **error)
{
    gsize size;
    const guint8 *bytes = g_bytes_get_data(fragment, &size);
    const gsize from = little_endian(bytes + 4 + 4 * index);
    const gsize to = index + 1 < count ? little_endian(bytes + 8 + 4 * index) : size;
    if (from < HEADER || to <= from || to > size)
        return damaged(error, "segment offsets do not fit");
    *out = (Span){bytes + from, bytes + to};
    return TRUE;
}

gboolean dkm_rle_decode(GBytes *fragment, gsize pixels, int bytes, void *out, GError **error)
{
    gsize size;
    const guint8 *header = g_bytes_get_data(fragment, &size);
    if (size <= HEADER)
        return damaged(error, "no header");
    if (little_endian(header) != (guint32)bytes)
        return damaged(error, "the number of segments does not fit");
    for (guint i = 0; i < (guint)bytes; i++) {
        /* the first segment holds the most significant bytes */
        const guint place = G_BYTE_ORDER == G_LITTLE_ENDIAN ? (guint)bytes - 1 - i : i;
        Span span;
        if (!segment(fragment, i, (guint)bytes, &span, error) ||
            !unpack(span, (guint8 *)out + place, pixels, (gsize)bytes, error))
            return FALSE;
    }
    return TRUE;
}
