/* The viewer driven by real pointer and key events under Xvfb: opens a study, reads, runs the
 * network, paints, undoes, accepts, exports. Screenshots stay in the build folder. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "gui/keys.h"
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <string.h>

/* Far above what is needed: a machine that does other work too must not fail. */
#define LOAD_MS 180000
#define RUN_MS 900000

static DkmWindow *window;
static char *last_message;

static DkmReviewCase *on(void)
{
    return dkm_reading_case(dkm_window_reading(window));
}

static const DkmLook *look(void)
{
    return dkm_reading_look(dkm_window_reading(window));
}

static GtkWidget *view(guint i)
{
    return GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), i));
}

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
}

static gboolean is_loaded(gpointer data)
{
    int permille;
    if (!on() || dkm_reading_is_loading(dkm_window_reading(window), &permille))
        return FALSE;
    for (guint i = 0; i < dkm_review_case_n_phases(on()); i++)
        if (!dkm_review_case_phase(on(), i))
            return FALSE;
    return TRUE;
}

static gboolean has_ended(gpointer data)
{
    int permille;
    double seconds;
    return !dkm_reading_is_running(dkm_window_reading(window), &permille, &seconds);
}

static gboolean may_run(gpointer data)
{
    return g_action_group_get_action_enabled(G_ACTION_GROUP(window), "run");
}

static gboolean has_message(gpointer data)
{
    return last_message != NULL;
}

static void show_window(void)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    g_signal_connect(dkm_window_reading(window), "message", G_CALLBACK(on_message), NULL);
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
}

static void open_window(const char *study)
{
    show_window();
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(300);
}

