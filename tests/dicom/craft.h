/* DICOM files put together byte by byte, sound or broken, for the tests of what reads them. */
#pragma once

#include <glib.h>

#include <gio/gio.h>
#include <string.h>

#define CRAFT_EXPLICIT "1.2.840.10008.1.2.1"
#define CRAFT_IMPLICIT "1.2.840.10008.1.2"
#define CRAFT_DEFLATED "1.2.840.10008.1.2.1.99"
#define CRAFT_BIG_ENDIAN "1.2.840.10008.1.2.2"
#define CRAFT_RLE "1.2.840.10008.1.2.5"
#define CRAFT_JPEG "1.2.840.10008.1.2.4.70"

enum { CRAFT_UNDEFINED = -1 };

static inline void craft_u16(GByteArray *b, guint value)
{
    const guint8 bytes[2] = {(guint8)value, (guint8)(value >> 8)};
    g_byte_array_append(b, bytes, 2);
}

static inline void craft_u32(GByteArray *b, guint32 value)
{
    craft_u16(b, value & 0xffff);
    craft_u16(b, value >> 16);
}

static inline void craft_zeros(GByteArray *b, guint n)
{
    const guint from = b->len;
    g_byte_array_set_size(b, from + n);
    memset(b->data + from, 0, n);
}

/* The head of an element of explicit little endian; VR NULL: implicit. TAG is group << 16 |
 * element. */
static inline void craft_head(GByteArray *b, guint32 tag, const char *vr, guint32 length)
{
    craft_u16(b, tag >> 16);
    craft_u16(b, tag & 0xffff);
    if (!vr) {
        craft_u32(b, length);
        return;
    }
    g_byte_array_append(b, (const guint8 *)vr, 2);
    if (strstr("OB OW UN SQ UT", vr)) {
        craft_u16(b, 0);
        craft_u32(b, length);
    } else {
        craft_u16(b, length);
    }
}

static inline void craft_text(GByteArray *b, guint32 tag, const char *vr, const char *text)
{
    const guint length = (guint)strlen(text);
    craft_head(b, tag, vr, length + length % 2);
    g_byte_array_append(b, (const guint8 *)text, length);
    if (length % 2)
        g_byte_array_append(b, (const guint8 *)(strcmp(vr, "UI") == 0 ? "" : " "), 1);
}

static inline void craft_us(GByteArray *b, guint32 tag, guint value)
{
    craft_head(b, tag, "US", 2);
    craft_u16(b, value);
}

/* Preamble and file meta information. */
static inline GByteArray *craft_new(const char *syntax)
{
    GByteArray *b = g_byte_array_new();
    craft_zeros(b, 128);
    g_byte_array_append(b, (const guint8 *)"DICM", 4);
    const guint length = (guint)strlen(syntax);
    craft_head(b, 0x00020000, "UL", 4);
    craft_u32(b, 8 + length + length % 2);
    craft_text(b, 0x00020010, "UI", syntax);
    return b;
}

/* What a test changes of a sound MR image. */
typedef struct {
    const char *syntax;
    const char *uid;    /* of the instance */
    const char *frames; /* NumberOfFrames, or NULL */
    guint rows, columns, samples, allocated, stored, high, is_signed;
    const char *photometric, *slope, *intercept; /* NULL: absent */
    double z_mm;
} CraftImage;

#define CRAFT_IMAGE                                                                                \
    {                                                                                              \
        .syntax = CRAFT_EXPLICIT, .uid = "1.2.3.4.1", .rows = 4, .columns = 6, .samples = 1,       \
        .allocated = 16, .stored = 16, .high = 15, .photometric = "MONOCHROME2"                    \
    }

