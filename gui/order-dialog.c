#include "gui/order-dialog.h"

#include "gui/i18n.h"
#include "gui/panels.h"
#include "gui/words.h"

#include <math.h>

/* Of the list's model. */
enum {
    COLUMN_NUMBER,
    COLUMN_ROLE,
    COLUMN_SERIES,
    COLUMN_DESCRIPTION,
    COLUMN_TIME,
    COLUMN_RULES,
    COLUMN_WEIGHT,
    N_COLUMNS
};

typedef struct {
    GtkWidget *dialog, *view, *role, *earlier, *later, *reset, *details, *state;
    GtkListStore *store;
    DkmPhaseOrder *order;
    gboolean is_filling;
} Dialog;

/* --- words ------------------------------------------------------------------------------------ */

static char *role_text(int place)
{
    if (place == DKM_PHASE_ASIDE)
        return g_strdup(_("Set aside"));
    return place == 0 ? g_strdup(_("Pre-contrast")) : g_strdup_printf(_("Post-contrast %d"), place);
}

/* Where the phases' clock does not say: the time of day, if the images have one. */
static char *time_text(const DkmPhaseCandidate *candidate)
{
    if (!isnan(candidate->t_seconds))
        return g_strdup_printf("%.0f s", candidate->t_seconds);
    const DkmFrame *first = candidate->first;
    const double of_day =
        isnan(first->acquisition_time_s) ? first->content_time_s : first->acquisition_time_s;
    if (!(of_day >= 0 && of_day < 86400))
        return g_strdup(_("unknown"));
    const int seconds = (int)of_day;
    return g_strdup_printf("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* What the rules make of it, and why. */
static char *rules_text(const Dialog *self, const DkmPhaseCandidate *candidate, guint number)
{
    if (candidate->is_found)
        return g_strdup_printf(_("Phase %u, told by %s"), number,
                               dkm_phase_order_study(self->order)->dce->key);
    return g_strdup_printf(_("Set aside: %s"), candidate->reason);
}

static char *details_text(const Dialog *self, guint row)
{
    guint number;
    const DkmPhaseCandidate *candidate = dkm_phase_order_get(self->order, row, &number);
    const guint n = candidate->frames->len;
    g_autofree char *rules = rules_text(self, candidate, number);
    g_autofree char *images = g_strdup_printf(ngettext("%u image", "%u images", n), n);
    return candidate->problem && g_strcmp0(candidate->problem, candidate->reason) != 0
               ? g_strdup_printf("%u: %s. %s. %s", number, images, rules, candidate->problem)
               : g_strdup_printf("%u: %s. %s", number, images, rules);
}

/* --- from the order to the widgets ------------------------------------------------------------ */

static int selected_row(const Dialog *self)
{
    GtkTreeModel *model;
    GtkTreeIter iter;
    GtkTreeSelection *selection = gtk_tree_view_get_selection(GTK_TREE_VIEW(self->view));
    if (!gtk_tree_selection_get_selected(selection, &model, &iter))
        return -1;
    g_autoptr(GtkTreePath) path = gtk_tree_model_get_path(model, &iter);
    return gtk_tree_path_get_indices(path)[0];
}

static void add_row(Dialog *self, guint row)
{
    guint number;
    const DkmPhaseCandidate *candidate = dkm_phase_order_get(self->order, row, &number);
    const int place = dkm_phase_order_place(self->order, row);
    g_autofree char *role = role_text(place), *time = time_text(candidate);
    g_autofree char *rules = rules_text(self, candidate, number);
    const char *description = candidate->first->series_description;
    gtk_list_store_insert_with_values(
        self->store, NULL, -1, COLUMN_NUMBER, number, COLUMN_ROLE, role, COLUMN_SERIES,
        candidate->first->series_number == DKM_ABSENT_INT ? 0 : candidate->first->series_number,
        COLUMN_DESCRIPTION, description ? description : "", COLUMN_TIME, time, COLUMN_RULES, rules,
        COLUMN_WEIGHT, place == DKM_PHASE_ASIDE ? PANGO_WEIGHT_NORMAL : PANGO_WEIGHT_BOLD, -1);
}

/* The roles that ROW can have: one a phase, one more where it is none yet. */
static void fill_roles(Dialog *self, int row)
{
    GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(self->role);
    const int place = row < 0 ? DKM_PHASE_ASIDE : dkm_phase_order_place(self->order, (guint)row);
    const int n = (int)dkm_phase_order_n_phases(self->order) + (place == DKM_PHASE_ASIDE);
    gtk_combo_box_text_remove_all(combo);
    for (int i = 0; row >= 0 && i < n; i++) {
        g_autofree char *text = role_text(i);
        gtk_combo_box_text_append_text(combo, text);
    }
    g_autofree char *aside = role_text(DKM_PHASE_ASIDE);
    gtk_combo_box_text_append_text(combo, aside);
    gtk_combo_box_set_active(GTK_COMBO_BOX(combo), place == DKM_PHASE_ASIDE ? n : place);
}

static void show_row(Dialog *self)
{
    const int row = selected_row(self);
    const int place = row < 0 ? DKM_PHASE_ASIDE : dkm_phase_order_place(self->order, (guint)row);
    g_autofree char *details = row < 0 ? NULL : details_text(self, (guint)row);
    self->is_filling = TRUE;
    fill_roles(self, row);
    self->is_filling = FALSE;
    gtk_label_set_text(GTK_LABEL(self->details), details ? details : "");
    gtk_widget_set_sensitive(self->role, row >= 0);
    gtk_widget_set_sensitive(self->earlier, row >= 0 && place != 0);
    gtk_widget_set_sensitive(self->later, place != DKM_PHASE_ASIDE);
}

/* Against the clock, or with volumes that the rules do not hold for images of a phase. */
static char *doubts_text(const Dialog *self, const DkmPhases *dce)
{
    g_autoptr(GPtrArray) doubts = g_ptr_array_new_with_free_func(g_free);
    if (dce->contradiction)
        g_ptr_array_add(doubts, g_strdup_printf(_("Please check: %s"), dce->contradiction));
    for (guint row = 0; row < dkm_phase_order_n_phases(self->order); row++) {
        guint number;
        const DkmPhaseCandidate *candidate = dkm_phase_order_get(self->order, row, &number);
        if (!candidate->is_found)
            g_ptr_array_add(doubts,
                            g_strdup_printf(_("Please check: the rules set no. %u aside (%s)"),
                                            number, candidate->reason));
    }
    const gboolean any = doubts->len > 0;
    g_ptr_array_add(doubts, NULL);
    return any ? g_strjoinv("\n", (char **)doubts->pdata) : NULL;
}

static char *sure_text(const DkmPhaseOrder *order)
{
    const guint n = dkm_phase_order_n_phases(order);
    if (dkm_phase_order_is_found(order))
        return g_strdup(_("This is what the rules found."));
    return g_strdup_printf(ngettext("%u phase, as you set it.", "%u phases, as you set them.", n),
                           n);
}

/* The core's own words where the study cannot be read so. */
static void show_state(Dialog *self)
{
    const DkmStudy *study = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) studies = dkm_phase_order_apply(self->order, &study, &error);
    g_autofree char *text = error ? g_strdup_printf(_("Not possible: %s"), error->message)
                                  : doubts_text(self, study->dce);
    g_autofree char *sure = text ? NULL : sure_text(self->order);
    const gboolean is_found = dkm_phase_order_is_found(self->order);
    GtkStyleContext *style = gtk_widget_get_style_context(self->state);
    if (text)
        gtk_style_context_add_class(style, "warning-text");
    else
        gtk_style_context_remove_class(style, "warning-text");
    gtk_label_set_text(GTK_LABEL(self->state), text ? text : sure);
    gtk_widget_set_sensitive(self->reset, !is_found);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(self->dialog), GTK_RESPONSE_OK, studies != NULL);
}