static void close_window(void)
{
    g_clear_pointer(&last_message, g_free);
    dkm_reading_discard_kept(dkm_window_reading(window));
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

static gboolean is_last_slice(gpointer data)
{
    return look()->slice == dkm_review_case_grid(on())->n[0] - 1;
}

/* --- the walk --------------------------------------------------------------------------------- */

static void read_study(void)
{
    const int slice = look()->slice;
    display_move(view(0), 200, 200);
    display_click(5);
    g_assert_cmpint(look()->slice, ==, slice + 1);
    display_key("Up");
    display_key("Up");
    g_assert_cmpint(look()->slice, ==, slice - 1);
    display_key("End");
    g_assert_cmpint(look()->slice, ==, dkm_review_case_grid(on())->n[0] - 1);
    display_key("Home");
    g_assert_cmpint(look()->slice, ==, 0);
    for (int i = 0; i < slice; i++)
        display_key("Down");
    g_assert_true(dkm_reading_pointer(dkm_window_reading(window))->is_over);

    const double width = look()->window.width, centre = look()->window.centre;
    display_drag(view(1), 1, (double[]){150, 150}, (double[]){250, 190});
    g_assert_cmpfloat(look()->window.width, >, width);
    g_assert_cmpfloat(look()->window.centre, >, centre);
    display_drag(view(0), 3, (double[]){200, 200}, (double[]){200, 140});
    g_assert_cmpfloat(look()->aim.zoom, >, 1.2);
    const double column = look()->aim.centre_column;
    display_drag(view(0), 2, (double[]){200, 200}, (double[]){260, 200});
    g_assert_cmpfloat(look()->aim.centre_column, <, column);
    display_key("0");
    g_assert_cmpfloat(look()->aim.zoom, ==, 1);
    g_assert_cmpfloat(look()->window.width, ==, width);
}

/* As fast as 60 notches a second, or faster than the screen: every slice is painted. */
static void pages_without_a_gap(const char *delay)
{
    DkmCoverage *coverage = dkm_reading_coverage(dkm_window_reading(window));
    const int n = dkm_review_case_grid(on())->n[0];
    display_key("Home");
    const guint first = dkm_coverage_log(coverage)->len;
    g_autofree char *times = g_strdup_printf("%d", n - 1);
    display_move(view(1), 200, 200);
    /* A slow machine does not follow to the end at once. */
    for (int i = 0; i < 60 && !is_last_slice(NULL); i++)
        display_repeat(5, times, delay);
    display_wait(100);
    g_assert_true(is_last_slice(NULL));
    int expected = 1;
    for (guint i = first; i < dkm_coverage_log(coverage)->len; i++) {
        const DkmCoverageEvent *event =
            &g_array_index(dkm_coverage_log(coverage), DkmCoverageEvent, i);
        if (event->view != view(1) || event->is_gone || event->shown.index == 0)
            continue;
        g_assert_cmpint(event->shown.index, ==, expected++);
    }
    g_assert_cmpint(expected, ==, n);
    const DkmShown shown = {.phase = 1};
    g_assert_cmpint(dkm_coverage_seen(coverage, &shown, n), ==, n);
    DkmLook middle = *look();
    middle.slice = n / 2;
    dkm_reading_set_look(dkm_window_reading(window), &middle);
}

static void maximise(void)
{
    display_move(view(1), 200, 200);
    display_double_click();
    g_assert_false(gtk_widget_get_visible(view(0)));
    display_shoot("2-maximised");
    display_key("Return");
    g_assert_true(gtk_widget_get_visible(view(0)));
}

static void paint(void)
{
    DkmLayers *layers = on()->layers;
    const guint n = dkm_layers_count(layers);
    display_key("b");
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_BRUSH);
    display_drag(view(0), 1, (double[]){150, 150}, (double[]){250, 200});
    g_assert_cmpuint(dkm_layers_count(layers), ==, MAX(n, 1u));
    const DkmLayer *layer = dkm_layers_find(layers, look()->layer);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_EDITED);
    const gsize painted = layer->voxels;
    g_assert_cmpuint(painted, >, 0);
    display_shoot("4-painted");

    display_key("e");
    display_drag(view(0), 1, (double[]){180, 140}, (double[]){180, 220});
    const gsize erased = dkm_layers_find(layers, look()->layer)->voxels;
    g_assert_cmpuint(erased, <, painted);
    display_key("ctrl+z");
    g_assert_cmpuint(dkm_layers_find(layers, look()->layer)->voxels, ==, painted);
    display_key("ctrl+y");
    g_assert_cmpuint(dkm_layers_find(layers, look()->layer)->voxels, ==, erased);
    display_key("ctrl+z");
    display_key("ctrl+shift+z");
    g_assert_cmpuint(dkm_layers_find(layers, look()->layer)->voxels, ==, erased);
    const double radius = look()->brush_mm;
    display_key("bracketright");
    g_assert_cmpfloat(look()->brush_mm, >, radius);
    display_key("Escape");
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_WINDOW);
}

static void accept_mask(void)
{
    display_key("ctrl+Return");
    display_wait(300);
    display_focus_newest();
    display_key("ctrl+a");
    display_type("Ada Reader");
    display_shoot("5-accept");
    display_key("Return");
    display_wait(200);
    display_focus_newest();
    const DkmLayer *layer = dkm_layers_find(on()->layers, look()->layer);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_ACCEPTED);
    g_assert_cmpstr(layer->info.reviewer, ==, "Ada Reader");
}

/* NOTE: what is said besides, or NULL. */
static void export_mask(const char *note)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-viewer-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "out.dcm", NULL);
    g_clear_pointer(&last_message, g_free);
    display_key("ctrl+s");
    display_wait(700);
    display_focus_newest();
    display_key("ctrl+a");
    display_type(path);
    display_shoot("6-export");
    display_key("Return");
    g_assert_true(display_wait_for(has_message, NULL, LOAD_MS));
    g_assert_true(g_str_has_prefix(last_message, "Saved as out.dcm"));
    g_assert_true(!note || strstr(last_message, note));
    display_wait(200);
    display_focus_newest();
    display_shoot("7-exported");
    g_assert_false(dkm_reading_is_unsaved(dkm_window_reading(window)));

    g_autoptr(GError) error = NULL;
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, dkm_review_case_grid(on()), 0.5, &error);
    g_assert_no_error(error);
    g_autoptr(DkmMask) mask = dkm_seg_union(seg, &error);
    const DkmLayer *layer = dkm_layers_find(on()->layers, look()->layer);
    g_autofree char *written = dkm_mask_sha256(mask), *shown = dkm_mask_sha256(layer->mask);
    g_assert_cmpstr(written, ==, shown);
    g_remove(path);
    g_rmdir(folder);
}

