#include "dicom/preflight.h"

#include "core/error.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* No file may take more than this, whatever it says. */
#define MOST_SECONDS 5
#ifdef __SANITIZE_ADDRESS__
#define MOST_BYTES ((gint64)1 << 30)
#else
#define MOST_BYTES ((gint64)256 << 20)
#endif

static const CraftImage plain = CRAFT_IMAGE;

static GByteArray *sound(void)
{
    static const guint16 pixels[24] = {1, 2, 3};
    GByteArray *b = craft_header(&plain);
    craft_pixels(b, pixels, sizeof pixels);
    return b;
}

/* ---- files that are no DICOM --------------------------------------------------------------- */

static GByteArray *of_text(const char *text, guint zeros)
{
    GByteArray *b = g_byte_array_new();
    g_byte_array_append(b, (const guint8 *)text, (guint)strlen(text));
    craft_zeros(b, zeros);
    return b;
}

static GByteArray *empty(void)
{
    return g_byte_array_new();
}

static GByteArray *one_byte(void)
{
    return of_text("x", 0);
}

static GByteArray *a_text(void)
{
    return of_text("Dear reader, this is a letter and no picture at all.\n", 400);
}

static GByteArray *only_preamble(void)
{
    GByteArray *b = g_byte_array_new();
    craft_zeros(b, 128);
    return b;
}

static GByteArray *only_magic(void)
{
    GByteArray *b = only_preamble();
    g_byte_array_append(b, (const guint8 *)"DICM", 4);
    return b;
}

static GByteArray *no_preamble(void)
{
    GByteArray *b = sound();
    g_byte_array_remove_range(b, 0, 132);
    return b;
}

static GByteArray *noise(void)
{
    GByteArray *b = g_byte_array_new();
    GRand *rand = g_rand_new_with_seed(1);
    for (guint i = 0; i < 50000; i++)
        craft_u32(b, g_rand_int(rand));
    g_rand_free(rand);
    return b;
}

static GByteArray *other_syntax(void)
{
    return craft_new("1.2.3.4");
}

static GByteArray *syntax_no_uid(void)
{
    return craft_new("x%s%n");
}

/* ---- lengths ------------------------------------------------------------------------------- */

static GByteArray *long_value(const char *syntax, guint32 tag, const char *vr)
{
    GByteArray *b = craft_new(syntax);
    craft_head(b, tag, vr, 0xfffffff0);
    craft_zeros(b, 64);
    return b;
}

static GByteArray *long_ow(void)
{
    return long_value(CRAFT_EXPLICIT, 0x7fe00010, "OW");
}

static GByteArray *long_un(void)
{
    return long_value(CRAFT_EXPLICIT, 0x00091001, "UN");
}

static GByteArray *long_ut(void)
{
    return long_value(CRAFT_EXPLICIT, 0x00400a16, "UT");
}

static GByteArray *long_sq(void)
{
    return long_value(CRAFT_EXPLICIT, 0x00081140, "SQ");
}

static GByteArray *long_private(void)
{
    return long_value(CRAFT_IMPLICIT, 0x00091001, NULL);
}

static GByteArray *bad_vr(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_head(b, 0x00080005, "\1\2", 4);
    craft_zeros(b, 4);
    return b;
}

static GByteArray *unknown_vr(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00091001, "XX", "what comes next?");
    craft_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    return b;
}

/* An item that is longer than the sequence that holds it. */
static GByteArray *item_over_sequence(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_head(b, 0x00081140, "SQ", 16);
    craft_head(b, 0xfffee000, NULL, 32);
    craft_zeros(b, 64);
    return b;
}

static GByteArray *stray_item(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_head(b, 0xfffee000, NULL, 0);
    return b;
}

static GByteArray *stray_delimiter(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_head(b, 0xfffee0dd, NULL, 0);
    return b;
}

/* ---- too much of something ----------------------------------------------------------------- */

