/* The linked views side by side: which phase hangs where, which view has the focus, which one is
 * maximised. The arrangement (one row, two rows) follows the window's shape. */
#pragma once

#include "gui/slice-view.h"

G_BEGIN_DECLS

#define DKM_TYPE_WALL (dkm_wall_get_type())
G_DECLARE_FINAL_TYPE(DkmWall, dkm_wall, DKM, WALL, GtkContainer)

GtkWidget *dkm_wall_new(DkmReading *reading);
/* Shows the focused view alone, or all again. */
void dkm_wall_toggle_maximised(DkmWall *self);
/* The focused view shows the next (STEP 1) or previous (-1) phase. */
void dkm_wall_step_phase(DkmWall *self, int step);
/* The next view gets the focus. */
void dkm_wall_step_focus(DkmWall *self, int step);
/* Takes back the drag in progress in any view; FALSE where there is none. */
gboolean dkm_wall_cancel_drag(DkmWall *self);
/* The views as they were first hung. */
void dkm_wall_rehang(DkmWall *self);

guint dkm_wall_n_views(DkmWall *self);
DkmSliceView *dkm_wall_view(DkmWall *self, guint i);

G_END_DECLS
