#include "dicom/jpeg-walk.h"

#include "core/error.h"
#include "dicom/codec.h"
#include "tests/dicom/streams.h"
#include "tests/support/says.h"

#include <string.h>
#include <unistd.h>

enum { ROWS = STREAM_ROWS, COLUMNS = STREAM_COLUMNS };

enum { AT_SOF = 2, AT_DHT = 15, AT_SOS = 37, AT_DATA = 47, AT_EOI = 53 };

static const DkmJpegExpected expected = {ROWS, COLUMNS, 16, 16, DKM_JPEG_LOSSLESS};

/* The stream with N bytes at AT replaced by the LENGTH bytes BYTES. */
static GBytes *changed(gsize at, gsize n, const void *bytes, gsize length)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, stream_lossless, (guint)at);
    g_byte_array_append(out, bytes, (guint)length);
    g_byte_array_append(out, stream_lossless + at + n, (guint)(sizeof stream_lossless - at - n));
    return g_byte_array_free_to_bytes(out);
}

typedef struct {
    const char *name;
    gsize at, n;
    guint8 bytes[8];
    gsize length;
    const char *says; /* NULL: accepted */
} Row;

static const Row rows[] = {
    {"whole", 0, 0, {0}, 0, NULL},
    {"fill-bytes", AT_DHT, 0, {0xff, 0xff, 0xff}, 3, NULL},
    {"comment", AT_SOF, 0, {0xff, 0xfe, 0, 4, 'h', 'i'}, 6, NULL},
    {"padded-0", AT_EOI + 2, 0, {0}, 1, NULL},
    {"padded-ff", AT_EOI + 2, 0, {0xff}, 1, NULL},
    {"no-soi", 0, 2, {0xff, 0xd9}, 2, "no start"},
    {"no-eoi", AT_EOI, 2, {0}, 0, "no end"},
    {"tem-before-frame", AT_SOF, 0, {0xff, 0x01}, 2, "marker FF01"},
    {"tem-before-scan", AT_SOS, 0, {0xff, 0x01}, 2, "marker FF01"},
    {"tem-in-scan", AT_DATA + 2, 0, {0xff, 0x01}, 2, "marker FF01"},
    {"tem-behind-scan", AT_EOI, 0, {0xff, 0x01}, 2, "marker FF01"},
    {"restart-in-scan", AT_DATA + 2, 0, {0xff, 0xd3}, 2, NULL},
    {"stuffed", AT_DATA + 2, 2, {0xff, 0}, 2, NULL},
    {"table-in-scan", AT_DATA + 2, 0, {0xff, 0xc4}, 2, "marker FFC4 in the picture"},
    {"two-pictures", AT_EOI + 2, 0, {0xff, 0xd8, 0xff, 0xd9}, 4, "behind its end"},
    {"restart-before-frame", AT_SOF, 0, {0xff, 0xd0}, 2, "marker FFD0"},
    {"second-soi", AT_SOF, 0, {0xff, 0xd8}, 2, "marker FFD8"},
    {"eoi-before-scan", AT_SOS, 0, {0xff, 0xd9}, 2, "marker FFD9"},
    {"garbage", AT_DHT, 2, {'a', 'b'}, 2, "no marker at byte 15"},
    {"segment-too-long", AT_DHT + 2, 2, {0xff, 0xff}, 2, "a segment of FFC4 is cut off"},
    {"segment-of-1", AT_DHT + 2, 2, {0, 1}, 2, "a segment of FFC4 is cut off"},
    {"baseline", AT_SOF + 1, 1, {0xc0}, 1, "coding process FFC0"},
    {"jpeg-ls", AT_SOF + 1, 1, {0xf7}, 1, "coding process FFF7"},
    {"fewer-rows", AT_SOF + 6, 1, {ROWS - 1}, 1, "5 x 8 pixels of 1 samples where 6 x 8 belong"},
    {"more-rows", AT_SOF + 5, 1, {0xff}, 1, "65286 x 8"},
    {"no-rows", AT_SOF + 6, 1, {0}, 1, "0 x 8"},
    {"fewer-columns", AT_SOF + 8, 1, {1}, 1, "6 x 1"},
    {"colour", AT_SOF + 9, 1, {3}, 1, "of 3 samples"},
    {"12-bit", AT_SOF + 4, 1, {12}, 1, "12 bits a sample where 16 belong"},
    {"short-frame-header", AT_SOF + 2, 2, {0, 5}, 2, "its frame header is too short"},
    {"no-frame", AT_SOF, AT_DHT - AT_SOF, {0}, 0, "a scan before its frame header"},
    {"two-frames",
     AT_DHT,
     AT_SOS - AT_DHT,
     {0xff, 0xc3, 0, 6, 16, 0, 6, 0},
     8,
     "two frame headers"},
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) stream = changed(row->at, row->n, row->bytes, row->length);
    g_assert_cmpint(dkm_jpeg_walk(stream, &expected, &error), ==, row->says == NULL);
    if (!row->says) {
        g_assert_no_error(error);
        return;
    }
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, row->says);
}

