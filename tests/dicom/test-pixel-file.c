#include "dicom/pixel-file.h"

#include "core/error.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

/* Reads FRAME of the file B into OUT, as large as B says that it is. */
static gboolean read_frame(const GByteArray *b, int frame, guint16 *out, GError **error)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *path = craft_save(b, folder, "1.dcm");
    DkmPixelFile file = {.source.fd = -1};
    gboolean is_read = dkm_pixel_file_open(&file, path, error);
    if (is_read) {
        const DkmFrameWanted wanted = {frame, file.preflight.rows, file.preflight.columns};
        is_read = dkm_pixel_file_read(&file, &wanted, out, error);
    }
    dkm_pixel_file_close(&file);
    fixture_remove(folder);
    return is_read;
}

/* An image without rows has no place to be read to. */
static void test_no_rows(void)
{
    for (guint i = 0; i < 2; i++) {
        CraftImage image = CRAFT_IMAGE;
        g_autoptr(GError) error = NULL;
        image.syntax = i ? CRAFT_RLE : CRAFT_EXPLICIT;
        image.rows = 0;
        g_autoptr(GByteArray) b = craft_header(&image);
        if (i)
            craft_encapsulated(b, "abcd", 4);
        else
            craft_pixels(b, "", 0);
        g_assert_false(read_frame(b, 0, NULL, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(error->message, "no rows or no columns");
    }
}

/* ---- which fragments make a frame ---------------------------------------------------------- */

enum { ROWS = 4, COLUMNS = 6, PIXELS = ROWS * COLUMNS, FRAMES = 3 };

/* RLE of a frame whose samples are all VALUE; an odd number of bytes. */
static GByteArray *coded_frame(guint8 value)
{
    const guint8 runs[] = {(guint8)(257 - PIXELS), value, 128}; /* 128: no operation */
    GByteArray *b = g_byte_array_new();
    craft_u32(b, 1);
    craft_u32(b, 64);
    craft_zeros(b, 56);
    g_byte_array_append(b, runs, sizeof runs);
    return b;
}

static void append_table(GByteArray *b, guint32 tag, const guint64 *values, guint n)
{
    craft_u16(b, tag >> 16);
    craft_u16(b, tag & 0xffff);
    g_byte_array_append(b, (const guint8 *)"OV\0\0", 4);
    craft_u32(b, 8 * n);
    for (guint i = 0; i < n; i++) {
        craft_u32(b, (guint32)values[i]);
        craft_u32(b, (guint32)(values[i] >> 32));
    }
}

/* 67 bytes a frame, 68 padded; in one fragment that is 76 bytes with its tag, in two 84. */
enum { LENGTH = 67, ONE = 76, TWO = 84 };

typedef struct {
    const char *name;
    gboolean is_split; /* the second frame, into two fragments */
    guint n_offsets, n_lengths;
    guint64 offsets[FRAMES + 1], lengths[FRAMES + 1];
    int bad_frame;    /* the one that is refused, -1: none */
    const char *says; /* how */
} Table;

#define LENGTHS                                                                                    \
    {                                                                                              \
        LENGTH, LENGTH, LENGTH                                                                     \
    }
static const Table tables[] = {
    {"whole", FALSE, 3, 3, {0, ONE, 2 * ONE}, LENGTHS, -1, NULL},
    {"no-lengths", FALSE, 3, 0, {0, ONE, 2 * ONE}, {0}, -1, NULL},
    {"split", TRUE, 3, 3, {0, ONE, ONE + TWO}, LENGTHS, -1, NULL},
    {"split-without", TRUE, 0, 0, {0}, {0}, 1, "nothing tells which fragments make a frame"},
    {"fewer", FALSE, 2, 0, {0, ONE}, {0}, 0, "does not fit the number of frames"},
    {"more", FALSE, 4, 0, {0, ONE, 2 * ONE, 3 * ONE}, {0}, 0, "does not fit the number of frames"},
    {"falling", FALSE, 3, 0, {0, 2 * ONE, ONE}, {0}, 1, "does not fit the number of frames"},
    {"between", FALSE, 3, 0, {0, ONE - 2, 2 * ONE}, {0}, 1, "points between fragments"},
    {"behind", FALSE, 3, 0, {0, ONE, 1 << 20}, {0}, 2, "a frame without a fragment"},
    {"far-behind", FALSE, 3, 0, {0, ONE, 1ull << 40}, {0}, 2, "a frame without a fragment"},
    {"short", FALSE, 3, 3, {0, ONE, 2 * ONE}, {LENGTH, 60, LENGTH}, 1, "the extended lengths"},
    {"long", FALSE, 3, 3, {0, ONE, 2 * ONE}, {LENGTH, 69, LENGTH}, 1, "the extended lengths"},
    {"fewer-lengths", FALSE, 3, 2, {0, ONE, 2 * ONE}, LENGTHS, 0, "the extended lengths"},
};

static GByteArray *craft_table(const Table *table)
{
    CraftImage image = CRAFT_IMAGE;
    image.syntax = CRAFT_RLE;
    image.frames = "3";
    image.allocated = image.stored = 8;
    image.high = 7;
    GByteArray *b = craft_header(&image);
    if (table->n_offsets)
        append_table(b, 0x7fe00001, table->offsets, table->n_offsets);
    if (table->n_lengths)
        append_table(b, 0x7fe00002, table->lengths, table->n_lengths);
    craft_head(b, 0x7fe00010, "OB", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, 0);
    for (guint8 frame = 0; frame < FRAMES; frame++) {
        g_autoptr(GByteArray) coded = coded_frame(frame + 5);
        const guint first = table->is_split && frame == 1 ? 40 : coded->len;
        craft_fragment(b, coded->data, first);
        if (first < coded->len)
            craft_fragment(b, coded->data + first, coded->len - first);
    }
    craft_head(b, 0xfffee0dd, NULL, 0);
    return b;
}

static void test_extended(gconstpointer data)
{
    const Table *table = data;
    g_autoptr(GByteArray) b = craft_table(table);
    for (int frame = 0; frame < FRAMES; frame++) {
        guint16 out[PIXELS];
        g_autoptr(GError) error = NULL;
        if (read_frame(b, frame, out, &error)) {
            g_assert_cmpint(frame, !=, table->bad_frame);
            for (int i = 0; i < PIXELS; i++)
                g_assert_cmpuint(out[i], ==, (guint)frame + 5);
        } else if (frame == table->bad_frame) {
            g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
            assert_says(error->message, table->says);
        } else { /* others may suffer from the same table */
            g_assert_cmpint(table->bad_frame, >=, 0);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pixel-file/no-rows", test_no_rows);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *path = g_strconcat("/pixel-file/extended/", tables[i].name, NULL);
        g_test_add_data_func(path, &tables[i], test_extended);
    }
    return g_test_run();
}
