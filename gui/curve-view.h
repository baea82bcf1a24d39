/* The time-intensity curve of the 3 x 3 voxels under the pointer, over seconds. */
#pragma once

#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_CURVE_VIEW (dkm_curve_view_get_type())
G_DECLARE_FINAL_TYPE(DkmCurveView, dkm_curve_view, DKM, CURVE_VIEW, GtkDrawingArea)

GtkWidget *dkm_curve_view_new(DkmReading *reading);

G_END_DECLS
