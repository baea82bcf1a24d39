/* The seeds of the fuzzers: small files by our own writers and by hand, into ARGV[1]/TARGET/. */
#include "core/image/tiff-stack.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/dicom/streams.h"

#include <stdio.h>

static const char *root;

static void put(const char *target, const char *name, const void *bytes, gsize size)
{
    GError *error = NULL;
    g_autofree char *folder = g_build_filename(root, target, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_file_set_contents_full(path, bytes, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0644, &error);
    g_assert_no_error(error);
}

static void put_file(const char *target, const char *name, const char *path)
{
    GError *error = NULL;
    g_autofree char *bytes = NULL;
    gsize size;
    g_file_get_contents(path, &bytes, &size, &error);
    g_assert_no_error(error);
    put(target, name, bytes, size);
}

/* One DICOM file for all who walk it. */
static void put_dicom(const char *name, const GByteArray *b)
{
    static const char *const targets[] = {"preflight", "scan", "pixels"};
    for (guint i = 0; i < G_N_ELEMENTS(targets); i++)
        put(targets[i], name, b->data, b->len);
}

/* ---- pictures ------------------------------------------------------------------------------ */

static void put_coded(const char *name, const CraftImage *image, GBytes *stream)
{
    gsize size;
    const guint8 *bytes = g_bytes_get_data(stream, &size);
    g_autoptr(GByteArray) b = craft_header(image);
    craft_encapsulated(b, bytes, (guint)size);
    put_dicom(name, b);
}

static void put_raw(void)
{
    guint16 samples[STREAM_ROWS * STREAM_COLUMNS];
    CraftImage image = CRAFT_IMAGE;
    image.rows = STREAM_ROWS;
    image.columns = STREAM_COLUMNS;
    for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
        samples[i] = (guint16)(i * 77);
    g_autoptr(GByteArray) raw = craft_header(&image);
    craft_pixels(raw, samples, sizeof samples);
    put_dicom("raw", raw);
    image.syntax = CRAFT_DEFLATED;
    g_autoptr(GByteArray) whole = craft_header(&image);
    craft_pixels(whole, samples, sizeof samples);
    g_autoptr(GByteArray) deflated = craft_deflated(whole);
    put_dicom("deflated", deflated);
    image.syntax = CRAFT_RLE;
    g_autoptr(GByteArray) packed =
        stream_rle((const guint8 *)samples, G_N_ELEMENTS(samples), sizeof samples[0]);
    g_autoptr(GBytes) stream = g_bytes_new(packed->data, packed->len);
    put_coded("rle", &image, stream);
}

static void put_codecs(void)
{
    CraftImage image = CRAFT_IMAGE;
    image.rows = STREAM_ROWS;
    image.columns = STREAM_COLUMNS;
    g_autoptr(GBytes) lossless = g_bytes_new_static(stream_lossless, sizeof stream_lossless);
    image.syntax = CRAFT_JPEG;
    put_coded("jpeg-lossless", &image, lossless);
    image.stored = 12;
    image.high = 11;
    g_autoptr(GBytes) extended = stream_sequential(0xc1, 12);
    image.syntax = "1.2.840.10008.1.2.4.51";
    put_coded("jpeg-extended", &image, extended);
    g_autoptr(GBytes) ht =
        g_bytes_new_static(stream_high_throughput, sizeof stream_high_throughput);
    image.syntax = "1.2.840.10008.1.2.4.201";
    put_coded("htj2k", &image, ht);
    image.syntax = "1.2.840.10008.1.2.4.90";
    put_coded("j2k", &image, ht);
    image.allocated = image.stored = 8;
    image.high = 7;
    g_autoptr(GBytes) baseline = stream_sequential(0xc0, 8);
    image.syntax = "1.2.840.10008.1.2.4.50";
    put_coded("jpeg-baseline", &image, baseline);
    image.syntax = "1.2.840.10008.1.2.4.80";
    put_coded("jpeg-ls", &image, baseline);
}

/* Several frames, each in a fragment of its own, and in two. */
static void put_frames(void)
{
    static const guint8 flat[] = {0xfd, 7, 0xf0, 7}; /* PackBits of 24 bytes, more or less */
    CraftImage image = CRAFT_IMAGE;
    image.syntax = CRAFT_RLE;
    image.frames = "3";
    image.allocated = image.stored = 8;
    image.high = 7;
    g_autoptr(GByteArray) fragment = g_byte_array_new();
    craft_u32(fragment, 1);
    craft_u32(fragment, 64);
    craft_zeros(fragment, 56);
    g_byte_array_append(fragment, flat, sizeof flat);
    g_autoptr(GByteArray) b = craft_header(&image);
    craft_head(b, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, 12);
    for (guint k = 0; k < 3; k++)
        craft_u32(b, k * (8 + fragment->len));
    for (guint k = 0; k < 3; k++)
        craft_fragment(b, fragment->data, fragment->len);
    craft_fragment(b, flat, sizeof flat);
    craft_head(b, 0xfffee0dd, NULL, 0);
    put_dicom("frames", b);
}

/* ---- objects by our own writers ------------------------------------------------------------ */

static void put_seg(const Fixture *f)
{
    GError *error = NULL;
    const DkmGrid *grid = dkm_volume_grid(f->volumes[0]);
    g_autoptr(DkmMask) mask = dkm_mask_new(grid, &error);
    g_assert_no_error(error);
    dkm_mask_slice(mask, 0)[9] = dkm_mask_slice(mask, 1)[10] = 1;
    const DkmSegSegment segment = {
        .mask = mask, .label = "Lesion 1", .tracking_id = "1", .tracking_uid = "2.25.1"};
    const DkmSegRequest request = {.table = f->table,
                                   .phases = &f->phases,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .algorithm_name = "DKM",
                                   .algorithm_version = "0",
                                   .algorithm_parameters = "none",
                                   .uid_seed = "fuzz"};
    g_autofree char *path = g_build_filename(f->folder, "seg", NULL);
    g_assert_true(dkm_dicom_write_seg(&request, path, NULL, &error));
    g_assert_no_error(error);
    put_file("seg", "binary", path);
    put_file("preflight", "seg", path);
    put_file("scan", "seg", path);
    g_unlink(path);
}

static void put_series(void)
{
    static const char *const layouts[] = {"ucsf", "ge", "siemens", "philips", "enhanced"};
    const DkmGrid grid = fixture_grid(LATTICE_OBLIQUE, 2, 5, 7);
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        Fixture f;
        fixture_write(&f, layouts[i], 2, &grid);
        const char *path = dkm_frame_table_get(f.table, 0)->path;
        put_file("scan", layouts[i], path);
        if (i >= 3)
            put_file("preflight", layouts[i], path);
        if (i == 4)
            put_file("pixels", layouts[i], path);
        if (i == 0)
            put_seg(&f);
        fixture_clear(&f);
    }
}

