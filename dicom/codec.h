/* One compressed frame to samples, by DCMTK's codecs: JPEG (baseline, extended, lossless) and
 * JPEG-LS. The frame stands alone in memory, so no codec meets a whole file. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *transfer_syntax;
    int rows, columns, bits_allocated, bits_stored, pixel_representation;
} DkmCodedImage;

/* TRUE for the transfer syntaxes of this file. */
gboolean dkm_codec_is(const char *transfer_syntax);
/* Decodes STREAM, one frame, into OUT: rows*columns samples of bits_allocated/8 bytes. Errors
 * DKM_ERROR_INPUT. */
gboolean dkm_codec_decode(GBytes *stream, const DkmCodedImage *image, void *out, GError **error);
/* A name for a person: "JPEG 2000 (1.2.840.10008.1.2.4.91)". Free with g_free. */
char *dkm_codec_syntax_name(const char *transfer_syntax);

G_END_DECLS
