/* Milliseconds from an event to its picture in a real window with four linked views: paging by the
 * wheel, dragging the grey window, painting and undo, under an X server of its own, also while the
 * network runs; the first image after opening, and all phases. Medians, 99th percentiles, and the
 * processor time of the main thread, which other programs do not disturb. */
#include "gui/app.h"
#include "gui/editing.h"
#include "gui/window.h"
#include "tests/gui/display.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#include <stdlib.h>
#include <time.h>

enum { TIMES = 120, LOAD_MS = 180000 };
#define BALL_MM 20.0
#define PAGING "page one slice in four linked views, event to painted"

static DkmWindow *window;

static double thread_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Of all threads: what opening costs, whoever else uses the machine. */
static double process_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void say(const char *what, double ms[TIMES], double busy[TIMES])
{
    qsort(ms, TIMES, sizeof *ms, by_value);
    qsort(busy, TIMES, sizeof *busy, by_value);
    g_print("%s: median %.1f ms, 99%% %.1f ms; processor time: median %.1f ms, 99%% %.1f ms\n",
            what, ms[TIMES / 2], ms[TIMES * 99 / 100], busy[TIMES / 2], busy[TIMES * 99 / 100]);
}

static DkmReviewCase *on(void)
{
    return dkm_reading_case(dkm_window_reading(window));
}

static gboolean has_first(gpointer data)
{
    return on() && dkm_review_case_phase(on(), 0);
}

static gboolean has_all(gpointer data)
{
    int permille;
    return on() && !dkm_reading_is_loading(dkm_window_reading(window), &permille);
}

/* Until every view that is shown has painted: the frame clock says so. */
static guint painted;

static void on_after_paint(GdkFrameClock *clock, gpointer user)
{
    painted++;
}

static void wait_painted(guint before)
{
    while (painted == before)
        g_main_context_iteration(NULL, TRUE);
}

static GtkWidget *view(guint i)
{
    return GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), i));
}

static void send_scroll(GtkWidget *widget, GdkScrollDirection direction)
{
    g_autoptr(GdkEvent) event = gdk_event_new(GDK_SCROLL);
    event->scroll.window = g_object_ref(gtk_widget_get_window(widget));
    event->scroll.direction = direction;
    event->scroll.x = event->scroll.y = 150;
    gdk_event_set_device(
        event, gdk_seat_get_pointer(gdk_display_get_default_seat(gdk_display_get_default())));
    gtk_main_do_event(event);
}

static void send_motion(GtkWidget *widget, double x)
{
    g_autoptr(GdkEvent) event = gdk_event_new(GDK_MOTION_NOTIFY);
    event->motion.window = g_object_ref(gtk_widget_get_window(widget));
    event->motion.x = x;
    event->motion.y = 150;
    event->motion.state = GDK_BUTTON1_MASK;
    gdk_event_set_device(
        event, gdk_seat_get_pointer(gdk_display_get_default_seat(gdk_display_get_default())));
    gtk_main_do_event(event);
}

static void send_button(GtkWidget *widget, GdkEventType type)
{
    g_autoptr(GdkEvent) event = gdk_event_new(type);
    event->button.window = g_object_ref(gtk_widget_get_window(widget));
    event->button.x = event->button.y = 150;
    event->button.button = GDK_BUTTON_PRIMARY;
    gdk_event_set_device(
        event, gdk_seat_get_pointer(gdk_display_get_default_seat(gdk_display_get_default())));
    gtk_main_do_event(event);
}

static void bench_scroll(const char *what)
{
    double ms[TIMES], busy[TIMES];
    for (int i = 0; i < TIMES; i++) {
        display_wait(5);
        const guint before = painted;
        const gint64 start = g_get_monotonic_time();
        const double busy_start = thread_ms();
        send_scroll(view(1), i / 10 % 2 ? GDK_SCROLL_UP : GDK_SCROLL_DOWN);
        wait_painted(before);
        ms[i] = (double)(g_get_monotonic_time() - start) / 1000;
        busy[i] = thread_ms() - busy_start;
    }
    say(what, ms, busy);
}

static void arm(DkmArmed armed)
{
    DkmReading *reading = dkm_window_reading(window);
    DkmLook look = *dkm_reading_look(reading);
    look.armed = armed;
    look.brush_is_ball = TRUE;
    look.brush_mm = BALL_MM;
    dkm_reading_set_look(reading, &look);
    display_wait(100);
}

