#include "dicom/pixel-file.h"

#include "core/error.h"
#include "core/i18n.h"
#include "dicom/codec.h"
#include "dicom/deflated-frame.h"
#include "dicom/j2k.h"
#include "dicom/rle.h"

#include <string.h>

static gboolean refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean refuse(GError **error, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DKM_ERROR, code, text);
    return FALSE;
}

void dkm_pixel_file_close(DkmPixelFile *file)
{
    dkm_byte_source_close(&file->source);
    g_clear_pointer(&file->path, g_free);
    g_clear_pointer(&file->inflated, g_bytes_unref);
    g_clear_pointer(&file->items, g_array_unref);
}

static gboolean open_inflated(DkmPixelFile *file, GError **error)
{
    gsize size;
    file->inflated = dkm_preflight_inflate(file->path, error);
    if (!file->inflated)
        return FALSE;
    const guint8 *bytes = g_bytes_get_data(file->inflated, &size);
    dkm_byte_source_memory(&file->source, bytes, size);
    return TRUE;
}

static gboolean open_new(DkmPixelFile *file, const char *path, GError **error)
{
    file->path = g_strdup(path);
    if (!dkm_preflight_file(path, &file->preflight, error))
        return FALSE;
    if (file->preflight.deflated ? !open_inflated(file, error)
                                 : !dkm_byte_source_open(&file->source, path, error))
        return FALSE;
    if (!file->preflight.encapsulated)
        return TRUE;
    file->items = dkm_preflight_fragments(&file->source, &file->preflight, error);
    return file->items != NULL;
}

gboolean dkm_pixel_file_open(DkmPixelFile *file, const char *path, GError **error)
{
    if (file->path && strcmp(file->path, path) == 0)
        return TRUE;
    dkm_pixel_file_close(file);
    if (open_new(file, path, error))
        return TRUE;
    dkm_pixel_file_close(file);
    return FALSE;
}

static gsize frame_pixels(const DkmPixelFile *file)
{
    return (gsize)file->preflight.rows * (gsize)file->preflight.columns;
}

/* Spreads N bytes at the start of OUT to 16 bits each, from the last one down. */
static void widen(guint16 *out, gsize n)
{
    const guint8 *bytes = (const guint8 *)out;
    while (n--)
        out[n] = bytes[n];
}

static gboolean read_raw(DkmPixelFile *file, int frame, guint16 *out, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    const gsize n = frame_pixels(file), bytes = n * (gsize)(p->bits_allocated / 8);
    const guint64 frames = (guint64)MAX(1, p->frames), whole = bytes * frames;
    if (dkm_preflight_pixel_fit(p->pixel_length, bytes, whole) == DKM_PIXELS_MISFIT)
        return refuse(error, DKM_ERROR_INPUT, _("%lu bytes of pixel data where %lu belong"),
                      (gulong)p->pixel_length, (gulong)whole);
    if (p->big_endian && p->bits_allocated == 8 && p->pixels_are_words)
        return refuse(error, DKM_ERROR_UNSUPPORTED, _("8-bit samples in big-endian words"));
    if (!dkm_byte_source_read(&file->source, p->pixel_offset + bytes * (guint64)frame, bytes, out))
        return refuse(error, DKM_ERROR_INPUT, _("the pixel data are cut off"));
    if (p->bits_allocated == 8)
        widen(out, n);
    else if (p->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN))
        for (gsize i = 0; i < n; i++)
            out[i] = GUINT16_SWAP_LE_BE(out[i]);
    return TRUE;
}

static const DkmFragment *item(const DkmPixelFile *file, guint i)
{
    return &g_array_index(file->items, DkmFragment, i);
}

/* Entry K of a table of unsigned numbers of BYTES bytes each, little endian. */
static gboolean read_entry(DkmPixelFile *file, const DkmFragment *table, int bytes, int k,
                           guint64 *out)
{
    guint8 b[8] = {0};
    if (table->length / (guint64)bytes <= (guint64)k ||
        !dkm_byte_source_read(&file->source, table->offset + (guint64)bytes * (guint64)k,
                              (gsize)bytes, b))
        return FALSE;
    *out = 0;
    for (int i = 8; i-- > 0;)
        *out = *out << 8 | b[i];
    return TRUE;
}

/* Where the fragments of FRAME begin and end: bytes from the first fragment's item tag. */
typedef struct {
    guint64 from, to;
} Range;

