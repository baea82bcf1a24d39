/* The masks of the study: colour, name, volume, review state. */
#include "gui/i18n.h"
#include "gui/panels.h"

#include "gui/editing.h"
#include "gui/mask-menu.h"
#include "gui/words.h"

typedef struct {
    GtkWidget *list, *opacity, *empty;
    gboolean is_refreshing;
    guint measuring, showing; /* idle sources */
    guint shown;              /* the selected layer that has been brought into sight, */
    double scrolled_to;       /* and where the side was then; negative: not yet */
} LayersPanel;

/* Rows that are in sight together, where the side has room for them. */
#define ROWS_IN_SIGHT 4

static const char *const states[] = {
    [DKM_REVIEW_UNREVIEWED] = N_("unreviewed"),
    [DKM_REVIEW_EDITED] = N_("edited"),
    [DKM_REVIEW_ACCEPTED] = N_("accepted"),
    [DKM_REVIEW_REJECTED] = N_("rejected"),
};

static const char *const made[] = {
    [DKM_MADE_AUTOMATIC] = N_("automatic"),
    [DKM_MADE_SEMIAUTOMATIC] = N_("semi-automatic"),
    [DKM_MADE_MANUAL] = N_("manual"),
};

/* "accepted by Ada Reader, 28 Nov 14:02 · semi-automatic" */
static char *state_text(const DkmLayer *layer)
{
    const DkmLayerInfo *info = &layer->info;
    if (!info->reviewer)
        return g_strdup_printf("%s · %s", _(states[info->review]), _(made[dkm_layer_made(layer)]));
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(info->reviewed_unix_s);
    g_autofree char *time = when ? g_date_time_format(when, _("%e %b %H:%M")) : g_strdup("?");
    return g_strdup_printf(_("%s by %s, %s · %s"), _(states[info->review]), info->reviewer,
                           g_strchug(time), _(made[dkm_layer_made(layer)]));
}

/* One row's widgets, which are kept while a stroke changes the numbers. */
typedef struct {
    guint id;
    GtkWidget *colour, *name, *volume, *state, *size;
    guint64 measured; /* the layers' serial then; 0: never */
    gsize measured_voxels;
    DkmReading *reading; /* outlives the panel's window */
    gboolean is_updating;
} LayerRow;

static void set_colour(const LayerRow *row, guint32 rgb)
{
    const GdkRGBA colour = {(rgb >> 16) / 255.0, ((rgb >> 8) & 0xff) / 255.0, (rgb & 0xff) / 255.0,
                            1};
    gtk_color_chooser_set_rgba(GTK_COLOR_CHOOSER(row->colour), &colour);
}

static void on_colour_set(GtkColorButton *button, gpointer user)
{
    const LayerRow *row = user;
    GdkRGBA colour;
    if (row->is_updating)
        return;
    gtk_color_chooser_get_rgba(GTK_COLOR_CHOOSER(button), &colour);
    const guint32 rgb = (guint32)(colour.red * 255 + 0.5) << 16 |
                        (guint32)(colour.green * 255 + 0.5) << 8 |
                        (guint32)(colour.blue * 255 + 0.5);
    dkm_editing_recolour(row->reading, row->id, MAX(rgb, 1)); /* 0 would mean: none was chosen */
}

static void update_row(LayerRow *row, const DkmLayer *layer)
{
    const double ml = (double)layer->voxels * dkm_grid_voxel_ml(dkm_mask_grid(layer->mask));
    g_autofree char *volume = g_strdup_printf("%.2f ml", ml);
    g_autofree char *state = state_text(layer);
    g_autofree char *name = dkm_word_layer(layer);
    GtkStyleContext *style = gtk_widget_get_style_context(row->state);
    const gboolean accepted = layer->info.review == DKM_REVIEW_ACCEPTED;
    row->is_updating = TRUE;
    gtk_style_context_remove_class(style, accepted ? "dim" : "accepted");
    gtk_style_context_add_class(style, accepted ? "accepted" : "dim");
    gtk_label_set_text(GTK_LABEL(row->name), name);
    gtk_label_set_text(GTK_LABEL(row->volume), volume);
    gtk_label_set_text(GTK_LABEL(row->state), state);
    g_autofree char *heard = g_strdup_printf("%s, %s, %s", name, volume, state);
    dkm_panel_name(gtk_widget_get_ancestor(row->name, GTK_TYPE_LIST_BOX_ROW), heard);
    set_colour(row, dkm_editing_colour(layer));
    row->is_updating = FALSE;
}

