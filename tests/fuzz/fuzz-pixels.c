/* The first frames of a file, decoded whatever the object is; the codecs behind it. */
#include "dicom/pixel-file.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(FuzzInput *input)
{
    DkmPixelFile file = {.source.fd = -1};
    g_autoptr(GError) error = NULL;
    if (dkm_pixel_file_open(&file, input->path, &error)) {
        const DkmPreflight *p = &file.preflight;
        const gsize n = (gsize)p->rows * (gsize)p->columns;
        const gboolean is_small = p->rows <= FUZZ_SIDE && p->columns <= FUZZ_SIDE;
        input->declared = is_small ? n * sizeof(guint16) : 0;
        g_autofree guint16 *samples = is_small ? g_new(guint16, n) : NULL;
        for (int i = 0; is_small && i < MIN(p->frames, 3) + 1 && !error; i++) {
            const DkmFrameWanted wanted = {i, p->rows, p->columns};
            const gboolean is_read = dkm_pixel_file_read(&file, &wanted, samples, &error);
            g_assert_true(is_read == !error);
        }
    }
    g_assert_true(!error || *error->message);
    dkm_pixel_file_close(&file);
}