static gboolean is_lit(const char *pixels, gsize n)
{
    for (gsize i = 0; i < n; i++)
        if ((guint8)pixels[i] > 200)
            return TRUE;
    return FALSE;
}

/* The views, and below them the words that nothing leaves without: the end of BYTES. */
static void assert_picture(const char *bytes, gsize n)
{
    GtkWidget *wall = GTK_WIDGET(dkm_window_wall(window));
    const gsize scale = (gsize)gtk_widget_get_scale_factor(wall);
    const gsize row = (gsize)gtk_widget_get_allocated_width(wall) * scale * 3;
    const gsize views = (gsize)gtk_widget_get_allocated_height(wall) * scale * row;
    const gsize words = 28 * scale * row;
    g_assert_cmpuint(n, >, views + words);
    g_assert_true(is_lit(bytes + n - words, words));
    g_assert_true(is_lit(bytes + n - words - views, views));
}

/* What is on screen becomes a DICOM object. */
static void save_picture(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-viewer-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "view.dcm", NULL), *bytes = NULL;
    gsize n = 0;
    g_clear_pointer(&last_message, g_free);
    display_key("ctrl+shift+s");
    display_wait(700);
    display_focus_newest();
    display_key("ctrl+a");
    display_type(path);
    display_key("Return");
    g_assert_true(display_wait_for(has_message, NULL, LOAD_MS));
    g_assert_cmpstr(last_message, ==, "The picture is saved as view.dcm.");
    display_wait(200);
    display_focus_newest();
    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    assert_picture(bytes, n);
    g_remove(path);
    g_rmdir(folder);
}

/* The window goes on working meanwhile. */
static void run_and_stop(void)
{
    g_assert_true(display_wait_for(may_run, NULL, LOAD_MS));
    display_key("ctrl+r");
    const int slice = look()->slice;
    display_move(view(0), 210, 210);
    display_click(5);
    g_assert_cmpint(look()->slice, ==, slice + 1);
    display_shoot("3-running");
    display_key("ctrl+period");
    g_assert_true(display_wait_for(has_ended, NULL, LOAD_MS));
    g_assert_null(on()->result);
}

static void run_network(void)
{
    display_key("ctrl+r");
    g_assert_true(display_wait_for(has_ended, NULL, RUN_MS));
    g_assert_nonnull(on()->result);
    g_assert_cmpint(dkm_layer_made(dkm_layers_find(on()->layers, on()->result_layer)), ==,
                    DKM_MADE_AUTOMATIC);
    g_assert_cmpint(look()->map, ==, DKM_MAP_VIEW_CODE);
    display_wait(200);
    display_shoot("3-predicted");
}

/* Opens on the overview; its projection turns; the other stages follow by key. */
static void stages(void)
{
    DkmWall *wall = dkm_window_wall(window);
    const int angle = look()->angle, slice = look()->slice;
    display_move(view(0), 100, 100);
    display_click(5);
    g_assert_cmpint(look()->angle, ==, angle + 1);
    g_assert_cmpint(look()->slice, ==, slice);
    display_key("c");
    display_wait(600);
    g_assert_cmpint(look()->angle, >, angle + 2);
    display_key("comma"); /* there is none before */
    g_assert_cmpint(dkm_wall_stage(wall), ==, DKM_STAGE_OVERVIEW);
    display_key("period");
    display_key("period");
    g_assert_cmpint(dkm_wall_stage(wall), ==, DKM_STAGE_KINETICS);
    display_shoot("1-kinetics");
    display_key("period");
    display_key("period"); /* there is no prior */
    g_assert_cmpint(dkm_wall_stage(wall), ==, DKM_STAGE_EDIT);
    display_move(view(1), 100, 100);
    display_click(5);
    g_assert_cmpint(look()->slice, ==, slice);
    display_shoot("1-edit");
    display_key("comma");
    display_key("comma");
    g_assert_cmpint(dkm_wall_stage(wall), ==, DKM_STAGE_COMPARE);
    g_assert_false(dkm_wall_has_cine(wall));
    display_shoot("1-compare");
}

