/* The window's first page where a folder holds several studies, and going from one to the next. */
#include "gui/i18n.h"
#include "gui/window-private.h"

#include <string.h>

static int current_row(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    DkmStudyList *list = dkm_reading_studies(self->reading);
    return on && list ? dkm_study_list_find(list, on->study->study_uid) : -1;
}

gboolean dkm_window_has_studies(DkmWindow *self)
{
    DkmStudyList *list = dkm_reading_studies(self->reading);
    return list && dkm_study_list_count(list) > 1;
}

static void refresh(DkmWindow *self)
{
    DkmStudyList *list = dkm_reading_studies(self->reading);
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    dkm_study_list_refresh(list, on ? on->study->study_uid : NULL,
                           dkm_reading_is_unsaved(self->reading));
    dkm_study_view_refresh(self->studies, current_row(self));
}

void dkm_window_show_studies(DkmWindow *self, gboolean shows)
{
    self->shows_studies = shows && dkm_window_has_studies(self);
    if (self->shows_studies)
        refresh(self);
    else
        dkm_window_drop_list_message(self);
    dkm_window_show_page(self);
    dkm_window_update_actions(self);
}

void dkm_window_take_studies(DkmWindow *self)
{
    DkmStudyList *list = dkm_reading_studies(self->reading);
    dkm_study_view_set_list(self->studies, dkm_window_has_studies(self) ? list : NULL,
                            dkm_reading_root(self->reading));
    /* Of one patient the latest is on the desk already: it is what was asked for. */
    dkm_window_show_studies(self, !dkm_reading_case(self->reading));
    if (self->shows_studies)
        dkm_window_note_list(self);
}

/* The row is found again by its UID: between the question and its answer the list may change. */
static void open_now(DkmWindow *self)
{
    g_autofree char *uid = g_steal_pointer(&self->study_to_open);
    DkmStudyList *list = dkm_reading_studies(self->reading);
    const int row = list ? dkm_study_list_find(list, uid) : -1;
    if (row >= 0 && dkm_reading_open_study(self->reading, (guint)row))
        dkm_window_show_studies(self, FALSE);
}

static void open_row(DkmWindow *self, guint row)
{
    const DkmStudySummary *summary =
        dkm_study_list_get(dkm_reading_studies(self->reading), row)->summary;
    if ((int)row == current_row(self)) { /* it is on the desk, edits and all */
        dkm_window_show_studies(self, FALSE);
        return;
    }
    g_free(self->study_to_open);
    self->study_to_open = g_strdup(summary->study->study_uid);
    if (summary->n_phases == 0)
        open_now(self); /* says why it cannot be read; nothing can be lost */
    else
        dkm_window_discard_then(self, open_now);
}

void dkm_window_step_study(DkmWindow *self, int step)
{
    const int row = dkm_study_view_step(self->studies, current_row(self), step);
    if (row >= 0)
        open_row(self, (guint)row);
    else
        dkm_window_say(self, step > 0 ? _("This is the last study of the list.")
                                      : _("This is the first study of the list."));
}

static void on_open(DkmStudyView *view, guint row, gpointer user)
{
    open_row(user, row);
}

static void on_back(DkmStudyView *view, gpointer user)
{
    DkmWindow *self = user;
    if (dkm_reading_case(self->reading))
        dkm_window_show_studies(self, FALSE);
}

void dkm_window_add_studies(DkmWindow *self)
{
    self->studies = DKM_STUDY_VIEW(dkm_study_view_new());
    gtk_widget_show_all(GTK_WIDGET(self->studies));
    gtk_stack_add_named(self->stack, GTK_WIDGET(self->studies), "studies");
    g_signal_connect_object(self->studies, "open", G_CALLBACK(on_open), self, 0);
    g_signal_connect_object(self->studies, "back", G_CALLBACK(on_back), self, 0);
}
