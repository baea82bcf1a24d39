/* Prints a line for every MR frame below a folder: path, frame, SHA-256 of its stored samples as signed
 * 32-bit little-endian numbers, or the refusal. For tests/dicom/compare-pixels.py. */
#include "dicom/dicom.h"

#include <stdio.h>

static void dump(const DkmFrameTable *table, guint i)
{
    const DkmFrame *f = dkm_frame_table_get(table, i);
    g_autoptr(GError) error = NULL;
    const DkmFrameStack stack = {
        &i, {{1, f->rows, f->columns}, {1, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}}};
    g_autoptr(DkmVolume) volume = dkm_dicom_load_frames(table, &stack, NULL, NULL, &error);
    if (!volume) {
        printf("%s\t%d\trefused\t%s\n", f->path, f->frame, error->message);
        return;
    }
    const gsize n = (gsize)f->rows * (gsize)f->columns;
    const guint16 *stored = dkm_volume_slice(volume, 0);
    g_autofree gint32 *values = g_new(gint32, n);
    for (gsize p = 0; p < n; p++)
        values[p] = GINT32_TO_LE(dkm_volume_is_signed(volume) ? (gint16)stored[p] : stored[p]);
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)values, n * 4);
    printf("%s\t%d\tread\t%s\n", f->path, f->frame, sum);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc != 2)
        return 2;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(argv[1], NULL, NULL, &error);
    if (!table) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    for (guint i = 0; i < table->frames->len; i++)
        dump(table, i);
    return 0;
}
