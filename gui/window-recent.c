/* What was opened last: on the first page, and in the menu beside "Open…". The file is read and
 * written by jobs, one after the other: its disk may sleep, a folder's server too. */
#include "gui/i18n.h"
#include "gui/jobs.h"
#include "gui/recent.h"
#include "gui/settings.h"
#include "gui/window-private.h"

/* --- off the main thread ---------------------------------------------------------------------- */

/* One thing to do to the file; then it is read. */
typedef struct {
    DkmRecent entry; /* to add, where it has a path */
    gboolean clears;
} Errand;

static void errand_free(gpointer data)
{
    Errand *errand = data;
    g_free(errand->entry.path);
    g_free(errand->entry.study_uid);
    g_free(errand->entry.title);
    g_free(errand->entry.detail);
    g_free(errand);
}

static gpointer recent_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                            GError **error)
{
    const Errand *errand = data;
    if (errand->clears)
        dkm_recent_clear();
    if (errand->entry.path && !dkm_recent_add(&errand->entry, error))
        return NULL;
    return dkm_recent_load();
}

/* --- showing ---------------------------------------------------------------------------------- */

static char *menu_label(const DkmRecent *entry)
{
    g_autofree char *text =
        g_strdup_printf("%s   %s", entry->title, entry->detail ? entry->detail : "");
    g_auto(GStrv) parts = g_strsplit(text, "_", -1);
    return g_strjoinv("__", parts);
}

/* An entry whose folder is gone names an action that nobody has: it is grey. */
static GMenu *new_recent_section(const GPtrArray *entries)
{
    GMenu *section = g_menu_new();
    for (guint i = 0; i < entries->len; i++) {
        const DkmRecent *entry = entries->pdata[i];
        g_autofree char *label = menu_label(entry);
        g_autoptr(GMenuItem) item = g_menu_item_new(label, NULL);
        g_menu_item_set_action_and_target(item, entry->is_there ? "win.open-recent" : "win.gone",
                                          "i", (int)i);
        g_menu_append_item(section, item);
    }
    return section;
}

static void fill_menu(DkmWindow *self)
{
    g_autoptr(GMenu) menu = g_menu_new();
    g_autoptr(GMenu) recent = new_recent_section(self->recents);
    g_autoptr(GMenu) window = g_menu_new();
    if (self->recents->len > 0) {
        g_menu_append(recent, _("Clear the list"), "win.clear-recent");
        g_menu_append_section(menu, _("Opened last"), G_MENU_MODEL(recent));
    }
    g_menu_append(window, _("Studies of this folder (Ctrl+L)"), "win.studies");
    g_menu_append(window, _("Second window, for another monitor (F12)"), "win.second-window");
    g_menu_append(window, _("Preferences (Ctrl+,)"), "win.preferences");
    g_menu_append(window, _("Keys (?)"), "win.keys");
    g_menu_append_section(menu, NULL, G_MENU_MODEL(window));
    gtk_menu_button_set_menu_model(self->menu, G_MENU_MODEL(menu));
}

static GtkWidget *new_label(const char *text, const char *class)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
    return label;
}

static GtkWidget *new_row(const DkmRecent *entry)
{
    GtkWidget *row = gtk_list_box_row_new(), *grid = gtk_grid_new();
    GtkWidget *title = new_label(entry->title, "heading");
    g_autofree char *place =
        entry->is_there ? g_strdup(entry->path) : g_strdup_printf(_("%s is gone"), entry->path);
    gtk_widget_set_hexpand(title, TRUE);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 24);
    gtk_grid_attach(GTK_GRID(grid), title, 0, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), new_label(entry->detail, "dim"), 1, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), new_label(place, "small"), 0, 1, 2, 1);
    gtk_container_add(GTK_CONTAINER(row), grid);
    gtk_widget_set_sensitive(row, entry->is_there);
    atk_object_set_name(gtk_widget_get_accessible(row), entry->title);
    return row;
}

static void destroy_child(GtkWidget *child, gpointer user)
{
    gtk_widget_destroy(child);
}

static void open_entry(DkmWindow *self, guint i)
{
    if (i >= self->recents->len)
        return;
    const DkmRecent *entry = self->recents->pdata[i];
    dkm_window_open_one(self, entry->path, entry->study_uid);
}

static void on_row(GtkListBox *list, GtkListBoxRow *row, gpointer user)
{
    open_entry(user, (guint)gtk_list_box_row_get_index(row));
}

