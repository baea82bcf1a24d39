/* Running the network: begin, watch, stop; afterwards what ran and for how long. */
#include "gui/i18n.h"
#include "gui/panels.h"

#define NO_MODEL                                                                                   \
    N_("No trained network is installed; all else works. Name its file in DKM_MODEL and start "    \
       "again.")

typedef struct {
    GtkWidget *run, *available, *cancel, *unlike, *bar, *text, *map, *opacity;
    gboolean is_refreshing;
} NetworkPanel;

static void show_running(NetworkPanel *panel, int permille, double seconds)
{
    g_autofree char *text = g_strdup_printf(_("%d %%, %.0f s"), permille / 10, seconds);
    gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(panel->bar), permille / 1000.0);
    gtk_label_set_text(GTK_LABEL(panel->text), text);
}

static void show_result(NetworkPanel *panel, DkmReading *reading)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    if (!dkm_reading_has_model(reading)) {
        gtk_label_set_text(GTK_LABEL(panel->text), _(NO_MODEL));
        return;
    }
    if (!on || !on->result) {
        gtk_label_set_text(GTK_LABEL(panel->text),
                           _("Predicts tumour and kinetics from the pre-contrast phase alone."));
        return;
    }
    const DkmResult *result = on->result;
    g_autofree char *text = g_strdup_printf(
        _("From: %s\n%.1f s on %s\nweights %.8s, threshold %.2f"), result->phases_used,
        result->seconds, result->device, result->weights_sha256, (double)result->threshold);
    gtk_label_set_text(GTK_LABEL(panel->text), text);
}

/* Said before the run: nothing that a person can do is refused. */
static void show_unlike(NetworkPanel *panel, DkmReading *reading)
{
    const GPtrArray *unlike = dkm_reading_unlike(reading);
    gtk_widget_set_visible(panel->unlike, unlike != NULL);
    if (!unlike)
        return;
    g_autofree char *text = unlike->len > 0
                                ? dkm_panel_sentences(_("Unlike what it was trained on:"), unlike)
                                : g_strdup(_("This study is like those it was trained on."));
    GtkStyleContext *style = gtk_widget_get_style_context(panel->unlike);
    gtk_style_context_remove_class(style, unlike->len > 0 ? "dim" : "warning-text");
    gtk_style_context_add_class(style, unlike->len > 0 ? "warning-text" : "dim");
    gtk_label_set_text(GTK_LABEL(panel->unlike), text);
}

static void refresh_jobs(NetworkPanel *panel, DkmReading *reading)
{
    int permille;
    double seconds;
    const gboolean running = dkm_reading_is_running(reading, &permille, &seconds);
    gtk_widget_set_visible(panel->run, !running);
    gtk_widget_set_visible(panel->available, !running);
    g_autofree char *why_not = dkm_reading_why_not_available(reading);
    gtk_widget_set_tooltip_text(
        panel->available, why_not ? why_not
                                  : _("A second mask from the measured phases, beside the one "
                                      "from the pre-contrast phase (Ctrl+Shift+R)"));
    show_unlike(panel, reading);
    gtk_widget_set_visible(panel->cancel, running);
    gtk_widget_set_visible(panel->bar, running);
    if (running)
        show_running(panel, permille, seconds);
    else
        show_result(panel, reading);
}

/* Only the maps that the case can show are offered. */
static void refresh_maps(NetworkPanel *panel, DkmReading *reading)
{
    GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(panel->map);
    const DkmReviewCase *on = dkm_reading_case(reading);
    const DkmScene scene = dkm_reading_scene(reading);
    const DkmMapSource maps = dkm_scene_maps(&scene);
    panel->is_refreshing = TRUE;
    gtk_combo_box_text_remove_all(combo);
    for (guint i = 0; i < DKM_MAP_VIEW_COUNT; i++) {
        const DkmMapInfo *info = dkm_map_info(i);
        g_autofree char *id = g_strdup_printf("%u", i);
        if (on && dkm_map_is_available(&maps, i))
            gtk_combo_box_text_append(combo, id, _(info->name));
    }
    g_autofree char *active = g_strdup_printf("%u", (guint)dkm_reading_look(reading)->map);
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), active);
    gtk_widget_set_sensitive(panel->map, on != NULL);
    panel->is_refreshing = FALSE;
}

