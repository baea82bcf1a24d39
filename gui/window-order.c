/* The window asks in which order a reader has the phases, and has the study read so. */
#include "gui/i18n.h"
#include "gui/order-dialog.h"
#include "gui/ordering.h"
#include "gui/panels.h"
#include "gui/window-private.h"

#define DIALOG "order-dialog"

static void close_dialog(DkmWindow *self)
{
    GtkWidget *dialog = g_object_steal_data(G_OBJECT(self), DIALOG);
    if (dialog)
        gtk_widget_destroy(dialog);
}

/* The study that comes is not another one: the dialog stays until it is there. */
static void take_order(DkmWindow *self)
{
    GtkWidget *dialog = g_object_steal_data(G_OBJECT(self), DIALOG);
    if (dkm_reading_set_order(self->reading, dkm_order_dialog_order(dialog)))
        gtk_widget_destroy(dialog);
    else
        g_object_set_data(G_OBJECT(self), DIALOG, dialog);
}

/* --- masks that cannot stay ------------------------------------------------------------------- */

static void on_discard(GtkDialog *question, int response, gpointer user)
{
    DkmWindow *self = user;
    gtk_widget_destroy(GTK_WIDGET(question));
    if (response != GTK_RESPONSE_OK || !g_object_get_data(G_OBJECT(self), DIALOG))
        return;
    dkm_reading_discard_kept(self->reading);
    take_order(self);
}

static void ask_discard(DkmWindow *self, GtkWindow *above)
{
    GtkWidget *question = gtk_message_dialog_new(
        above, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
        GTK_BUTTONS_NONE, "%s", _("Discard the masks of this study?"));
    gtk_message_dialog_format_secondary_text(
        GTK_MESSAGE_DIALOG(question), "%s",
        _("They cannot stay with this order: its phases lie on other slices, or edits are not "
          "being kept on disk. They have changed since the last export and would be lost."));
    gtk_dialog_add_buttons(GTK_DIALOG(question), _("_Keep working"), GTK_RESPONSE_CANCEL,
                           _("_Discard"), GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(question), GTK_RESPONSE_CANCEL);
    g_signal_connect_object(question, "response", G_CALLBACK(on_discard), self, 0);
    dkm_window_present_question(question);
}

/* --- the dialog ------------------------------------------------------------------------------- */

static void on_response(GtkDialog *dialog, int response, gpointer user)
{
    DkmWindow *self = user;
    const DkmPhaseOrder *order = dkm_order_dialog_order(GTK_WIDGET(dialog));
    if (response != GTK_RESPONSE_OK)
        close_dialog(self);
    else if (dkm_reading_is_unsaved(self->reading) &&
             !dkm_reading_order_keeps_masks(self->reading, order))
        ask_discard(self, GTK_WINDOW(dialog));
    else
        take_order(self);
}

/* Another study has come meanwhile: its phases are not those that are listed. */
static void on_changed(DkmReading *reading, guint what, gpointer dialog)
{
    DkmWindow *self = DKM_WINDOW(gtk_window_get_transient_for(dialog));
    if (what & DKM_CHANGED_CASE)
        close_dialog(self);
}

void dkm_window_order_phases(DkmWindow *self)
{
    DkmPhaseOrder *order = dkm_reading_order(self->reading);
    close_dialog(self);
    if (!order)
        return;
    GtkWidget *dialog = dkm_order_dialog_new(GTK_WINDOW(self), order);
    g_object_set_data(G_OBJECT(self), DIALOG, dialog);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_response), self, 0);
    g_signal_connect_object(self->reading, "changed", G_CALLBACK(on_changed), dialog, 0);
    gtk_window_present(GTK_WINDOW(dialog));
}