static void select_row(Dialog *self, guint row)
{
    g_autoptr(GtkTreePath) path = gtk_tree_path_new_from_indices((int)row, -1);
    gtk_tree_view_set_cursor(GTK_TREE_VIEW(self->view), path, NULL, FALSE);
}

static void refresh(Dialog *self, guint row)
{
    self->is_filling = TRUE;
    gtk_list_store_clear(self->store);
    for (guint i = 0; i < dkm_phase_order_count(self->order); i++)
        add_row(self, i);
    select_row(self, row);
    self->is_filling = FALSE;
    show_row(self);
    show_state(self);
}

/* --- from a person to the order --------------------------------------------------------------- */

static void move(Dialog *self, int step)
{
    const int row = selected_row(self);
    if (row >= 0)
        refresh(self, dkm_phase_order_move(self->order, (guint)row, step));
}

static void on_earlier(GtkButton *button, gpointer user)
{
    move(user, -1);
}

static void on_later(GtkButton *button, gpointer user)
{
    move(user, 1);
}

static void on_reset(GtkButton *button, gpointer user)
{
    Dialog *self = user;
    dkm_phase_order_reset(self->order);
    refresh(self, 0);
}

static void set_place(Dialog *self, int place)
{
    const int row = selected_row(self);
    if (row >= 0)
        refresh(self, dkm_phase_order_set_place(self->order, (guint)row, place));
}