static GtkWidget *new_colour_button(LayerRow *row)
{
    GtkWidget *button = gtk_color_button_new();
    gtk_color_button_set_title(GTK_COLOR_BUTTON(button), _("Colour of the mask"));
    gtk_widget_set_tooltip_text(button, _("Colour of the mask"));
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_style_context_add_class(gtk_widget_get_style_context(button), "swatch");
    atk_object_set_name(gtk_widget_get_accessible(button), _("Colour of the mask"));
    g_signal_connect(button, "color-set", G_CALLBACK(on_colour_set), row);
    return button;
}

static GtkWidget *new_row(const DkmLayer *layer, DkmReading *reading)
{
    LayerRow *row = g_new0(LayerRow, 1);
    GtkWidget *widget = gtk_list_box_row_new(), *grid = gtk_grid_new();
    *row = (LayerRow){.id = layer->id,
                      .name = dkm_panel_label(NULL, NULL),
                      .volume = gtk_label_new(NULL),
                      .state = dkm_panel_label(NULL, NULL),
                      .size = dkm_panel_label(NULL, "dim"),
                      .reading = reading};
    row->colour = new_colour_button(row);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 8);
    gtk_grid_attach(GTK_GRID(grid), row->colour, 0, 0, 1, 3);
    gtk_grid_attach(GTK_GRID(grid), row->name, 1, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), row->volume, 2, 0, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), row->size, 1, 1, 2, 1);
    gtk_grid_attach(GTK_GRID(grid), row->state, 1, 2, 2, 1);
    gtk_container_add(GTK_CONTAINER(widget), grid);
    g_object_set_data_full(G_OBJECT(widget), "row", row, g_free);
    update_row(row, layer);
    return widget;
}

static LayerRow *row_of(GtkListBoxRow *widget)
{
    return widget ? g_object_get_data(G_OBJECT(widget), "row") : NULL;
}

/* The list shows the very layers of the case, in order. */
static gboolean is_current(const LayersPanel *panel, const DkmReviewCase *on, guint n)
{
    for (guint i = 0; i <= n; i++) {
        const LayerRow *row =
            row_of(gtk_list_box_get_row_at_index(GTK_LIST_BOX(panel->list), (int)i));
        if (i == n)
            return row == NULL;
        if (!row || row->id != dkm_layers_get(on->layers, i)->id)
            return FALSE;
    }
    return TRUE;
}

/* --- diameters: measured when nothing else is to be done, one mask at a time -------------------
 */

/* Other masks than the selected one change by undo and split only, and then in size too. */
static gboolean is_outdated(const LayerRow *row, const DkmLayer *layer, DkmReading *reading)
{
    const guint64 serial = dkm_layers_serial(dkm_reading_case(reading)->layers);
    return row->measured == 0 || row->measured_voxels != layer->voxels ||
           (row->id == dkm_reading_look(reading)->layer && row->measured != serial);
}

static void measure_row(LayerRow *row, const DkmLayer *layer)
{
    const DkmLesionSize size = dkm_editing_measure(layer);
    g_autofree char *text =
        g_strdup_printf(_("⌀ %.1f mm · in plane %.1f mm"), size.in_space_mm, size.in_plane_mm);
    row->measured = dkm_layers_serial(dkm_reading_case(row->reading)->layers);
    row->measured_voxels = layer->voxels;
    gtk_label_set_text(GTK_LABEL(row->size), layer->voxels ? text : _("empty"));
}

static gboolean measure_next(gpointer user)
{
    LayersPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    const DkmReviewCase *on = dkm_reading_case(reading);
    const guint n = on && !dkm_layers_is_stroking(on->layers) ? dkm_layers_count(on->layers) : 0;
    for (guint i = 0; i < n; i++) {
        const DkmLayer *layer = dkm_layers_get(on->layers, i);
        LayerRow *row = row_of(gtk_list_box_get_row_at_index(GTK_LIST_BOX(panel->list), (int)i));
        if (!row || row->id != layer->id || !is_outdated(row, layer, reading))
            continue;
        measure_row(row, layer);
        return G_SOURCE_CONTINUE;
    }
    panel->measuring = 0;
    return G_SOURCE_REMOVE;
}

static void panel_free(gpointer data)
{
    LayersPanel *panel = data;
    g_clear_handle_id(&panel->measuring, g_source_remove);
    g_clear_handle_id(&panel->showing, g_source_remove);
    g_free(panel);
}

