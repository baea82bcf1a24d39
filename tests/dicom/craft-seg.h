/* Segmentation objects as others write them, made up byte by byte: any type, any order of frames,
 * with or without references. Not for: how ours are written. */
#pragma once

#include "core/mask.h"
#include "tests/dicom/craft.h"

#include <glib/gstdio.h>

typedef struct {
    const char *type;            /* "BINARY", "FRACTIONAL", "LABELMAP" */
    const DkmMask *const *masks; /* one a segment, on one grid; a FRACTIONAL value is 0 or 200 */
    int n_segments;
    int bits;             /* 1, 8 or 16 */
    int first_number;     /* of the segments; 0 means 1 */
    int padding;          /* of a LABELMAP; < 0: absent, and unset voxels are 0 */
    gboolean is_reversed; /* frames from the last slice to the first */
    gboolean is_rle;      /* of 8 or 16 bits */
    gboolean is_deflated; /* the whole data set */
    gboolean has_deflated_frames;
    gboolean has_empty;     /* also the frames that hold nothing */
    gboolean lacks_spacing; /* no SpacingBetweenSlices */
    const char *patient_id, *study_uid, *frame_of_reference_uid, *reference; /* NULL: absent */
    double off_mm; /* added to every position in the plane */
} CraftSeg;

static inline void craft_begin(GByteArray *b, guint32 sequence)
{
    craft_head(b, sequence, "SQ", (guint32)CRAFT_UNDEFINED);
}

static inline void craft_item(GByteArray *b)
{
    craft_head(b, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
}

static inline void craft_end_item(GByteArray *b)
{
    craft_head(b, 0xfffee00d, NULL, 0);
}

static inline void craft_end(GByteArray *b)
{
    craft_head(b, 0xfffee0dd, NULL, 0);
}

/* An optional text. */
static inline void craft_some(GByteArray *b, guint32 tag, const char *vr, const char *text)
{
    if (text)
        craft_text(b, tag, vr, text);
}

static inline void craft_reals(GByteArray *b, guint32 tag, const double *values, int n)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < n; i++)
        g_string_append_printf(text, "%s%.10g", i ? "\\" : "", values[i]);
    craft_text(b, tag, "DS", text->str);
}

static inline void craft_seg_header(GByteArray *b, const CraftSeg *c, int frames)
{
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    const gboolean is_labelmap = strcmp(c->type, "LABELMAP") == 0;
    g_autofree char *number = g_strdup_printf("%d", frames);
    craft_text(b, 0x00080016, "UI",
               is_labelmap ? "1.2.840.10008.5.1.4.1.1.66.7" : "1.2.840.10008.5.1.4.1.1.66.4");
    craft_text(b, 0x00080018, "UI", "1.2.3.77");
    if (c->reference) {
        craft_begin(b, 0x00081115);
        craft_item(b);
        craft_begin(b, 0x0008114a);
        craft_item(b);
        craft_text(b, 0x00081155, "UI", c->reference);
        craft_end_item(b);
        craft_end(b);
        craft_end_item(b);
        craft_end(b);
    }
    craft_some(b, 0x00100020, "LO", c->patient_id);
    craft_some(b, 0x0020000d, "UI", c->study_uid);
    craft_some(b, 0x00200052, "UI", c->frame_of_reference_uid);
    craft_us(b, 0x00280002, 1);
    craft_text(b, 0x00280008, "IS", number);
    craft_us(b, 0x00280010, (guint)grid->n[1]);
    craft_us(b, 0x00280011, (guint)grid->n[2]);
    craft_us(b, 0x00280100, (guint)c->bits);
    craft_us(b, 0x00280101, (guint)c->bits);
    craft_us(b, 0x00280102, (guint)c->bits - 1);
    if (is_labelmap && c->padding >= 0)
        craft_us(b, 0x00280120, (guint)c->padding);
    craft_text(b, 0x00620001, "CS", c->type);
}

static inline void craft_seg_segments(GByteArray *b, const CraftSeg *c)
{
    craft_begin(b, 0x00620002);
    for (int s = 0; s < c->n_segments; s++) {
        craft_item(b);
        craft_us(b, 0x00620004, (guint)(MAX(c->first_number, 1) + s));
        craft_text(b, 0x00620005, "LO", "Segment");
        craft_end_item(b);
    }
    craft_end(b);
    if (strcmp(c->type, "FRACTIONAL") == 0)
        craft_us(b, 0x0062000e, 200);
}

