/* A walk over the markers of a JPEG or JPEG-LS frame before a codec sees it: DCMTK's hangs on some
 * and takes a frame with too few rows for success. Not for: decoding. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE with a static sentence in *WHY where the frame is not a JPEG of ROWS x COLUMNS with one
 * component and at most BITS bits. */
gboolean dkm_jpeg_check(const guint8 *data, gsize length, int rows, int columns, int bits,
                        const char **why);

G_END_DECLS
