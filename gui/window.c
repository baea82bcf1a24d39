#include "gui/i18n.h"
#include "gui/window-private.h"

#include "gui/identity.h"
#include "gui/keys.h"
#include "gui/panels.h"
#include "gui/stage-bar.h"
#include "gui/tool-buttons.h"

G_DEFINE_FINAL_TYPE(DkmWindow, dkm_window, GTK_TYPE_APPLICATION_WINDOW)

/* --- following the reading -------------------------------------------------------------------- */

/* In front of the list no patient's name stands above the others'. */
static void show_nobody(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    g_autofree char *loading = dkm_reading_loading_text(self->reading);
    g_autofree char *details =
        on ? g_strdup_printf(_("On the desk: %s"), on->patient_name) : g_steal_pointer(&loading);
    gtk_label_set_text(self->patient, self->shows_studies ? _("Choose a study")
                                      : details           ? _("Opening…")
                                                          : _("No study is open"));
    gtk_label_set_text(self->details, details ? details : "");
    gtk_widget_set_visible(GTK_WIDGET(self->details), details != NULL);
    gtk_window_set_title(GTK_WINDOW(self), _("DKM Viewer"));
}

static void show_patient(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    if (!on || self->shows_studies) {
        show_nobody(self);
        return;
    }
    g_autofree char *name = dkm_identity_name(on), *details = dkm_identity_details(on);
    g_autofree char *title = dkm_identity_title(on);
    gtk_label_set_text(self->patient, name);
    gtk_label_set_text(self->details, details);
    gtk_widget_show(GTK_WIDGET(self->details));
    gtk_window_set_title(GTK_WINDOW(self), title);
}

void dkm_window_show_page(DkmWindow *self)
{
    int permille;
    const gboolean busy = dkm_reading_is_loading(self->reading, &permille);
    const char *page = self->shows_studies                               ? "studies"
                       : busy || dkm_reading_case(self->reading) != NULL ? "reading"
                                                                         : "welcome";
    gtk_stack_set_visible_child_name(self->stack, page);
    GtkWidget *const tools[] = {gtk_widget_get_parent(GTK_WIDGET(self->arm_window)),
                                GTK_WIDGET(self->tools),
                                gtk_widget_get_parent(GTK_WIDGET(self->brush))};
    for (guint i = 0; i < G_N_ELEMENTS(tools); i++)
        gtk_widget_set_visible(tools[i], !self->shows_studies);
    show_patient(self);
}

static void show_loading(DkmWindow *self)
{
    int permille = 0;
    const gboolean loading = dkm_reading_is_loading(self->reading, &permille);
    g_autofree char *text = dkm_reading_loading_text(self->reading);
    gtk_revealer_set_reveal_child(self->loading, loading);
    gtk_progress_bar_set_fraction(self->loading_bar, permille / 1000.0);
    gtk_label_set_text(self->loading_text, text ? text : "");
    dkm_window_show_page(self);
}

static void show_tools(DkmWindow *self)
{
    const DkmLook *look = dkm_reading_look(self->reading);
    GtkToggleButton *const armed[] = {self->arm_window, self->arm_brush, self->arm_eraser};
    for (guint i = 0; i < G_N_ELEMENTS(armed); i++)
        gtk_toggle_button_set_active(armed[i], i == look->armed);
    gtk_toggle_button_set_active(self->ball, look->brush_is_ball);
    g_autofree char *text = g_strdup_printf(_("r %.1f mm"), look->brush_mm);
    dkm_panel_say(GTK_WIDGET(self->brush), text);
}

