/* The application: one window a start, the dark theme, the study named on the command line. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkApplication *dkm_app_new(void);
/* The style sheet and icons, once per display. */
void dkm_app_load_theme(void);

G_END_DECLS
