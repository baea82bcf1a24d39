/* The button whose menu holds every tool that changes a whole mask (editing.h), with its key. */
#pragma once

#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *dkm_mask_menu_new(DkmReading *reading);

G_END_DECLS