static inline void craft_seg_shared(GByteArray *b, const DkmGrid *grid, gboolean lacks_spacing)
{
    double directions[6];
    memcpy(directions, grid->axis_lps[2], sizeof grid->axis_lps[2]);
    memcpy(directions + 3, grid->axis_lps[1], sizeof grid->axis_lps[1]);
    craft_begin(b, 0x52009229);
    craft_item(b);
    craft_begin(b, 0x00209116);
    craft_item(b);
    craft_reals(b, 0x00200037, directions, 6);
    craft_end_item(b);
    craft_end(b);
    craft_begin(b, 0x00289110);
    craft_item(b);
    if (!lacks_spacing)
        craft_reals(b, 0x00180088, grid->spacing_mm, 1);
    craft_reals(b, 0x00280030, grid->spacing_mm + 1, 2);
    craft_end_item(b);
    craft_end(b);
    craft_end_item(b);
    craft_end(b);
}

static inline void craft_seg_frame(GByteArray *b, const CraftSeg *c, int segment, int z)
{
    double lps[3];
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    dkm_grid_to_lps(grid, (const double[]){z, 0, 0}, lps);
    for (int k = 0; k < 3; k++)
        lps[k] += c->off_mm * (grid->axis_lps[1][k] + grid->axis_lps[2][k]);
    craft_item(b);
    craft_begin(b, 0x00209113);
    craft_item(b);
    craft_reals(b, 0x00200032, lps, 3);
    craft_end_item(b);
    craft_end(b);
    if (strcmp(c->type, "LABELMAP") != 0) {
        craft_begin(b, 0x0062000a);
        craft_item(b);
        craft_us(b, 0x0062000b, (guint)(MAX(c->first_number, 1) + segment));
        craft_end_item(b);
        craft_end(b);
    }
    craft_end_item(b);
}

/* The value that voxel I of slice Z has in a frame of SEGMENT. */
static inline guint craft_seg_value(const CraftSeg *c, int segment, int z, gsize i)
{
    if (strcmp(c->type, "LABELMAP") != 0) {
        const gboolean set = dkm_mask_peek_slice(c->masks[segment], z)[i];
        return strcmp(c->type, "FRACTIONAL") == 0 ? 200u * set : (guint)set;
    }
    for (int s = 0; s < c->n_segments; s++)
        if (dkm_mask_peek_slice(c->masks[s], z)[i])
            return (guint)(MAX(c->first_number, 1) + s);
    return (guint)MAX(c->padding, 0);
}

/* Appends the pixels of one frame; *BIT counts them where a pixel is a bit. */
static inline void craft_seg_pixels(GByteArray *pixels, const CraftSeg *c, int segment, int z,
                                    gsize *bit)
{
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    for (gsize i = 0; i < (gsize)grid->n[1] * (gsize)grid->n[2]; i++, (*bit)++) {
        const guint value = craft_seg_value(c, segment, z, i);
        if (c->bits == 16)
            craft_u16(pixels, value);
        else if (c->bits == 8)
            craft_zeros(pixels, 1), pixels->data[pixels->len - 1] = (guint8)value;
        else {
            if (*bit % 8 == 0)
                craft_zeros(pixels, 1);
            pixels->data[*bit / 8] |= (guint8)(value << *bit % 8);
        }
    }
}

static inline gboolean craft_seg_has(const CraftSeg *c, int segment, int z)
{
    if (c->has_empty)
        return TRUE;
    if (strcmp(c->type, "LABELMAP") != 0)
        return dkm_mask_slice_count(c->masks[segment], z) > 0;
    for (int s = 0; s < c->n_segments; s++)
        if (dkm_mask_slice_count(c->masks[s], z))
            return TRUE;
    return FALSE;
}

/* One frame as an RLE fragment of literal runs: a segment for each byte of a pixel, high one first.
 */