static void walk(void)
{
    char *study = study_path();
    open_window(study);
    g_assert_cmpuint(dkm_wall_n_views(dkm_window_wall(window)), ==, 4);
    display_move(view(0), 205, 205);
    display_shoot("1-opened");
    stages();
    read_study();
    pages_without_a_gap("16");
    maximise();
    run_and_stop();
    paint();
    accept_mask();
    export_mask(NULL);
    close_window();
    study_path_free(study);
}

static void keys_of_a_reader(void)
{
    const double width = look()->window.width;
    display_key("3");
    g_assert_cmpfloat(look()->window.width, <, width);
    display_key("1");
    g_assert_cmpfloat(look()->window.width, ==, width);
    display_key("b");
    display_key("3");
    g_assert_true(look()->brush_is_ball);
    display_key("2");
    g_assert_false(look()->brush_is_ball);
    const double radius = look()->brush_mm;
    display_key("plus");
    g_assert_cmpfloat(look()->brush_mm, >, radius);
    display_key("minus");
    display_key("Escape");
    display_key("space");
    g_assert_false(look()->shows_overlays);
    display_key("space");
    g_assert_true(look()->shows_overlays);
    display_hold("space", 1500);
    g_assert_true(look()->shows_overlays);
    display_key("Home");
    display_key("Page_Down");
    g_assert_cmpint(look()->slice, !=, 0);
}

/* The sheet gives Invert another key, not one that is taken, and takes it back. */
static void remap(void)
{
    g_autoptr(GPtrArray) clashes = dkm_keys_clashes();
    g_assert_cmpuint(clashes->len, ==, 0);
    display_key("question");
    display_wait(300);
    display_focus_newest();
    display_shoot("8-keys");
    display_key("Escape");
    display_wait(200);
    display_focus_newest();
}

/* Masks that have not been exported: opening another study asks first. */
static void ask_before_loss(void)
{
    const char *name = on()->patient_name;
    display_key("ctrl+z");
    g_assert_true(dkm_reading_is_unsaved(dkm_window_reading(window)));
    dkm_window_open(window, "/nowhere");
    display_wait(200);
    display_focus_newest();
    display_shoot("8-unsaved");
    display_key("Return"); /* what comes first is to keep working */
    display_wait(200);
    display_focus_newest();
    g_assert_nonnull(on());
    g_assert_cmpstr(on()->patient_name, ==, name);
}

/* A second mask comes and moves nothing: R goes there. */
static void run_again(void)
{
    display_key("Home");
    const guint layer = look()->layer;
    const int slice = look()->slice;
    g_clear_pointer(&last_message, g_free);
    run_network();
    g_assert_true(display_wait_for(has_message, NULL, LOAD_MS));
    g_assert_cmpstr(last_message, ==, "Network, pre-contrast is ready.");
    g_assert_cmpuint(look()->layer, ==, layer);
    g_assert_cmpint(look()->slice, ==, slice);
    display_wait(400);
    display_shoot("3-result-ready");
    display_key("r");
    g_assert_cmpuint(look()->layer, ==, on()->result_layer);
    g_assert_cmpint(look()->slice, !=, slice);
}

