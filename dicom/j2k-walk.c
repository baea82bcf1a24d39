/* The headers of a JPEG 2000 code stream (ISO/IEC 15444-1, annex A), before openjp2 sees them. */
#include "core/error.h"
#include "core/i18n.h"
#include "dicom/j2k.h"

enum {
    SOC = 0xff4f,
    SIZ = 0xff51,
    COD = 0xff52,
    COC = 0xff53,
    POC = 0xff5f,
    SOT = 0xff90,
    SOD = 0xff93,
    EOC = 0xffd9,
    SIZ_LENGTH = 41, /* of one component */
    SOT_LENGTH = 10,
    MAX_LEVELS = 32,
    /* bits of the coding style, and of its code blocks' style */
    PACKET_MARKERS = 6,
    HIGH_THROUGHPUT = 0x40,
};

typedef struct {
    const guint8 *bytes;
    gsize size, at;
    const DkmCodedImage *image;
    guint32 tile_width, tile_height; /* at most the picture's */
    guint64 tiles;
    guint layers; /* of the last COD */
    guint most_layers;
    gboolean has_ht, has_packet_markers; /* some coding style says so */
} Stream;

static gboolean damaged(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean damaged(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *how = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("JPEG 2000 data are damaged: %s"), how);
    return FALSE;
}

static guint u16(const guint8 *b)
{
    return (guint)b[0] << 8 | b[1];
}

static guint32 u32(const guint8 *b)
{
    return (guint32)u16(b) << 16 | u16(b + 2);
}

static guint64 ceil_div(guint64 a, guint64 b)
{
    return (a + b - 1) / b;
}

/* BODY is what stands behind the length: capabilities, eight sizes, components. */
static gboolean check_size(Stream *s, const guint8 *body, gsize length, GError **error)
{
    if (length != SIZ_LENGTH - 2 && length >= 36 && u16(body + 34) != 1)
        return damaged(error, "%u samples a pixel where 1 belongs", u16(body + 34));
    if (length != SIZ_LENGTH - 2 || u16(body + 34) != 1)
        return damaged(error, "its size segment has another length");
    const guint32 right = u32(body + 2), bottom = u32(body + 6), left = u32(body + 10),
                  top = u32(body + 14), width = u32(body + 18), height = u32(body + 22);
    const guint32 columns = (guint32)s->image->columns, rows = (guint32)s->image->rows;
    if (right < left || bottom < top || right - left != columns || bottom - top != rows)
        return damaged(error, "%u x %u pixels where %u x %u belong", bottom - top, right - left,
                       rows, columns);
    const int precision = (body[36] & 0x7f) + 1;
    if (precision > s->image->bits_allocated || precision < s->image->bits_stored)
        return damaged(error, "%d bits a sample where %d belong", precision, s->image->bits_stored);
    if (body[37] != 1 || body[38] != 1)
        return damaged(error, "samples that are not one a pixel");
    if (width == 0 || height == 0 || u32(body + 26) > left || u32(body + 30) > top ||
        left - u32(body + 26) >= width || top - u32(body + 30) >= height)
        return damaged(error, "its tiles do not fit");
    s->tiles = ceil_div((guint64)right - u32(body + 26), width) *
               ceil_div((guint64)bottom - u32(body + 30), height);
    if (s->tiles > DKM_J2K_TILES)
        return damaged(error, "more than %d tiles", DKM_J2K_TILES);
    s->tile_width = MIN(width, columns);
    s->tile_height = MIN(height, rows);
    return TRUE;
}

/* How much a tile holds of what the decoder keeps a record of. A tile's parts may lie across the
 * borders of the precincts and code blocks, hence the one more each way. */
static gboolean check_blocks(Stream *s, const guint8 *style, gsize length, gboolean precincts,
                             GError **error)
{
    const guint levels = length ? style[0] : MAX_LEVELS + 1;
    if (levels > MAX_LEVELS || length < 5 + (precincts ? levels + 1 : 0))
        return damaged(error, "its coding style is cut off");
    s->has_ht |= (style[3] & HIGH_THROUGHPUT) != 0;
    const guint across = (style[1] & 15) + 2, down = (style[2] & 15) + 2;
    if (across > 10 || down > 10 || across + down > 12)
        return damaged(error, "code blocks that are too large");
    guint64 blocks = 0, most = 0;
    for (guint r = 0; r <= levels; r++) {
        const guint reduced = levels - r, size = precincts ? style[5 + r] : 0xff;
        const guint64 width = ceil_div(s->tile_width, G_GUINT64_CONSTANT(1) << reduced);
        const guint64 height = ceil_div(s->tile_height, G_GUINT64_CONSTANT(1) << reduced);
        const guint wide = size & 15, high = size >> 4; /* exponents of the precincts */
        const guint64 here = ((width >> wide) + 2) * ((height >> high) + 2);
        most = MAX(most, here);
        blocks += 3 * here + ((width >> MIN(across, wide)) + 1) * ((height >> MIN(down, high)) + 1);
    }
    if (blocks > DKM_J2K_BLOCKS)
        return damaged(error, "more than %d code blocks a tile", DKM_J2K_BLOCKS);
    if (most * (levels + 1) * s->tiles * MAX(1, s->layers) > DKM_J2K_PACKETS)
        return damaged(error, "more than %d packets", DKM_J2K_PACKETS);
    return TRUE;
}

