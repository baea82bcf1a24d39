/* The stages of the reading as a row of buttons above the wall. */
#pragma once

#include "gui/wall.h"

G_BEGIN_DECLS

GtkWidget *dkm_stage_bar_new(DkmWall *wall, DkmReading *reading);

G_END_DECLS
