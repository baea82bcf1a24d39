/* The stages of the reading as a row of buttons above the wall; those that the study lacks are grey
 * and say why. */
#pragma once

#include "gui/wall.h"

/* Neither is owned; both outlive it. */
GtkWidget *dkm_stage_bar_new(DkmWall *wall, DkmReading *reading);
/* Whose study it is at the row's end: where no header says so, as in full screen. */
void dkm_stage_bar_show_patient(GtkWidget *bar, gboolean shows);
