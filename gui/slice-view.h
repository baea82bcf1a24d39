/* One view of the linked views: shows a pane, hands the pointer to the tools. No voxel loop. */
#pragma once

#include "gui/pane.h"
#include "gui/toolbox.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_SLICE_VIEW (dkm_slice_view_get_type())
/* Signals: "focused" (it was pressed or wheeled in), "maximise" (double click). */
G_DECLARE_FINAL_TYPE(DkmSliceView, dkm_slice_view, DKM, SLICE_VIEW, GtkDrawingArea)

/* TOOLBOX is borrowed and outlives the view. */
GtkWidget *dkm_slice_view_new(DkmReading *reading, const DkmToolbox *toolbox);
const DkmPaneSpec *dkm_slice_view_spec(DkmSliceView *self);
void dkm_slice_view_set_spec(DkmSliceView *self, const DkmPaneSpec *spec);
/* STEP planes further, each of them painted: one a frame. At a projection, angles. */
void dkm_slice_view_page(DkmSliceView *self, int step);
/* Where the pointer is; NULL: not in this view. Borrowed until it moves. */
const DkmToolPoint *dkm_slice_view_point(DkmSliceView *self);
/* A thin frame marks the view that the keys work on. */
void dkm_slice_view_set_focused(DkmSliceView *self, gboolean focused);
/* Takes back the drag in progress; FALSE where there is none. */
gboolean dkm_slice_view_cancel_drag(DkmSliceView *self);

G_END_DECLS
