/* What hangs on the wall first, by what the study holds, and how the views are arranged.
 * No widget. */
#pragma once

#include "gui/pane.h"

G_BEGIN_DECLS

#define DKM_HANGING_MOST 4

/* Pre | early | late | map with contrast phases; pre | mask | map without. Returns how many. */
guint dkm_hanging_first(const DkmReviewCase *on, DkmPaneSpec panes[DKM_HANGING_MOST]);

/* Rows (and so columns) for N views of PLANE in WIDTH x HEIGHT: those that show it largest. */
guint dkm_hanging_rows(guint n, const DkmPlane *plane, int width, int height);

G_END_DECLS