/* One drag with the left button and what is armed for it: each of its motions. */
static void bench_drag(const char *what)
{
    double ms[TIMES], busy[TIMES];
    send_button(view(1), GDK_BUTTON_PRESS);
    for (int i = 0; i < TIMES; i++) {
        display_wait(5);
        const guint before = painted;
        const gint64 start = g_get_monotonic_time();
        const double busy_start = thread_ms();
        send_motion(view(1), 151 + i);
        wait_painted(before);
        ms[i] = (double)(g_get_monotonic_time() - start) / 1000;
        busy[i] = thread_ms() - busy_start;
    }
    send_button(view(1), GDK_BUTTON_RELEASE);
    say(what, ms, busy);
}

static void bench_brush(const char *what)
{
    arm(DKM_ARMED_BRUSH);
    bench_drag(what);
    dkm_reading_undo(dkm_window_reading(window)); /* the next time it is painted anew */
    arm(DKM_ARMED_WINDOW);
}

/* Of a stroke with the ball each on a mask that is there, by the action that its key and its button
 * call. */
static void bench_undo(const char *what)
{
    double ms[TIMES], busy[TIMES];
    dkm_editing_begin_mask(dkm_window_reading(window));
    arm(DKM_ARMED_BRUSH);
    for (int i = 0; i < TIMES; i++) {
        send_button(view(1), GDK_BUTTON_PRESS);
        send_motion(view(1), 200);
        send_button(view(1), GDK_BUTTON_RELEASE);
        display_wait(50);
        const guint before = painted;
        const gint64 start = g_get_monotonic_time();
        const double busy_start = thread_ms();
        g_action_group_activate_action(G_ACTION_GROUP(window), "undo", NULL);
        wait_painted(before);
        ms[i] = (double)(g_get_monotonic_time() - start) / 1000;
        busy[i] = thread_ms() - busy_start;
    }
    arm(DKM_ARMED_WINDOW);
    say(what, ms, busy);
}

/* The network has every core, at the priority that the viewer gives it. */
static void bench_beside_run(void)
{
    DkmReading *reading = dkm_window_reading(window);
    int permille;
    double left;
    dkm_reading_run(reading);
    display_wait(500);
    bench_scroll("page one slice while the network runs");
    bench_drag("drag the grey window while the network runs");
    bench_brush("paint with a ball of 20 mm while the network runs");
    if (!dkm_reading_is_running(reading, &permille, &left))
        g_print("(the network did not run all the time)\n");
    dkm_reading_cancel_run(reading);
}

static void say_opened(const char *what, gint64 start, double busy_start)
{
    g_print("%s after opening: %.0f ms; processor time: %.0f ms\n", what,
            (double)(g_get_monotonic_time() - start) / 1000, process_ms() - busy_start);
}

static void bench_open(const char *study)
{
    const gint64 start = g_get_monotonic_time();
    const double busy_start = process_ms();
    dkm_window_open(window, study);
    while (!has_first(NULL))
        g_main_context_iteration(NULL, TRUE);
    say_opened("pre-contrast phase", start, busy_start);
    wait_painted(painted);
    say_opened("first image", start, busy_start);
    while (!has_all(NULL))
        g_main_context_iteration(NULL, TRUE);
    say_opened("all phases", start, busy_start);
    display_wait_for(has_all, NULL, LOAD_MS);
}

static gboolean has_derived(gpointer data)
{
    const DkmScene scene = dkm_reading_scene(dkm_window_reading(window));
    return scene.mip && scene.enhancing && scene.motion;
}

int main(int argc, char **argv)
{
    if (!display_start()) {
        g_print("Xvfb or xdotool is not installed\n");
        return 77;
    }
    char *state = state_new();
    gtk_init(NULL, NULL);
    dkm_app_load_theme();
    char *study = study_path();
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1600, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(300);
    g_signal_connect(gtk_widget_get_frame_clock(GTK_WIDGET(window)), "after-paint",
                     G_CALLBACK(on_after_paint), NULL);
    bench_open(study);
    display_wait_for(has_derived, NULL, LOAD_MS);
    dkm_wall_set_stage(dkm_window_wall(window), DKM_STAGE_COMPARE);
    display_wait(500);
    bench_scroll(PAGING);
    bench_drag("drag the grey window in four linked views, event to painted");
    bench_brush("paint with a ball of 20 mm in four linked views, event to painted");
    bench_undo("undo a stroke with a ball of 20 mm in four linked views, action to painted");
    bench_beside_run();
    dkm_reading_discard_kept(dkm_window_reading(window));
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    study_path_free(study);
    display_stop();
    state_free(state);
    return 0;
}