/* In JPEG-LS FF01 is data, FF80 is not. */
static void test_ls(void)
{
    static const struct {
        guint8 byte;
        gboolean good;
    } behind_ff[] = {{0, TRUE}, {1, TRUE}, {0x7f, TRUE}, {0x80, FALSE}, {0xc4, FALSE}};
    DkmJpegExpected ls = expected;
    ls.process = DKM_JPEG_LS;
    for (guint i = 0; i < G_N_ELEMENTS(behind_ff); i++) {
        g_autoptr(GError) error = NULL;
        const guint8 pair[2] = {0xff, behind_ff[i].byte};
        g_autoptr(GBytes) lossless_stream = changed(AT_DATA, 2, pair, 2);
        gsize size;
        const guint8 *bytes = g_bytes_get_data(lossless_stream, &size);
        g_autofree guint8 *copy = g_memdup2(bytes, size);
        copy[AT_SOF + 1] = 0xf7;
        g_autoptr(GBytes) stream = g_bytes_new_static(copy, size);
        g_assert_cmpint(dkm_jpeg_walk(stream, &ls, &error), ==, behind_ff[i].good);
    }
}

static void test_decoded(void)
{
    GError *error = NULL;
    guint16 samples[ROWS * COLUMNS];
    g_autoptr(GBytes) stream = g_bytes_new_static(stream_lossless, sizeof stream_lossless);
    const DkmCodedImage image = {"1.2.840.10008.1.2.4.70", ROWS, COLUMNS, 16, 16, 0};
    g_assert_true(dkm_codec_decode(stream, &image, samples, &error));
    g_assert_no_error(error);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        g_assert_cmpuint(samples[i], ==, 32768);
}

