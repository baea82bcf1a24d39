/* Two windows on two monitors: linked, never two patients, remembered. */
#include "gui/beside.h"
#include "gui/second-window.h"
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"

#include <glib/gstdio.h>
#include <string.h>

#define LOAD_MS 120000
#define WIDTH 1520
#define HEIGHT 980

static DkmWindow *window;
static char *windows_file;

/* --- the window ---------------------------------------------------------------------------------
 */

static gboolean is_loaded(gpointer data)
{
    DkmReading *reading = dkm_window_reading(window);
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading);
    return on && dkm_review_case_phase(on, dkm_review_case_n_phases(on) - 1) &&
           !dkm_reading_is_loading(reading, &permille);
}

static void show_window(void)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    dkm_window_restore(window);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus(GTK_WIDGET(window));
}

static void open_study(const char *study)
{
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(300);
}

static void close_window(void)
{
    dkm_reading_discard_kept(dkm_window_reading(window));
    gtk_window_close(GTK_WINDOW(window));
    display_wait(100);
    g_clear_object(&window);
    display_wait(50);
}

static DkmWall *second_wall(void)
{
    g_assert_nonnull(dkm_window_second(window));
    return dkm_second_window_wall(DKM_SECOND_WINDOW(dkm_window_second(window)));
}

static DkmTile tile_of(GtkWidget *widget)
{
    DkmTile tile;
    gtk_window_get_position(GTK_WINDOW(widget), &tile.x, &tile.y);
    gtk_window_get_size(GTK_WINDOW(widget), &tile.width, &tile.height);
    return tile;
}

/* --- what is tested -----------------------------------------------------------------------------
 */

static gboolean has_painted(DkmWall *wall)
{
    const GArray *log = dkm_coverage_log(dkm_reading_coverage(dkm_window_reading(window)));
    for (guint i = 0; i < log->len; i++)
        for (guint k = 0; k < dkm_wall_n_views(wall); k++)
            if (g_array_index(log, DkmCoverageEvent, i).view == dkm_wall_view(wall, k))
                return TRUE;
    return FALSE;
}

static void keys_work_in_either_window(void)
{
    char *study = study_path_small();
    show_window();
    open_study(study);
    display_key("F12");
    display_wait(300);
    DkmReading *reading = dkm_window_reading(window);
    DkmWall *first = dkm_window_wall(window), *second = second_wall();
    g_assert_cmpint(dkm_wall_stage(first), ==, DKM_STAGE_OVERVIEW);
    g_assert_cmpint(dkm_wall_stage(second), ==, DKM_STAGE_KINETICS);
    display_focus(dkm_window_second(window));
    const int slice = dkm_reading_look(reading)->slice;
    display_key("Up");
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, slice - 1); /* of both */
    display_key("period");
    g_assert_cmpint(dkm_wall_stage(second), ==, DKM_STAGE_EDIT);
    g_assert_cmpint(dkm_wall_stage(first), ==, DKM_STAGE_OVERVIEW);
    display_key("Tab");
    g_assert_cmpuint(dkm_wall_focus(second), ==, 1);
    g_assert_cmpuint(dkm_wall_focus(first), ==, 1); /* its first view of slices */
    display_key("b");
    g_assert_cmpint(dkm_reading_look(reading)->armed, ==, DKM_ARMED_BRUSH);
    g_assert_true(dkm_reading_look(reading)->shows_overlays);
    display_key("Escape");
    display_hold("space", 500); /* a peek */
    g_assert_true(dkm_reading_look(reading)->shows_overlays);
    g_assert_true(has_painted(first) && has_painted(second));
    display_shoot("second-window");
    display_focus(GTK_WIDGET(window));
    display_key("period");
    g_assert_cmpint(dkm_wall_stage(first), ==, DKM_STAGE_COMPARE);
    g_assert_cmpint(dkm_wall_stage(second), ==, DKM_STAGE_EDIT);
    display_focus(dkm_window_second(window));
    display_key("F12"); /* put away by its own key */
    display_wait(100);
    g_assert_null(dkm_window_second(window));
    close_window();
    study_path_free(study);
}

typedef struct {
    char *title;
    gboolean has_case;
} Seen;

