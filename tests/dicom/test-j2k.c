#include "dicom/j2k.h"

#include "core/error.h"
#include "tests/dicom/streams.h"
#include "tests/support/says.h"

#include <openjpeg.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = STREAM_ROWS, COLUMNS = STREAM_COLUMNS, PIXELS = ROWS * COLUMNS };

static const DkmCodedImage unsigned_12 = {"1.2.840.10008.1.2.4.90", ROWS, COLUMNS, 16, 12, 0};
static const DkmCodedImage signed_16 = {"1.2.840.10008.1.2.4.90", ROWS, COLUMNS, 16, 16, 1};

/* ---- an encoder: openjp2's ----------------------------------------------------------------- */

static OPJ_SIZE_T keep(void *from, OPJ_SIZE_T n, void *data)
{
    g_byte_array_append(data, from, (guint)n);
    return n;
}

static OPJ_BOOL no_seek(OPJ_OFF_T to, void *data)
{
    return OPJ_TRUE;
}

typedef struct {
    int precision, is_signed, levels, tile; /* tile 0: one */
    float ratio;                            /* 0: lossless */
} Coding;

static gint32 sample(const Coding *coding, int i)
{
    return coding->is_signed ? i * 1300 - 32768 + (i % 3) : i * 80 + i % 5;
}

static GBytes *encode(const Coding *coding)
{
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.numresolution = coding->levels + 1;
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = coding->ratio;
    parameters.cp_disto_alloc = 1;
    parameters.irreversible = coding->ratio > 0;
    parameters.tile_size_on = coding->tile > 0;
    parameters.cp_tdx = parameters.cp_tdy = coding->tile;
    opj_image_cmptparm_t shape = {.dx = 1,
                                  .dy = 1,
                                  .w = COLUMNS,
                                  .h = ROWS,
                                  .prec = (OPJ_UINT32)coding->precision,
                                  .sgnd = (OPJ_UINT32)coding->is_signed};
    opj_image_t *image = opj_image_create(1, &shape, OPJ_CLRSPC_GRAY);
    image->x1 = COLUMNS;
    image->y1 = ROWS;
    for (int i = 0; i < PIXELS; i++)
        image->comps[0].data[i] = sample(coding, i);
    GByteArray *out = g_byte_array_new();
    opj_codec_t *codec = opj_create_compress(OPJ_CODEC_J2K);
    opj_stream_t *stream = opj_stream_create(1 << 16, OPJ_FALSE);
    opj_stream_set_user_data(stream, out, NULL);
    opj_stream_set_write_function(stream, keep);
    opj_stream_set_seek_function(stream, no_seek);
    g_assert_true(opj_setup_encoder(codec, &parameters, image));
    g_assert_true(opj_start_compress(codec, image, stream) && opj_encode(codec, stream) &&
                  opj_end_compress(codec, stream));
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    opj_image_destroy(image);
    return g_byte_array_free_to_bytes(out);
}

/* ---- what is read -------------------------------------------------------------------------- */

static void test_read(void)
{
    static const struct {
        Coding coding;
        const DkmCodedImage *image;
        int off; /* how far a lossy one may be */
    } rows[] = {
        {{12, 0, 1, 0, 0}, &unsigned_12, 0}, {{12, 0, 0, 0, 0}, &unsigned_12, 0},
        {{16, 0, 2, 0, 0}, &unsigned_12, 0}, {{12, 0, 1, 4, 0}, &unsigned_12, 0},
        {{16, 1, 1, 0, 0}, &signed_16, 0},   {{12, 0, 1, 0, 2}, &unsigned_12, 200},
    };
    for (guint k = 0; k < G_N_ELEMENTS(rows); k++) {
        GError *error = NULL;
        guint16 out[PIXELS];
        g_autoptr(GBytes) stream = encode(&rows[k].coding);
        g_assert_true(dkm_j2k_decode(stream, rows[k].image, out, &error));
        g_assert_no_error(error);
        for (int i = 0; i < PIXELS; i++) {
            const int got = rows[k].coding.is_signed ? (gint16)out[i] : out[i];
            g_assert_cmpint(ABS(got - sample(&rows[k].coding, i)), <=, rows[k].off);
        }
    }
}

static void test_high_throughput(void)
{
    GError *error = NULL;
    guint16 out[PIXELS];
    g_autoptr(GBytes) stream =
        g_bytes_new_static(stream_high_throughput, sizeof stream_high_throughput);
    g_assert_true(dkm_j2k_is("1.2.840.10008.1.2.4.201"));
    g_assert_true(dkm_j2k_decode(stream, &unsigned_12, out, &error));
    g_assert_no_error(error);
    for (int i = 0; i < PIXELS; i++)
        g_assert_cmpuint(out[i], ==, 83 * i);
}

/* ---- what is refused ----------------------------------------------------------------------- */

/* Places in stream_high_throughput. */
enum { AT_SIZ = 2, AT_COD = 55, AT_QCD = 69, AT_SOT = 102, AT_SOD = 114, AT_EOC = 172 };

