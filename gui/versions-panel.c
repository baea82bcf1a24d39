/* How the selected mask differs from what the network made and from what was exported. */
#include "gui/i18n.h"
#include "gui/panels.h"

#include "gui/editing.h"

/* The latest exports; older ones are only more of the same. */
#define MOST_EXPORTS 3

typedef struct {
    GtkWidget *grid;
    int rows;
    guint shown; /* the mask that the rows tell of */
} VersionsPanel;

static void add_row(VersionsPanel *panel, const char *name, const DkmDifference *difference)
{
    g_autofree char *voxels =
        g_strdup_printf(_("+%zu  −%zu voxels"), difference->added, difference->removed);
    g_autofree char *ml =
        g_strdup_printf("+%.2f  −%.2f ml", difference->added_ml, difference->removed_ml);
    g_autofree char *dice = g_strdup_printf("Dice %.3f", difference->dice);
    GtkGrid *grid = GTK_GRID(panel->grid);
    GtkWidget *amount = gtk_label_new(ml), *agreement = gtk_label_new(dice);
    gtk_widget_set_halign(amount, GTK_ALIGN_END);
    gtk_widget_set_halign(agreement, GTK_ALIGN_END);
    gtk_grid_attach(grid, dkm_panel_label(name, NULL), 0, panel->rows, 1, 1);
    gtk_grid_attach(grid, agreement, 1, panel->rows, 1, 1);
    gtk_grid_attach(grid, dkm_panel_label(voxels, "dim"), 0, panel->rows + 1, 1, 1);
    gtk_grid_attach(grid, amount, 1, panel->rows + 1, 1, 1);
    gtk_style_context_add_class(gtk_widget_get_style_context(amount), "dim");
    panel->rows += 2;
}

static void add_exports(VersionsPanel *panel, const DkmReviewCase *on, guint id)
{
    const guint n = dkm_versions_count(on->versions);
    for (guint i = n; i > 0 && i + MOST_EXPORTS > n; i--) {
        DkmDifference difference;
        if (!dkm_versions_compare(on->versions, i - 1, on->layers, id, &difference))
            continue;
        g_autoptr(GDateTime) when =
            g_date_time_new_from_unix_local(dkm_versions_time(on->versions, i - 1));
        g_autofree char *time = when ? g_date_time_format(when, _("%H:%M")) : g_strdup("?");
        g_autofree char *name = g_strdup_printf(_("Since export %u, %s"), i, time);
        add_row(panel, name, &difference);
    }
}

/* Not while a stroke is drawn: the numbers are for what has been done. */
static void refresh(VersionsPanel *panel, DkmReading *reading, GtkWidget *section)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    const DkmLayer *layer = dkm_editing_layer(reading);
    DkmDifference difference;
    if (on && dkm_layers_is_stroking(on->layers))
        return;
    dkm_panel_empty(panel->grid);
    panel->rows = 0;
    panel->shown = dkm_reading_look(reading)->layer;
    if (on && layer && dkm_layers_compare_original(on->layers, layer->id, &difference))
        add_row(panel, _("Since the network"), &difference);
    if (on && layer)
        add_exports(panel, on, layer->id);
    gtk_widget_show_all(panel->grid);
    gtk_widget_set_visible(section, panel->rows > 0);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    VersionsPanel *panel = g_object_get_data(user, "panel");
    if ((what & (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS)) ||
        panel->shown != dkm_reading_look(reading)->layer)
        refresh(panel, reading, user);
}

GtkWidget *dkm_versions_panel_new(DkmReading *reading)
{
    VersionsPanel *panel = g_new0(VersionsPanel, 1);
    GtkWidget *section = dkm_panel_section(_("Changes of the selected mask"));
    panel->grid = gtk_grid_new();
    gtk_grid_set_column_spacing(GTK_GRID(panel->grid), 8);
    gtk_box_pack_start(GTK_BOX(section), panel->grid, FALSE, FALSE, 0);
    g_object_set_data_full(G_OBJECT(section), "panel", panel, g_free);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    gtk_widget_show_all(section);
    gtk_widget_set_no_show_all(section, TRUE);
    refresh(panel, reading, section);
    return section;
}
