#include "gui/tool-buttons.h"

#include "gui/i18n.h"

static const struct {
    DkmArmed armed;
    const char *icon, *name, *tip;
} tools[] = {
    {DKM_ARMED_LIMITED, "dkm-limited-symbolic", N_("Brush within values"),
     N_("Left drag: brush that paints only values in a range (T)")},
    {DKM_ARMED_POLYGON, "dkm-polygon-symbolic", N_("Polygon"),
     N_("Click corners, the first or last again to fill (P); Ctrl erases")},
    {DKM_ARMED_LASSO, "dkm-lasso-symbolic", N_("Lasso"),
     N_("Left drag: fill an outline (L); Ctrl erases")},
    {DKM_ARMED_PART, "dkm-part-symbolic", N_("Remove a part"),
     N_("Click: remove the part under the pointer (X); Ctrl keeps it alone")},
    {DKM_ARMED_BOX, "dkm-box-symbolic", N_("Box for the network"),
     N_("Left drag: run the network inside a box alone (V)")},
    {DKM_ARMED_RULER, "dkm-ruler-symbolic", N_("Ruler"),
     N_("Left drag: measure a distance (M); Delete removes it")},
};

static void on_clicked(GtkToggleButton *button, gpointer user)
{
    DkmReading *reading = g_object_get_data(user, "reading");
    const DkmArmed own = (DkmArmed)GPOINTER_TO_INT(g_object_get_data(G_OBJECT(button), "armed"));
    DkmLook look = *dkm_reading_look(reading);
    const DkmArmed wanted = gtk_toggle_button_get_active(button) ? own : DKM_ARMED_WINDOW;
    if ((look.armed == own) == gtk_toggle_button_get_active(button))
        return; /* it follows the look */
    look.armed = wanted;
    dkm_reading_set_look(reading, &look);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (!(what & DKM_CHANGED_LOOK))
        return;
    g_autoptr(GList) buttons = gtk_container_get_children(user);
    for (GList *at = buttons; at; at = at->next) {
        const int own = GPOINTER_TO_INT(g_object_get_data(at->data, "armed"));
        gtk_toggle_button_set_active(at->data, own == (int)dkm_reading_look(reading)->armed);
    }
}

GtkWidget *dkm_tool_buttons_new(DkmReading *reading)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_style_context_add_class(gtk_widget_get_style_context(box), "linked");
    g_object_set_data(G_OBJECT(box), "reading", reading);
    for (guint i = 0; i < G_N_ELEMENTS(tools); i++) {
        GtkWidget *button = gtk_toggle_button_new();
        gtk_container_add(GTK_CONTAINER(button),
                          gtk_image_new_from_icon_name(tools[i].icon, GTK_ICON_SIZE_BUTTON));
        gtk_widget_set_tooltip_text(button, _(tools[i].tip));
        gtk_widget_set_can_focus(button, FALSE);
        atk_object_set_name(gtk_widget_get_accessible(button), _(tools[i].name));
        g_object_set_data(G_OBJECT(button), "armed", GINT_TO_POINTER(tools[i].armed));
        g_signal_connect(button, "toggled", G_CALLBACK(on_clicked), box);
        gtk_container_add(GTK_CONTAINER(box), button);
    }
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), box, 0);
    gtk_widget_show_all(box);
    return box;
}