static void on_role(GtkComboBox *combo, gpointer user)
{
    Dialog *self = user;
    const int active = gtk_combo_box_get_active(combo);
    const int n = gtk_tree_model_iter_n_children(gtk_combo_box_get_model(combo), NULL);
    if (!self->is_filling && active >= 0)
        set_place(self, active == n - 1 ? DKM_PHASE_ASIDE : active);
}

static void on_selected(GtkTreeSelection *selection, gpointer user)
{
    Dialog *self = user;
    if (!self->is_filling)
        show_row(self);
}

/* 0: before contrast. */
static gboolean take_digit(Dialog *self, guint key)
{
    const guint32 digit = gdk_keyval_to_unicode(key);
    if (digit < '0' || digit > '9')
        return GDK_EVENT_PROPAGATE;
    set_place(self, (int)(digit - '0'));
    return GDK_EVENT_STOP;
}

static gboolean on_key(GtkWidget *view, GdkEventKey *event, gpointer user)
{
    Dialog *self = user;
    const GdkModifierType held =
        event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK);
    if (held == GDK_MOD1_MASK && (event->keyval == GDK_KEY_Up || event->keyval == GDK_KEY_Down)) {
        move(self, event->keyval == GDK_KEY_Up ? -1 : 1);
        return GDK_EVENT_STOP;
    }
    if (held != 0)
        return GDK_EVENT_PROPAGATE;
    if (event->keyval == GDK_KEY_Delete) {
        set_place(self, DKM_PHASE_ASIDE);
        return GDK_EVENT_STOP;
    }
    if (event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter) {
        gtk_window_activate_default(GTK_WINDOW(self->dialog));
        return GDK_EVENT_STOP;
    }
    return take_digit(self, event->keyval);
}

/* --- dragging --------------------------------------------------------------------------------- */

static const GtkTargetEntry drag_target = {(char *)"application/x-dkm-phase",
                                           GTK_TARGET_SAME_WIDGET, 0};

/* The row that is dropped on, and on which half of it. */
static gboolean row_at(const Dialog *self, int x, int y, guint *row, gboolean *is_after)
{
    GtkTreePath *path = NULL;
    GtkTreeViewDropPosition position;
    if (!gtk_tree_view_get_dest_row_at_pos(GTK_TREE_VIEW(self->view), x, y, &path, &position))
        return FALSE;
    *row = (guint)gtk_tree_path_get_indices(path)[0];
    *is_after =
        position == GTK_TREE_VIEW_DROP_AFTER || position == GTK_TREE_VIEW_DROP_INTO_OR_AFTER;
    gtk_tree_path_free(path);
    return TRUE;
}

