/* DICOM's run-length coding, PS3.5 annex G. Our own: DCMTK 3.6.7's decoder crashes on bad headers.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decodes one frame of N pixels of BYTES (1 or 2) bytes into OUT, little endian. FALSE where the
 * data are damaged or do not hold exactly N pixels; OUT is then undefined. */
gboolean dkm_rle_decode(const guint8 *data, gsize length, gsize n, int bytes, guint8 *out);

G_END_DECLS
