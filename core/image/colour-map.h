/* Colour maps with luminance that rises, safe for colour-blind readers; a scalar 0..255 to RGB. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    DKM_COLOUR_GREY,
    DKM_COLOUR_HEAT,
    DKM_COLOUR_SER,       /* UCSF's steps over 0..3 (reading.md section 6), in rising luminance */
    DKM_COLOUR_CURVE,     /* thirds: persistent, plateau, wash-out */
    DKM_COLOUR_AGREEMENT, /* thirds: mask only, enhancement only, both */
    DKM_COLOUR_BLUE_YELLOW,
} DkmColourMap;
/* 256 RGB triples, static. */
const guint8 (*dkm_colour_map(DkmColourMap map))[3];

G_END_DECLS