static GtkScrolledWindow *side_of(const LayersPanel *panel)
{
    GtkWidget *side = gtk_widget_get_ancestor(panel->list, GTK_TYPE_SCROLLED_WINDOW);
    return side ? GTK_SCROLLED_WINDOW(side) : NULL;
}

/* The rows FIRST to LAST; the later ones where not all of them have room. */
static void clamp_to_rows(const LayersPanel *panel, int first, int last)
{
    GtkListBox *list = GTK_LIST_BOX(panel->list);
    GtkWidget *top = GTK_WIDGET(gtk_list_box_get_row_at_index(list, first));
    GtkWidget *bottom = GTK_WIDGET(gtk_list_box_get_row_at_index(list, last));
    GtkWidget *content = gtk_bin_get_child(GTK_BIN(gtk_bin_get_child(GTK_BIN(side_of(panel)))));
    int x, begin, end;
    gtk_widget_translate_coordinates(top, content, 0, 0, &x, &begin);
    gtk_widget_translate_coordinates(bottom, content, 0, gtk_widget_get_allocated_height(bottom),
                                     &x, &end);
    gtk_adjustment_clamp_page(gtk_scrolled_window_get_vadjustment(side_of(panel)), begin, end);
}

/* The panel scrolls to the selected mask and its neighbours, once they have their place there. */
static gboolean show_selected(gpointer user)
{
    LayersPanel *panel = user;
    GtkListBoxRow *row = gtk_list_box_get_selected_row(GTK_LIST_BOX(panel->list));
    panel->showing = 0;
    if (!row || !side_of(panel))
        return G_SOURCE_REMOVE;
    g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(panel->list));
    const int n = (int)g_list_length(rows), at = gtk_list_box_row_get_index(row);
    const int first = CLAMP(at - ROWS_IN_SIGHT / 2, 0, MAX(n - ROWS_IN_SIGHT, 0));
    clamp_to_rows(panel, first, MIN(first + ROWS_IN_SIGHT, n) - 1);
    clamp_to_rows(panel, at, at);
    panel->scrolled_to =
        gtk_adjustment_get_value(gtk_scrolled_window_get_vadjustment(side_of(panel)));
    return G_SOURCE_REMOVE;
}

static void bring_into_sight(LayersPanel *panel)
{
    if (!panel->showing)
        panel->showing = g_idle_add_full(G_PRIORITY_LOW, show_selected, panel, NULL);
}

/* Rows grow when they are measured, other sections with what they say, and windows shrink. */
static void on_room_changed(GtkAdjustment *down, gpointer user)
{
    LayersPanel *panel = g_object_get_data(user, "panel");
    const double most = gtk_adjustment_get_upper(down) - gtk_adjustment_get_page_size(down);
    const gboolean is_there = gtk_adjustment_get_value(down) == MIN(panel->scrolled_to, most);
    if (is_there) /* nobody has scrolled it away */
        bring_into_sight(panel);
}

static void on_map(GtkWidget *list, gpointer user)
{
    const LayersPanel *panel = g_object_get_data(user, "panel");
    GtkScrolledWindow *side = side_of(panel);
    GtkAdjustment *down = side ? gtk_scrolled_window_get_vadjustment(side) : NULL;
    if (!down || g_object_get_data(user, "down") == down)
        return;
    g_object_set_data(user, "down", down);
    g_signal_connect_object(down, "changed", G_CALLBACK(on_room_changed), user, 0);
}

static void refresh(LayersPanel *panel, DkmReading *reading)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    const guint n = on ? dkm_layers_count(on->layers) : 0;
    const gboolean rebuild = !is_current(panel, on, n);
    panel->is_refreshing = TRUE;
    if (rebuild)
        dkm_panel_empty(panel->list);
    for (guint i = 0; i < n; i++) {
        const DkmLayer *layer = dkm_layers_get(on->layers, i);
        if (rebuild)
            gtk_container_add(GTK_CONTAINER(panel->list), new_row(layer, reading));
        GtkListBoxRow *row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(panel->list), (int)i);
        update_row(row_of(row), layer);
        if (layer->id == dkm_reading_look(reading)->layer)
            gtk_list_box_select_row(GTK_LIST_BOX(panel->list), row);
    }
    if (rebuild)
        gtk_widget_show_all(panel->list);
    gtk_widget_set_visible(panel->empty, n == 0);
    if (panel->shown != dkm_reading_look(reading)->layer)
        bring_into_sight(panel);
    panel->shown = dkm_reading_look(reading)->layer;
    panel->is_refreshing = FALSE;
}

