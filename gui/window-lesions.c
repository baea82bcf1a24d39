/* What the window asks about the selected mask: who rejects it, what it is called. */
#include "gui/editing.h"
#include "gui/i18n.h"
#include "gui/panels.h"
#include "gui/window-private.h"
#include "gui/words.h"

typedef void (*TextFunc)(DkmReading *reading, const char *text);

static char *text_of(GObject *dialog)
{
    GtkEntry *entry = g_object_get_data(dialog, "entry");
    return g_strstrip(g_strdup(gtk_entry_get_text(entry)));
}

static void on_text_changed(GtkEditable *entry, gpointer dialog)
{
    g_autofree char *text = g_strstrip(gtk_editable_get_chars(entry, 0, -1));
    gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_OK, *text != '\0');
}

static void on_answer(GtkDialog *dialog, int response, gpointer user)
{
    DkmWindow *self = user;
    TextFunc then = (TextFunc)g_object_get_data(G_OBJECT(dialog), "then");
    g_autofree char *text = text_of(G_OBJECT(dialog));
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (response == GTK_RESPONSE_OK && *text)
        then(self->reading, text);
}

typedef struct {
    const char *title, *words, *verb, *hint, *text;
    TextFunc then;
} Question;

static void ask(DkmWindow *self, const Question *question)
{
    GtkWidget *dialog =
        gtk_message_dialog_new(GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_OTHER,
                               GTK_BUTTONS_NONE, "%s", question->title);
    GtkWidget *entry = gtk_entry_new();
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", question->words);
    gtk_dialog_add_buttons(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL, question->verb,
                           GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_max_length(GTK_ENTRY(entry), 64); /* DICOM's LO */
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), question->hint);
    dkm_panel_name(entry, question->hint);
    g_signal_connect(entry, "changed", G_CALLBACK(on_text_changed), dialog);
    gtk_entry_set_text(GTK_ENTRY(entry), question->text);
    on_text_changed(GTK_EDITABLE(entry), dialog);
    gtk_container_add(
        GTK_CONTAINER(gtk_message_dialog_get_message_area(GTK_MESSAGE_DIALOG(dialog))), entry);
    gtk_widget_show(entry);
    g_object_set_data(G_OBJECT(dialog), "entry", entry);
    g_object_set_data(G_OBJECT(dialog), "then", (gpointer)question->then);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_answer), self, 0);
    dkm_window_present_question(dialog);
}

void dkm_window_ask_reject(DkmWindow *self)
{
    const DkmLayer *layer = dkm_editing_layer(self->reading);
    if (!layer)
        return;
    const char *name = g_get_real_name();
    g_autofree char *mask = dkm_word_layer(layer);
    g_autofree char *title = g_strdup_printf(_("Reject “%s”?"), mask);
    const Question question = {
        title,
        _("It stays in the list with your name and the time, and does not leave with an export."),
        _("_Reject"),
        _("Reviewer’s name"),
        g_strcmp0(name, "Unknown") == 0 ? "" : name,
        dkm_editing_reject};
    ask(self, &question);
}

/* What was shown and left as it is stays the program's name, in whatever language it was shown. */
static void rename_mask(DkmReading *reading, const char *text)
{
    const DkmLayer *layer = dkm_editing_layer(reading);
    g_autofree char *shown = layer ? dkm_word_layer(layer) : NULL;
    if (g_strcmp0(text, shown) != 0)
        dkm_editing_rename(reading, text);
}

void dkm_window_ask_name(DkmWindow *self)
{
    const DkmLayer *layer = dkm_editing_layer(self->reading);
    if (!layer)
        return;
    g_autofree char *name = dkm_word_layer(layer);
    const Question question = {_("Name of the mask"),
                               _("It is the segment’s label in the export."),
                               _("_Rename"),
                               _("Name"),
                               name,
                               rename_mask};
    ask(self, &question);
}
