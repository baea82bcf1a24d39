/* The message over the views, and when it goes: an error when a person closes it, a note when the
 * next action on the masks has succeeded, a result's when it is looked at. */
#include "gui/i18n.h"
#include "gui/window-private.h"

enum { RESPONSE_SHOW = 1 };

void dkm_window_take_message(DkmWindow *self, DkmMessage kind, const char *text)
{
    static const GtkMessageType types[] = {[DKM_MESSAGE_DONE] = GTK_MESSAGE_INFO,
                                           [DKM_MESSAGE_NOTE] = GTK_MESSAGE_WARNING,
                                           [DKM_MESSAGE_ERROR] = GTK_MESSAGE_ERROR,
                                           [DKM_MESSAGE_RESULT] = GTK_MESSAGE_INFO};
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    self->bar_kind = kind;
    self->bar_is_of_list = self->shows_studies;
    self->bar_serial = on ? dkm_layers_serial(on->layers) : 0;
    gtk_label_set_text(self->bar_text, text);
    gtk_info_bar_set_message_type(self->bar, types[kind]);
    gtk_widget_set_visible(self->bar_show, kind == DKM_MESSAGE_RESULT);
    gtk_widget_show(GTK_WIDGET(self->bar));
    gtk_info_bar_set_revealed(self->bar, TRUE);
}

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    dkm_window_take_message(user, (DkmMessage)kind, text);
}

void dkm_window_say(DkmWindow *self, const char *text)
{
    dkm_window_take_message(self, DKM_MESSAGE_NOTE, text);
}

/* A stroke has succeeded when it has ended. */
static gboolean is_old(DkmWindow *self, const DkmReviewCase *on)
{
    if (self->bar_kind == DKM_MESSAGE_RESULT)
        return dkm_reading_look(self->reading)->layer == on->result_layer ||
               !dkm_layers_find(on->layers, on->result_layer);
    return self->bar_kind != DKM_MESSAGE_ERROR && !dkm_layers_is_stroking(on->layers) &&
           dkm_layers_serial(on->layers) != self->bar_serial;
}

void dkm_window_age_message(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    if (on && gtk_widget_get_visible(GTK_WIDGET(self->bar)) && is_old(self, on))
        gtk_widget_hide(GTK_WIDGET(self->bar));
}

void dkm_window_drop_list_message(DkmWindow *self)
{
    if (self->bar_is_of_list)
        gtk_widget_hide(GTK_WIDGET(self->bar));
}

static void on_response(GtkInfoBar *bar, int response, gpointer user)
{
    DkmWindow *self = user;
    gtk_widget_hide(GTK_WIDGET(bar));
    if (response == RESPONSE_SHOW)
        dkm_reading_show_result(self->reading);
}

void dkm_window_add_messages(DkmWindow *self)
{
    self->bar_show = gtk_info_bar_add_button(self->bar, _("Show (R)"), RESPONSE_SHOW);
    gtk_widget_set_focus_on_click(self->bar_show, FALSE);
    gtk_info_bar_add_button(self->bar, _("Close"), GTK_RESPONSE_CLOSE);
    g_signal_connect(self->bar, "response", G_CALLBACK(on_response), self);
    g_signal_connect_object(self->reading, "message", G_CALLBACK(on_message), self, 0);
}