static void refresh_look(LayersPanel *panel, DkmReading *reading)
{
    panel->is_refreshing = TRUE;
    gtk_range_set_value(GTK_RANGE(panel->opacity), dkm_reading_look(reading)->mask_opacity);
    panel->is_refreshing = FALSE;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    LayersPanel *panel = g_object_get_data(user, "panel");
    if ((what & (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS)) ||
        panel->shown != dkm_reading_look(reading)->layer)
        refresh(panel, reading);
    if ((what & (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS | DKM_CHANGED_LOOK)) && !panel->measuring)
        panel->measuring = g_idle_add_full(G_PRIORITY_LOW, measure_next, user, NULL);
    if (what & DKM_CHANGED_LOOK)
        refresh_look(panel, reading);
}

static void on_selected(GtkListBox *list, GtkListBoxRow *row, gpointer user)
{
    LayersPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    if (panel->is_refreshing || !row)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.layer = panel->shown = row_of(row)->id; /* where the hand is */
    dkm_reading_set_look(reading, &look);
}

static void on_opacity(GtkRange *range, gpointer user)
{
    const LayersPanel *panel = g_object_get_data(user, "panel");
    DkmReading *reading = g_object_get_data(user, "reading");
    if (panel->is_refreshing)
        return;
    DkmLook look = *dkm_reading_look(reading);
    look.mask_opacity = gtk_range_get_value(range);
    dkm_reading_set_look(reading, &look);
}

static GtkWidget *opacity_row(LayersPanel *panel)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    panel->opacity = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.05);
    gtk_scale_set_draw_value(GTK_SCALE(panel->opacity), FALSE);
    dkm_panel_name(panel->opacity, _("Opacity of the masks"));
    dkm_panel_leave_wheel(panel->opacity);
    gtk_widget_set_tooltip_text(panel->opacity, _("Opacity of the masks (A and D)"));
    GtkWidget *label = gtk_label_new(_("Fill"));
    gtk_style_context_add_class(gtk_widget_get_style_context(label), "dim");
    gtk_box_pack_start(GTK_BOX(row), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), panel->opacity, TRUE, TRUE, 0);
    return row;
}

static GtkWidget *buttons(DkmReading *reading)
{
    static const char *const row[][2] = {{N_("New"), "win.new-mask"},
                                         {N_("Rename…"), "win.rename"},
                                         {N_("Split"), "win.split"},
                                         {N_("Remove"), "win.remove-layer"}};
    GtkWidget *grid = gtk_grid_new();
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
    gtk_grid_set_column_spacing(GTK_GRID(grid), 6);
    for (int x = 0; x < 4; x++)
        gtk_grid_attach(GTK_GRID(grid), dkm_panel_button(_(row[x][0]), NULL, row[x][1]), 3 * x, 0,
                        3, 1);
    gtk_grid_attach(GTK_GRID(grid), dkm_mask_menu_new(reading), 0, 1, 8, 1);
    gtk_grid_attach(GTK_GRID(grid), dkm_panel_button(_("Picture…"), NULL, "win.capture"), 8, 1, 4,
                    1);
    return grid;
}

GtkWidget *dkm_layers_panel_new(DkmReading *reading)
{
    LayersPanel *panel = g_new0(LayersPanel, 1);
    panel->scrolled_to = -1;
    GtkWidget *section = dkm_panel_section(_("Masks"));
    panel->list = gtk_list_box_new();
    panel->empty =
        dkm_panel_label(_("None yet: run the network, or paint with the brush (B)"), "dim");
    gtk_widget_set_no_show_all(panel->empty, TRUE);
    GtkWidget *const parts[] = {panel->list,
                                panel->empty,
                                dkm_limit_panel_new(reading),
                                dkm_run_note_new(reading),
                                opacity_row(panel),
                                buttons(reading)};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        gtk_box_pack_start(GTK_BOX(section), parts[i], FALSE, FALSE, 0);
    g_object_set_data_full(G_OBJECT(section), "panel", panel, panel_free);
    g_object_set_data(G_OBJECT(section), "reading", reading);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    g_signal_connect(panel->list, "map", G_CALLBACK(on_map), section);
    g_signal_connect(panel->list, "row-selected", G_CALLBACK(on_selected), section);
    g_signal_connect(panel->opacity, "value-changed", G_CALLBACK(on_opacity), section);
    refresh(panel, reading);
    refresh_look(panel, reading);
    return section;
}
