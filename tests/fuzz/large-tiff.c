/* As many pages as a TIFF may have, the last ones of which are found by walking past the others:
 * within the limits of time and memory. */
#include "core/image/tiff-stack.h"
#include "tests/dicom/craft.h"
#include "tests/fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <unistd.h>

enum { PAGES = 4096, ENTRIES = 9, PAGE_BYTES = 2 + 12 * ENTRIES + 4 + 4 };

/* Pages of 2 x 2 pixels; classic, uncompressed. */
static GByteArray *craft_pages(guint pages)
{
    GByteArray *b = g_byte_array_new();
    g_byte_array_append(b, (const guint8 *)"II*", 4);
    craft_u32(b, 8);
    for (guint p = 0; p < pages; p++) {
        const guint32 at = b->len;
        const guint32 entries[ENTRIES][3] = {
            /* tag, type, value */
            {256, 3, 2}, {257, 3, 2}, {258, 3, 8},
            {259, 3, 1}, {262, 3, 1}, {273, 4, at + PAGE_BYTES - 4},
            {277, 3, 1}, {278, 3, 2}, {279, 4, 4}};
        craft_u16(b, ENTRIES);
        for (guint i = 0; i < ENTRIES; i++) {
            craft_u16(b, entries[i][0]);
            craft_u16(b, entries[i][1]);
            craft_u32(b, 1);
            craft_u32(b, entries[i][2]);
        }
        craft_u32(b, p + 1 < pages ? at + PAGE_BYTES : 0);
        craft_u32(b, p);
    }
    return b;
}

static void test_pages(void)
{
    GError *error = NULL;
    g_auto(DkmTiffStack) stack = {0};
    g_autoptr(GByteArray) b = craft_pages(PAGES);
    LLVMFuzzerTestOneInput(b->data, b->len);
    g_autofree char *folder = g_dir_make_tmp("dkm-large-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = craft_save(b, folder, "pages.tif");
    dkm_tiff_stack_read(path, &stack, &error);
    g_assert_no_error(error);
    g_assert_cmpint(stack.pages, ==, PAGES);
    for (int p = 0; p < PAGES; p++)
        g_assert_cmpuint(stack.data[4 * p] | stack.data[4 * p + 1] << 8, ==, (guint)p);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_too_many(void)
{
    g_autoptr(GByteArray) b = craft_pages(60000);
    LLVMFuzzerTestOneInput(b->data, b->len);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(100);
    g_test_add_func("/large-tiff/pages", test_pages);
    g_test_add_func("/large-tiff/too-many", test_too_many);
    return g_test_run();
}