static void put_safetensors(void)
{
    static const struct {
        const char *name, *header;
        gsize bytes;
    } files[] = {
        {"one", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24},
        {"two",
         "{\"__metadata__\":{\"kind\":\"dkm\",\"note\":\"\\u00e9\"},\"sm.in.weight\":{\"dtype\":"
         "\"F32\",\"shape\":[2,1,1,3],\"data_offsets\":[4,28]},\"b\":{\"dtype\":\"F32\",\"shape\":"
         "[1],\"data_offsets\":[0,4]}}",
         28},
        {"none",
         "{\"__metadata__\":{\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca"
         "495991b7852b855\"}}",
         0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GByteArray) b = g_byte_array_new();
        craft_u32(b, (guint32)strlen(files[i].header));
        craft_u32(b, 0);
        g_byte_array_append(b, (const guint8 *)files[i].header, (guint)strlen(files[i].header));
        craft_zeros(b, (guint)files[i].bytes);
        put("safetensors", files[i].name, b->data, b->len);
    }
}

/* Plain 8-bit pages without a predictor, as libtiff's own defaults have it. */
static void put_tiff(void)
{
    GError *error = NULL;
    g_autofree char *folder = fixture_folder();
    g_autofree char *path = g_build_filename(folder, "a.tif", NULL);
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 5, 7);
    guint8 labels[70];
    float values[70];
    for (int i = 0; i < 70; i++)
        values[i] = labels[i] = (guint8)i;
    g_assert_true(dkm_tiff_write_u8(path, &grid, labels, "research use only", &error));
    put_file("tiff", "labels", path);
    g_assert_true(dkm_tiff_write_f32(path, &grid, values, "research use only", &error));
    put_file("tiff", "floats", path);
    fixture_remove(folder);
    /* classic, one page of 2 x 3, RGB, uncompressed: what other programs write */
    static const guint16 entries[][4] = {/* tag, type, count, value */
                                         {256, 3, 1, 3}, {257, 3, 1, 2}, {258, 3, 1, 8},
                                         {259, 3, 1, 1}, {262, 3, 1, 2}, {273, 4, 1, 122},
                                         {277, 3, 1, 3}, {278, 3, 1, 2}, {279, 4, 1, 18}};
    g_autoptr(GByteArray) b = g_byte_array_new();
    g_byte_array_append(b, (const guint8 *)"II*", 4);
    craft_u32(b, 8);
    craft_u16(b, G_N_ELEMENTS(entries));
    for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
        craft_u16(b, entries[i][0]);
        craft_u16(b, entries[i][1]);
        craft_u32(b, entries[i][2]);
        craft_u32(b, entries[i][3]);
    }
    craft_u32(b, 0);
    craft_zeros(b, 18);
    put("tiff", "colour", b->data, b->len);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-corpus FOLDER\n");
        return 2;
    }
    root = argv[1];
    put_raw();
    put_codecs();
    put_frames();
    put_series();
    put_safetensors();
    put_tiff();
    return 0;
}