static gboolean check_segment(Stream *s, guint marker, const guint8 *body, gsize length,
                              GError **error)
{
    if (marker == SIZ)
        return s->tiles ? damaged(error, "two size segments") : check_size(s, body, length, error);
    if (s->tiles == 0)
        return damaged(error, "no size segment in front");
    if (marker == COD) {
        if (length < 5)
            return damaged(error, "its coding style is cut off");
        s->layers = u16(body + 2);
        s->most_layers = MAX(s->most_layers, s->layers);
        s->has_packet_markers |= (body[0] & PACKET_MARKERS) != 0;
        return check_blocks(s, body + 5, length - 5, body[0] & 1, error);
    }
    if (marker == COC)
        return (length > 2 || damaged(error, "its coding style is cut off")) &&
               check_blocks(s, body + 2, length - 2, body[1] & 1, error);
    return marker != POC || damaged(error, "changes of the progression are not read");
}

/* Segments up to LAST, whose place is left in s->at. */
static gboolean walk_segments(Stream *s, guint last, GError **error)
{
    for (;;) {
        if (s->size - s->at < 2)
            return damaged(error, "cut off");
        const guint marker = u16(s->bytes + s->at);
        if (marker == last)
            return TRUE;
        if (marker < 0xff50 || (marker >= SOT && marker != last) || s->size - s->at < 4)
            return damaged(error, "marker %04X in a header", marker);
        const gsize length = u16(s->bytes + s->at + 2);
        if (length < 2 || length > s->size - s->at - 2)
            return damaged(error, "a segment of %04X is cut off", marker);
        if (!check_segment(s, marker, s->bytes + s->at + 4, length - 2, error))
            return FALSE;
        s->at += 2 + length;
    }
}

/* openjp2 2.5.0 ends the program where a high-throughput block holds FF before a byte over 8F. No
 * sound one does (ISO/IEC 15444-15, as no marker may stand in it), so the look is at all data of a
 * tile; layers could hide such a pair from it, and markers between packets look like one. */
static gboolean check_ht(const Stream *part, GError **error)
{
    if (part->most_layers > 1 || part->has_packet_markers)
        return damaged(error, "high-throughput blocks in layers or behind packet markers are "
                              "not read");
    for (gsize i = part->at; i + 1 < part->size; i++)
        if (part->bytes[i] == 0xff && part->bytes[i + 1] > 0x8f)
            return damaged(error, "a marker in a high-throughput block");
    return TRUE;
}

/* From its SOT to behind its data. */
static gboolean walk_tile_part(Stream *s, GError **error)
{
    const gsize from = s->at;
    if (s->size - from < SOT_LENGTH + 2 || u16(s->bytes + from + 2) != SOT_LENGTH)
        return damaged(error, "a tile is cut off");
    gsize length = u32(s->bytes + from + 6);
    if (length == 0) /* up to the end marker */
        length = s->size - from - 2;
    if (length < SOT_LENGTH + 4 || length > s->size - from)
        return damaged(error, "a tile is cut off");
    if (u16(s->bytes + from + 4) >= s->tiles)
        return damaged(error, "a tile that is none of the picture");
    Stream part = *s;
    part.size = from + length;
    part.at = from + 2 + SOT_LENGTH;
    if (!walk_segments(&part, SOD, error))
        return FALSE;
    part.at += 2; /* SOD */
    s->has_ht |= part.has_ht;
    s->has_packet_markers |= part.has_packet_markers;
    s->most_layers = MAX(s->most_layers, part.most_layers);
    s->at = from + length;
    return !s->has_ht || check_ht(&part, error);
}

static gboolean walk(Stream *s, GError **error)
{
    if (s->size < 4 || u16(s->bytes) != SOC)
        return damaged(error, "no start of a code stream");
    s->at = 2;
    if (!walk_segments(s, SOT, error))
        return FALSE;
    if (s->layers == 0)
        return damaged(error, "no coding style, or no layer");
    while (s->size - s->at >= 2 && u16(s->bytes + s->at) == SOT)
        if (!walk_tile_part(s, error))
            return FALSE;
    if (s->size - s->at < 2 || u16(s->bytes + s->at) != EOC)
        return damaged(error, "no end");
    return TRUE;
}

gboolean dkm_j2k_walk(GBytes *stream, const DkmCodedImage *image, GError **error)
{
    Stream s = {.image = image};
    s.bytes = g_bytes_get_data(stream, &s.size);
    return walk(&s, error);
}
