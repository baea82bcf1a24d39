/* The markers of a JPEG or JPEG-LS stream, looked at before a decoder sees them: DCMTK 3.6.7 hangs
 * for ever on a TEM marker, and pads a picture of fewer rows or one that is cut short. Not for:
 * decoding. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frame headers SOF0; SOF0 or SOF1; SOF3; SOF55. */
typedef enum {
    DKM_JPEG_BASELINE,
    DKM_JPEG_EXTENDED,
    DKM_JPEG_LOSSLESS,
    DKM_JPEG_LS
} DkmJpegProcess;

typedef struct {
    int rows, columns, bits_stored, bits_allocated;
    DkmJpegProcess process;
} DkmJpegExpected;

/* TRUE where STREAM is one picture of the expected kind and size. Errors DKM_ERROR_INPUT. */
gboolean dkm_jpeg_walk(GBytes *stream, const DkmJpegExpected *expected, GError **error);

G_END_DECLS
