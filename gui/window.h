/* The viewer's window: who and when above, the wall of views, the side panel, what is wrong in one
 * bar, and the line that says what this is not for. */
#pragma once

#include "gui/wall.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_WINDOW (dkm_window_get_type())
G_DECLARE_FINAL_TYPE(DkmWindow, dkm_window, DKM, WINDOW, GtkApplicationWindow)

DkmWindow *dkm_window_new(GtkApplication *app);
/* Opens the study in folder (or file) PATH, after asking where unsaved work would be lost. */
void dkm_window_open(DkmWindow *self, const char *path);

/* Before the window is shown: where it stood last, and the second window if that was there. */
void dkm_window_restore(DkmWindow *self);

DkmReading *dkm_window_reading(DkmWindow *self);
DkmWall *dkm_window_wall(DkmWindow *self);
/* NULL while it is put away. Borrowed. */
GtkWidget *dkm_window_second(DkmWindow *self);

G_END_DECLS