/* The buttons of a run come and go, and the one that is gone leaves the keys to its neighbour. */
static void follow_run(DkmWindow *self)
{
    int permille;
    double seconds;
    const gboolean runs = dkm_reading_is_running(self->reading, &permille, &seconds);
    if (runs != self->runs)
        dkm_wall_take_keys(self->wall);
    self->runs = runs;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    DkmWindow *self = user;
    if (what & DKM_CHANGED_CASE) {
        const gboolean is_open = dkm_reading_case(self->reading) != NULL;
        self->shows_studies = self->shows_studies && !is_open;
        if (is_open)
            dkm_window_note_study(self);
        show_patient(self);
        dkm_window_layout(self);
        dkm_window_drop_picture(self); /* it is the last study's */
        gtk_widget_hide(GTK_WIDGET(self->bar));
        dkm_window_ask_kept(self);
    }
    if (what & DKM_CHANGED_STUDIES)
        dkm_window_take_studies(self);
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_JOBS))
        show_loading(self);
    if (what & DKM_CHANGED_JOBS)
        follow_run(self);
    if (what & DKM_CHANGED_LOOK)
        show_tools(self);
    if (what & (DKM_CHANGED_LAYERS | DKM_CHANGED_LOOK))
        dkm_window_age_message(self);
    if (what & ~(guint)DKM_CHANGED_POINTER)
        dkm_window_update_actions(self);
}

/* --- the tool buttons: a click arms, the look says which is down -------------------------------
 */

static void on_tool_clicked(GtkWidget *button, gpointer user)
{
    DkmWindow *self = user;
    DkmLook look = *dkm_reading_look(self->reading);
    if (button == GTK_WIDGET(self->ball))
        look.brush_is_ball = gtk_toggle_button_get_active(self->ball);
    else if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)))
        look.armed = button == GTK_WIDGET(self->arm_brush)    ? DKM_ARMED_BRUSH
                     : button == GTK_WIDGET(self->arm_eraser) ? DKM_ARMED_ERASER
                                                              : DKM_ARMED_WINDOW;
    const DkmLook *now = dkm_reading_look(self->reading);
    if (look.armed != now->armed || look.brush_is_ball != now->brush_is_ball)
        dkm_reading_set_look(self->reading, &look);
}

/* --- the window's own events ------------------------------------------------------------------ */

/* Held for longer than this, Space shows what is under the masks for as long as it is held. */
#define PEEK_US (350 * G_TIME_SPAN_MILLISECOND)

static gboolean is_held_space(DkmWindow *self, const GdkEventKey *event)
{
    if (event->keyval != GDK_KEY_space)
        return FALSE;
    const gboolean is_repeat = self->space_down_us != 0;
    if (!is_repeat)
        self->space_down_us = g_get_monotonic_time();
    return is_repeat;
}

void dkm_window_release_key(DkmWindow *self, const GdkEventKey *event)
{
    if (event->keyval != GDK_KEY_space || !self->space_down_us)
        return;
    if (g_get_monotonic_time() - self->space_down_us > PEEK_US)
        g_action_group_activate_action(G_ACTION_GROUP(self), "toggle-overlays", NULL);
    self->space_down_us = 0;
}

gboolean dkm_window_take_key(DkmWindow *self, GtkWindow *from, const GdkEventKey *event)
{
    if (is_held_space(self, event))
        return TRUE;
    const DkmLook *look = dkm_reading_look(self->reading);
    self->typed_in = from;
    const gboolean taken =
        dkm_keys_handle(from, G_ACTION_MAP(self), event, dkm_armed_is_for_masks(look->armed));
    self->typed_in = NULL;
    return taken;
}

static gboolean key_release(GtkWidget *widget, GdkEventKey *event)
{
    dkm_window_release_key(DKM_WINDOW(widget), event);
    return GTK_WIDGET_CLASS(dkm_window_parent_class)->key_release_event(widget, event);
}

/* In front of the list letters are typed; what Ctrl does, and the function keys, stay. */
static gboolean is_for_list(DkmWindow *self, const GdkEventKey *event)
{
    const gboolean is_command = event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK) ||
                                (event->keyval >= GDK_KEY_F1 && event->keyval <= GDK_KEY_F12);
    return self->shows_studies && !is_command;
}

/* On the first page Return opens what is marked, as everywhere in GTK. */
static gboolean is_on_first_page(DkmWindow *self)
{
    return g_strcmp0(gtk_stack_get_visible_child_name(self->stack), "welcome") == 0;
}