static const struct {
    const char *name;
    gsize at, n;
    guint8 bytes[16];
    gsize length;
    const char *says; /* NULL: accepted */
} changes[] = {
    {"whole", 0, 0, {0}, 0, NULL},
    {"padded", sizeof stream_high_throughput, 0, {0}, 1, NULL},
    {"no-start", 0, 2, {0xff, 0xd8}, 2, "no start"},
    {"jp2-box", 0, 0, {0, 0, 0, 12, 'j', 'P', ' ', ' ', 13, 10, 0x87, 10}, 12, "no start"},
    {"no-end", AT_EOC, 2, {0}, 0, "no end"},
    {"no-size", AT_SIZ, 43, {0}, 0, "no size segment in front"},
    {"no-style", AT_COD, 14, {0}, 0, "no coding style"},
    {"no-layer", AT_COD + 6, 2, {0, 0}, 2, "no coding style, or no layer"},
    {"more-rows", AT_SIZ + 13, 1, {9}, 1, "9 x 8 pixels where 6 x 8 belong"},
    {"fewer-columns", AT_SIZ + 9, 1, {7}, 1, "6 x 7 pixels"},
    {"huge", AT_SIZ + 6, 4, {0xff, 0xff, 0xff, 0xff}, 4, "6 x 4294967295 pixels"},
    {"offset", AT_SIZ + 17, 1, {9}, 1, "pixels where"},
    {"colour", AT_SIZ + 39, 1, {3}, 1, "its size segment has another length"},
    {"8-bit", AT_SIZ + 40, 1, {7}, 1, "8 bits a sample where 12 belong"},
    {"31-bit", AT_SIZ + 40, 1, {30}, 1, "31 bits a sample"},
    {"subsampled", AT_SIZ + 41, 1, {2}, 1, "not one a pixel"},
    {"no-tile", AT_SIZ + 25, 1, {0}, 1, "its tiles do not fit"},
    {"tile-outside", AT_SIZ + 33, 1, {9}, 1, "its tiles do not fit"},
    {"levels", AT_COD + 9, 1, {200}, 1, "its coding style is cut off"},
    {"no-precincts", AT_COD + 4, 1, {1}, 1, "its coding style is cut off"},
    {"layers", AT_COD + 6, 2, {0, 2}, 2, "blocks in layers or behind"},
    {"packet-markers", AT_COD + 4, 1, {2}, 1, "blocks in layers or behind packet markers"},
    {"marker-in-block", AT_SOD + 20, 2, {0xff, 0x90}, 2, "a marker in a high-throughput block"},
    {"no-marker-in-block", AT_SOD + 20, 2, {0xff, 0x8f}, 2, NULL},
    {"large-blocks", AT_COD + 10, 1, {10}, 1, "code blocks that are too large"},
    {"segment-cut", AT_COD + 2, 2, {0xff, 0}, 2, "a segment of FF52 is cut off"},
    {"segment-of-1", AT_COD + 2, 2, {0, 1}, 2, "a segment of FF52 is cut off"},
    {"progression", AT_QCD, 0, {0xff, 0x5f, 0, 9, 0, 0, 0, 1, 1, 1, 0}, 11, "progression"},
    {"second-size", AT_QCD, 0, {0xff, 0x51, 0, 4, 0, 0}, 6, "two size segments"},
    {"garbage", AT_QCD, 2, {'a', 'b'}, 2, "marker 6162 in a header"},
    {"part-too-long", AT_SOT + 6, 4, {0, 0, 1, 0}, 4, "a tile is cut off"},
    {"part-of-13", AT_SOT + 6, 4, {0, 0, 0, 13}, 4, "a tile is cut off"},
    {"part-to-the-end", AT_SOT + 6, 4, {0, 0, 0, 0}, 4, NULL},
    {"no-such-tile", AT_SOT + 5, 1, {1}, 1, "a tile that is none of the picture"},
    {"no-data", AT_SOD, 2, {0xff, 0x64}, 2, "a segment of FF64 is cut off"},
};

static GBytes *changed(guint row)
{
    const gsize from = changes[row].at, behind = from + changes[row].n;
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, stream_high_throughput, (guint)from);
    g_byte_array_append(out, changes[row].bytes, (guint)changes[row].length);
    g_byte_array_append(out, stream_high_throughput + behind,
                        (guint)(sizeof stream_high_throughput - behind));
    return g_byte_array_free_to_bytes(out);
}

static void test_change(gconstpointer data)
{
    const guint row = GPOINTER_TO_UINT(data);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) stream = changed(row);
    g_assert_cmpint(dkm_j2k_walk(stream, &unsigned_12, &error), ==, changes[row].says == NULL);
    if (!changes[row].says) {
        g_assert_no_error(error);
        return;
    }
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, changes[row].says);
}

/* A header of a few bytes that would cost gigabytes or hours: refused by the walk, so that the
 * decoder never sees it. */
