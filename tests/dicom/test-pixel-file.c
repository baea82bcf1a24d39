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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pixel-file/no-rows", test_no_rows);
    return g_test_run();
}
