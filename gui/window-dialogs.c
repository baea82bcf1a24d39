/* What the window asks a person. */
#include "gui/window-private.h"

void dkm_window_ask_open(DkmWindow *self)
{
    g_autoptr(GtkFileChooserNative) chooser =
        gtk_file_chooser_native_new("Open the folder of a DICOM study", GTK_WINDOW(self),
                                    GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, "_Open", "_Cancel");
    if (gtk_native_dialog_run(GTK_NATIVE_DIALOG(chooser)) != GTK_RESPONSE_ACCEPT)
        return;
    g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser));
    if (path)
        dkm_window_open(self, path);
}

void dkm_window_ask_export(DkmWindow *self)
{
    g_autoptr(GtkFileChooserNative) chooser =
        gtk_file_chooser_native_new("Export all masks as DICOM SEG", GTK_WINDOW(self),
                                    GTK_FILE_CHOOSER_ACTION_SAVE, "_Export", "_Cancel");
    gtk_file_chooser_set_do_overwrite_confirmation(GTK_FILE_CHOOSER(chooser), TRUE);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(chooser), "segmentation.dcm");
    if (gtk_native_dialog_run(GTK_NATIVE_DIALOG(chooser)) != GTK_RESPONSE_ACCEPT)
        return;
    g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser));
    if (path)
        dkm_reading_export(self->reading, path);
}

static void on_name_changed(GtkEditable *entry, gpointer dialog)
{
    g_autofree char *name = g_strstrip(gtk_editable_get_chars(entry, 0, -1));
    gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_OK, *name != '\0');
}

static GtkWidget *new_reviewer_dialog(DkmWindow *self, GtkWidget *entry, const char *layer)
{
    GtkWidget *dialog =
        gtk_message_dialog_new(GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_OTHER,
                               GTK_BUTTONS_NONE, "Accept “%s”?", layer);
    gtk_message_dialog_format_secondary_text(
        GTK_MESSAGE_DIALOG(dialog), "You confirm that you have looked at the whole mask. Your name "
                                    "is written into the exported "
                                    "object as its creator. Painting on the mask takes this back.");
    gtk_dialog_add_buttons(GTK_DIALOG(dialog), "_Cancel", GTK_RESPONSE_CANCEL, "_Accept",
                           GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), "Reviewer’s name");
    g_signal_connect(entry, "changed", G_CALLBACK(on_name_changed), dialog);
    gtk_container_add(
        GTK_CONTAINER(gtk_message_dialog_get_message_area(GTK_MESSAGE_DIALOG(dialog))), entry);
    gtk_widget_show(entry);
    on_name_changed(GTK_EDITABLE(entry), dialog);
    return dialog;
}

void dkm_window_ask_reviewer(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const DkmLayer *layer =
        on ? dkm_layers_find(on->layers, dkm_reading_look(self->reading)->layer) : NULL;
    if (!layer)
        return;
    GtkWidget *entry = gtk_entry_new();
    const char *real_name = g_get_real_name();
    if (g_strcmp0(real_name, "Unknown") != 0)
        gtk_entry_set_text(GTK_ENTRY(entry), real_name);
    GtkWidget *dialog = new_reviewer_dialog(self, entry, layer->info.name);
    if (gtk_dialog_run(GTK_DIALOG(dialog)) == GTK_RESPONSE_OK) {
        g_autofree char *name = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(entry))));
        dkm_reading_accept(self->reading, name);
    }
    gtk_widget_destroy(dialog);
}

gboolean dkm_window_may_discard(DkmWindow *self)
{
    if (!dkm_reading_is_unsaved(self->reading))
        return TRUE;
    GtkWidget *dialog =
        gtk_message_dialog_new(GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION,
                               GTK_BUTTONS_NONE, "Discard the masks of this study?");
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog),
                                             "They have changed since the last export.");
    gtk_dialog_add_buttons(GTK_DIALOG(dialog), "_Keep working", GTK_RESPONSE_CANCEL, "_Discard",
                           GTK_RESPONSE_OK, NULL);
    const int answer = gtk_dialog_run(GTK_DIALOG(dialog));
    gtk_widget_destroy(dialog);
    return answer == GTK_RESPONSE_OK;
}