static gboolean basic_range(DkmPixelFile *file, int frame, Range *out, GError **error)
{
    const int frames = MAX(1, file->preflight.frames);
    out->to = G_MAXUINT64;
    return (read_entry(file, item(file, 0), 4, frame, &out->from) &&
            (frame + 1 == frames || read_entry(file, item(file, 0), 4, frame + 1, &out->to))) ||
           refuse(error, DKM_ERROR_INPUT, _("nothing tells which fragments make a frame"));
}

static gboolean extended_range(DkmPixelFile *file, int frame, Range *out, GError **error)
{
    const DkmFragment *table = &file->preflight.extended_offsets;
    const int frames = MAX(1, file->preflight.frames);
    out->to = G_MAXUINT64;
    return (table->length == 8 * (guint64)frames && read_entry(file, table, 8, frame, &out->from) &&
            (frame + 1 == frames || read_entry(file, table, 8, frame + 1, &out->to)) &&
            out->from < out->to) ||
           refuse(error, DKM_ERROR_INPUT,
                  _("the extended offset table does not fit the number of frames"));
}

/* The first item that begins at FROM or behind it. */
static guint find_item(const DkmPixelFile *file, guint64 from)
{
    guint low = 1, high = file->items->len;
    while (low < high) {
        const guint middle = low + (high - low) / 2;
        if (item(file, middle)->offset - item(file, 1)->offset < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The items [*first, *end) that hold FRAME: all for a single frame, else as the extended offset
 * table says, else one each where the numbers are equal, else as the basic offset table says. */
static gboolean items_of_frame(DkmPixelFile *file, int frame, guint *first, guint *end,
                               GError **error)
{
    const guint n = file->items->len;
    const int frames = MAX(1, file->preflight.frames);
    const gboolean is_extended = frames > 1 && file->preflight.extended_offsets.length;
    Range range = {0};
    *first = frames == 1 ? 1 : (guint)frame + 1;
    *end = frames == 1 ? n : *first + 1;
    if (frames == 1 || (!is_extended && n == (guint)frames + 1))
        return n > 1 || refuse(error, DKM_ERROR_INPUT, _("no fragment of pixel data"));
    if (is_extended ? !extended_range(file, frame, &range, error)
                    : !basic_range(file, frame, &range, error))
        return FALSE;
    *first = find_item(file, range.from);
    *end = find_item(file, range.to);
    if (*first >= *end)
        return refuse(error, DKM_ERROR_INPUT, _("a frame without a fragment"));
    return !is_extended || item(file, *first)->offset - item(file, 1)->offset == range.from ||
           refuse(error, DKM_ERROR_INPUT, _("the extended offset table points between fragments"));
}

/* TOTAL bytes of fragments, less the one of padding that the extended lengths know of. */
static gboolean trim(DkmPixelFile *file, int frame, gsize *total, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    guint64 length;
    if (p->extended_lengths.length == 0 || p->extended_offsets.length == 0)
        return TRUE;
    if (p->extended_lengths.length != p->extended_offsets.length ||
        !read_entry(file, &p->extended_lengths, 8, frame, &length) || length > *total ||
        *total - length > 1)
        return refuse(error, DKM_ERROR_INPUT, _("the extended lengths do not fit the fragments"));
    *total = (gsize)length;
    return TRUE;
}

static GBytes *read_coded(DkmPixelFile *file, int frame, GError **error)
{
    guint first, end;
    gsize total = 0, done = 0;
    if (!items_of_frame(file, frame, &first, &end, error))
        return NULL;
    for (guint i = first; i < end; i++)
        total += (gsize)item(file, i)->length;
    g_autofree guint8 *bytes = g_try_malloc(total + 1);
    if (!bytes) {
        dkm_error_set_no_memory(error, total, _("a compressed slice"));
        return NULL;
    }
    for (guint i = first; i < end; i++) {
        const gsize length = (gsize)item(file, i)->length;
        if (!dkm_byte_source_read(&file->source, item(file, i)->offset, length, bytes + done)) {
            refuse(error, DKM_ERROR_INPUT, _("the pixel data are cut off"));
            return NULL;
        }
        done += length;
    }
    if (!trim(file, frame, &total, error))
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&bytes), total);
}

static gboolean refuse_syntax(const DkmPixelFile *file, GError **error)
{
    g_autofree char *name = dkm_codec_syntax_name(file->preflight.transfer_syntax);
    return refuse(error, DKM_ERROR_UNSUPPORTED, _("transfer syntax %s is not read"), name);
}

static gboolean read_encapsulated(DkmPixelFile *file, int frame, guint16 *out, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    const char *syntax = p->transfer_syntax;
    const gboolean is_rle = strcmp(syntax, "1.2.840.10008.1.2.5") == 0;
    const gboolean is_deflated = strcmp(syntax, DKM_DEFLATED_FRAMES) == 0;
    if (!is_rle && !is_deflated && !dkm_j2k_is(syntax) && !dkm_codec_is(syntax))
        return refuse_syntax(file, error);
    if (p->bits_allocated == 1 && !is_deflated) {
        g_autofree char *name = dkm_codec_syntax_name(syntax);
        return refuse(error, DKM_ERROR_UNSUPPORTED, _("one bit a pixel, coded as %s, is not read"),
                      name);
    }
    g_autoptr(GBytes) coded = read_coded(file, frame, error);
    if (!coded)
        return FALSE;
    const DkmCodedImage image = {
        syntax, p->rows, p->columns, p->bits_allocated, p->bits_stored, p->pixel_representation};
    if (is_deflated)
        return dkm_deflated_frame_decode(coded, frame_pixels(file), p->bits_allocated, out, error);
    if (dkm_j2k_is(syntax))
        return dkm_j2k_decode(coded, &image, out, error);
    const gboolean decoded =
        is_rle ? dkm_rle_decode(coded, frame_pixels(file), p->bits_allocated / 8, out, error)
               : dkm_codec_decode(coded, &image, out, error);
    if (decoded && p->bits_allocated == 8)
        widen(out, frame_pixels(file));
    return decoded;
}

/* The stored bits to the bottom, those above them (old overlays) cleared, or the sign. */
static void place_bits(const DkmPreflight *p, guint16 *samples, gsize n)
{
    const int unused = 16 - p->bits_stored, shift = p->high_bit + 1 - p->bits_stored;
    const guint16 mask = (guint16)(0xffff >> unused);
    if (unused == 0)
        return;
    if (p->pixel_representation == 0)
        for (gsize i = 0; i < n; i++)
            samples[i] = (guint16)(samples[i] >> shift) & mask;
    else
        for (gsize i = 0; i < n; i++) {
            const guint16 bits = (guint16)(samples[i] >> shift) & mask;
            const guint16 sign = (guint16)(1u << (p->bits_stored - 1));
            samples[i] = (guint16)((bits ^ sign) - sign);
        }
}

static gboolean check_shape(const DkmPixelFile *file, const DkmFrameWanted *wanted, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    if (p->rows != wanted->rows || p->columns != wanted->columns)
        return refuse(error, DKM_ERROR_INPUT, _("%d x %d pixels where %d x %d belong"), p->rows,
                      p->columns, wanted->rows, wanted->columns);
    if (p->rows < 1 || p->columns < 1)
        return refuse(error, DKM_ERROR_INPUT, _("no rows or no columns"));
    if (p->samples != 1)
        return refuse(error, DKM_ERROR_UNSUPPORTED, _("%d samples a pixel where 1 is read"),
                      p->samples);
    const gboolean is_bit = p->bits_allocated == 1 && p->encapsulated; /* of a segmentation */
    if (!is_bit && p->bits_allocated != 8 && p->bits_allocated != 16)
        return refuse(error, DKM_ERROR_UNSUPPORTED, _("samples of %d bits where 8 and 16 are read"),
                      p->bits_allocated);
    if (p->bits_stored < 1 || p->high_bit >= p->bits_allocated || p->high_bit + 1 < p->bits_stored)
        return refuse(error, DKM_ERROR_INPUT, _("bits stored and high bit do not fit"));
    if (wanted->frame < 0 || wanted->frame >= MAX(1, p->frames))
        return refuse(error, DKM_ERROR_INPUT, _("there is no frame %d"), wanted->frame + 1);
    if (p->pixel_offset == 0)
        return refuse(error, DKM_ERROR_INPUT, _("no pixel data"));
    return TRUE;
}

gboolean dkm_pixel_file_read(DkmPixelFile *file, const DkmFrameWanted *wanted, guint16 *out,
                             GError **error)
{
    if (!check_shape(file, wanted, error))
        return FALSE;
    if (file->preflight.encapsulated ? !read_encapsulated(file, wanted->frame, out, error)
                                     : !read_raw(file, wanted->frame, out, error))
        return FALSE;
    place_bits(&file->preflight, out, frame_pixels(file));
    return TRUE;
}
