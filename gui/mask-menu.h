/* The button whose menu holds every tool that changes a whole mask (editing.h), with its key. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *dkm_mask_menu_new(void);

G_END_DECLS
