/* A second window for another monitor: another stage of the same reading, linked with the first.
 * It owns nothing of the study; keys go to the first window's actions (see window-second.c). */
#pragma once

#include "gui/wall.h"

G_BEGIN_DECLS

#define DKM_TYPE_SECOND_WINDOW (dkm_second_window_get_type())
G_DECLARE_FINAL_TYPE(DkmSecondWindow, dkm_second_window, DKM, SECOND_WINDOW, GtkWindow)

/* STAGE hangs in it, and again in each study that has it; a stage that a person picks takes its
 * place. */
GtkWidget *dkm_second_window_new(DkmReading *reading, DkmStage stage);
DkmWall *dkm_second_window_wall(DkmSecondWindow *self);

G_END_DECLS
