/* A tool: what a drag with one mouse button does, and what it draws over the picture. One object a
 * tool, so that no view has to know what a brush is. Main thread. */
#pragma once

#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where the pointer is in a view. */
typedef struct {
    double x, y; /* logical pixels of the view */
    double zyx[3];
    DkmViewport view; /* in logical pixels */
    DkmPlane plane;
    DkmCut cut;           /* that the view shows, */
    DkmWindowGroup group; /* and whose window */
    GdkModifierType modifiers;
} DkmToolPoint;

#define DKM_TYPE_TOOL (dkm_tool_get_type())
G_DECLARE_DERIVABLE_TYPE(DkmTool, dkm_tool, DKM, TOOL, GObject)

/* Every method may be left out. A study is open whenever one is called. */
struct _DkmToolClass {
    GObjectClass parent_class;
    const char *cursor;   /* CSS cursor name over a view; NULL: the default */
    gboolean every_point; /* of a drag, also those that came while the program was busy */
    void (*press)(DkmTool *self, DkmReading *reading, const DkmToolPoint *at);
    void (*drag)(DkmTool *self, DkmReading *reading, const DkmToolPoint *at);
    void (*release)(DkmTool *self, DkmReading *reading);
    /* Takes back what the drag in progress has done. */
    void (*cancel)(DkmTool *self, DkmReading *reading);
    /* Over the view that the pointer is in. */
    void (*draw)(DkmTool *self, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr);
};

void dkm_tool_press(DkmTool *self, DkmReading *reading, const DkmToolPoint *at);
void dkm_tool_drag(DkmTool *self, DkmReading *reading, const DkmToolPoint *at);
void dkm_tool_release(DkmTool *self, DkmReading *reading);
void dkm_tool_cancel(DkmTool *self, DkmReading *reading);
void dkm_tool_draw(DkmTool *self, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr);
const char *dkm_tool_cursor(DkmTool *self);
gboolean dkm_tool_takes_every_point(DkmTool *self);

/* The tools. */
DkmTool *dkm_tool_window_new(void); /* grey window: right is wider, up is brighter */
DkmTool *dkm_tool_pan_new(void);
DkmTool *dkm_tool_zoom_new(void); /* around the place where the drag began; up is nearer */
DkmTool *dkm_tool_brush_new(gboolean erases); /* Ctrl paints the other way */
DkmTool *dkm_tool_limited_brush_new(void);    /* within the look's limit */
DkmTool *dkm_tool_outline_new(gboolean is_lasso);
DkmTool *dkm_tool_part_new(void);
DkmTool *dkm_tool_box_new(void);
DkmTool *dkm_tool_ruler_new(void);

/* Why nothing can be measured in SPEC's view, for a person; NULL: it can. */
const char *dkm_tool_ruler_why_not(const DkmPaneSpec *spec);
/* Removes the ruler at AT (NULL: the pointer is in no view), or, while the ruler is the tool, the
 * last one. FALSE: whoever asked means no ruler. */
gboolean dkm_tool_ruler_remove(DkmReading *reading, const DkmToolPoint *at);

G_END_DECLS