/* Everything before the pixel data. */
static inline GByteArray *craft_header(const CraftImage *image)
{
    GByteArray *b = craft_new(image->syntax);
    g_autofree char *position = g_strdup_printf("-10\\-20\\%d", (int)image->z_mm);
    craft_text(b, 0x00080008, "CS", "ORIGINAL\\PRIMARY");
    craft_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    craft_text(b, 0x00080018, "UI", image->uid);
    craft_text(b, 0x00080060, "CS", "MR");
    craft_text(b, 0x00100010, "PN", "Made^Up");
    craft_text(b, 0x00180050, "DS", "2");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_text(b, 0x0020000e, "UI", "1.2.3.4.6");
    craft_text(b, 0x00200032, "DS", position);
    craft_text(b, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
    craft_us(b, 0x00280002, image->samples);
    craft_text(b, 0x00280004, "CS", image->photometric);
    if (image->frames)
        craft_text(b, 0x00280008, "IS", image->frames);
    craft_us(b, 0x00280010, image->rows);
    craft_us(b, 0x00280011, image->columns);
    craft_text(b, 0x00280030, "DS", "0.7\\0.7");
    craft_us(b, 0x00280100, image->allocated);
    craft_us(b, 0x00280101, image->stored);
    craft_us(b, 0x00280102, image->high);
    craft_us(b, 0x00280103, image->is_signed);
    if (image->intercept)
        craft_text(b, 0x00281052, "DS", image->intercept);
    if (image->slope)
        craft_text(b, 0x00281053, "DS", image->slope);
    return b;
}

static inline void craft_pixels(GByteArray *b, const void *bytes, guint length)
{
    craft_head(b, 0x7fe00010, "OW", length);
    g_byte_array_append(b, bytes, length);
}

/* An item of undefined length, the first of SEQUENCE where that is not 0. */
static inline void craft_open_item(GByteArray *b, guint32 sequence)
{
    if (sequence)
        craft_head(b, sequence, "SQ", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
}

static inline void craft_close_item(GByteArray *b, gboolean sequence_too)
{
    craft_head(b, 0xfffee00d, NULL, 0);
    if (sequence_too)
        craft_head(b, 0xfffee0dd, NULL, 0);
}

static inline void craft_deflate(GByteArray *out, const guint8 *bytes, gsize size)
{
    g_autoptr(GConverter) packer =
        G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW, 1));
    GConverterResult result = G_CONVERTER_CONVERTED;
    for (gsize used = 0; result != G_CONVERTER_FINISHED;) {
        guint8 buffer[65536];
        gsize read = 0, written = 0;
        result = g_converter_convert(packer, bytes + used, size - used, buffer, sizeof buffer,
                                     G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
        g_assert_cmpint(result, !=, G_CONVERTER_ERROR);
        g_byte_array_append(out, buffer, (guint)written);
        used += read;
    }
}

/* WHOLE, of the syntax CRAFT_DEFLATED, with its data set deflated. */
static inline GByteArray *craft_deflated(const GByteArray *whole)
{
    g_autoptr(GByteArray) meta = craft_new(CRAFT_DEFLATED);
    GByteArray *b = g_byte_array_new();
    g_byte_array_append(b, whole->data, meta->len);
    craft_deflate(b, whole->data + meta->len, whole->len - meta->len);
    return b;
}

static inline void craft_fragment(GByteArray *b, const void *bytes, guint length)
{
    craft_head(b, 0xfffee000, NULL, length + length % 2);
    g_byte_array_append(b, bytes, length);
    craft_zeros(b, length % 2);
}

/* One fragment behind an empty offset table. */
static inline void craft_encapsulated(GByteArray *b, const void *bytes, guint length)
{
    craft_head(b, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, 0);
    craft_fragment(b, bytes, length);
    craft_head(b, 0xfffee0dd, NULL, 0);
}

/* Writes B into FOLDER/NAME; the path is g_freed by the caller. */
static inline char *craft_save(const GByteArray *b, const char *folder, const char *name)
{
    GError *error = NULL;
    char *path = g_build_filename(folder, name, NULL);
    g_file_set_contents_full(path, (const char *)b->data, b->len, G_FILE_SET_CONTENTS_NONE, 0600,
                             &error);
    g_assert_no_error(error);
    return path;
}
