#include "dicom/rle.h"

#include "core/error.h"
#include "tests/dicom/streams.h"
#include "tests/support/says.h"

#include <string.h>

enum { HEADER = 64, MOST = 5000 };

static gboolean decode(const GByteArray *b, gsize n, int bytes, void *out, GError **error)
{
    g_autofree guint8 *copy = g_memdup2(b->data, b->len); /* of its own size: ASan sees its end */
    g_autoptr(GBytes) fragment = g_bytes_new_static(copy, b->len);
    return dkm_rle_decode(fragment, n, bytes, out, error);
}

/* ---- round trips --------------------------------------------------------------------------- */

/* Pictures of runs and of noise: KIND is how many bits of noise a sample has. */
static void fill(guint8 *samples, gsize size, int kind)
{
    GRand *rand = g_rand_new_with_seed((guint32)kind + 1);
    guint8 value = 0;
    for (gsize i = 0; i < size; i++) {
        if (kind == 8 || g_rand_int_range(rand, 0, 40) < kind)
            value = (guint8)g_rand_int(rand);
        samples[i] = value;
    }
    g_rand_free(rand);
}

static void test_round_trip(void)
{
    static const gsize sizes[] = {1, 2, 3, 127, 128, 129, 130, 255, 256, 257, MOST};
    for (int bytes = 1; bytes <= 2; bytes++)
        for (guint s = 0; s < G_N_ELEMENTS(sizes); s++)
            for (int kind = 0; kind <= 8; kind++) {
                GError *error = NULL;
                guint16 samples[MOST], read[MOST + 1];
                const gsize size = sizes[s] * (gsize)bytes;
                fill((guint8 *)samples, size, kind);
                memset(read, 0xaa, sizeof read);
                g_autoptr(GByteArray) b = stream_rle((const guint8 *)samples, sizes[s], bytes);
                g_assert_true(decode(b, sizes[s], bytes, read, &error));
                g_assert_no_error(error);
                g_assert_cmpmem(samples, size, read, size);
                g_assert_cmpuint(((const guint8 *)read)[size], ==, 0xaa); /* not one byte more */
            }
}

/* -128 says nothing. */
static void test_no_operation(void)
{
    guint8 read[4];
    GError *error = NULL;
    g_autoptr(GByteArray) b = stream_rle((const guint8 *)"", 0, 1);
    static const guint8 codes[] = {0x80, 0xfe, 7, 0x80, 0, 9, 0x80, 0x80};
    g_byte_array_append(b, codes, sizeof codes);
    g_assert_true(decode(b, 4, 1, read, &error));
    g_assert_no_error(error);
    g_assert_cmpmem(read, 4, "\7\7\7\11", 4);
}

/* ---- damage -------------------------------------------------------------------------------- */

static void assert_damaged(const GByteArray *b, gsize n, int bytes, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *out = g_malloc(n * (gsize)bytes + 1);
    g_assert_false(decode(b, n, bytes, out, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, says);
}

static void test_headers(void)
{
    static const struct {
        guint at; /* of the number that is changed */
        guint32 to;
        const char *says;
    } rows[] = {
        {0, 0, "number of segments"},
        {0, 1, "number of segments"},
        {0, 3, "number of segments"},
        {0, 15, "number of segments"},
        {0, 0xffffffff, "number of segments"},
        {4, 0, "segment offsets"},
        {4, 63, "segment offsets"},
        {4, 0xffffffff, "segment offsets"},
        {8, 0, "segment offsets"},
        {8, 64, "segment offsets"},
        {8, 100000, "segment offsets"},
        {8, 0xffffffff, "segment offsets"},
        {8, 0x80000000, "segment offsets"},
    };
    guint16 samples[300];
    fill((guint8 *)samples, sizeof samples, 3);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) b = stream_rle((const guint8 *)samples, 300, 2);
        stream_put_u32(b, rows[i].at, rows[i].to);
        assert_damaged(b, 300, 2, rows[i].says);
    }
}

/* Cut anywhere, also inside the header. */
static void test_cut(void)
{
    guint16 samples[300];
    fill((guint8 *)samples, sizeof samples, 8);
    g_autoptr(GByteArray) b = stream_rle((const guint8 *)samples, 300, 2);
    g_byte_array_set_size(b, b->len - 1); /* perhaps padding */
    while (b->len > 0) {
        g_byte_array_set_size(b, b->len - 1);
        assert_damaged(b, 300, 2, "");
    }
}

/* Another number of pixels than is coded. */
static void test_other_count(void)
{
    guint16 samples[400] = {0};
    for (int kind = 0; kind <= 8; kind += 4) {
        fill((guint8 *)samples, sizeof samples, kind);
        g_autoptr(GByteArray) b = stream_rle((const guint8 *)samples, 384, 2);
        assert_damaged(b, 400, 2, "ends early");
        assert_damaged(b, 385, 2, "ends early");
        assert_damaged(b, 256, 2, "too many samples"); /* where a run may end */
        assert_damaged(b, 128, 2, "too many samples");
        assert_damaged(b, 300, 2, "too many samples");
    }
}

static void test_noise(void)
{
    GRand *rand = g_rand_new_with_seed(5);
    for (int i = 0; i < 2000; i++) {
        guint16 out[300];
        guint16 samples[300];
        fill((guint8 *)samples, sizeof samples, i % 9);
        g_autoptr(GByteArray) b = stream_rle((const guint8 *)samples, 300, 2);
        for (int k = 0; k < 4; k++)
            b->data[g_rand_int_range(rand, 0, (gint32)b->len)] = (guint8)g_rand_int(rand);
        decode(b, 300, 2, out, NULL); /* no crash is enough */
    }
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rle/round-trip", test_round_trip);
    g_test_add_func("/rle/no-operation", test_no_operation);
    g_test_add_func("/rle/headers", test_headers);
    g_test_add_func("/rle/cut", test_cut);
    g_test_add_func("/rle/other-count", test_other_count);
    g_test_add_func("/rle/noise", test_noise);
    return g_test_run();
}
