/* The malformed files of others, through the scan and, whatever they are, through the decoders. The
 * sources under test are preflight.c, scan.cc and pixel-file.c. */
#include "dicom/dicom.h"
#include "dicom/pixel-file.h"
#include "tests/support/test-data.h"

#include <unistd.h>

/* Frame by frame, whatever the object is: samples or an error. */
static guint decode_all(const char *path)
{
    DkmPixelFile file = {.source.fd = -1};
    g_autoptr(GError) error = NULL;
    guint decoded = 0;
    if (dkm_pixel_file_open(&file, path, &error)) {
        const DkmPreflight *p = &file.preflight;
        const gsize n = (gsize)p->rows * (gsize)p->columns;
        g_autofree guint16 *samples = g_new(guint16, MIN(n, 1 << 24));
        for (int i = 0; n <= 1 << 24 && i < MIN(p->frames, 20) + 1 && !error; i++) {
            const DkmFrameWanted wanted = {i, p->rows, p->columns};
            decoded += dkm_pixel_file_read(&file, &wanted, samples, &error);
        }
    }
    g_assert_true(!error || *error->message);
    dkm_pixel_file_close(&file);
    return decoded;
}

static guint count_files(const char *path)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        n += g_file_test(below, G_FILE_TEST_IS_DIR) ? count_files(below) : 1;
    }
    return n;
}

/* Each is accepted or has a reason. */
static void test_malformed(void)
{
    g_autofree char *data = dkm_test_data("malformed");
    if (!data)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(data, NULL, NULL, &error);
    g_assert_no_error(error);
    guint decoded = 0;
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < table->frames->len; i++)
        g_hash_table_add(told, (gpointer)dkm_frame_table_get(table, i)->path);
    for (guint i = 0; i < table->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(table->notes, DkmFileNote, i);
        g_assert_true(g_hash_table_add(told, (gpointer)note->path));
        g_assert_true(note->reason && *note->reason);
        decoded += decode_all(note->path);
    }
    g_assert_cmpuint(g_hash_table_size(told), ==, count_files(data));
    g_test_message("%u frames, %u files with a reason, %u frames decoded", table->frames->len,
                   table->notes->len, decoded);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(100); /* a hang is a failure */
    g_test_add_func("/malformed/all", test_malformed);
    return g_test_run();
}
