/* Correcting masks in the viewer, by real pointer and key events under Xvfb. */
#include "gui/app.h"
#include "gui/window.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"

#define LOAD_MS 180000

static DkmWindow *window;

static DkmReviewCase *on(void)
{
    return dkm_reading_case(dkm_window_reading(window));
}

static const DkmLook *look(void)
{
    return dkm_reading_look(dkm_window_reading(window));
}

static GtkWidget *view(void)
{
    return GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 0));
}

static const DkmLayer *layer(void)
{
    return dkm_layers_find(on()->layers, look()->layer);
}

static gboolean is_loaded(gpointer data)
{
    int permille;
    return on() && !dkm_reading_is_loading(dkm_window_reading(window), &permille);
}

static void open_window(const char *study)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(300);
}

static void close_window(void)
{
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

static void paint(double x, double y)
{
    display_key("b");
    display_drag(view(), 1, (double[]){x, y}, (double[]){x + 60, y + 20});
    display_key("Escape");
}

/* --- what a program that died has left ---------------------------------------------------------
 */

static void recovered_by_one_question(void)
{
    char *study = study_path_small();
    open_window(study);
    paint(150, 150);
    paint(200, 220);
    g_autofree char *hash = dkm_mask_sha256(layer()->mask);
    close_window(); /* nobody asked, nothing exported: as if it had died */

    open_window(study);
    display_wait(300);
    display_shoot("20-recover");
    g_assert_null(layer());
    display_focus_newest();
    display_key("Return");
    display_wait(300);
    display_focus_newest();
    display_shoot("21-recovered");
    g_assert_nonnull(layer());
    g_autofree char *recovered = dkm_mask_sha256(layer()->mask);
    g_assert_cmpstr(recovered, ==, hash);
    const gsize voxels = layer()->voxels;
    display_key("ctrl+z"); /* with its history */
    g_assert_cmpuint(layer()->voxels, <, voxels);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

/* --- the list --------------------------------------------------------------------------------- */

static void answer(const char *text)
{
    display_wait(300);
    display_focus_newest();
    display_key("ctrl+a");
    display_type(text);
    display_key("Return");
    display_wait(200);
    display_focus_newest();
}

static void lesion_list(void)
{
    char *study = study_path_small();
    open_window(study);
    paint(150, 150);
    display_key("F2");
    answer("Index lesion");
    g_assert_cmpstr(layer()->info.name, ==, "Index lesion");
    display_key("ctrl+Return");
    answer("Ada Reader");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_ACCEPTED);
    paint(200, 220);
    display_shoot("22-list");
    display_key("ctrl+BackSpace");
    answer("Ada Reader");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_REJECTED);
    display_shoot("23-rejected");
    display_key("ctrl+z");
    display_key("ctrl+z");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_ACCEPTED);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *state = g_dir_make_tmp("dkm-state-XXXXXX", NULL);
    g_setenv("XDG_STATE_HOME", state, TRUE);
    if (!display_start()) {
        g_print("1..0 # SKIP Xvfb or xdotool is not installed\n");
        return 0;
    }
    gtk_init(NULL, NULL);
    dkm_app_load_theme();
    g_test_add_func("/editing/recovered-by-one-question", recovered_by_one_question);
    g_test_add_func("/editing/lesion-list", lesion_list);
    const int failed = g_test_run();
    display_stop();
    return failed;
}
