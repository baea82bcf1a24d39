/* The words and marks over a slice: what it is, where it is, which side is which, what the pointer
 * is over, the legend of the colours. Drawn with cairo; no state, no widget. */
#pragma once

#include "gui/pane.h"
#include "gui/reading.h"

#include <cairo.h>
#include <pango/pango.h>

G_BEGIN_DECLS

typedef struct {
    PangoContext *context; /* for fonts */
    int width, height;     /* logical pixels */
    const DkmPane *pane;
    const DkmPaneSpec *spec;
    DkmScene scene;
    DkmReading *reading; /* that knows the runs of the network; NULL: nobody does */
    const DkmCoverage *coverage;
    const DkmPointer *pointer;
    gboolean is_loading; /* phases are still on their way */
    gboolean is_here;    /* the pointer is in this very view */
} DkmAnnotations;

void dkm_annotations_draw(const DkmAnnotations *self, cairo_t *cr);

/* Why there is no picture, or no colours; NULL where there are. */
const char *dkm_annotations_hint(const DkmAnnotations *self);

/* What a pointer that rests at X, Y asks about: of the coverage's strip, for how long that plane
 * was on screen. NULL: nothing. g_free. */
char *dkm_annotations_tip(const DkmAnnotations *self, double x, double y);

/* "R 63.2 mm": where plane INDEX of CUT lies along its normal, by the patient's side. g_free. */
char *dkm_slice_place(const DkmGrid *grid, const DkmCut *cut, int index);

G_END_DECLS
