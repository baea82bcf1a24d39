/* The side panel's sections: each a small widget that follows the reading. */
#pragma once

#include "gui/reading.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *dkm_phases_panel_new(DkmReading *reading);
GtkWidget *dkm_network_panel_new(DkmReading *reading);
GtkWidget *dkm_limit_panel_new(DkmReading *reading);
GtkWidget *dkm_layers_panel_new(DkmReading *reading);
GtkWidget *dkm_agreement_panel_new(DkmReading *reading);
GtkWidget *dkm_versions_panel_new(DkmReading *reading);
GtkWidget *dkm_curve_panel_new(DkmReading *reading);
/* Accept, reject, export: below the sections, where nothing scrolls it away. */
GtkWidget *dkm_review_bar_new(void);

/* --- what they are made of -------------------------------------------------------------------- */

/* A section: heading above, to be filled. */
GtkWidget *dkm_panel_section(const char *title);
GtkWidget *dkm_panel_label(const char *text, const char *style_class);
/* A button for ACTION ("win.run"), with an icon where ICON is not NULL. */
GtkWidget *dkm_panel_button(const char *text, const char *icon, const char *action);
/* LABEL says TEXT, and is seen where that is not NULL. One that says so already is left alone: new
 * words would have the whole window laid out again, with each page of slices. */
void dkm_panel_say(GtkWidget *label, const char *text);
void dkm_panel_empty(GtkWidget *container);

/* Part of the panel of masks: what the network made the selected one with, and whether that is
 * still what is set; hidden where it did not make it. */
GtkWidget *dkm_run_note_new(DkmReading *reading);

/* What a control that shows no words is called, for those who hear it. */
void dkm_panel_name(GtkWidget *control, const char *name);
/* The wheel over CONTROL scrolls the panel, as it does beside it, and changes no value. */
void dkm_panel_leave_wheel(GtkWidget *control);
/* Lines of text, one a sentence, each after a dot. g_free. */
char *dkm_panel_sentences(const char *heading, const GPtrArray *sentences);

G_END_DECLS
