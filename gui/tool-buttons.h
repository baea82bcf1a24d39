/* The buttons of the tools that work on masks: a click arms, the look says which is down. */
#pragma once

#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *dkm_tool_buttons_new(DkmReading *reading);

G_END_DECLS
