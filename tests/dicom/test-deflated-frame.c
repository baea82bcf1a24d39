#include "dicom/deflated-frame.h"

#include "core/error.h"
#include "tests/dicom/craft.h"
#include "tests/support/says.h"

static GBytes *deflate(const void *bytes, gsize size)
{
    GByteArray *out = g_byte_array_new();
    craft_deflate(out, bytes, size);
    return g_byte_array_free_to_bytes(out);
}

static void test_sound(void)
{
    static const guint8 bytes[] = {0x0d, 0x02, 0x00};
    static const guint16 bits[] = {1, 0, 1, 1, 0, 0, 0, 0, 0, 1}, words[] = {0x020d};
    GError *error = NULL;
    guint16 out[10];
    g_autoptr(GBytes) two = deflate(bytes, 2);
    g_autoptr(GBytes) padded = deflate(bytes, 3);
    g_assert_true(dkm_deflated_frame_decode(two, 10, 1, out, &error));
    g_assert_cmpmem(out, sizeof bits, bits, sizeof bits);
    g_assert_true(dkm_deflated_frame_decode(padded, 10, 1, out, &error));
    g_assert_true(dkm_deflated_frame_decode(two, 1, 16, out, &error));
    g_assert_cmpmem(out, sizeof words, words, sizeof words);
    g_assert_true(dkm_deflated_frame_decode(two, 2, 8, out, &error));
    g_assert_cmpuint(out[1], ==, 2);
}

/* A bomb, what is cut off, what is too short, what is nothing. */
static void test_hostile(void)
{
    g_autofree guint8 *zeros = g_malloc0(1 << 20);
    guint16 out[16];
    g_autoptr(GBytes) bomb = deflate(zeros, 1 << 20);
    g_autoptr(GBytes) whole = deflate(zeros, 16);
    g_autoptr(GBytes) shorter = deflate(zeros, 15);
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) - 1);
    g_autoptr(GBytes) noise = g_bytes_new_static("\xff\xff\xff\xff", 4);
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    GBytes *const streams[] = {bomb, shorter, cut, noise, nothing};
    for (guint i = 0; i < G_N_ELEMENTS(streams); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_deflated_frame_decode(streams[i], 16, 8, out, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(error->message, "a deflated frame");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/deflated-frame/sound", test_sound);
    g_test_add_func("/deflated-frame/hostile", test_hostile);
    return g_test_run();
}
