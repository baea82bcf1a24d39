/* The views side by side: they have the keys, and keep them. */
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"

/* Far above what is needed: a machine that does other work too must not fail. */
#define LOAD_MS 180000
#define RUN_MS 900000

static DkmWindow *window;

static const DkmLook *look(void)
{
    return dkm_reading_look(dkm_window_reading(window));
}

static GtkWidget *view(guint i)
{
    return GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), i));
}

static gboolean may_run(gpointer data)
{
    int permille;
    return !dkm_reading_is_loading(dkm_window_reading(window), &permille) &&
           g_action_group_get_action_enabled(G_ACTION_GROUP(window), "run");
}

static gboolean has_result(gpointer data)
{
    int permille;
    double seconds;
    return dkm_reading_case(dkm_window_reading(window))->result &&
           !dkm_reading_is_running(dkm_window_reading(window), &permille, &seconds);
}

static gboolean has_keys(void)
{
    const guint focus = dkm_wall_focus(dkm_window_wall(window));
    return gtk_window_get_focus(GTK_WINDOW(window)) == view(focus);
}

static char *open_window(void)
{
    char *study = study_path_small();
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(may_run, NULL, LOAD_MS));
    display_wait(300);
    return study;
}

static void close_window(char *study)
{
    dkm_reading_discard_kept(dkm_window_reading(window));
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
    study_path_free(study);
}

static void take_run(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_BUTTON(widget) &&
        g_strcmp0(gtk_actionable_get_action_name(GTK_ACTIONABLE(widget)), "win.run") == 0)
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_run, user);
}

/* A click on a control leaves it the keys until the next change; a run's button goes, and none of
 * its neighbours gets them. */
static void keys_come_back(void)
{
    char *study = open_window();
    GtkWidget *run = NULL;
    take_run(GTK_WIDGET(window), &run);
    g_assert_true(has_keys());
    display_move(run, 40, 12);
    display_click(1);
    g_assert_true(display_wait_for(has_result, NULL, RUN_MS));
    display_wait(100);
    g_assert_true(has_keys());
    gtk_widget_grab_focus(run);
    g_assert_false(has_keys());
    display_key("period"); /* the next stage */
    g_assert_true(has_keys());
    gtk_widget_grab_focus(run);
    display_move(view(1), 100, 100);
    display_click(1);
    g_assert_true(has_keys());
    g_assert_cmpuint(dkm_wall_focus(dkm_window_wall(window)), ==, 1);
    close_window(study);
}

static void arrows_stay(void)
{
    char *study = open_window();
    display_key("period");
    const int slice = look()->slice;
    display_key("KP_Up");
    g_assert_cmpint(look()->slice, ==, slice - 1);
    display_key("ctrl+Right"); /* means nothing */
    g_assert_true(has_keys());
    close_window(study);
}

/* How often GTK laid the window out anew. */
static void on_layout(GdkFrameClock *clock, gpointer n)
{
    ++*(guint *)n;
}

static guint layouts_of_a_page(const char *keys)
{
    GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(window));
    const int slice = look()->slice;
    guint n = 0;
    display_wait(500); /* what a resting pointer or an idle desk still had to do */
    const gulong id = g_signal_connect(clock, "layout", G_CALLBACK(on_layout), &n);
    display_key(keys);
    display_wait(500);
    g_signal_handler_disconnect(clock, id);
    g_assert_cmpint(look()->slice, !=, slice);
    return n;
}

/* A page changes what is drawn, with the words under a resting pointer, and no widget's size: a new
 * layout would take a second frame, for which the next page waits. */
static void pages_without_layout(void)
{
    char *study = open_window();
    display_move(view(1), 100, 100);
    layouts_of_a_page("KP_Up"); /* the first words of the pointer have a place to find */
    g_assert_cmpuint(layouts_of_a_page("KP_Down"), ==, 0);
    g_action_group_activate_action(G_ACTION_GROUP(window), "run", NULL);
    g_assert_true(display_wait_for(has_result, NULL, RUN_MS));
    display_key("r"); /* the network's mask is selected: its panel has words of its own */
    layouts_of_a_page("KP_Up");
    g_assert_cmpuint(layouts_of_a_page("KP_Down"), ==, 0);
    close_window(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    random_model_start();
    g_test_add_func("/wall/keys-come-back", keys_come_back);
    g_test_add_func("/wall/arrows-stay", arrows_stay);
    g_test_add_func("/wall/pages-without-layout", pages_without_layout);
    const int failed = desk_run();
    random_model_stop();
    return failed;
}