static void refresh_look(NetworkPanel *panel, DkmReading *reading)
{
    g_autofree char *active = g_strdup_printf("%u", (guint)dkm_reading_look(reading)->map);
    panel->is_refreshing = TRUE;
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(panel->map), active);
    gtk_range_set_value(GTK_RANGE(panel->opacity), dkm_reading_look(reading)->map_opacity);
    panel->is_refreshing = FALSE;
    const char *run =
        dkm_reading_look(reading)->has_box ? _("Run inside the box") : _("Run on pre-contrast");
    if (g_strcmp0(gtk_button_get_label(GTK_BUTTON(panel->run)), run) != 0) /* as dkm_panel_say */
        gtk_button_set_label(GTK_BUTTON(panel->run), run);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    NetworkPanel *panel = g_object_get_data(user, "panel");
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_JOBS | DKM_CHANGED_RESULT | DKM_CHANGED_PHASES))
        refresh_jobs(panel, reading);
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_PHASES | DKM_CHANGED_RESULT | DKM_CHANGED_DERIVED))
        refresh_maps(panel, reading);
    if (what & DKM_CHANGED_LOOK)
        refresh_look(panel, reading);
}

static void on_map(GtkComboBox *combo, gpointer user)
{
    const NetworkPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    const char *id = gtk_combo_box_get_active_id(combo);
    if (panel->is_refreshing || !id)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.map = (DkmMapView)g_ascii_strtoull(id, NULL, 10);
    dkm_reading_set_look(reading, &look);
}

static void on_opacity(GtkRange *range, gpointer user)
{
    const NetworkPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    if (panel->is_refreshing)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.map_opacity = gtk_range_get_value(range);
    dkm_reading_set_look(reading, &look);
}

static GtkWidget *map_row(NetworkPanel *panel)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    panel->map = gtk_combo_box_text_new();
    g_autoptr(GList) cells = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(panel->map));
    g_object_set(cells->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 12, NULL);
    dkm_panel_name(panel->map, _("Map over the image"));
    dkm_panel_leave_wheel(panel->map);
    gtk_widget_set_tooltip_text(
        panel->map,
        _("The map that is laid over the image in colour: measured, or predicted by the network as "
          "its view says"));
    panel->opacity = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.05);
    gtk_scale_set_draw_value(GTK_SCALE(panel->opacity), FALSE);
    gtk_widget_set_size_request(panel->opacity, 80, -1);
    dkm_panel_name(panel->opacity, _("Opacity of the map"));
    dkm_panel_leave_wheel(panel->opacity);
    gtk_widget_set_tooltip_text(panel->opacity, _("Opacity of the map"));
    gtk_box_pack_start(GTK_BOX(row), panel->map, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(row), panel->opacity, FALSE, FALSE, 0);
    return row;
}

GtkWidget *dkm_network_panel_new(DkmReading *reading)
{
    NetworkPanel *panel = g_new0(NetworkPanel, 1);
    GtkWidget *section = dkm_panel_section(_("Network and maps"));
    panel->run = dkm_panel_button(_("Run on pre-contrast"), NULL, "win.run");
    gtk_style_context_add_class(gtk_widget_get_style_context(panel->run), "suggested-action");
    panel->available = dkm_panel_button(_("Run on available phases"), NULL, "win.run-available");
    panel->cancel = dkm_panel_button(_("Stop"), NULL, "win.cancel-run");
    panel->unlike = dkm_panel_label("", NULL);
    panel->bar = gtk_progress_bar_new();
    panel->text = dkm_panel_label("", "dim");
    GtkWidget *const hidden[] = {panel->cancel, panel->unlike, panel->bar};
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++)
        gtk_widget_set_no_show_all(hidden[i], TRUE);
    GtkWidget *const parts[] = {panel->run, panel->available, panel->unlike, panel->cancel,
                                panel->bar, panel->text,      map_row(panel)};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(section), parts[i], FALSE, FALSE, 0);
    g_object_set_data_full(G_OBJECT(section), "panel", panel, g_free);
    g_object_set_data(G_OBJECT(section), "reading", reading);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    g_signal_connect(panel->map, "changed", G_CALLBACK(on_map), section);
    g_signal_connect(panel->opacity, "value-changed", G_CALLBACK(on_opacity), section);
    refresh_jobs(panel, reading);
    refresh_maps(panel, reading);
    refresh_look(panel, reading);
    return section;
}
