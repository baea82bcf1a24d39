/* One JPEG 2000 or HTJ2K frame to samples, by openjp2, behind an own look at its headers: what a
 * code stream of a few bytes can make openjp2 allocate or loop over is bounded before it runs. */
#pragma once

#include "dicom/codec.h"

#include <glib.h>

G_BEGIN_DECLS

/* The bounds. A 512 x 512 slice as scanners write it has 1 tile and about 100 code blocks. */
enum {
    DKM_J2K_TILES = 4096,
    DKM_J2K_BLOCKS = 200000,   /* code blocks and precincts of a tile, which is decoded alone */
    DKM_J2K_PACKETS = 2000000, /* precincts times layers */
};

/* TRUE for the transfer syntaxes of this file. */
gboolean dkm_j2k_is(const char *transfer_syntax);
/* TRUE where the headers of STREAM are one grey picture of IMAGE's size, within the bounds, whole
 * to its end marker. Errors DKM_ERROR_INPUT. */
gboolean dkm_j2k_walk(GBytes *stream, const DkmCodedImage *image, GError **error);
/* Walks and decodes STREAM into OUT: rows*columns samples of 16 bits, sign-extended where the
 * stream says that they are signed. Errors DKM_ERROR_INPUT. */
gboolean dkm_j2k_decode(GBytes *stream, const DkmCodedImage *image, guint16 *out, GError **error);

G_END_DECLS
