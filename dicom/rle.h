/* DICOM RLE (PS3.5 annex G), one frame of one sample a pixel. Our own: DCMTK 3.6.7's decoder
 * crashes on crafted fragments. Not for: colour. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decodes FRAGMENT into OUT: PIXELS samples of BYTES (1 or 2) bytes each, in the machine's order.
 * Errors DKM_ERROR_INPUT where it is damaged, or holds fewer or more samples. */
gboolean dkm_rle_decode(GBytes *fragment, gsize pixels, int bytes, void *out, GError **error);

G_END_DECLS