static inline void craft_seg_rle(GByteArray *b, const guint8 *frame, guint n, guint bytes)
{
    enum { HEADER = 64, RUN = 128 };
    g_autoptr(GByteArray) coded = g_byte_array_new();
    craft_zeros(coded, HEADER);
    coded->data[0] = (guint8)bytes;
    for (guint s = 0; s < bytes; s++) {
        memcpy(coded->data + 4 * (s + 1), (const guint32[]){GUINT32_TO_LE(coded->len)}, 4);
        for (guint i = 0; i < n; i++) {
            if (i % RUN == 0)
                g_byte_array_append(coded, (const guint8[]){(guint8)(MIN(RUN, n - i) - 1)}, 1);
            g_byte_array_append(coded, frame + i * bytes + (bytes - 1 - s), 1);
        }
        craft_zeros(coded, coded->len & 1);
    }
    craft_fragment(b, coded->data, coded->len);
}

/* Bytes of a frame that stands for itself. */
static inline guint craft_seg_stride(const CraftSeg *c)
{
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    return ((guint)(grid->n[1] * grid->n[2]) * (guint)c->bits + 7) / 8;
}

static inline void craft_seg_deflate(GByteArray *b, const guint8 *frame, guint length)
{
    g_autoptr(GByteArray) coded = g_byte_array_new();
    craft_deflate(coded, frame, length);
    craft_fragment(b, coded->data, coded->len);
}

static inline void craft_seg_data(GByteArray *b, const CraftSeg *c, GByteArray *pixels, int frames)
{
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    const guint n = (guint)(grid->n[1] * grid->n[2]), bytes = (guint)c->bits / 8;
    if (!c->is_rle && !c->has_deflated_frames) {
        craft_zeros(pixels, pixels->len & 1);
        craft_head(b, 0x7fe00010, c->bits == 16 ? "OW" : "OB", pixels->len);
        g_byte_array_append(b, pixels->data, pixels->len);
        return;
    }
    craft_head(b, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, 0);
    for (int k = 0; k < frames; k++)
        if (c->is_rle)
            craft_seg_rle(b, pixels->data + (guint)k * n * bytes, n, bytes);
        else
            craft_seg_deflate(b, pixels->data + (guint)k * craft_seg_stride(c),
                              craft_seg_stride(c));
    craft_head(b, 0xfffee0dd, NULL, 0);
}

/* Its path in FOLDER; g_free. */
static inline char *craft_seg(const CraftSeg *c, const char *folder)
{
    const DkmGrid *grid = dkm_mask_grid(c->masks[0]);
    g_autoptr(GByteArray) groups = g_byte_array_new();
    g_autoptr(GByteArray) pixels = g_byte_array_new();
    const char *syntax = c->is_rle                ? CRAFT_RLE
                         : c->is_deflated         ? CRAFT_DEFLATED
                         : c->has_deflated_frames ? "1.2.840.10008.1.2.8.1"
                                                  : CRAFT_EXPLICIT;
    g_autoptr(GByteArray) b = craft_new(syntax);
    gsize bit = 0;
    int frames = 0;
    const int passes = strcmp(c->type, "LABELMAP") == 0 ? 1 : c->n_segments;
    for (int s = 0; s < passes; s++)
        for (int i = 0; i < grid->n[0]; i++) {
            const int z = c->is_reversed ? grid->n[0] - 1 - i : i;
            if (!craft_seg_has(c, s, z))
                continue;
            craft_seg_frame(groups, c, s, z);
            if (c->has_deflated_frames) /* each from a byte of its own on */
                bit = 8 * (gsize)pixels->len;
            craft_seg_pixels(pixels, c, s, z, &bit);
            frames++;
        }
    craft_seg_header(b, c, frames);
    craft_seg_segments(b, c);
    craft_seg_shared(b, grid, c->lacks_spacing);
    craft_begin(b, 0x52009230);
    g_byte_array_append(b, groups->data, groups->len);
    craft_end(b);
    craft_seg_data(b, c, pixels, frames);
    g_autofree char *earlier = g_build_filename(folder, "others.dcm", NULL);
    g_unlink(earlier); /* craft_save() does not cut what is longer */
    g_autoptr(GByteArray) deflated = c->is_deflated ? craft_deflated(b) : NULL;
    return craft_save(deflated ? deflated : b, folder, "others.dcm");
}
