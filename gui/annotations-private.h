/* What the files of the annotations share; nobody else includes it. */
#pragma once

#include "gui/annotations.h"

#define MARGIN 10

typedef enum { INK_PLAIN, INK_DIM, INK_PREDICTED, INK_PRIOR, INK_OTHER, INK_WARNING } Ink;
/* Where a text stands: 0 is left or top, 0.5 the middle, 1 right or bottom. */
typedef struct {
    double x, y;
    double align_x, align_y;
} Place;

typedef struct {
    double width, height;
} Size;
typedef struct {
    Ink ink;
    const char *font, *text;
    double room;          /* may be as wide as this; 0: as wide as it is */
    gboolean wraps;       /* where it is wider: onto more lines, else it is cut with an ellipsis */
    PangoAlignment align; /* of those lines to each other */
} Text;

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

Size dkm_annotations_measure(const DkmAnnotations *self, cairo_t *cr, const Text *text);
/* The same within TEXT's room; returns its size. */
Size dkm_annotations_put(const DkmAnnotations *self, cairo_t *cr, Place place, const Text *text);

/* annotations.c: what the view shows at voxel ZYX, in the map's unit; NULL where that is nothing:
 * the grey below a map that is not there is not the map's value. g_free. */
char *dkm_annotations_value(const DkmAnnotations *self, const int zyx[3]);

/* annotations-coverage.c: "48 of 60 seen": planes that were looked at and not merely passed; NULL
 * where there is one alone. g_free. */
void dkm_annotations_coverage(const DkmAnnotations *self, cairo_t *cr);
char *dkm_annotations_coverage_text(const DkmAnnotations *self);

/* annotations-corners.c */
typedef struct {
    cairo_rectangle_t left, right;  /* what and when; where */
    cairo_rectangle_t upper, lower; /* the letters of those sides, with some air beside them */
    cairo_rectangle_t window;
} Corners;
/* Draws all that and says where it lies. */
Corners dkm_annotations_corners(const DkmAnnotations *self, cairo_t *cr);

/* annotations-masks.c: whose the masks in sight are, at the left edge above BOTTOM, as wide as
 * ROOM; returns its height, 0 where no mask is drawn. */
double dkm_annotations_masks(const DkmAnnotations *self, cairo_t *cr, double bottom, double room);

/* Why what the run that made LAYER gave is not what a run would give now, short where ROOM is; NULL
 * where it is the same, or no run made it. g_free. */
char *dkm_annotations_outdated(const DkmAnnotations *self, cairo_t *cr, guint layer, double room);

/* annotations-beside.c: which day or that it is another series (NULL: the study alone hangs), and
 * how its slices were found; g_free the first. The first thing that is odd about it, or NULL.
 * Around it all, a frame. */
char *dkm_annotations_badge(const DkmAnnotations *self, Ink *ink);
const char *dkm_annotations_link(const DkmAnnotations *self, Ink *ink);
const char *dkm_annotations_beside_finding(const DkmAnnotations *self);
void dkm_annotations_beside_frame(const DkmAnnotations *self, cairo_t *cr);