static void test_bounds(void)
{
    static const struct {
        guint32 tile;     /* width and height */
        guint8 cod[8];    /* from the style on: flags, progression, layers, transform, levels... */
        guint8 precinct;  /* of every resolution */
        const char *says; /* NULL: accepted */
    } rows[] = {
        {4096, {0, 2, 0, 1, 0, 5, 4, 4}, 0xff, NULL},
        {512, {0, 2, 0, 1, 0, 5, 4, 4}, 0xff, NULL},
        {64, {0, 2, 0, 1, 0, 5, 4, 4}, 0xff, NULL},
        {4096, {1, 2, 0, 10, 0, 5, 4, 4}, 0x77, NULL},
        {32, {0, 2, 0, 1, 0, 5, 4, 4}, 0xff, "more than 4096 tiles"},
        {1, {0, 2, 0, 1, 0, 5, 4, 4}, 0xff, "more than 4096 tiles"},
        {4096, {0, 2, 0, 1, 0, 5, 0, 0}, 0xff, "more than 200000 code blocks"},
        {4096, {1, 2, 0, 1, 0, 5, 4, 4}, 0x11, "more than 200000 code blocks"},
        {4096, {1, 2, 0xff, 0xff, 0, 5, 4, 4}, 0x88, "more than 2000000 packets"},
    };
    DkmCodedImage image = unsigned_12;
    image.rows = image.columns = 4096;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GByteArray) b = g_byte_array_new();
        g_byte_array_append(b, stream_high_throughput, AT_SIZ + 43);
        const guint32 side = GUINT32_TO_BE(4096), tile = GUINT32_TO_BE(rows[i].tile);
        memcpy(b->data + AT_SIZ + 6, &side, 4);
        memcpy(b->data + AT_SIZ + 10, &side, 4);
        memcpy(b->data + AT_SIZ + 22, &tile, 4);
        memcpy(b->data + AT_SIZ + 26, &tile, 4);
        const guint8 head[4] = {0xff, 0x52, 0, rows[i].cod[0] ? 18 : 12}, tail[2] = {0, 1};
        g_byte_array_append(b, head, 4);
        g_byte_array_append(b, rows[i].cod, 8);
        g_byte_array_append(b, tail, 2);
        for (int r = 0; rows[i].cod[0] && r <= 5; r++)
            g_byte_array_append(b, &rows[i].precinct, 1);
        g_byte_array_append(b, stream_high_throughput + AT_QCD,
                            sizeof stream_high_throughput - AT_QCD);
        g_autoptr(GBytes) stream = g_bytes_new_static(b->data, b->len);
        g_assert_cmpint(dkm_j2k_walk(stream, &image, &error), ==, rows[i].says == NULL);
        if (rows[i].says)
            assert_says(error->message, rows[i].says);
    }
}

/* Cut anywhere: refused. */
static void test_cut(void)
{
    static const Coding codings[] = {{12, 0, 1, 0, 0}, {12, 0, 1, 4, 0}};
    for (guint k = 0; k < G_N_ELEMENTS(codings); k++) {
        g_autoptr(GBytes) whole = encode(&codings[k]);
        for (gsize size = 0; size < g_bytes_get_size(whole); size++) {
            guint16 out[PIXELS];
            g_autoptr(GError) error = NULL;
            g_autofree guint8 *copy = g_memdup2(g_bytes_get_data(whole, NULL), size + 1);
            g_autoptr(GBytes) stream = g_bytes_new_static(copy, size);
            g_assert_false(dkm_j2k_decode(stream, &unsigned_12, out, &error));
            g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        }
    }
}

static void spoil(GBytes *whole, guint *read, guint *refused)
{
    gsize size;
    const guint8 *bytes = g_bytes_get_data(whole, &size);
    for (gsize at = 0; at < size; at++)
        for (int value = 0; value < 256; value += g_test_slow() ? 1 : 17) {
            guint16 out[PIXELS];
            g_autoptr(GError) error = NULL;
            g_autofree guint8 *copy = g_memdup2(bytes, size);
            copy[at] = (guint8)value;
            g_autoptr(GBytes) stream = g_bytes_new_static(copy, size);
            if (dkm_j2k_decode(stream, &unsigned_12, out, &error))
                ++*read;
            else
                ++*refused;
        }
}

/* Every byte spoilt: an error or samples, never a hang or a crash. */
static void test_spoilt(void)
{
    guint read = 0, refused = 0;
    g_autoptr(GBytes) lossless = encode(&(Coding){12, 0, 1, 4, 0});
    g_autoptr(GBytes) lossy = encode(&(Coding){12, 0, 1, 0, 2});
    g_autoptr(GBytes) fast =
        g_bytes_new_static(stream_high_throughput, sizeof stream_high_throughput);
    spoil(lossless, &read, &refused);
    spoil(lossy, &read, &refused);
    spoil(fast, &read, &refused);
    g_test_message("%u read, %u refused", read, refused);
    g_assert_cmpuint(refused, >, 0);
    g_assert_cmpuint(read, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(60); /* a hang is a failure */
    g_test_add_func("/j2k/read", test_read);
    g_test_add_func("/j2k/high-throughput", test_high_throughput);
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *path = g_strconcat("/j2k/", changes[i].name, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_change);
    }
    g_test_add_func("/j2k/bounds", test_bounds);
    g_test_add_func("/j2k/cut", test_cut);
    g_test_add_func("/j2k/spoilt", test_spoilt);
    return g_test_run();
}
