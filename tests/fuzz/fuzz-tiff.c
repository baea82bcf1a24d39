/* A multi-page TIFF. */
#include "core/image/tiff-stack.h"
#include "tests/fuzz/fuzz.h"

#include <tiffio.h>

/* Of the first page's size, up to what the reader takes at most. */
static guint64 declared_bytes(const char *path)
{
    guint32 width = 0, height = 0;
    guint16 samples = 1;
    guint64 bytes = 0;
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    TIFF *tiff = TIFFOpen(path, "rm");
    if (!tiff)
        return 0;
    if (TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) &&
        TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height) && width <= 4096 && height <= 4096) {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
        /* none is counted where the link behind the first one is cut off */
        const guint64 pages = MAX(1, TIFFNumberOfDirectories(tiff));
        bytes = (guint64)width * height * MIN(samples, 16) * pages;
    }
    TIFFClose(tiff);
    return MIN(bytes, (guint64)1 << 30);
}

void fuzz_one(FuzzInput *input)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmTiffStack) stack = {0};
    input->declared = declared_bytes(input->path);
    const gboolean is_read = dkm_tiff_stack_read(input->path, &stack, &error);
    g_assert_true(is_read ? !error && stack.data : error && *error->message);
}
