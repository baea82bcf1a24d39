/* What the window asks a person. Every question is asynchronous: the window goes on living behind
 * it. */
#include "gui/i18n.h"
#include "gui/panels.h"
#include "gui/settings.h"
#include "gui/window-private.h"
#include "gui/words.h"

/* --- files ------------------------------------------------------------------------------------ */

typedef void (*PathFunc)(DkmWindow *self, const char *path);

static void on_chosen(GtkNativeDialog *chooser, int response, gpointer user)
{
    DkmWindow *self = user;
    PathFunc then = (PathFunc)g_object_get_data(G_OBJECT(chooser), "then");
    g_autofree char *path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(chooser));
    gtk_native_dialog_hide(chooser);
    g_clear_object(&self->chooser);
    if (response == GTK_RESPONSE_ACCEPT && path)
        then(self, path);
}

static GtkFileChooser *new_chooser(DkmWindow *self, const char *title, GtkFileChooserAction action,
                                   const char *accept)
{
    g_clear_object(&self->chooser);
    self->chooser = GTK_NATIVE_DIALOG(
        gtk_file_chooser_native_new(title, GTK_WINDOW(self), action, accept, _("_Cancel")));
    gtk_native_dialog_set_modal(self->chooser, TRUE);
    g_signal_connect_object(self->chooser, "response", G_CALLBACK(on_chosen), self, 0);
    return GTK_FILE_CHOOSER(self->chooser);
}

static void show_chooser(DkmWindow *self, PathFunc then)
{
    g_object_set_data(G_OBJECT(self->chooser), "then", (gpointer)then);
    gtk_native_dialog_show(self->chooser);
}

void dkm_window_ask_open(DkmWindow *self)
{
    new_chooser(self, _("Open the folder of a DICOM study"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                _("_Open"));
    show_chooser(self, dkm_window_open);
}

static void import_from(DkmWindow *self, const char *path)
{
    g_free(self->imported_from);
    self->imported_from = g_path_get_dirname(path);
    dkm_reading_import(self->reading, path);
}

/* Masks lie beside their study, or where the last ones lay. */
void dkm_window_ask_import(DkmWindow *self)
{
    GtkFileChooser *chooser = new_chooser(self, _("Load masks from a DICOM SEG"),
                                          GTK_FILE_CHOOSER_ACTION_OPEN, _("_Load"));
    const char *study = dkm_reading_path(self->reading);
    g_autofree char *folder = study && !g_file_test(study, G_FILE_TEST_IS_DIR)
                                  ? g_path_get_dirname(study)
                                  : g_strdup(study);
    const char *begin = self->imported_from ? self->imported_from : folder;
    if (begin)
        gtk_file_chooser_set_current_folder(chooser, begin);
    show_chooser(self, import_from);
}

static void export_to(DkmWindow *self, const char *path)
{
    dkm_reading_export(self->reading, path);
}

/* A new name, never into the study's folder. */
static void suggest_place(DkmWindow *self, GtkFileChooser *chooser, const char *kind)
{
    g_autofree char *path = dkm_reading_new_path(self->reading, kind);
    g_autofree char *folder = g_path_get_dirname(path), *file = g_path_get_basename(path);
    gtk_file_chooser_set_current_folder(chooser, folder);
    gtk_file_chooser_set_current_name(chooser, file);
}

static void warn_not_accepted(DkmWindow *self, GtkFileChooser *chooser)
{
    g_autofree char *names = dkm_reading_not_accepted(self->reading);
    if (!names)
        return;
    g_autofree char *text =
        g_strdup_printf(_("Not accepted: %s. The file will be marked “not accepted”."), names);
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), "warning-text");
    gtk_widget_show(label);
    gtk_file_chooser_set_extra_widget(chooser, label);
}