static void note_title(DkmReading *reading, guint what, gpointer user)
{
    const Seen seen = {g_strdup(gtk_window_get_title(GTK_WINDOW(dkm_window_second(window)))),
                       dkm_reading_case(reading) != NULL};
    if (what & DKM_CHANGED_CASE)
        g_array_append_val((GArray *)user, seen);
    else
        g_free(seen.title);
}

static gboolean has_another(gpointer data)
{
    const DkmReviewCase *on = dkm_reading_case(dkm_window_reading(window));
    return on && on->patient_id && g_strcmp0(on->patient_id, data) != 0 && is_loaded(NULL);
}

/* Black everywhere between two studies: nothing of the last one stays on the other monitor. */
static void both_windows_change_the_patient(void)
{
    char *study = study_path_small(), *other = study_path_second();
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(Seen));
    show_window();
    open_study(study);
    display_key("F12");
    display_wait(300);
    DkmReading *reading = dkm_window_reading(window);
    dkm_wall_set_stage(second_wall(), DKM_STAGE_KINETICS);
    const DkmStage stage = dkm_wall_stage(second_wall());
    g_assert_cmpint(stage, ==, DKM_STAGE_KINETICS);
    g_autofree char *name = g_strdup(dkm_reading_case(reading)->patient_name);
    g_autofree char *id = g_strdup(dkm_reading_case(reading)->patient_id);
    g_assert_true(
        g_str_has_prefix(gtk_window_get_title(GTK_WINDOW(dkm_window_second(window))), name));
    g_signal_connect(reading, "changed", G_CALLBACK(note_title), seen);
    dkm_window_open(window, other);
    g_assert_true(display_wait_for(has_another, id, LOAD_MS));
    g_assert_cmpuint(seen->len, >=, 2);
    for (guint i = 0; i < seen->len; i++) {
        const Seen *at = &g_array_index(seen, Seen, i);
        g_assert_null(strstr(at->title, name));
        if (!at->has_case)
            g_assert_true(g_str_has_prefix(at->title, "DKM Viewer"));
        g_free(at->title);
    }
    g_signal_handlers_disconnect_by_func(reading, note_title, seen);
    g_assert_cmpint(dkm_wall_stage(second_wall()), ==, stage); /* still */
    close_window();
    study_path_free(study);
    study_path_free(other);
}

static gboolean has_prior(gpointer data)
{
    DkmReading *reading = dkm_window_reading(window);
    const DkmScene scene = dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR);
    return scene.on && !dkm_reading_is_loading_beside(reading, DKM_BESIDE_PRIOR);
}

static void drag_across(GtkWidget *view)
{
    const double x = gtk_widget_get_allocated_width(view) / 2.0;
    const double y = gtk_widget_get_allocated_height(view) / 2.0;
    display_drag(view, 1, (const double[]){x - 20, y}, (const double[]){x + 20, y});
}

/* Bytes of the view's upper left, where its words are. */
static GBytes *words_of(GtkWidget *view)
{
    enum { COLUMNS = 400, ROWS = 130 };
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, COLUMNS, ROWS);
    cairo_t *cr = cairo_create(surface);
    gtk_widget_draw(view, cr);
    cairo_destroy(cr);
    GBytes *bytes = g_bytes_new(cairo_image_surface_get_data(surface),
                                (gsize)cairo_image_surface_get_stride(surface) * ROWS);
    cairo_surface_destroy(surface);
    return bytes;
}

/* The first of them, on its picture. */
static void what_is_odd_about_it_is_said(GtkWidget *now, GtkWidget *then)
{
    DkmReading *reading = dkm_window_reading(window);
    GPtrArray *findings = dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on->study->findings;
    g_autoptr(GBytes) now_before = words_of(now);
    g_autoptr(GBytes) then_before = words_of(then);
    g_ptr_array_add(findings, g_strdup("slice 3 is missing"));
    g_autoptr(GBytes) now_after = words_of(now);
    g_autoptr(GBytes) then_after = words_of(then);
    g_assert_true(g_bytes_equal(now_before, now_after));
    g_assert_false(g_bytes_equal(then_before, then_after));
}

