#include "gui/mask-menu.h"

#include "gui/editing.h"
#include "gui/i18n.h"

/* Which belong together: a line is drawn before each of these. */
static gboolean begins_group(DkmEdit edit)
{
    return edit == DKM_EDIT_FILL_HOLES || edit == DKM_EDIT_KEEP_LARGEST ||
           edit == DKM_EDIT_INTERPOLATE;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    const gboolean has_mask =
        on && dkm_layers_find(on->layers, dkm_reading_look(reading)->layer) != NULL;
    gtk_widget_set_sensitive(user, has_mask);
    gtk_widget_set_tooltip_text(user, has_mask
                                          ? _("What is done to all of the selected mask")
                                          : _("No mask is selected: there is nothing to change"));
}

GtkWidget *dkm_mask_menu_new(DkmReading *reading)
{
    GtkWidget *button = gtk_menu_button_new();
    g_autoptr(GMenu) menu = g_menu_new();
    GMenu *section = g_menu_new();
    for (int edit = 0; edit < DKM_EDIT_COUNT; edit++) {
        if (begins_group((DkmEdit)edit)) {
            g_menu_append_section(menu, NULL, G_MENU_MODEL(section));
            g_object_unref(section);
            section = g_menu_new();
        }
        g_autofree char *action = g_strdup_printf("win.edit(%d)", edit);
        g_menu_append(section, _(dkm_edit_name((DkmEdit)edit)), action);
    }
    g_menu_append_section(menu, NULL, G_MENU_MODEL(section));
    g_object_unref(section);
    gtk_button_set_label(GTK_BUTTON(button), _("Change the whole mask"));
    gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(button), G_MENU_MODEL(menu));
    gtk_menu_button_set_direction(GTK_MENU_BUTTON(button), GTK_ARROW_UP);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), button, 0);
    on_changed(reading, ~0u, button);
    return button;
}