/* Cut anywhere: refused by the walk, or by the decoder, and never a hang. */
static void test_cut(void)
{
    const DkmCodedImage image = {"1.2.840.10008.1.2.4.70", ROWS, COLUMNS, 16, 16, 0};
    for (gsize size = 0; size < sizeof stream_lossless; size++) {
        guint16 samples[ROWS * COLUMNS];
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *copy = g_memdup2(stream_lossless, size + 1);
        g_autoptr(GBytes) stream = g_bytes_new_static(copy, size);
        g_assert_false(dkm_codec_decode(stream, &image, samples, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    }
}

/* Every byte of the stream set to every value: an error or samples, never a hang or a crash. */
static void test_spoilt(void)
{
    const DkmCodedImage image = {"1.2.840.10008.1.2.4.70", ROWS, COLUMNS, 16, 16, 0};
    guint read = 0, refused = 0;
    for (gsize at = 0; at < sizeof stream_lossless; at++)
        for (int value = 0; value < 256; value += g_test_slow() ? 1 : 5) {
            guint16 samples[ROWS * COLUMNS];
            g_autoptr(GError) error = NULL;
            const guint8 byte = (guint8)value;
            g_autoptr(GBytes) stream = changed(at, 1, &byte, 1);
            if (dkm_codec_decode(stream, &image, samples, &error))
                read++;
            else
                refused++;
        }
    g_test_message("%u read, %u refused", read, refused);
    g_assert_cmpuint(refused, >, read);
}

/* ---- sequential JPEG: baseline and extended ------------------------------------------------ */

#define BASELINE "1.2.840.10008.1.2.4.50"
#define EXTENDED "1.2.840.10008.1.2.4.51"

static void test_sequential(void)
{
    static const struct {
        const char *syntax;
        guint8 marker, precision;
        int allocated, stored;
        const char *says; /* NULL: read */
    } sequentials[] = {
        {BASELINE, 0xc0, 8, 8, 8, NULL},
        {EXTENDED, 0xc0, 8, 8, 8, NULL},
        {EXTENDED, 0xc1, 8, 8, 8, NULL},
        {EXTENDED, 0xc1, 12, 16, 12, NULL},
        {BASELINE, 0xc1, 12, 16, 12, "coding process FFC1"},
        {EXTENDED, 0xc2, 12, 16, 12, "coding process FFC2"},
        {EXTENDED, 0xc3, 12, 16, 12, "coding process FFC3"},
        {EXTENDED, 0xc1, 8, 16, 12, "8 bits a sample where 12 belong"},
        {BASELINE, 0xc0, 12, 8, 8, "12 bits a sample where 8 belong"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(sequentials); i++) {
        guint16 out[ROWS * COLUMNS] = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) stream =
            stream_sequential(sequentials[i].marker, sequentials[i].precision);
        const DkmCodedImage image = {sequentials[i].syntax, ROWS, COLUMNS, sequentials[i].allocated,
                                     sequentials[i].stored, 0};
        const gboolean is_read = dkm_codec_decode(stream, &image, out, &error);
        g_assert_cmpint(is_read, ==, sequentials[i].says == NULL);
        if (!is_read)
            assert_says(error->message, sequentials[i].says);
        for (int k = 0; is_read && k < ROWS * COLUMNS; k++)
            g_assert_cmpuint(image.bits_allocated == 8 ? ((guint8 *)out)[k] : out[k], ==,
                             1u << (image.bits_stored - 1));
    }
}

/* Cut anywhere it is refused; with any byte spoilt it is refused or read, never a hang. */
static void test_sequential_hostile(void)
{
    const DkmCodedImage image = {EXTENDED, ROWS, COLUMNS, 16, 12, 0};
    guint read = 0, refused = 0;
    gsize whole;
    g_autoptr(GBytes) stream = stream_sequential(0xc1, 12);
    const guint8 *bytes = g_bytes_get_data(stream, &whole);
    for (gsize at = 0; at < whole; at++)
        for (int value = -1; value < 256; value += g_test_slow() ? 1 : 16) {
            guint16 out[ROWS * COLUMNS];
            g_autoptr(GError) error = NULL;
            g_autofree guint8 *copy = g_memdup2(bytes, whole);
            if (value >= 0)
                copy[at] = (guint8)value;
            g_autoptr(GBytes) broken = g_bytes_new_static(copy, value < 0 ? at : whole);
            const gboolean is_read = dkm_codec_decode(broken, &image, out, &error);
            g_assert_false(is_read && value < 0);
            *(is_read ? &read : &refused) += 1;
        }
    g_test_message("%u read, %u refused", read, refused);
    g_assert_cmpuint(refused, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(60); /* DCMTK's decoder can hang: end as a failure then */
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/jpeg-walk/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/jpeg-walk/ls", test_ls);
    g_test_add_func("/jpeg-walk/decoded", test_decoded);
    g_test_add_func("/jpeg-walk/cut", test_cut);
    g_test_add_func("/jpeg-walk/spoilt", test_spoilt);
    g_test_add_func("/jpeg-walk/sequential", test_sequential);
    g_test_add_func("/jpeg-walk/sequential-hostile", test_sequential_hostile);
    return g_test_run();
}
