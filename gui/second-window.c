#include "gui/second-window.h"

#include "gui/i18n.h"
#include "gui/identity.h"
#include "gui/stage-bar.h"

struct _DkmSecondWindow {
    GtkWindow parent;
    DkmReading *reading;
    DkmWall *wall;
    GtkHeaderBar *header;
    GtkLabel *patient, *details;
    GtkWidget *bar; /* of stages */
};

G_DEFINE_FINAL_TYPE(DkmSecondWindow, dkm_second_window, GTK_TYPE_WINDOW)

static void show_patient(DkmSecondWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    g_autofree char *name = dkm_identity_name(on), *details = dkm_identity_details(on);
    g_autofree char *title = dkm_identity_title(on);
    g_autofree char *whole = g_strdup_printf(_("%s – second window"), title);
    gtk_label_set_text(self->patient, name);
    gtk_label_set_text(self->details, details ? details : "");
    gtk_window_set_title(GTK_WINDOW(self), whole);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (what & DKM_CHANGED_CASE)
        show_patient(user);
}

/* Full screen takes the header away: whose study it is stays. */
static gboolean window_state_event(GtkWidget *widget, GdkEventWindowState *event)
{
    const gboolean is_full = (event->new_window_state & GDK_WINDOW_STATE_FULLSCREEN) != 0;
    dkm_stage_bar_show_patient(DKM_SECOND_WINDOW(widget)->bar, is_full);
    return GTK_WIDGET_CLASS(dkm_second_window_parent_class)->window_state_event(widget, event);
}

static void dispose(GObject *object)
{
    g_clear_object(&DKM_SECOND_WINDOW(object)->reading);
    G_OBJECT_CLASS(dkm_second_window_parent_class)->dispose(object);
}

static void dkm_second_window_class_init(DkmSecondWindowClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    GTK_WIDGET_CLASS(class)->window_state_event = window_state_event;
}

static GtkLabel *add_label(GtkWidget *box, const char *style)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), style);
    gtk_container_add(GTK_CONTAINER(box), label);
    return GTK_LABEL(label);
}

static void dkm_second_window_init(DkmSecondWindow *self)
{
    self->header = GTK_HEADER_BAR(gtk_header_bar_new());
    gtk_header_bar_set_show_close_button(self->header, TRUE);
    GtkWidget *title = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_valign(title, GTK_ALIGN_CENTER);
    self->patient = add_label(title, "patient");
    self->details = add_label(title, "details");
    gtk_header_bar_set_custom_title(self->header, title);
    gtk_window_set_titlebar(GTK_WINDOW(self), GTK_WIDGET(self->header));
}

/* As in the first window's template: nothing may hide it. */
static GtkWidget *research_new(void)
{
    GtkWidget *label = gtk_label_new(_("Research use only – not for diagnosis"));
    gtk_style_context_add_class(gtk_widget_get_style_context(label), "research");
    return label;
}

static void fill(DkmSecondWindow *self)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    self->bar = dkm_stage_bar_new(self->wall, self->reading);
    gtk_box_pack_start(GTK_BOX(box), self->bar, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), GTK_WIDGET(self->wall), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), research_new(), FALSE, FALSE, 0);
    gtk_container_add(GTK_CONTAINER(self), box);
    gtk_widget_show_all(box);
    gtk_widget_show_all(GTK_WIDGET(self->header));
}

GtkWidget *dkm_second_window_new(DkmReading *reading, DkmStage stage)
{
    DkmSecondWindow *self = g_object_new(DKM_TYPE_SECOND_WINDOW, NULL);
    self->reading = g_object_ref(reading);
    self->wall = DKM_WALL(dkm_wall_new(reading));
    dkm_wall_keep_stage(self->wall, stage);
    fill(self);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), self, 0);
    show_patient(self);
    return GTK_WIDGET(self);
}

DkmWall *dkm_second_window_wall(DkmSecondWindow *self)
{
    return self->wall;
}
