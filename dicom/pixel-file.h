/* One file open for its pixels: gives the stored samples of any of its frames.
 * Not for: what the samples mean, or where a frame lies in the patient. */
#pragma once

#include "dicom/byte-source.h"
#include "dicom/preflight.h"

#include <glib.h>

G_BEGIN_DECLS

/* Single owner. Zero-initialised by its owner with source.fd = -1. */
typedef struct {
    char *path;
    DkmPreflight preflight;
    DkmByteSource source; /* the file; in a deflated one the inflated bytes */
    GBytes *inflated;
    GArray *items; /* of DkmFragment, the offset table first; NULL where not encapsulated */
} DkmPixelFile;

/* Opens PATH, unless it is open already. */
gboolean dkm_pixel_file_open(DkmPixelFile *file, const char *path, GError **error);
void dkm_pixel_file_close(DkmPixelFile *file);
/* Samples of FRAME into OUT, rows*columns of them: 8-bit ones widened, bits over bits_stored
 * cleared or filled with the sign. Errors INPUT (damaged, other size than ROWS x COLUMNS) and
 * UNSUPPORTED (the transfer syntax, by name). */
typedef struct {
    int frame, rows, columns;
} DkmFrameWanted;
gboolean dkm_pixel_file_read(DkmPixelFile *file, const DkmFrameWanted *wanted, guint16 *out,
                             GError **error);

G_END_DECLS
