/* What the files of the annotations share; nobody else includes it. */
#pragma once

#include "gui/annotations.h"

#define MARGIN 10

typedef enum { INK_PLAIN, INK_DIM, INK_PREDICTED, INK_PRIOR, INK_OTHER } Ink;
/* Where a text stands: 0 is left or top, 0.5 the middle, 1 right or bottom. */
typedef struct {
    double x, y;
    double align_x, align_y;
} Place;

#define FONT_TITLE "Cantarell, DejaVu Sans Bold 10"
#define FONT_BADGE "Cantarell, DejaVu Sans Bold 15"
#define FONT_TEXT "Cantarell, DejaVu Sans 9"
#define FONT_SIDE "Cantarell, DejaVu Sans Bold 11"

/* annotations-text.c */
void dkm_annotations_set_ink(cairo_t *cr, Ink ink);
PangoLayout *dkm_annotations_layout(const DkmAnnotations *self, const char *font, const char *text);
/* Text with a dark rim, legible on any grey. Returns its height. */
double dkm_annotations_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                            const char *font, const char *text);

/* annotations-beside.c: above the title, which day or that it is another series, large (returns its
 * height); under the title, how its slices were found and the first thing that is odd about it
 * (NULL: nothing is); around it all, a frame. */
double dkm_annotations_badge(const DkmAnnotations *self, cairo_t *cr);
void dkm_annotations_link(const DkmAnnotations *self, cairo_t *cr, double y);
const char *dkm_annotations_beside_finding(const DkmAnnotations *self);
void dkm_annotations_beside_frame(const DkmAnnotations *self, cairo_t *cr);
