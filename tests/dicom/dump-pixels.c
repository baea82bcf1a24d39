/* For the comparison with other readers: prints the hash of the stored samples of every frame of
 * the files named on standard input, one line a frame: path, frame, SHA-256 of the 16-bit
 * little-endian samples; or path, "refused", why. */
#include "dicom/pixel-file.h"

#include <stdio.h>

static gboolean print_frame(DkmPixelFile *file, int frame, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    const gsize n = (gsize)p->rows * (gsize)p->columns;
    if (p->rows < 1 || p->columns < 1 || n > 1 << 24) {
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no image of a usual size");
        return FALSE;
    }
    g_autofree guint16 *samples = g_new(guint16, n);
    const DkmFrameWanted wanted = {frame, p->rows, p->columns};
    if (!dkm_pixel_file_read(file, &wanted, samples, error))
        return FALSE;
    g_autofree char *hash =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)samples, n * 2);
    printf("%s\t%d\t%s\n", file->path, frame, hash);
    return TRUE;
}

static void print_file(const char *path)
{
    DkmPixelFile file = {.source.fd = -1};
    g_autoptr(GError) error = NULL;
    if (dkm_pixel_file_open(&file, path, &error))
        for (int i = 0; i < MAX(1, file.preflight.frames) && !error; i++)
            print_frame(&file, i, &error);
    if (error)
        printf("%s\trefused\t%s\n", path, error->message);
    dkm_pixel_file_close(&file);
}

int main(void)
{
    char line[4096];
    while (fgets(line, sizeof line, stdin))
        print_file(g_strchomp(line));
    return 0;
}