/* DEPTH sequences, each in an item of the one before; closed where it is WHOLE. */
static GByteArray *nested(const char *syntax, const char *vr, int depth, gboolean whole)
{
    GByteArray *b = craft_new(syntax);
    for (int i = 0; i < depth; i++) {
        craft_head(b, 0x00081140, vr, (guint32)CRAFT_UNDEFINED);
        craft_head(b, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
        if (vr && strcmp(vr, "UN") == 0)
            vr = NULL; /* inside UN all is implicit */
    }
    for (int i = 0; whole && i < depth; i++) {
        craft_head(b, 0xfffee00d, NULL, 0);
        craft_head(b, 0xfffee0dd, NULL, 0);
    }
    return b;
}

static GByteArray *nested_60(void)
{
    return nested(CRAFT_EXPLICIT, "SQ", 60, TRUE);
}

static GByteArray *nested_60_open(void)
{
    return nested(CRAFT_EXPLICIT, "SQ", 60, FALSE);
}

static GByteArray *nested_1000(void)
{
    return nested(CRAFT_EXPLICIT, "SQ", 1000, TRUE);
}

static GByteArray *nested_6000_implicit(void)
{
    return nested(CRAFT_IMPLICIT, NULL, 6000, TRUE);
}

static GByteArray *nested_6000_un(void)
{
    return nested(CRAFT_EXPLICIT, "UN", 6000, TRUE);
}

static GByteArray *nested_100000(void)
{
    return nested(CRAFT_EXPLICIT, "SQ", 100000, TRUE);
}

/* N times the same eight bytes behind what B holds. */
static GByteArray *repeated(GByteArray *b, guint n, guint32 tag, const char *vr)
{
    const guint from = b->len;
    craft_head(b, tag, vr, 0);
    g_assert_cmpuint(b->len - from, ==, 8);
    guint8 head[8];
    memcpy(head, b->data + from, 8);
    g_byte_array_set_size(b, from + 8 * n);
    for (guint i = 0; i < n; i++)
        memcpy(b->data + from + (gsize)i * 8, head, 8);
    return b;
}

static GByteArray *elements_2m(void)
{
    return repeated(craft_new(CRAFT_EXPLICIT), 2000000, 0x00091001, "LO");
}

static GByteArray *items_3m(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_head(b, 0x00081140, "SQ", (guint32)CRAFT_UNDEFINED);
    return repeated(b, 3000000, 0xfffee000, NULL);
}

static GByteArray *fragments_2m(void)
{
    GByteArray *b = craft_new(CRAFT_JPEG);
    craft_head(b, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    return repeated(b, 2000000, 0xfffee000, NULL);
}

/* Many frames are declared, so more elements are allowed; not any number. */
static GByteArray *elements_of_frames(void)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00280008, "IS", "2147483647");
    return repeated(b, 2300000, 0x00291001, "LO");
}

static GByteArray *deflated(guint pixel_bytes)
{
    CraftImage image = plain;
    image.syntax = CRAFT_DEFLATED;
    g_autoptr(GByteArray) whole = craft_header(&image);
    craft_head(whole, 0x7fe00010, "OW", pixel_bytes);
    craft_zeros(whole, pixel_bytes);
    return craft_deflated(whole);
}

static GByteArray *deflated_sound(void)
{
    return deflated(48);
}

static GByteArray *deflate_bomb(void)
{
    return deflated(DKM_PREFLIGHT_INFLATED + 48);
}

static GByteArray *deflate_damaged(void)
{
    GByteArray *b = deflated(48);
    memset(b->data + b->len - 40, 0xff, 20);
    return b;
}

static GByteArray *deflate_cut(void)
{
    GByteArray *b = deflated(48);
    g_byte_array_set_size(b, b->len - 10);
    return b;
}

/* ---- sizes that the header must refuse ----------------------------------------------------- */

static GByteArray *image_of(CraftImage image)
{
    GByteArray *b = craft_header(&image);
    static const guint8 pixels[512];
    craft_pixels(b, pixels, sizeof pixels);
    return b;
}

#define WITH(name, ...)                                                                            \
    static GByteArray *name(void)                                                                  \
    {                                                                                              \
        CraftImage image = plain;                                                                  \
        __VA_ARGS__;                                                                               \
        return image_of(image);                                                                    \
    }

WITH(rows_0, image.rows = 0)
WITH(sides_65535, image.rows = image.columns = 65535)
WITH(frames_2_31, image.frames = "2147483647")
WITH(frames_negative, image.frames = "-5")
WITH(allocated_64, image.allocated = 64)
WITH(allocated_32, image.allocated = 32)
WITH(stored_17, image.stored = 17)
WITH(samples_0, image.samples = 0)
WITH(samples_3, image.samples = 3)
WITH(too_many_pixels, image.rows = 4)
WITH(too_few_pixels, image.rows = 64)

