/* The time-intensity curve of the 3 x 3 voxels under the pointer, over seconds. */
#pragma once

#include "gui/curve.h"
#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_CURVE_VIEW (dkm_curve_view_get_type())
G_DECLARE_FINAL_TYPE(DkmCurveView, dkm_curve_view, DKM, CURVE_VIEW, GtkDrawingArea)

typedef enum { DKM_CURVE_OF_POINTER, DKM_CURVE_OF_MEAN, DKM_CURVE_OF_WORST } DkmCurveRole;
#define DKM_CURVE_ROLES 3

GtkWidget *dkm_curve_view_new(DkmReading *reading);
/* CURVE is copied; n = 0: none. */
void dkm_curve_view_set(DkmCurveView *self, DkmCurveRole role, const DkmCurve *curve);
/* 0xRRGGBB of ROLE's line. */
guint32 dkm_curve_colour(DkmCurveRole role);

G_END_DECLS
