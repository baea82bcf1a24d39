#include "dicom/jpeg-walk.h"

#include "core/error.h"
#include "core/i18n.h"

enum {
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    SOF0 = 0xc0,
    SOF1 = 0xc1,
    SOF3 = 0xc3,
    SOF55 = 0xf7,
    FRAME_HEADER = 8
};

typedef struct {
    const guint8 *bytes;
    gsize size, at;
} Stream;

static gboolean damaged(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean damaged(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *how = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("JPEG data are damaged: %s"), how);
    return FALSE;
}

static int big_endian(const guint8 *b)
{
    return b[0] << 8 | b[1];
}

static gboolean is_frame_header(int marker)
{
    return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
            marker != 0xcc) ||
           marker == SOF55;
}

/* The next marker that carries a length, and its body. */
static gboolean next_segment(Stream *s, int *marker, gsize *length, GError **error)
{
    if (s->size - s->at < 4 || s->bytes[s->at] != 0xff)
        return damaged(error, "no marker at byte %" G_GSIZE_FORMAT, s->at);
    while (s->at + 4 < s->size && s->bytes[s->at + 1] == 0xff)
        s->at++; /* fill bytes */
    *marker = s->bytes[s->at + 1];
    if (*marker < 0xc0 || (*marker >= 0xd0 && *marker <= EOI))
        return damaged(error, "marker FF%02X before the picture", *marker);
    if (s->size - s->at < 4)
        return damaged(error, "cut off");
    *length = (gsize)big_endian(s->bytes + s->at + 2);
    if (*length < 2 || *length > s->size - s->at - 2)
        return damaged(error, "a segment of FF%02X is cut off", *marker);
    return TRUE;
}

static gboolean is_of_process(int marker, DkmJpegProcess process)
{
    static const int headers[] = {[DKM_JPEG_BASELINE] = SOF0,
                                  [DKM_JPEG_EXTENDED] = SOF1,
                                  [DKM_JPEG_LOSSLESS] = SOF3,
                                  [DKM_JPEG_LS] = SOF55};
    return marker == headers[process] || (marker == SOF0 && process == DKM_JPEG_EXTENDED);
}

static gboolean check_frame(const guint8 *body, gsize length, int marker,
                            const DkmJpegExpected *expected, GError **error)
{
    if (!is_of_process(marker, expected->process))
        return damaged(error, "coding process FF%02X is not the one that the file names", marker);
    if (length < FRAME_HEADER)
        return damaged(error, "its frame header is too short");
    const int precision = body[0], rows = big_endian(body + 1), columns = big_endian(body + 3);
    if (rows != expected->rows || columns != expected->columns || body[5] != 1)
        return damaged(error, "%d x %d pixels of %d samples where %d x %d belong", rows, columns,
                       body[5], expected->rows, expected->columns);
    if (precision < expected->bits_stored || precision > expected->bits_allocated)
        return damaged(error, "%d bits a sample where %d belong", precision, expected->bits_stored);
    return TRUE;
}

/* Behind the end only padding: 0, or fill bytes. */
static gboolean check_rest(const Stream *s, gsize at, GError **error)
{
    while (at < s->size && (s->bytes[at] == 0 || s->bytes[at] == 0xff))
        at++;
    return at == s->size || damaged(error, "something stands behind its end");
}

/* The coded samples from AT to the end: decoders fill a picture up where another marker cuts it
 * short, and do not say so. JPEG-LS has data bytes up to 7F behind an FF, JPEG only 00. */
static gboolean check_scan(const Stream *s, gsize at, gboolean is_ls, GError **error)
{
    for (; at + 1 < s->size; at++) {
        const int next = s->bytes[at + 1];
        if (s->bytes[at] != 0xff || next == 0xff)
            continue;
        if (next == EOI)
            return check_rest(s, at + 2, error);
        const gboolean is_data = is_ls ? next < 0x80 : next == 0;
        const gboolean is_restart = next >= 0xd0 && next < SOI;
        if (!is_data && !is_restart)
            return damaged(error, "marker FF%02X in the picture", next);
        at++;
    }
    return damaged(error, "no end");
}

gboolean dkm_jpeg_walk(GBytes *stream, const DkmJpegExpected *expected, GError **error)
{
    Stream s = {.at = 2};
    s.bytes = g_bytes_get_data(stream, &s.size);
    if (s.size < 4 || s.bytes[0] != 0xff || s.bytes[1] != SOI)
        return damaged(error, "no start");
    gboolean has_frame = FALSE;
    for (;;) {
        int marker = 0;
        gsize length = 0;
        if (!next_segment(&s, &marker, &length, error))
            return FALSE;
        if (marker == SOS && !has_frame)
            return damaged(error, "a scan before its frame header");
        if (marker == SOS)
            return check_scan(&s, s.at + 2 + length, expected->process == DKM_JPEG_LS, error);
        if (is_frame_header(marker)) {
            if (has_frame)
                return damaged(error, "two frame headers");
            if (!check_frame(s.bytes + s.at + 4, length, marker, expected, error))
                return FALSE;
            has_frame = TRUE;
        }
        s.at += 2 + length;
    }
}