static void the_earlier_study_is_only_looked_at(void)
{
    char *study = study_path_followed();
    g_unlink(windows_file);
    show_window();
    open_study(study);
    DkmReading *reading = dkm_window_reading(window);
    DkmWall *wall = dkm_window_wall(window);
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    for (int i = 0; i < DKM_STAGE_PRIOR; i++)
        display_key("period");
    g_assert_cmpint(dkm_wall_stage(wall), ==, DKM_STAGE_PRIOR);
    g_assert_true(display_wait_for(has_prior, NULL, LOAD_MS));
    const DkmReviewCase *prior = dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on;
    g_autofree char *before = dkm_mask_sha256(dkm_layers_get(prior->layers, 0)->mask);
    GtkWidget *now = GTK_WIDGET(dkm_wall_view(wall, 0)), *then = GTK_WIDGET(dkm_wall_view(wall, 1));
    what_is_odd_about_it_is_said(now, then);
    display_key("b");
    drag_across(then);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    drag_across(now);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 1);
    g_autofree char *after = dkm_mask_sha256(dkm_layers_get(prior->layers, 0)->mask);
    g_assert_cmpuint(dkm_layers_count(prior->layers), ==, 1);
    g_assert_cmpstr(before, ==, after);
    display_key("Escape");
    const int slice = dkm_reading_look(reading)->slice;
    display_move(then, 100, 100);
    display_click(5); /* the wheel over the one moves both */
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, slice + 1);
    g_assert_cmpint(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).look->slice, ==, slice + 1);
    const DkmWindowLevel own = dkm_reading_look(reading)->sub_window;
    const double width = dkm_reading_look(reading)->prior_sub_window.width;
    drag_across(then); /* its own grey window */
    g_assert_cmpfloat(dkm_reading_look(reading)->prior_sub_window.width, !=, width);
    g_assert_cmpfloat(dkm_reading_look(reading)->sub_window.width, ==, own.width);
    display_key("Right"); /* of both: the same kind of phase */
    for (guint i = 0; i < 2; i++)
        g_assert_cmpuint(dkm_slice_view_spec(dkm_wall_view(wall, i))->phase, ==, prior->late);
    g_assert_cmpuint(dkm_slice_view_spec(dkm_wall_view(wall, 2))->phase, ==, prior->early);
    display_shoot("prior");
    dkm_reading_undo(reading); /* nothing to ask about */
    close_window();
    study_path_free(study);
}

static void closes_with_the_first(void)
{
    show_window();
    if (!dkm_window_second(window))
        display_key("F12");
    display_wait(200);
    GtkWidget *second = g_object_ref(dkm_window_second(window));
    g_assert_true(gtk_widget_get_mapped(second));
    close_window();
    g_assert_false(gtk_widget_get_mapped(second));
    g_object_unref(second);
}

/* There is no window manager: what one would say is said here. */
static void say_state(GtkWidget *toplevel, GdkWindowState state)
{
    GdkEvent *event = gdk_event_new(GDK_WINDOW_STATE);
    event->window_state.window = g_object_ref(gtk_widget_get_window(toplevel));
    event->window_state.changed_mask = GDK_WINDOW_STATE_FULLSCREEN;
    event->window_state.new_window_state = state;
    gtk_widget_event(toplevel, event);
    gdk_event_free(event);
    display_wait(100);
}

typedef struct {
    const char *name;
    guint n; /* labels inside the window, below its header, that begin so */
} Named;

static void count_named(GtkWidget *widget, gpointer data)
{
    Named *named = data;
    if (GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
        !gtk_widget_get_ancestor(widget, GTK_TYPE_HEADER_BAR) &&
        g_str_has_prefix(gtk_label_get_text(GTK_LABEL(widget)), named->name))
        named->n++;
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), count_named, data);
}