static gboolean on_drag_motion(GtkWidget *view, GdkDragContext *context, int x, int y, guint time,
                               gpointer user)
{
    guint row;
    gboolean is_after;
    const gboolean is_row = row_at(user, x, y, &row, &is_after);
    if (is_row) {
        g_autoptr(GtkTreePath) path = gtk_tree_path_new_from_indices((int)row, -1);
        gtk_tree_view_set_drag_dest_row(GTK_TREE_VIEW(view), path,
                                        is_after ? GTK_TREE_VIEW_DROP_AFTER
                                                 : GTK_TREE_VIEW_DROP_BEFORE);
    }
    gdk_drag_status(context, is_row ? GDK_ACTION_MOVE : 0, time);
    return TRUE;
}

static gboolean on_drag_drop(GtkWidget *view, GdkDragContext *context, int x, int y, guint time,
                             gpointer user)
{
    Dialog *self = user;
    const int from = selected_row(self);
    guint onto;
    gboolean is_after;
    const gboolean is_row = from >= 0 && row_at(self, x, y, &onto, &is_after);
    gtk_drag_finish(context, is_row, FALSE, time);
    if (is_row)
        refresh(self, dkm_phase_order_drop(self->order, (guint)from, onto, is_after));
    return TRUE;
}

static void enable_drag(Dialog *self)
{
    gtk_tree_view_enable_model_drag_source(GTK_TREE_VIEW(self->view), GDK_BUTTON1_MASK,
                                           &drag_target, 1, GDK_ACTION_MOVE);
    gtk_drag_dest_set(self->view, 0, &drag_target, 1, GDK_ACTION_MOVE);
    g_signal_connect(self->view, "drag-motion", G_CALLBACK(on_drag_motion), self);
    g_signal_connect(self->view, "drag-drop", G_CALLBACK(on_drag_drop), self);
}

/* --- making it -------------------------------------------------------------------------------- */

static void add_column(Dialog *self, const char *title, int column, gboolean expands)
{
    GtkCellRenderer *cell = gtk_cell_renderer_text_new();
    GtkTreeViewColumn *made = gtk_tree_view_column_new_with_attributes(
        title, cell, "text", column, "weight", COLUMN_WEIGHT, NULL);
    gtk_tree_view_column_set_expand(made, expands);
    gtk_tree_view_column_set_resizable(made, TRUE);
    if (expands)
        g_object_set(cell, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 30, NULL);
    gtk_tree_view_append_column(GTK_TREE_VIEW(self->view), made);
}

static GtkWidget *new_list(Dialog *self)
{
    GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
    self->store = gtk_list_store_new(N_COLUMNS, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_INT,
                                     G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT);
    self->view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(self->store));
    g_object_unref(self->store);
    gtk_tree_view_set_enable_search(GTK_TREE_VIEW(self->view), FALSE);
    dkm_panel_name(self->view, _("Volumes of this study"));
    add_column(self, _("No."), COLUMN_NUMBER, FALSE);
    add_column(self, _("Role"), COLUMN_ROLE, FALSE);
    add_column(self, _("Series"), COLUMN_SERIES, FALSE);
    add_column(self, _("Description"), COLUMN_DESCRIPTION, TRUE);
    add_column(self, _("Time"), COLUMN_TIME, FALSE);
    add_column(self, _("What the rules say"), COLUMN_RULES, TRUE);
    enable_drag(self);
    g_signal_connect(self->view, "key-press-event", G_CALLBACK(on_key), self);
    g_signal_connect(gtk_tree_view_get_selection(GTK_TREE_VIEW(self->view)), "changed",
                     G_CALLBACK(on_selected), self);
    g_object_set(scroller, "propagate-natural-height", TRUE, "max-content-height", 420,
                 "min-content-height", 160, "overlay-scrolling", FALSE, "shadow-type",
                 GTK_SHADOW_IN, NULL);
    gtk_container_add(GTK_CONTAINER(scroller), self->view);
    return scroller;
}