static GByteArray *no_pixels(void)
{
    return craft_header(&plain);
}

static GByteArray *pixels_in_implicit(void)
{
    GByteArray *b = craft_new(CRAFT_IMPLICIT);
    craft_head(b, 0x7fe00010, NULL, (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, 0);
    return b;
}

/* ---- the table ----------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    GByteArray *(*make)(void);
    const char *preflight, *scan; /* what each says; NULL: nothing */
} Row;

static const Row rows[] = {
    {"sound", sound, NULL, NULL},
    {"empty", empty, "not a DICOM file", "not a DICOM file"},
    {"one-byte", one_byte, "not a DICOM file", "not a DICOM file"},
    {"text", a_text, "not a DICOM file", "not a DICOM file"},
    {"only-preamble", only_preamble, "not a DICOM file", "not a DICOM file"},
    {"only-magic", only_magic, "no transfer syntax", "no transfer syntax"},
    {"no-preamble", no_preamble, "not a DICOM file", "not a DICOM file"},
    {"noise", noise, "not a DICOM file", "not a DICOM file"},
    {"other-syntax", other_syntax, "1.2.3.4 is not read", "1.2.3.4 is not read"},
    {"syntax-no-uid", syntax_no_uid, "is not a UID", "is not a UID"},
    {"long-ow", long_ow, "cut off in (7fe0,0010)", "cut off in (7fe0,0010)"},
    {"long-un", long_un, "cut off in (0009,1001)", "cut off in (0009,1001)"},
    {"long-ut", long_ut, "cut off in (0040,0a16)", "cut off in (0040,0a16)"},
    {"long-sq", long_sq, "cut off in (0008,1140)", "cut off in (0008,1140)"},
    {"long-private", long_private, "cut off in (0009,1001)", "cut off in (0009,1001)"},
    {"bad-vr", bad_vr, "no value representation", "no value representation"},
    {"unknown-vr", unknown_vr, "(0009,1001) has an unknown value", "unknown value"},
    {"item-over-sequence", item_over_sequence, "cut off in (fffe,e000)", "cut off"},
    {"stray-item", stray_item, "an item stands outside", "an item stands outside"},
    {"stray-delimiter", stray_delimiter, "a delimiter stands outside", "a delimiter"},
    {"nested-60", nested_60, NULL, "no SOP class UID"},
    {"nested-60-open", nested_60_open, "cut off inside a sequence", "cut off inside a sequence"},
    {"nested-1000", nested_1000, "nested more than 64 deep", "nested more than 64 deep"},
    {"nested-6000-implicit", nested_6000_implicit, "nested more than", "nested more than"},
    {"nested-6000-un", nested_6000_un, "nested more than", "nested more than"},
    {"nested-100000", nested_100000, "nested more than", "nested more than"},
    {"elements-2m", elements_2m, "more than 200000 elements", "more than 200000 elements"},
    {"elements-of-frames", elements_of_frames, "more than 471875 elements", "more than 471875"},
    {"items-3m", items_3m, "more than 200000 elements", "more than 200000 elements"},
    {"fragments-2m", fragments_2m, "more than 100000 fragments", "more than 100000 fragments"},
    {"deflated", deflated_sound, NULL, NULL},
    {"deflate-bomb", deflate_bomb, "over 64 MiB", "over 64 MiB"},
    {"deflate-damaged", deflate_damaged, "deflated data set is damaged", "damaged"},
    {"deflate-cut", deflate_cut, "deflated data set is damaged", "damaged"},
    {"pixels-in-implicit", pixels_in_implicit, "undefined length in an implicit", "undefined"},
    {"rows-0", rows_0, NULL, "rows or columns are missing"},
    {"sides-65535", sides_65535, NULL, "over 4096"},
    {"frames-2^31", frames_2_31, NULL, "more than 100000 frames"},
    {"frames-negative", frames_negative, NULL, "pixel data of 512 bytes where 48 belong"},
    {"allocated-64", allocated_64, NULL, "bits allocated are not 8 or 16"},
    {"allocated-32", allocated_32, NULL, "bits allocated are not 8 or 16"},
    {"stored-17", stored_17, NULL, "bits stored do not fit"},
    {"samples-0", samples_0, NULL, "sample"},
    {"samples-3", samples_3, NULL, "more than one sample"},
    {"too-many-pixels", too_many_pixels, NULL, "pixel data of 512 bytes where 48 belong"},
    {"too-few-pixels", too_few_pixels, NULL, "pixel data of 512 bytes where 768 belong"},
    {"no-pixels", no_pixels, NULL, "no pixel data"},
};

