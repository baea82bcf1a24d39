/* The selected mask beside what was measured: how much of the enhancement it holds, and how much it
 * holds that does not enhance. */
#include "gui/i18n.h"
#include "gui/panels.h"

#include "core/image/agreement.h"

#define PAUSE_MS 250
/* Around the mask: farther away lie vessels and the heart. */
#define NEAR_MM 20.0

typedef struct {
    DkmReading *reading;
    GtkWidget *section, *near, *whole, *button;
    guint timer;
    gboolean is_refreshing;
} AgreementPanel;

static void panel_free(gpointer data)
{
    AgreementPanel *panel = data;
    g_clear_handle_id(&panel->timer, g_source_remove);
    g_free(panel);
}

static void show(AgreementPanel *panel, const DkmAgreement *near, const DkmAgreement *whole)
{
    g_autofree char *text = g_strdup_printf(
        _("Dice %.2f within 20 mm of the mask\nboth %.1f, mask only %.1f, enhancing only %.1f ml"),
        near->dice, near->both_ml, near->mask_ml - near->both_ml,
        near->enhancing_ml - near->both_ml);
    g_autofree char *more = g_strdup_printf(
        _("Whole study, vessels and heart too: Dice %.2f, mask %.1f, enhancing %.1f ml"),
        whole->dice, whole->mask_ml, whole->enhancing_ml);
    gtk_label_set_text(GTK_LABEL(panel->near), text);
    gtk_label_set_text(GTK_LABEL(panel->whole), more);
}

static gboolean measure(gpointer data)
{
    AgreementPanel *panel = data;
    const DkmScene scene = dkm_reading_scene(panel->reading);
    const DkmLayer *layer = scene.on ? dkm_layers_find(scene.on->layers, scene.look->layer) : NULL;
    DkmBox box;
    panel->timer = 0;
    const gboolean has_both = layer && scene.enhancing && dkm_mask_box(layer->mask, NEAR_MM, &box);
    gtk_widget_set_visible(panel->section, has_both);
    if (!has_both)
        return G_SOURCE_REMOVE;
    DkmAgreement near, whole;
    const DkmBox all = dkm_box_whole(dkm_review_case_grid(scene.on));
    dkm_agreement(layer->mask, scene.enhancing, &box, &near);
    dkm_agreement(layer->mask, scene.enhancing, &all, &whole);
    show(panel, &near, &whole);
    return G_SOURCE_REMOVE;
}

static void show_button(AgreementPanel *panel)
{
    panel->is_refreshing = TRUE;
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(panel->button),
                                 dkm_reading_look(panel->reading)->map == DKM_MAP_VIEW_AGREEMENT);
    panel->is_refreshing = FALSE;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    AgreementPanel *panel = g_object_get_data(user, "panel");
    if (what & DKM_CHANGED_CASE)
        gtk_widget_hide(panel->section);
    if (what & DKM_CHANGED_LOOK)
        show_button(panel);
    if (!(what &
          (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS | DKM_CHANGED_RESULT | DKM_CHANGED_DERIVED)))
        return;
    g_clear_handle_id(&panel->timer, g_source_remove);
    panel->timer = g_timeout_add(PAUSE_MS, measure, panel);
}

static void on_toggled(GtkToggleButton *button, gpointer user)
{
    AgreementPanel *panel = user;
    if (panel->is_refreshing)
        return;
    DkmLook look = *dkm_reading_look(panel->reading);
    look.map = gtk_toggle_button_get_active(button) ? DKM_MAP_VIEW_AGREEMENT : DKM_MAP_VIEW_PE;
    dkm_reading_set_look(panel->reading, &look);
}

GtkWidget *dkm_agreement_panel_new(DkmReading *reading)
{
    AgreementPanel *panel = g_new0(AgreementPanel, 1);
    panel->reading = reading;
    panel->section = dkm_panel_section(_("Mask against enhancement"));
    panel->near = dkm_panel_label("", NULL);
    panel->whole = dkm_panel_label("", "dim");
    panel->button = gtk_toggle_button_new_with_label(_("Show the difference"));
    gtk_widget_set_tooltip_text(
        panel->whole, _("Enhancing: UCSF's rule, 70 % early enhancement with 4 such neighbours"));
    GtkWidget *const parts[] = {panel->near, panel->whole, panel->button};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(panel->section), parts[i], FALSE, FALSE, 0);
    gtk_widget_show_all(panel->section);
    gtk_widget_hide(panel->section);
    gtk_widget_set_no_show_all(panel->section, TRUE);
    g_signal_connect(panel->button, "toggled", G_CALLBACK(on_toggled), panel);
    g_object_set_data_full(G_OBJECT(panel->section), "panel", panel, panel_free);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), panel->section, 0);
    return panel->section;
}
