/* The list of studies as a page of the window: a table to sort, to search by typing, and to open a
 * study from. It shows what the study list (study-list.h) says and changes nothing of it. */
#pragma once

#include "gui/study-list.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_STUDY_VIEW (dkm_study_view_get_type())
/* Signals: "open" (guint row), "back". */
G_DECLARE_FINAL_TYPE(DkmStudyView, dkm_study_view, DKM, STUDY_VIEW, GtkBox)

GtkWidget *dkm_study_view_new(void);
/* NULL: empty. FOLDER is named above the table. */
void dkm_study_view_set_list(DkmStudyView *self, DkmStudyList *list, const char *folder);
/* The states have been read anew; CURRENT (-1: none) is the row on the desk: it is marked and
 * selected. */
void dkm_study_view_refresh(DkmStudyView *self, int current);
/* Keys of the page: what is typed searches, Return opens, Escape clears the search or goes back. */
gboolean dkm_study_view_handle_key(DkmStudyView *self, GdkEventKey *event);
/* The row that stands STEP readable rows below ROW as the table is sorted; -1: there is none. What
 * is typed does not hide it. */
int dkm_study_view_step(DkmStudyView *self, int row, int step);

G_END_DECLS
