/* One frame of the transfer syntax Deflated Image Frame Compression (DICOM 2025a), which is made
 * for segmentations of one bit a pixel: a deflate stream a fragment. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define DKM_DEFLATED_FRAMES "1.2.840.10008.1.2.8.1"

/* Inflates STREAM, N samples of BITS (1, 8 or 16) bits, into OUT. Never writes more than that; one
 * byte of padding behind it is ignored. Errors DKM_ERROR_INPUT. */
gboolean dkm_deflated_frame_decode(GBytes *stream, gsize n, int bits, guint16 *out, GError **error);

G_END_DECLS
