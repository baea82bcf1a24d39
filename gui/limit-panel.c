/* What the brush within values is bound to: an image and a range. Seen while that tool is armed,
 * under the list of masks, which it moves as little as it can: three narrow lines. */
#include "gui/i18n.h"
#include "gui/panels.h"

#include "gui/editing.h"

#include <math.h>
#include <string.h>

typedef struct {
    GtkWidget *image, *low, *high;
    gboolean is_refreshing;
} LimitPanel;

static void refresh(LimitPanel *panel, DkmReading *reading, GtkWidget *section)
{
    const DkmLook *look = dkm_reading_look(reading);
    const guint digits = look->limit.image == DKM_LIMIT_SER ? 2 : 0;
    panel->is_refreshing = TRUE;
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(panel->low), digits);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(panel->high), digits);
    gtk_combo_box_set_active(GTK_COMBO_BOX(panel->image), (int)look->limit.image);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(panel->low), look->limit.low);
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(panel->high), look->limit.high);
    gtk_widget_set_visible(section, look->armed == DKM_ARMED_LIMITED);
    panel->is_refreshing = FALSE;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (what & (DKM_CHANGED_LOOK | DKM_CHANGED_CASE))
        refresh(g_object_get_data(user, "panel"), reading, user);
}

static void on_image(GtkComboBox *combo, gpointer user)
{
    const LimitPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    if (panel->is_refreshing)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.limit = dkm_limit_default((DkmLimitImage)gtk_combo_box_get_active(combo), &look.window);
    dkm_reading_set_look(reading, &look);
}

static void on_range(GtkSpinButton *spin, gpointer user)
{
    const LimitPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    if (panel->is_refreshing)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.limit.low = (float)gtk_spin_button_get_value(GTK_SPIN_BUTTON(panel->low));
    look.limit.high = (float)gtk_spin_button_get_value(GTK_SPIN_BUTTON(panel->high));
    dkm_reading_set_look(reading, &look);
}

/* The largest value that can be set is none, and is written so. */
static gboolean on_output(GtkSpinButton *spin, gpointer user)
{
    if (fabs(gtk_spin_button_get_value(spin)) < DKM_LIMIT_MOST)
        return FALSE;
    gtk_entry_set_text(GTK_ENTRY(spin), _("no limit"));
    return TRUE;
}

/* It stays where it is until a number is typed. */
static gint on_input(GtkSpinButton *spin, double *value, gpointer user)
{
    *value = gtk_spin_button_get_value(spin);
    return strcmp(gtk_entry_get_text(GTK_ENTRY(spin)), _("no limit")) == 0;
}

static GtkWidget *new_spin(const char *name, GtkWidget *section)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(-DKM_LIMIT_MOST, DKM_LIMIT_MOST, 1);
    gtk_spin_button_set_numeric(GTK_SPIN_BUTTON(spin), FALSE); /* it may hold words */
    dkm_panel_leave_wheel(spin);
    gtk_entry_set_width_chars(GTK_ENTRY(spin), 4); /* wider, the views would jump */
    gtk_widget_set_tooltip_text(spin, name);
    atk_object_set_name(gtk_widget_get_accessible(spin), name);
    g_signal_connect(spin, "output", G_CALLBACK(on_output), NULL);
    g_signal_connect(spin, "input", G_CALLBACK(on_input), NULL);
    g_signal_connect(spin, "value-changed", G_CALLBACK(on_range), section);
    return spin;
}

GtkWidget *dkm_limit_panel_new(DkmReading *reading)
{
    LimitPanel *panel = g_new0(LimitPanel, 1);
    GtkWidget *section = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    gtk_style_context_add_class(gtk_widget_get_style_context(section), "limits");
    g_object_set_data_full(G_OBJECT(section), "panel", panel, g_free);
    g_object_set_data(G_OBJECT(section), "reading", reading);
    panel->image = gtk_combo_box_text_new();
    dkm_panel_name(panel->image, _("Image that the limits are on"));
    dkm_panel_leave_wheel(panel->image);
    for (int i = 0; i < DKM_LIMIT_COUNT; i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(panel->image),
                                       _(dkm_limit_name((DkmLimitImage)i)));
    atk_object_set_name(gtk_widget_get_accessible(panel->image), _("Image whose values count"));
    panel->low = new_spin(_("Smallest value"), section);
    panel->high = new_spin(_("Largest value"), section);
    gtk_box_pack_start(GTK_BOX(row), panel->low, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), gtk_label_new(_("to")), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), panel->high, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(section), dkm_panel_label(_("Paint only values"), "dim"), FALSE,
                       FALSE, 0);
    gtk_box_pack_start(GTK_BOX(section), panel->image, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(section), row, FALSE, FALSE, 0);
    g_signal_connect(panel->image, "changed", G_CALLBACK(on_image), section);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    gtk_widget_show_all(section);
    gtk_widget_set_no_show_all(section, TRUE);
    refresh(panel, reading, section);
    return section;
}