static char *folder;

static gint64 most_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (gint64)usage.ru_maxrss * 1024;
}

/* The file at PATH in a scan: accepted, or refused with a reason that holds SAYS. */
static void assert_scanned(const char *path, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, NULL, NULL, &error);
    if (!says) {
        g_assert_no_error(error);
        g_assert_cmpuint(table->frames->len, ==, 1);
        return;
    }
    g_assert_null(table);
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, says);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GError) error = NULL;
    DkmPreflight out;
    g_autoptr(GByteArray) bytes = row->make();
    g_autofree char *path = craft_save(bytes, folder, row->name);
    g_byte_array_set_size(bytes, 0);
    const gint64 before = most_bytes(), start = g_get_monotonic_time();
    g_assert_cmpint(dkm_preflight_file(path, &out, &error), ==, row->preflight == NULL);
    if (row->preflight) {
        g_assert_true(g_error_matches(error, DKM_ERROR, DKM_ERROR_INPUT) ||
                      g_error_matches(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED));
        assert_says(error->message, row->preflight);
    } else {
        g_assert_no_error(error);
    }
    assert_scanned(path, row->scan);
    g_assert_cmpint(g_get_monotonic_time() - start, <, MOST_SECONDS * G_USEC_PER_SEC);
    g_assert_cmpint(most_bytes() - before, <, MOST_BYTES);
    g_unlink(path);
}

/* What the walk found of a sound file. */
static void test_found(void)
{
    DkmPreflight out;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) bytes = sound();
    g_autofree char *path = craft_save(bytes, folder, "found");
    g_assert_true(dkm_preflight_file(path, &out, &error));
    g_assert_cmpstr(out.transfer_syntax, ==, CRAFT_EXPLICIT);
    g_assert_cmpuint(out.file_size, ==, bytes->len);
    g_assert_cmpuint(out.pixel_length, ==, 48);
    g_assert_cmpuint(out.pixel_offset, ==, bytes->len - 48);
    g_assert_true(out.pixels_are_words && !out.encapsulated && !out.implicit && !out.deflated);
    g_assert_cmpint(out.rows, ==, 4);
    g_assert_cmpint(out.columns, ==, 6);
    g_assert_cmpint(out.samples, ==, 1);
    g_assert_cmpint(out.bits_allocated, ==, 16);
    g_assert_cmpint(out.high_bit, ==, 15);
    g_unlink(path);
}

/* The elements that were asked for, whole, and nothing behind the pixel data. */
static void test_excerpt(void)
{
    static const guint32 tags[] = {0x00080016, 0x0020000d, 0x00280010, 0x00400260, 0x7ffe0010};
    static const DkmTags wanted = {tags, G_N_ELEMENTS(tags)};
    DkmPreflight out;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) expected = g_byte_array_new(), excerpt = g_byte_array_new();
    craft_text(expected, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4");
    craft_text(expected, 0x0020000d, "UI", "1.2.3.4.5");
    craft_us(expected, 0x00280010, 4);
    const guint top = expected->len;
    craft_head(expected, 0x00400260, "SQ", (guint32)CRAFT_UNDEFINED);
    craft_head(expected, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
    craft_text(expected, 0x00080016, "UI", "1.2");
    craft_head(expected, 0xfffee00d, NULL, 0);
    craft_head(expected, 0xfffee0dd, NULL, 0);
    g_autoptr(GByteArray) bytes = craft_header(&plain);
    g_byte_array_append(bytes, expected->data + top, expected->len - top);
    craft_pixels(bytes, "0123456789", 10);
    craft_text(bytes, 0x7ffe0010, "LO", "behind");
    g_autofree char *path = craft_save(bytes, folder, "excerpt");
    g_assert_true(dkm_preflight_excerpt(path, &wanted, &out, excerpt, &error));
    g_assert_cmpmem(excerpt->data, excerpt->len, expected->data, expected->len);
    g_assert_cmpuint(out.pixel_length, ==, 10);
    g_unlink(path);
}

/* Cut anywhere, a file is refused, or it has lost its pixel data and says so. */
static void test_cut(void)
{
    g_autoptr(GByteArray) bytes = sound();
    g_autofree char *path = craft_save(bytes, folder, "cut");
    guint whole = 0;
    for (guint n = bytes->len; n-- > 0;) {
        DkmPreflight out;
        g_assert_cmpint(truncate(path, n), ==, 0);
        if (!dkm_preflight_file(path, &out, NULL))
            continue;
        whole++;
        g_assert_cmpuint(out.pixel_offset, ==, 0);
        g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, NULL, NULL, NULL);
        g_assert_null(table);
    }
    g_unlink(path);
    g_assert_cmpuint(whole, >, 10); /* once behind each element */
}