/* Full screen takes the headers away. */
static void full_screen_says_whose_study_it_is(void)
{
    char *study = study_path_small();
    show_window();
    open_study(study);
    if (!dkm_window_second(window))
        display_key("F12");
    display_wait(300);
    GtkWidget *const both[] = {GTK_WIDGET(window), dkm_window_second(window)};
    for (guint i = 0; i < G_N_ELEMENTS(both); i++) {
        Named named = {dkm_reading_case(dkm_window_reading(window))->patient_name, 0};
        count_named(both[i], &named);
        g_assert_cmpuint(named.n, ==, 0);
        say_state(both[i], GDK_WINDOW_STATE_FULLSCREEN);
        count_named(both[i], &named);
        g_assert_cmpuint(named.n, ==, 1);
        say_state(both[i], 0);
        count_named(both[i], &named);
        g_assert_cmpuint(named.n, ==, 1); /* no further one */
    }
    close_window();
    study_path_free(study);
}

static void comes_back_where_it_stood(void)
{
    char *study = study_path_small();
    g_unlink(windows_file);
    show_window();
    open_study(study);
    g_assert_null(dkm_window_second(window));
    display_key("F12");
    display_wait(300);
    gtk_window_move(GTK_WINDOW(dkm_window_second(window)), WIDTH + 60, 40);
    gtk_window_resize(GTK_WINDOW(dkm_window_second(window)), 1200, 800);
    dkm_wall_set_stage(second_wall(), DKM_STAGE_COMPARE);
    display_wait(300);
    const DkmTile first = tile_of(GTK_WIDGET(window));
    close_window();
    show_window();
    g_assert_cmpint(tile_of(GTK_WIDGET(window)).width, ==, first.width);
    g_assert_cmpint(tile_of(GTK_WIDGET(window)).height, ==, first.height);
    const DkmTile tile = tile_of(dkm_window_second(window));
    g_assert_cmpint(tile.x, ==, WIDTH + 60);
    g_assert_cmpint(tile.y, ==, 40);
    g_assert_cmpint(tile.width, ==, 1200);
    g_assert_cmpint(tile.height, ==, 800);
    open_study(study);
    g_assert_cmpint(dkm_wall_stage(second_wall()), ==, DKM_STAGE_COMPARE);
    display_key("F12"); /* put away: it stays away */
    display_wait(100);
    close_window();
    show_window();
    g_assert_null(dkm_window_second(window));
    close_window();
    study_path_free(study);
}

/* X servers for tests have one monitor: here the other one has gone. */
static void is_seen_when_its_monitor_is_gone(void)
{
    g_autoptr(GError) error = NULL;
    g_file_set_contents(windows_file,
                        "[last]\narrangement=two\n[two]\n"
                        "first-monitor=GONE-1\nfirst-at=100;50;1200;800;\nfirst-state=shown;\n"
                        "second-monitor=GONE-2\nsecond-at=2500;900;1400;900;\n"
                        "second-state=shown;full-screen;\nsecond-stage=edit;\n",
                        -1, &error);
    g_assert_no_error(error);
    show_window();
    const DkmTile first = tile_of(GTK_WIDGET(window)), second = tile_of(dkm_window_second(window));
    g_assert_cmpint(first.x, ==, 100);
    g_assert_cmpint(first.width, ==, 1200);
    g_assert_cmpint(second.x + second.width, <=, 2 * WIDTH);
    g_assert_cmpint(second.y + second.height, <=, HEIGHT);
    g_assert_false(gdk_window_get_state(gtk_widget_get_window(dkm_window_second(window))) &
                   GDK_WINDOW_STATE_FULLSCREEN);
    close_window();
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, "3040x980x24"))
        return 0;
    windows_file = g_build_filename(desk_folder(), "dkm-workstation", "windows.ini", NULL);
    g_test_add_func("/second-window/keys-work-in-either-window", keys_work_in_either_window);
    g_test_add_func("/second-window/both-windows-change-the-patient",
                    both_windows_change_the_patient);
    g_test_add_func("/second-window/the-earlier-study-is-only-looked-at",
                    the_earlier_study_is_only_looked_at);
    g_test_add_func("/second-window/closes-with-the-first", closes_with_the_first);
    g_test_add_func("/second-window/full-screen-says-whose-study-it-is",
                    full_screen_says_whose_study_it_is);
    g_test_add_func("/second-window/comes-back-where-it-stood", comes_back_where_it_stood);
    g_test_add_func("/second-window/is-seen-when-its-monitor-is-gone",
                    is_seen_when_its_monitor_is_gone);
    const int failed = desk_run();
    g_free(windows_file);
    return failed;
}