static void ask_export_then(DkmWindow *self, PathFunc then)
{
    GtkFileChooser *chooser = new_chooser(self, _("Export all masks as DICOM SEG"),
                                          GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"));
    gtk_file_chooser_set_do_overwrite_confirmation(chooser, TRUE);
    suggest_place(self, chooser, "seg");
    warn_not_accepted(self, chooser);
    show_chooser(self, then);
}

void dkm_window_ask_export(DkmWindow *self)
{
    ask_export_then(self, export_to);
}

void dkm_window_ask_capture(DkmWindow *self)
{
    if (!dkm_window_take_picture(self))
        return;
    GtkFileChooser *chooser = new_chooser(self, _("Save the views as a DICOM picture"),
                                          GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"));
    gtk_file_chooser_set_do_overwrite_confirmation(chooser, TRUE);
    suggest_place(self, chooser, "view");
    show_chooser(self, dkm_window_save_picture);
}

/* --- who accepts ------------------------------------------------------------------------------ */

/* GTK would have it heard as "Question", or as nothing. */
void dkm_window_present_question(GtkWidget *dialog)
{
    g_autofree char *text = NULL;
    g_object_get(dialog, "text", &text, NULL);
    dkm_panel_name(dialog, text);
    gtk_window_present(GTK_WINDOW(dialog));
}

static void on_name_changed(GtkEditable *entry, gpointer dialog)
{
    g_autofree char *name = g_strstrip(gtk_editable_get_chars(entry, 0, -1));
    gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_OK, *name != '\0');
}

static void on_reviewer(GtkDialog *dialog, int response, gpointer user)
{
    DkmWindow *self = user;
    GtkEntry *entry = g_object_get_data(G_OBJECT(dialog), "entry");
    g_autofree char *name = g_strstrip(g_strdup(gtk_entry_get_text(entry)));
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (response == GTK_RESPONSE_OK)
        dkm_reading_accept(self->reading, name);
}

static GtkWidget *new_name_entry(GtkWidget *dialog)
{
    GtkWidget *entry = gtk_entry_new();
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), _("Reviewer’s name"));
    dkm_panel_name(entry, _("Reviewer’s name"));
    g_signal_connect(entry, "changed", G_CALLBACK(on_name_changed), dialog);
    const char *reader = dkm_settings_preferences(dkm_settings_get())->reader;
    const char *name = *reader ? reader : g_get_real_name();
    gtk_entry_set_text(GTK_ENTRY(entry), g_strcmp0(name, "Unknown") == 0 ? "" : name);
    on_name_changed(GTK_EDITABLE(entry), dialog);
    gtk_container_add(
        GTK_CONTAINER(gtk_message_dialog_get_message_area(GTK_MESSAGE_DIALOG(dialog))), entry);
    gtk_widget_show(entry);
    return entry;
}

void dkm_window_ask_reviewer(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const DkmLayer *layer =
        on ? dkm_layers_find(on->layers, dkm_reading_look(self->reading)->layer) : NULL;
    if (!layer)
        return;
    g_autofree char *name = dkm_word_layer(layer);
    GtkWidget *dialog =
        gtk_message_dialog_new(GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_OTHER,
                               GTK_BUTTONS_NONE, _("Accept “%s”?"), name);
    gtk_message_dialog_format_secondary_text(
        GTK_MESSAGE_DIALOG(dialog),
        _("You confirm that you have looked at the whole mask. Your name is written into the "
          "exported object as its creator. Painting on the mask takes this back."));
    gtk_dialog_add_buttons(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL, _("_Accept"),
                           GTK_RESPONSE_OK, NULL);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
    g_object_set_data(G_OBJECT(dialog), "entry", new_name_entry(dialog));
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_reviewer), self, 0);
    dkm_window_present_question(dialog);
}

/* --- may work be lost? ------------------------------------------------------------------------ */

enum { LEAVE_KEEP = 1, LEAVE_EXPORT, LEAVE_DISCARD };

static gboolean leave_exported(gpointer user)
{
    DkmWindow *self = user;
    DkmWindowFunc then = (DkmWindowFunc)g_object_get_data(G_OBJECT(self), "leaves");
    if (then && !dkm_reading_is_unsaved(self->reading))
        then(self);
    return G_SOURCE_REMOVE;
}

/* The export has ended, or another study is there: that one is not left. */
static void on_export_ended(DkmReading *reading, guint what, gpointer user)
{
    if (what & DKM_CHANGED_CASE)
        g_object_set_data(G_OBJECT(user), "leaves", NULL);
    else if (!(what & DKM_CHANGED_JOBS) || dkm_reading_is_exporting(reading))
        return;
    g_signal_handlers_disconnect_by_func(reading, (gpointer)on_export_ended, user);
    /* Once all have heard it. */
    g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, leave_exported, g_object_ref(user), g_object_unref);
}

static void export_and_leave(DkmWindow *self, const char *path)
{
    dkm_reading_export(self->reading, path);
    if (dkm_reading_is_exporting(self->reading))
        g_signal_connect_object(self->reading, "changed", G_CALLBACK(on_export_ended), self, 0);
}