static gboolean key_press(GtkWidget *widget, GdkEventKey *event)
{
    if (is_on_first_page(DKM_WINDOW(widget)) &&
        GTK_WIDGET_CLASS(dkm_window_parent_class)->key_press_event(widget, event))
        return GDK_EVENT_STOP;
    if (is_for_list(DKM_WINDOW(widget), event))
        return dkm_study_view_handle_key(DKM_WINDOW(widget)->studies, event) ||
               GTK_WIDGET_CLASS(dkm_window_parent_class)->key_press_event(widget, event);
    if (dkm_window_take_key(DKM_WINDOW(widget), GTK_WINDOW(widget), event))
        return GDK_EVENT_STOP;
    return GTK_WIDGET_CLASS(dkm_window_parent_class)->key_press_event(widget, event);
}

/* Full screen takes the header away: whose study it is stays. */
static gboolean window_state_event(GtkWidget *widget, GdkEventWindowState *event)
{
    const gboolean is_full = (event->new_window_state & GDK_WINDOW_STATE_FULLSCREEN) != 0;
    dkm_stage_bar_show_patient(DKM_WINDOW(widget)->stages, is_full);
    return GTK_WIDGET_CLASS(dkm_window_parent_class)->window_state_event(widget, event);
}

static gboolean configure_event(GtkWidget *widget, GdkEventConfigure *event)
{
    dkm_window_note_place(GTK_WINDOW(widget), &DKM_WINDOW(widget)->first_at);
    return GTK_WIDGET_CLASS(dkm_window_parent_class)->configure_event(widget, event);
}

static void destroy_now(DkmWindow *self)
{
    dkm_window_keep_places(self);
    gtk_widget_destroy(GTK_WIDGET(self));
}

static gboolean delete_event(GtkWidget *widget, GdkEventAny *event)
{
    dkm_window_discard_then(DKM_WINDOW(widget), destroy_now);
    return GDK_EVENT_STOP;
}

/* "drag-data-received" has eight arguments; as a marshaller only the wanted ones are taken. */
static void on_dropped(GClosure *closure, GValue *result, guint n, const GValue *arguments,
                       gpointer hint, gpointer marshal_data)
{
    DkmWindow *self = g_value_get_object(&arguments[0]);
    GdkDragContext *context = g_value_get_object(&arguments[1]);
    GtkSelectionData *data = g_value_get_boxed(&arguments[4]);
    g_auto(GStrv) uris = gtk_selection_data_get_uris(data);
    g_autofree char *path = uris && uris[0] ? g_filename_from_uri(uris[0], NULL, NULL) : NULL;
    gtk_drag_finish(context, path != NULL, FALSE, g_value_get_uint(&arguments[6]));
    if (path)
        dkm_window_open(self, path);
}

static void accept_drops(DkmWindow *self)
{
    GClosure *closure = g_closure_new_simple(sizeof(GClosure), NULL);
    g_closure_set_marshal(closure, on_dropped);
    g_signal_connect_closure(self, "drag-data-received", closure, FALSE);
    gtk_drag_dest_set(GTK_WIDGET(self), GTK_DEST_DEFAULT_MOTION | GTK_DEST_DEFAULT_DROP, NULL, 0,
                      GDK_ACTION_COPY);
    gtk_drag_dest_add_uri_targets(GTK_WIDGET(self));
}

static void dispose(GObject *object)
{
    DkmWindow *self = DKM_WINDOW(object);
    dkm_window_drop_second(self);
    g_clear_object(&self->chooser);
    dkm_window_drop_picture(self);
    g_clear_pointer(&self->kept_question, gtk_widget_destroy);
    g_clear_pointer(&self->path_to_open, g_free);
    g_clear_pointer(&self->study_to_open, g_free);
    dkm_window_drop_recent(self);
    g_clear_pointer(&self->imported_from, g_free);
    g_clear_object(&self->reading);
    G_OBJECT_CLASS(dkm_window_parent_class)->dispose(object);
}