static void fill_page(DkmWindow *self)
{
    gtk_container_foreach(GTK_CONTAINER(self->recent), destroy_child, NULL);
    if (self->recents->len == 0)
        return;
    GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), *list = gtk_list_box_new();
    GtkWidget *clear = gtk_button_new_with_label(_("Clear the list"));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(clear), "win.clear-recent");
    gtk_button_set_relief(GTK_BUTTON(clear), GTK_RELIEF_NONE);
    gtk_box_pack_start(GTK_BOX(head), new_label(_("Opened last"), "dim"), TRUE, TRUE, 0);
    gtk_box_pack_end(GTK_BOX(head), clear, FALSE, FALSE, 0);
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_NONE);
    atk_object_set_name(gtk_widget_get_accessible(list), _("Opened last"));
    for (guint i = 0; i < self->recents->len; i++)
        gtk_container_add(GTK_CONTAINER(list), new_row(self->recents->pdata[i]));
    g_signal_connect_object(list, "row-activated", G_CALLBACK(on_row), self, 0);
    gtk_box_pack_start(self->recent, head, FALSE, FALSE, 0);
    gtk_box_pack_start(self->recent, list, FALSE, FALSE, 0);
    gtk_widget_show_all(GTK_WIDGET(self->recent));
}

/* --- errands ---------------------------------------------------------------------------------- */

static void run_next(DkmWindow *self);

static void on_done(gpointer data, const GError *error, gpointer user)
{
    DkmWindow *self = user;
    g_clear_pointer(&self->recalling, dkm_job_drop);
    if (data) {
        g_ptr_array_unref(self->recents);
        self->recents = data;
        fill_menu(self);
        fill_page(self);
    }
    dkm_reading_report(self->reading, error);
    run_next(self);
}

static void run_next(DkmWindow *self)
{
    if (self->recalling || self->errands->len == 0)
        return;
    const DkmJobSpec spec = {DKM_LANE_POOL,
                             recent_work,
                             g_ptr_array_steal_index(self->errands, 0),
                             errand_free,
                             (GDestroyNotify)g_ptr_array_unref,
                             on_done,
                             self};
    self->recalling = dkm_job_start(&spec);
}

/* Takes ERRAND. */
static void send(DkmWindow *self, Errand *errand)
{
    if (errand->entry.path && !dkm_settings_preferences(dkm_settings_get())->keeps_recent) {
        errand_free(errand);
        return;
    }
    g_ptr_array_add(self->errands, errand);
    run_next(self);
}

static Errand *errand_new(const char *path, const char *title)
{
    Errand *errand = g_new0(Errand, 1);
    errand->entry.path = g_strdup(path);
    errand->entry.title = g_strdup(title);
    return errand;
}

void dkm_window_note_study(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const char *description = on->study->first->study_description;
    Errand *errand = errand_new(dkm_reading_path(self->reading), on->patient_name);
    errand->entry.study_uid = g_strdup(on->study->study_uid);
    errand->entry.detail = g_strdup_printf("%s%s%s", on->study_date, description ? "  ·  " : "",
                                           description ? description : "");
    send(self, errand);
}

void dkm_window_note_list(DkmWindow *self)
{
    DkmStudyList *list = dkm_reading_studies(self->reading);
    const char *root = dkm_reading_root(self->reading);
    g_autofree char *name = g_path_get_basename(root);
    const guint patients = dkm_study_list_count_patients(list);
    Errand *errand = errand_new(root, name);
    errand->entry.detail =
        g_strdup_printf(ngettext("%u studies of %u patient", "%u studies of %u patients", patients),
                        dkm_study_list_count(list), patients);
    send(self, errand);
}

static void on_open_recent(GSimpleAction *action, GVariant *parameter, gpointer user)
{
    open_entry(user, (guint)g_variant_get_int32(parameter));
}

void dkm_window_clear_recent(DkmWindow *self)
{
    Errand *errand = errand_new(NULL, NULL);
    errand->clears = TRUE;
    send(self, errand);
}

static void on_clear(GSimpleAction *action, GVariant *parameter, gpointer user)
{
    dkm_window_clear_recent(user);
}

void dkm_window_add_recent(DkmWindow *self)
{
    static const GActionEntry entries[] = {{"open-recent", on_open_recent, "i"},
                                           {"clear-recent", on_clear}};
    g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
    self->recents = g_ptr_array_new();
    self->errands = g_ptr_array_new_with_free_func(errand_free);
    fill_menu(self);
    send(self, errand_new(NULL, NULL));
}

void dkm_window_drop_recent(DkmWindow *self)
{
    g_clear_pointer(&self->recalling, dkm_job_drop);
    g_clear_pointer(&self->errands, g_ptr_array_unref);
    g_clear_pointer(&self->recents, g_ptr_array_unref);
}
