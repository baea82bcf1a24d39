#include "dicom/deflated-frame.h"

#include "core/error.h"
#include "core/i18n.h"

#include <gio/gio.h>

static gboolean refuse(GError **error, const char *what)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, what);
    return FALSE;
}

/* Into ROOM bytes at OUT; *WRITTEN says how many came, FALSE where the stream is damaged or has
 * more. */
static gboolean inflate_into(GBytes *stream, guint8 *out, gsize room, gsize *written)
{
    g_autoptr(GConverter) inflater =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW));
    gsize size = 0, used = 0;
    const guint8 *bytes = g_bytes_get_data(stream, &size);
    GConverterResult result = G_CONVERTER_CONVERTED;
    *written = 0;
    while (result == G_CONVERTER_CONVERTED && used < size && *written < room) {
        gsize read = 0, wrote = 0;
        result =
            g_converter_convert(inflater, bytes + used, size - used, out + *written,
                                room - *written, G_CONVERTER_INPUT_AT_END, &read, &wrote, NULL);
        used += read;
        *written += wrote;
        if (result == G_CONVERTER_CONVERTED && !read && !wrote)
            return FALSE;
    }
    return result == G_CONVERTER_FINISHED;
}

static void spread(const guint8 *bytes, gsize n, int bits, guint16 *out)
{
    for (gsize i = 0; i < n; i++)
        if (bits == 16)
            out[i] = (guint16)(bytes[2 * i] | bytes[2 * i + 1] << 8);
        else
            out[i] = bits == 8 ? bytes[i] : bytes[i / 8] >> i % 8 & 1;
}

gboolean dkm_deflated_frame_decode(GBytes *stream, gsize n, int bits, guint16 *out, GError **error)
{
    enum { SPARE = 2 }; /* a byte of padding, and one that must stay empty to see the end */
    const gsize wanted = bits == 1 ? (n + 7) / 8 : n * (gsize)(bits / 8);
    gsize written = 0;
    g_autofree guint8 *bytes = g_try_malloc(wanted + SPARE);
    if (!bytes) {
        dkm_error_set_no_memory(error, wanted, _("a deflated frame"));
        return FALSE;
    }
    if (!inflate_into(stream, bytes, wanted + SPARE, &written))
        return refuse(error, _("a deflated frame is damaged, or longer than its pixels"));
    if (written < wanted || written > wanted + 1)
        return refuse(error, _("a deflated frame does not have its pixels"));
    spread(bytes, n, bits, out);
    return TRUE;
}