static void dkm_window_class_init(DkmWindowClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->key_press_event = key_press;
    widget->key_release_event = key_release;
    widget->delete_event = delete_event;
    widget->window_state_event = window_state_event;
    widget->configure_event = configure_event;
    gtk_widget_class_set_template_from_resource(widget, "/org/dkm/Viewer/window.ui");
#define BIND(child) gtk_widget_class_bind_template_child(widget, DkmWindow, child)
    BIND(header);
    BIND(title);
    BIND(strip);
    BIND(patient);
    BIND(details);
    BIND(panel);
    BIND(side);
    BIND(stage);
    BIND(bar);
    BIND(bar_text);
    BIND(loading);
    BIND(loading_bar);
    BIND(loading_text);
    BIND(stack);
    BIND(menu);
    BIND(recent);
    BIND(arm_window);
    BIND(arm_brush);
    BIND(arm_eraser);
    BIND(ball);
    BIND(tools);
    BIND(brush);
#undef BIND
    gtk_widget_class_bind_template_callback(widget, on_tool_clicked);
}

static void dkm_window_init(DkmWindow *self)
{
    gtk_widget_init_template(GTK_WIDGET(self));
    self->reading = dkm_reading_new();
    self->wall = DKM_WALL(dkm_wall_new(self->reading));
    self->stages = dkm_stage_bar_new(self->wall, self->reading);
    gtk_box_pack_start(self->stage, self->stages, FALSE, FALSE, 0);
    gtk_box_pack_start(self->stage, GTK_WIDGET(self->wall), TRUE, TRUE, 0);
    GtkWidget *const sections[] = {
        dkm_phases_panel_new(self->reading), dkm_network_panel_new(self->reading),
        dkm_layers_panel_new(self->reading), dkm_agreement_panel_new(self->reading),
        dkm_versions_panel_new(self->reading)};
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++)
        gtk_box_pack_start(self->panel, sections[i], FALSE, FALSE, 0);
    self->curve = dkm_curve_panel_new(self->reading);
    gtk_box_pack_end(self->side, self->curve, FALSE, FALSE, 0);
    gtk_box_pack_end(self->side, dkm_review_bar_new(), FALSE, FALSE, 0);
    gtk_widget_show_all(GTK_WIDGET(self->side));
    gtk_widget_show_all(GTK_WIDGET(self->stage));
    gtk_box_pack_start(self->tools, dkm_tool_buttons_new(self->reading), FALSE, FALSE, 0);
    dkm_window_add_messages(self);
    dkm_window_add_studies(self);
    dkm_window_layout_init(self);
    dkm_window_add_recent(self);
    dkm_window_add_actions(self);
    accept_drops(self);
    g_signal_connect_object(self->reading, "changed", G_CALLBACK(on_changed), self, 0);
    on_changed(self->reading, ~0u, self);
    dkm_window_follow_preferences(self);
}

DkmWindow *dkm_window_new(GtkApplication *app)
{
    return g_object_new(DKM_TYPE_WINDOW, "application", app, NULL);
}

static void open_now(DkmWindow *self)
{
    g_autofree char *path = g_steal_pointer(&self->path_to_open);
    g_autofree char *uid = g_steal_pointer(&self->study_to_open);
    dkm_reading_open_one(self->reading, path, uid);
}

void dkm_window_open_one(DkmWindow *self, const char *path, const char *study_uid)
{
    g_free(self->path_to_open);
    g_free(self->study_to_open);
    self->path_to_open = g_strdup(path);
    self->study_to_open = g_strdup(study_uid);
    dkm_window_discard_then(self, open_now);
}

void dkm_window_open(DkmWindow *self, const char *path)
{
    dkm_window_open_one(self, path, NULL);
}

DkmReading *dkm_window_reading(DkmWindow *self)
{
    return self->reading;
}

DkmWall *dkm_window_wall(DkmWindow *self)
{
    return self->wall;
}
