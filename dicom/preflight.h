/* A look at a DICOM file before DCMTK sees it: is it one, is its structure whole, is it within
 * bounds? DCMTK 3.6.7 overflows its stack on deep nesting, takes 30 times a file's size for many
 * small elements, and hangs or crashes in some codecs; what passes here does none of that. Not for:
 * what the attributes mean. Plain C, no DCMTK. */
#pragma once

#include "dicom/byte-source.h"

#include <glib.h>

G_BEGIN_DECLS

enum {
    DKM_PREFLIGHT_DEPTH = 64,        /* nested sequences */
    DKM_PREFLIGHT_ELEMENTS = 200000, /* elements and items, plus those of the declared frames, */
    DKM_PREFLIGHT_ELEMENTS_A_FRAME = 400,
    /* but no more than fit into 128 MiB and the file's size: DCMTK takes 200 to 250 bytes for one
     */
    DKM_PREFLIGHT_MOST_ELEMENTS = 400000,
    DKM_PREFLIGHT_BYTES_AN_ELEMENT = 256,
    DKM_PREFLIGHT_FRAGMENTS = 100000,
    DKM_PREFLIGHT_INFLATED = 64 << 20, /* bytes of a deflated data set */
};

/* A place in the file. */
typedef struct {
    guint64 offset, length;
} DkmFragment;

typedef struct {
    char transfer_syntax[65];
    char media_class[65]; /* (0002,0002) as it stands, "" absent */
    guint64 file_size;
    gboolean big_endian, implicit, deflated;
    /* The top-level pixel data; offset 0: there is none. Encapsulated: where its first item (the
     * offset table) starts, and length is 0. In a deflated file offsets count inflated bytes. */
    gboolean encapsulated;
    guint64 pixel_offset, pixel_length;
    DkmFragment extended_offsets, extended_lengths; /* (7fe0,0001), (7fe0,0002); length 0: none */
    guint64 elements, fragments;
    gboolean pixels_are_words; /* VR OW: what a big-endian file swaps */
    /* as the top level says; 0 absent */
    int rows, columns, frames, samples, bits_allocated, bits_stored, high_bit, pixel_representation;
} DkmPreflight;

/* Errors DKM_ERROR_INPUT: "not a DICOM file", "cut off in (7fe0,0010)", ..., and UNSUPPORTED for a
 * transfer syntax that is not on the list; the message names neither path nor patient. */
gboolean dkm_preflight_file(const char *path, DkmPreflight *out, GError **error);

/* What the length of raw pixel data says, against ONE frame's bytes and the WHOLE of all frames.
 * Some scanners and archives leave padding behind the pixels, always less than a frame; where
 * another frame would fit, the header is wrong about what there is. */
typedef enum { DKM_PIXELS_MISFIT, DKM_PIXELS_FIT, DKM_PIXELS_PADDED } DkmPixelFit;
DkmPixelFit dkm_preflight_pixel_fit(guint64 length, guint64 one, guint64 whole);

/* Tags of top-level elements, group << 16 | element, ascending. */
typedef struct {
    const guint32 *tags;
    guint n;
} DkmTags;
/* The same look, and a copy of what a reader wants to know, so that it need not read the file again
 * or parse the rest: appends to EXCERPT the elements of WANTED that stand before the pixel data,
 * whole, byte by byte, in the file's order and transfer syntax (inflated where it is deflated). */
gboolean dkm_preflight_excerpt(const char *path, const DkmTags *wanted, DkmPreflight *out,
                               GByteArray *excerpt, GError **error);

/* Offset and length of every item of encapsulated pixel data, the offset table first; a GArray of
 * DkmFragment. Only for a file that passed. */
GArray *dkm_preflight_fragments(DkmByteSource *source, const DkmPreflight *preflight,
                                GError **error);

/* The whole inflated data set (meta header in front, untouched) of a deflated file. */
GBytes *dkm_preflight_inflate(const char *path, GError **error);

G_END_DECLS