static void on_leave(GtkDialog *dialog, int response, gpointer user)
{
    DkmWindow *self = user;
    DkmWindowFunc then = (DkmWindowFunc)g_object_get_data(G_OBJECT(dialog), "then");
    gtk_widget_destroy(GTK_WIDGET(dialog));
    if (response == LEAVE_DISCARD)
        dkm_reading_discard_kept(self->reading);
    if (response == LEAVE_DISCARD || response == LEAVE_KEEP)
        then(self);
    else if (response == LEAVE_EXPORT) {
        g_object_set_data(G_OBJECT(self), "leaves", (gpointer)then);
        ask_export_then(self, export_and_leave);
    }
}

static void add_answers(GtkDialog *dialog, gboolean is_kept)
{
    gtk_dialog_add_button(dialog, _("_Keep working"), GTK_RESPONSE_CANCEL);
    if (is_kept)
        gtk_dialog_add_button(dialog, _("Keep for _later"), LEAVE_KEEP);
    gtk_dialog_add_button(dialog, _("_Export…"), LEAVE_EXPORT);
    gtk_dialog_add_button(dialog, _("_Discard"), LEAVE_DISCARD);
    gtk_dialog_set_default_response(dialog, GTK_RESPONSE_CANCEL);
}

void dkm_window_discard_then(DkmWindow *self, DkmWindowFunc then)
{
    const gboolean asks = dkm_settings_preferences(dkm_settings_get())->asks_before_leaving;
    const gboolean is_kept = dkm_reading_is_kept(self->reading);
    /* Without the question nothing is removed: what is on disk comes back with the study. */
    if (!dkm_reading_is_unsaved(self->reading) || (!asks && is_kept)) {
        then(self);
        return;
    }
    GtkWidget *dialog = gtk_message_dialog_new(
        GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
        _("Leave this study with masks that are not exported?"));
    gtk_message_dialog_format_secondary_text(
        GTK_MESSAGE_DIALOG(dialog), "%s",
        is_kept ? _("They have changed since the last export. Kept for later, they wait on this "
                    "computer until the study is opened again. Discarding them cannot be undone.")
                : _("They have changed since the last export and cannot be kept on this computer: "
                    "without an export they are lost."));
    add_answers(GTK_DIALOG(dialog), is_kept);
    g_object_set_data(G_OBJECT(dialog), "then", (gpointer)then);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_leave), self, 0);
    dkm_window_present_question(dialog);
}

/* --- what was left by a program that died ----------------------------------------------------- */

static void on_kept(GtkDialog *dialog, int response, gpointer user)
{
    DkmWindow *self = user;
    g_clear_pointer(&self->kept_question, gtk_widget_destroy);
    if (response == GTK_RESPONSE_OK)
        dkm_reading_recover(self->reading);
    else if (response == GTK_RESPONSE_REJECT)
        dkm_reading_discard_kept(self->reading);
    else
        dkm_window_ask_kept(self); /* closed without an answer: nothing may be lost that way */
}

/* Of damaged ones: how many steps come back. g_free. */
static char *words_of_damage(const DkmJournalState *state)
{
    const guint all = state->records + state->lost;
    if (state->records == 0)
        return g_strdup_printf(_("What was kept of them is damaged: none of %u steps comes back. "
                                 "The damaged file is kept."),
                               all);
    return g_strdup_printf(_("Part of it is damaged: %u of %u steps come back, those before the "
                             "damage. The damaged file is kept."),
                           state->records, all);
}

static char *words_of_kept(const DkmJournalState *state)
{
    if (state->is_damaged)
        return words_of_damage(state);
    return g_strdup(
        state->saved
            ? _("The program ended before they were put away, after an export. They come back as "
                "they were, with every step to undo. Discarding them cannot be undone.")
            : _("They were kept when the study was left, or when the program ended, and are not "
                "exported. They come back as they were, with every step to undo. Discarding them "
                "cannot be undone."));
}

void dkm_window_ask_kept(DkmWindow *self)
{
    DkmJournalState state;
    g_clear_pointer(&self->kept_question, gtk_widget_destroy); /* of another study */
    if (!dkm_reading_get_kept(self->reading, &state))
        return;
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(state.unix_s);
    g_autofree char *time = when ? g_date_time_format(when, _("%e %B %Y, %H:%M")) : g_strdup("?");
    g_autofree char *text = words_of_kept(&state);
    GtkWidget *dialog =
        gtk_message_dialog_new(GTK_WINDOW(self), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION,
                               GTK_BUTTONS_NONE, _("Go on with the masks of %s?"), g_strchug(time));
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(dialog), "%s", text);
    if (state.records > 0)
        gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Discard them"), GTK_RESPONSE_REJECT);
    gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Go on"), GTK_RESPONSE_OK);
    gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_kept), self, 0);
    self->kept_question = dialog;
    dkm_window_present_question(dialog);
}
