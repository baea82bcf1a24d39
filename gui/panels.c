#include "gui/panels.h"

GtkWidget *dkm_panel_label(const char *text, const char *style_class)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 1);
    gtk_widget_set_hexpand(label, TRUE);
    if (style_class)
        gtk_style_context_add_class(gtk_widget_get_style_context(label), style_class);
    return label;
}

void dkm_panel_say(GtkWidget *label, const char *text)
{
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(label)), text ? text : "") != 0)
        gtk_label_set_text(GTK_LABEL(label), text ? text : "");
    gtk_widget_set_visible(label, text != NULL);
}

GtkWidget *dkm_panel_section(const char *title)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    gtk_style_context_add_class(gtk_widget_get_style_context(box), "section");
    gtk_box_pack_start(GTK_BOX(box), dkm_panel_label(title, "heading"), FALSE, FALSE, 0);
    return box;
}

GtkWidget *dkm_panel_button(const char *text, const char *icon, const char *action)
{
    GtkWidget *button = gtk_button_new_with_label(text);
    if (icon) {
        gtk_button_set_image(GTK_BUTTON(button),
                             gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON));
        gtk_button_set_always_show_image(GTK_BUTTON(button), TRUE);
    }
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    return button;
}

void dkm_panel_empty(GtkWidget *container)
{
    g_autoptr(GList) children = gtk_container_get_children(GTK_CONTAINER(container));
    for (GList *child = children; child; child = child->next)
        gtk_widget_destroy(child->data);
}

char *dkm_panel_sentences(const char *heading, const GPtrArray *sentences)
{
    GString *text = g_string_new(heading);
    for (guint i = 0; i < sentences->len; i++)
        g_string_append_printf(text, "\n• %s", (const char *)sentences->pdata[i]);
    return g_string_free(text, FALSE);
}

void dkm_panel_name(GtkWidget *control, const char *name)
{
    atk_object_set_name(gtk_widget_get_accessible(control), name);
}

/* FALSE: what CONTROL lies in gets the event. */
static gboolean on_wheel(GtkWidget *control, GdkEventScroll *event, gpointer user)
{
    g_signal_stop_emission_by_name(control, "scroll-event");
    return GDK_EVENT_PROPAGATE;
}

void dkm_panel_leave_wheel(GtkWidget *control)
{
    g_signal_connect(control, "scroll-event", G_CALLBACK(on_wheel), NULL);
}