static GtkWidget *new_button(const char *text, const char *tip, GCallback clicked, Dialog *self)
{
    GtkWidget *button = gtk_button_new_with_mnemonic(text);
    gtk_widget_set_tooltip_text(button, tip);
    g_signal_connect(button, "clicked", clicked, self);
    return button;
}

static GtkWidget *new_controls(Dialog *self)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget *label = gtk_label_new_with_mnemonic(_("Role of the _marked row"));
    self->role = gtk_combo_box_text_new();
    self->earlier = new_button(_("_Earlier"), _("Alt+↑"), G_CALLBACK(on_earlier), self);
    self->later = new_button(_("_Later"), _("Alt+↓; past the last phase: set aside (Delete)"),
                             G_CALLBACK(on_later), self);
    self->reset = new_button(_("As the _rules found"), _("Takes back what readers have set"),
                             G_CALLBACK(on_reset), self);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), self->role);
    dkm_panel_name(self->role, _("Role of the marked row"));
    gtk_widget_set_tooltip_text(self->role, _("0: pre-contrast; 1 to 9: after contrast"));
    g_signal_connect(self->role, "changed", G_CALLBACK(on_role), self);
    GtkWidget *const parts[] = {label, self->role, self->earlier, self->later};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(box), parts[i], FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(box), self->reset, FALSE, FALSE, 0);
    return box;
}

static char *heading_text(const DkmStudy *study)
{
    if (!study->dce)
        return g_strdup_printf(_("The rules found no phases: %s. Give rows a role, or drag them; "
                                 "the study is then read so, now and whenever it is opened."),
                               study->dce_problem);
    return g_strdup_printf(_("The rules order by %s: %s. Drag rows, or give them another role; the "
                             "study is then read so, now and whenever it is opened."),
                           study->dce->key, dkm_word_confidence(study->dce->confidence));
}

static void add_parts(Dialog *self)
{
    GtkWidget *box = gtk_dialog_get_content_area(GTK_DIALOG(self->dialog));
    g_autofree char *heading = heading_text(dkm_phase_order_study(self->order));
    self->details = dkm_panel_label("", "dim");
    self->state = dkm_panel_label("", NULL);
    gtk_label_set_lines(GTK_LABEL(self->details), 3);
    atk_object_set_role(gtk_widget_get_accessible(self->state), ATK_ROLE_ALERT);
    g_object_set(box, "margin", 16, "spacing", 12, NULL);
    GtkWidget *const parts[] = {dkm_panel_label(heading, NULL), new_list(self), self->details,
                                new_controls(self), self->state};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(box), parts[i], i == 1, TRUE, 0);
    gtk_widget_show_all(box);
}

static void dialog_free(gpointer data)
{
    Dialog *self = data;
    dkm_phase_order_free(self->order);
    g_free(self);
}

GtkWidget *dkm_order_dialog_new(GtkWindow *parent, DkmPhaseOrder *order)
{
    Dialog *self = g_new0(Dialog, 1);
    self->order = order;
    self->dialog = gtk_dialog_new_with_buttons(
        _("Order of phases"), parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
        _("_Cancel"), GTK_RESPONSE_CANCEL, _("_OK"), GTK_RESPONSE_OK, NULL);
    g_object_set_data_full(G_OBJECT(self->dialog), "order", self, dialog_free);
    gtk_window_set_default_size(GTK_WINDOW(self->dialog), 940, -1);
    gtk_dialog_set_default_response(GTK_DIALOG(self->dialog), GTK_RESPONSE_OK);
    add_parts(self);
    refresh(self, 0);
    gtk_widget_grab_focus(self->view);
    return self->dialog;
}

const DkmPhaseOrder *dkm_order_dialog_order(GtkWidget *dialog)
{
    return ((const Dialog *)g_object_get_data(G_OBJECT(dialog), "order"))->order;
}
