/* The preferences as a dialog: what is changed there holds at once. */
#pragma once

#include "gui/settings.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Called where a change could not be kept for the next start. */
typedef void (*DkmPreferencesProblem)(const GError *error, gpointer user);

/* Not modal: the pictures behind it show what it does. USER outlives the dialog. */
GtkWidget *dkm_preferences_dialog_new(GtkWindow *parent, DkmPreferencesProblem problem,
                                      gpointer user);

G_END_DECLS