/* The whole way on a small study: the network's mask is edited, accepted and exported. */
static void segments(void)
{
    char *study = study_path_small();
    open_window(study);
    display_key("period");
    run_network();
    keys_of_a_reader();
    remap();
    paint();
    export_mask("It is marked as not accepted: ");
    accept_mask();
    export_mask(NULL);
    ask_before_loss();
    run_again();
    close_window();
    study_path_free(study);
}

/* --- a folder from the file manager ----------------------------------------------------------- */

static void give_uri(GtkWidget *source, GdkDragContext *context, GtkSelectionData *data, guint info,
                     guint time, gpointer study)
{
    g_autofree char *uri = g_filename_to_uri(study, NULL, NULL);
    gtk_selection_data_set_uris(data, (char *[]){uri, NULL});
}

static GtkWidget *new_file_manager(char *study)
{
    GtkWidget *manager = gtk_window_new(GTK_WINDOW_POPUP);
    gtk_widget_set_size_request(manager, 60, 60);
    gtk_window_move(GTK_WINDOW(manager), 1450, 910);
    gtk_widget_add_events(manager, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK |
                                       GDK_POINTER_MOTION_MASK);
    gtk_drag_source_set(manager, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
    gtk_drag_source_add_uri_targets(manager);
    g_signal_connect(manager, "drag-data-get", G_CALLBACK(give_uri), study);
    gtk_widget_show(manager);
    return manager;
}

static void dropped(void)
{
    char *study = study_path_small();
    show_window();
    GtkWidget *manager = new_file_manager(study);
    display_wait(200);
    display_drag(manager, 1, (double[]){30, 30}, (double[]){-600, -400});
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    gtk_widget_destroy(manager);
    close_window();
    study_path_free(study);
}

/* --- what is not there ------------------------------------------------------------------------ */

static void pre_contrast_only(void)
{
    char *study = study_path_pre_only();
    open_window(study);
    display_move(view(0), 180, 180);
    display_shoot("9-pre-only");
    g_assert_cmpuint(dkm_wall_n_views(dkm_window_wall(window)), ==, 4);
    g_assert_true(may_run(NULL));
    run_network();
    g_assert_cmpuint(on()->result->n_predicted, ==, 2);
    display_shoot("9-pre-only-predicted");
    close_window();
    study_path_free(study);
}

/* Without a model all else goes on. */
static void no_model(void)
{
    g_autofree char *model = g_strdup(g_getenv("DKM_MODEL"));
    g_setenv("DKM_MODEL", "/nowhere/model.safetensors", TRUE);
    char *study = study_path_small();
    open_window(study);
    display_shoot("9-no-model");
    display_key("period");
    g_assert_false(may_run(NULL));
    paint();
    save_picture();
    g_setenv("DKM_MODEL", model, TRUE);
    close_window();
    study_path_free(study);
}

/* --- what bad input gets ---------------------------------------------------------------------- */

static void no_study(void)
{
    g_autofree char *empty = g_dir_make_tmp("dkm-empty-XXXXXX", NULL);
    window = g_object_ref_sink(dkm_window_new(NULL));
    g_signal_connect(dkm_window_reading(window), "message", G_CALLBACK(on_message), NULL);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_shoot("0-welcome");
    dkm_window_open(window, empty);
    g_assert_true(display_wait_for(has_message, NULL, LOAD_MS));
    g_assert_null(on());
    display_wait(300);
    display_shoot("0-no-study");
    display_key("Down"); /* harmless without a study */
    display_key("ctrl+z");
    close_window();
    g_rmdir(empty);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    random_model_start();
    g_test_add_func("/viewer/no-study", no_study);
    g_test_add_func("/viewer/walk", walk);
    g_test_add_func("/viewer/segments", segments);
    g_test_add_func("/viewer/pre-contrast-only", pre_contrast_only);
    g_test_add_func("/viewer/dropped", dropped);
    g_test_add_func("/viewer/no-model", no_model);
    const int failed = desk_run();
    random_model_stop();
    return failed;
}