static void test_fragments(void)
{
    DkmPreflight out;
    g_autoptr(GError) error = NULL;
    g_auto(DkmByteSource) source = {.fd = -1};
    CraftImage image = plain;
    image.syntax = CRAFT_RLE;
    g_autoptr(GByteArray) bytes = craft_header(&image);
    craft_head(bytes, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    craft_head(bytes, 0xfffee000, NULL, 0);
    craft_fragment(bytes, "abc", 3);
    craft_fragment(bytes, "defghi", 6);
    craft_head(bytes, 0xfffee0dd, NULL, 0);
    g_autofree char *path = craft_save(bytes, folder, "fragments");
    g_assert_true(dkm_preflight_file(path, &out, &error));
    g_assert_true(out.encapsulated);
    g_assert_cmpuint(out.fragments, ==, 2);
    g_assert_true(dkm_byte_source_open(&source, path, &error));
    g_autoptr(GArray) items = dkm_preflight_fragments(&source, &out, &error);
    g_assert_no_error(error);
    static const guint lengths[] = {0, 4, 6};
    g_assert_cmpuint(items->len, ==, G_N_ELEMENTS(lengths));
    for (guint i = 0; i < items->len; i++)
        g_assert_cmpuint(g_array_index(items, DkmFragment, i).length, ==, lengths[i]);
    const guint8 *last =
        dkm_byte_source_at(&source, g_array_index(items, DkmFragment, 2).offset, 6);
    g_assert_cmpmem(last, 6, "defghi", 6);
    g_unlink(path);
}

/* Nothing waits for a pipe's other end, or reads a device for ever. */
static void test_no_files(void)
{
    g_autofree char *pipe = g_build_filename(folder, "pipe", NULL);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    const char *const paths[] = {pipe, folder, "/dev/zero", "/dev/null", "/nowhere/at/all"};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        DkmPreflight out;
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_preflight_file(paths[i], &out, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(error->message, i < 4 ? "not a regular file" : "cannot be opened");
    }
    assert_scanned(pipe, "not a regular file");
    g_unlink(pipe);
}

/* A sparse file of 5 GB, all of it one value. */
static void test_large(void)
{
    DkmPreflight out;
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) bytes = craft_new(CRAFT_DEFLATED);
    g_autofree char *path = craft_save(bytes, folder, "large");
    if (truncate(path, (off_t)5 << 30) != 0) {
        g_test_skip("no sparse file of 5 GB here");
        return;
    }
    g_assert_false(dkm_preflight_file(path, &out, &error));
    assert_says(error->message, "a deflated file of more than 64 MiB");
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(100); /* a hang is a failure */
    folder = fixture_folder();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/preflight/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/preflight/found", test_found);
    g_test_add_func("/preflight/excerpt", test_excerpt);
    g_test_add_func("/preflight/cut", test_cut);
    g_test_add_func("/preflight/fragments", test_fragments);
    g_test_add_func("/preflight/no-files", test_no_files);
    g_test_add_func("/preflight/large", test_large);
    const int status = g_test_run();
    fixture_remove(folder);
    g_free(folder);
    return status;
}
