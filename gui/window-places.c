/* Monitors, and the windows on them: between GDK and places.h. */
#include "gui/second-window.h"
#include "gui/window-private.h"

#define MOST_MONITORS 8

typedef struct {
    DkmMonitor list[MOST_MONITORS];
    char *names[MOST_MONITORS];
    GdkMonitor *of[MOST_MONITORS];
    guint n;
} Monitors;

static void monitors_clear(Monitors *monitors)
{
    for (guint i = 0; i < monitors->n; i++)
        g_free(monitors->names[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Monitors, monitors_clear)

/* Two of one make have the same name: the second is told from the first by its number. */
static char *new_name(const Monitors *monitors, GdkMonitor *monitor)
{
    const char *model = gdk_monitor_get_model(monitor);
    guint same = 0;
    for (guint i = 0; i < monitors->n; i++)
        same += g_strcmp0(gdk_monitor_get_model(monitors->of[i]), model) == 0;
    return same ? g_strdup_printf("%s #%u", model ? model : "monitor", same + 1)
                : g_strdup(model ? model : "monitor");
}

static void add_monitor(Monitors *monitors, GdkMonitor *monitor)
{
    GdkRectangle area;
    const guint i = monitors->n;
    if (i == MOST_MONITORS)
        return;
    gdk_monitor_get_workarea(monitor, &area);
    monitors->of[i] = monitor;
    monitors->names[i] = new_name(monitors, monitor);
    monitors->list[i] = (DkmMonitor){monitors->names[i], {area.x, area.y, area.width, area.height}};
    monitors->n++;
}

/* The person's main one first. */
static Monitors find_monitors(void)
{
    Monitors monitors = {.n = 0};
    GdkDisplay *display = gdk_display_get_default();
    GdkMonitor *primary = gdk_display_get_primary_monitor(display);
    if (primary)
        add_monitor(&monitors, primary);
    for (int i = 0; i < gdk_display_get_n_monitors(display); i++)
        if (gdk_display_get_monitor(display, i) != primary)
            add_monitor(&monitors, gdk_display_get_monitor(display, i));
    return monitors;
}

static char *file_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "dkm-workstation", "windows.ini", NULL);
}

static DkmTile tile_of(GtkWindow *window)
{
    DkmTile tile;
    gtk_window_get_position(window, &tile.x, &tile.y);
    gtk_window_get_size(window, &tile.width, &tile.height);
    return tile;
}

static GdkWindowState state_of(GtkWindow *window)
{
    GdkWindow *inside = gtk_widget_get_window(GTK_WIDGET(window));
    return inside ? gdk_window_get_state(inside) : 0;
}

static gboolean fills_monitor(GtkWindow *window)
{
    return (state_of(window) & (GDK_WINDOW_STATE_MAXIMIZED | GDK_WINDOW_STATE_FULLSCREEN)) != 0;
}

void dkm_window_note_place(GtkWindow *window, DkmTile *at)
{
    if (!fills_monitor(window))
        *at = tile_of(window);
}

/* AT: where WINDOW stood when it last filled no monitor, if it ever did. */
static DkmPlace place_of(const Monitors *monitors, GtkWindow *window, DkmTile at)
{
    const GdkWindowState state = state_of(window);
    if (at.width < 1 || !fills_monitor(window))
        at = tile_of(window);
    return (DkmPlace){
        .monitor = dkm_places_monitor_of(monitors->list, monitors->n, tile_of(window)),
        .at = at,
        .is_maximised = (state & GDK_WINDOW_STATE_MAXIMIZED) != 0,
        .is_fullscreen = (state & GDK_WINDOW_STATE_FULLSCREEN) != 0,
        .is_shown = TRUE,
    };
}

void dkm_window_keep_places(DkmWindow *self)
{
    g_auto(Monitors) monitors = find_monitors();
    g_autofree char *path = file_path();
    g_autoptr(DkmPlaces) places = dkm_places_load(path);
    DkmPlace second;
    if (!monitors.n || !gtk_widget_get_mapped(GTK_WIDGET(self)))
        return;
    const DkmPlace first = place_of(&monitors, GTK_WINDOW(self), self->first_at);
    dkm_places_put(places, monitors.list, monitors.n, DKM_WINDOW_FIRST, &first);
    if (self->second) {
        second = place_of(&monitors, GTK_WINDOW(self->second), self->second_at);
        second.stage =
            dkm_wall_first_stage(dkm_second_window_wall(DKM_SECOND_WINDOW(self->second)));
        dkm_places_put(places, monitors.list, monitors.n, DKM_WINDOW_SECOND, &second);
    } else if (dkm_places_get(places, monitors.list, monitors.n, DKM_WINDOW_SECOND, &second)) {
        second.is_shown = FALSE;
        dkm_places_put(places, monitors.list, monitors.n, DKM_WINDOW_SECOND, &second);
    }
    dkm_places_save(places, path, NULL); /* a place that is not kept is no loss */
}

gboolean dkm_window_kept_place(DkmWhichWindow which, DkmPlace *out)
{
    g_auto(Monitors) monitors = find_monitors();
    g_autofree char *path = file_path();
    g_autoptr(DkmPlaces) places = dkm_places_load(path);
    return monitors.n && dkm_places_get(places, monitors.list, monitors.n, which, out);
}

DkmPlace dkm_window_new_place(DkmWindow *self)
{
    g_auto(Monitors) monitors = find_monitors();
    const guint on = dkm_places_monitor_of(monitors.list, monitors.n, tile_of(GTK_WINDOW(self)));
    if (!monitors.n)
        return (DkmPlace){.at = {0, 0, 960, 720}, .is_shown = TRUE, .stage = DKM_STAGE_KINETICS};
    return dkm_places_second(monitors.list, monitors.n, on);
}

/* The number that GDK gives to MONITOR: it may have been put first in our list. */
static int number_of(GdkDisplay *display, GdkMonitor *monitor)
{
    int i = gdk_display_get_n_monitors(display) - 1;
    while (i > 0 && gdk_display_get_monitor(display, i) != monitor)
        i--;
    return i;
}

void dkm_window_put_at(GtkWindow *window, const DkmPlace *place)
{
    g_auto(Monitors) monitors = find_monitors();
    GdkDisplay *display = gdk_display_get_default();
    gtk_window_move(window, place->at.x, place->at.y);
    gtk_window_resize(window, MAX(place->at.width, 1), MAX(place->at.height, 1));
    if (place->is_maximised)
        gtk_window_maximize(window);
    if (place->is_fullscreen && place->monitor < monitors.n)
        gtk_window_fullscreen_on_monitor(window, gdk_display_get_default_screen(display),
                                         number_of(display, monitors.of[place->monitor]));
}
