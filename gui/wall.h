/* The linked views side by side: which stage of the reading hangs, which view has the focus, which
 * one is maximised, what moves by itself. The arrangement follows the window's shape. */
#pragma once

#include "gui/hanging.h"
#include "gui/slice-view.h"

G_BEGIN_DECLS

#define DKM_TYPE_WALL (dkm_wall_get_type())
/* Signal: "stage-changed". */
G_DECLARE_FINAL_TYPE(DkmWall, dkm_wall, DKM, WALL, GtkContainer)

GtkWidget *dkm_wall_new(DkmReading *reading);
/* Shows the focused view alone, or all again. */
void dkm_wall_toggle_maximised(DkmWall *self);
/* The focused view shows the next (STEP 1) or previous (-1) phase; of a projection the next angle.
 */
void dkm_wall_step_phase(DkmWall *self, int step);
/* The focused view, and those linked to it, show the plane STEP further; a projection turns. */
void dkm_wall_step_slice(DkmWall *self, int step);
/* The next view gets the focus. */
void dkm_wall_step_focus(DkmWall *self, int step);
/* Takes back the drag in progress in any view; FALSE where there is none. */
gboolean dkm_wall_cancel_drag(DkmWall *self);
/* Another stage of the reading; nothing where the study lacks what it needs. */
DkmStage dkm_wall_stage(DkmWall *self);
void dkm_wall_set_stage(DkmWall *self, DkmStage stage);
void dkm_wall_step_stage(DkmWall *self, int step);
/* STAGE hangs now and in each study that has it, until a person picks another one. */
void dkm_wall_keep_stage(DkmWall *self, DkmStage stage);
DkmStage dkm_wall_first_stage(DkmWall *self);
/* SERIES, which is no phase, in the marked view of the comparison; NULL: none, as it was hung. */
void dkm_wall_show_other(DkmWall *self, const DkmSeries *series);
/* The focused view runs through its phases, or turns its projection, by itself; or stops. */
void dkm_wall_toggle_cine(DkmWall *self);
gboolean dkm_wall_has_cine(DkmWall *self);
/* So many phases a second; a projection turns as much faster or slower. */
void dkm_wall_set_cine(DkmWall *self, double per_second);
/* The stage's views as they were first hung. */
void dkm_wall_rehang(DkmWall *self);
/* Where the pointer is; NULL: in no view of these. Borrowed until it moves. */
const DkmToolPoint *dkm_wall_point(DkmWall *self);

/* Which view the keys work on. */
guint dkm_wall_focus(DkmWall *self);
/* It gets them, from whatever has them now: a control beside the views would change. Not from an
 * entry that is typed in, or a menu. */
void dkm_wall_take_keys(DkmWall *self);
guint dkm_wall_n_views(DkmWall *self);
DkmSliceView *dkm_wall_view(DkmWall *self, guint i);

G_END_DECLS
