#include "tests/gui/display.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#define SETTLE_MS 60
#define SETTLE_MOST_MS 20000

static GPid server;

static gboolean is_installed(const char *program)
{
    g_autofree char *path = g_find_program_in_path(program);
    return path != NULL;
}

/* What GTK would ask of a person's session stays out of the test. Above all no message bus: one
 * that dbus-launch starts dies with this X server, and GDBus then ends our process by SIGTERM. */
static void leave_session(void)
{
    g_setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
    g_setenv("GIO_USE_VFS", "local", TRUE);
    g_setenv("GSETTINGS_BACKEND", "memory", TRUE);
    g_setenv("GTK_USE_PORTAL", "0", TRUE);
}

gboolean display_start(void)
{
    return display_start_with("1520x980x24");
}

gboolean display_start_with(const char *screen)
{
    if (!is_installed("Xvfb") || !is_installed("xdotool"))
        return FALSE;
    const char *const argv[] = {"Xvfb", "-displayfd", "1",   "-screen", "0",
                                screen, "-nolisten",  "tcp", NULL};
    int out;
    if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
                                  G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL |
                                      G_SPAWN_DO_NOT_REAP_CHILD,
                                  NULL, NULL, &server, NULL, &out, NULL, NULL))
        return FALSE;
    g_autoptr(GIOChannel) channel = g_io_channel_unix_new(out);
    g_autofree char *line = NULL;
    if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
        return FALSE;
    g_autofree char *display = g_strdup_printf(":%s", g_strstrip(line));
    leave_session();
    g_setenv("DISPLAY", display, TRUE);
    g_setenv("GDK_BACKEND", "x11", TRUE);
    g_setenv("GTK_CSD", "1", TRUE);
    g_setenv("NO_AT_BRIDGE", "1", TRUE);
    return TRUE;
}

void display_stop(void)
{
    if (!server)
        return;
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    server = 0;
}

static gboolean stop_waiting(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void display_wait(int ms)
{
    gboolean is_over = FALSE;
    g_timeout_add((guint)ms, stop_waiting, &is_over);
    while (!is_over)
        g_main_context_iteration(NULL, TRUE);
}

gboolean display_wait_for(gboolean (*check)(gpointer), gpointer data, int ms)
{
    const gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;
    while (!check(data) && g_get_monotonic_time() < end)
        display_wait(10);
    return check(data);
}

static GtkWidget *a_mapped_window(void)
{
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (gtk_widget_get_mapped(top->data) && gtk_widget_get_frame_clock(top->data))
            return top->data;
    return NULL;
}

static gboolean count_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer frames)
{
    ++*(int *)frames;
    return G_SOURCE_CONTINUE;
}

/* Some events are answered in the next frame, and a busy program's frames are late: what waits for
 * one has its turn before the second of ours. */
static void wait_for_frames(gint64 end)
{
    GtkWidget *found = a_mapped_window();
    int frames = 0;
    if (!found)
        return;
    g_autoptr(GtkWidget) window = g_object_ref(found);
    const guint tick = gtk_widget_add_tick_callback(window, count_frame, &frames, NULL);
    while (frames < 2 && gtk_widget_get_mapped(window) && g_get_monotonic_time() < end)
        display_wait(10);
    gtk_widget_remove_tick_callback(window, tick);
}

/* Until what the server has sent us is dealt with: on a loaded machine that takes its time. */
static void settle(void)
{
    const gint64 end = g_get_monotonic_time() + SETTLE_MOST_MS * G_TIME_SPAN_MILLISECOND;
    do {
        gdk_display_sync(gdk_display_get_default());
        display_wait(SETTLE_MS);
        wait_for_frames(end);
    } while (gdk_events_pending() && g_get_monotonic_time() < end);
}

/* xdotool with up to five words; its events are in the server when it returns. */
static void hands(const char *first, ...)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer) "xdotool");
    va_list words;
    va_start(words, first);
    for (const char *word = first; word; word = va_arg(words, const char *))
        g_ptr_array_add(argv, (gpointer)word);
    va_end(words);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GError) error = NULL;
    int status = 0;
    g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    settle();
}

void display_key(const char *keys)
{
    hands("key", keys, NULL);
}

void display_key_down(const char *key)
{
    hands("keydown", key, NULL);
}

void display_key_up(const char *key)
{
    hands("keyup", key, NULL);
}

void display_hold(const char *key, int ms)
{
    hands("keydown", key, NULL);
    display_wait(ms);
    hands("keyup", key, NULL);
}

void display_type(const char *text)
{
    hands("type", "--delay", "4", text, NULL);
}

void display_move(GtkWidget *widget, double x, double y)
{
    GtkWidget *top = gtk_widget_get_toplevel(widget);
    int inside_x, inside_y, origin_x, origin_y;
    gtk_widget_translate_coordinates(widget, top, (int)x, (int)y, &inside_x, &inside_y);
    gdk_window_get_origin(gtk_widget_get_window(top), &origin_x, &origin_y);
    const int scale = gtk_widget_get_scale_factor(top);
    g_autofree char *left = g_strdup_printf("%d", scale * (origin_x + inside_x));
    g_autofree char *down = g_strdup_printf("%d", scale * (origin_y + inside_y));
    hands("mousemove", left, down, NULL);
}

void display_click(int button)
{
    g_autofree char *name = g_strdup_printf("%d", button);
    hands("click", name, NULL);
}

static void has_repeated(GPid hand, int status, gpointer is_over)
{
    *(gboolean *)is_over = TRUE;
    g_spawn_close_pid(hand);
}

void display_repeat(int button, const char *times, const char *delay)
{
    g_autofree char *name = g_strdup_printf("%d", button);
    const char *const argv[] = {"xdotool", "click", "--repeat", times,
                                "--delay", delay,   name,       NULL};
    g_autoptr(GError) error = NULL;
    GPid hand;
    gboolean is_over = FALSE;
    g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                  NULL, &hand, &error);
    g_assert_no_error(error);
    g_child_watch_add(hand, has_repeated, &is_over);
    while (!is_over)
        g_main_context_iteration(NULL, TRUE);
    settle();
}

void display_press(int button)
{
    g_autofree char *name = g_strdup_printf("%d", button);
    hands("mousedown", name, NULL);
}

void display_release(int button)
{
    g_autofree char *name = g_strdup_printf("%d", button);
    hands("mouseup", name, NULL);
}

void display_double_click(void)
{
    g_object_set(gtk_settings_get_default(), "gtk-double-click-time", 3000, NULL); /* a slow hand */
    hands("click", "--repeat", "2", "--delay", "30", "1", NULL);
}

void display_drag(GtkWidget *widget, int button, const double from[2], const double to[2])
{
    g_autofree char *name = g_strdup_printf("%d", button);
    display_move(widget, from[0], from[1]);
    hands("mousedown", name, NULL);
    for (int i = 1; i <= 4; i++)
        display_move(widget, from[0] + (to[0] - from[0]) * i / 4,
                     from[1] + (to[1] - from[1]) * i / 4);
    hands("mouseup", name, NULL);
}

void display_focus_newest(void)
{
    GdkWindow *newest = NULL;
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (gtk_widget_get_mapped(top->data) &&
            gtk_window_get_window_type(top->data) == GTK_WINDOW_TOPLEVEL &&
            (!newest || gtk_window_get_transient_for(top->data)))
            newest = gtk_widget_get_window(top->data);
    g_assert_nonnull(newest);
    gdk_window_raise(newest);
    gdk_window_focus(newest, GDK_CURRENT_TIME);
    display_wait(150);
}

void display_focus(GtkWidget *window)
{
    gdk_window_raise(gtk_widget_get_window(window));
    gdk_window_focus(gtk_widget_get_window(window), GDK_CURRENT_TIME);
    display_wait(150);
}

void display_shoot(const char *name)
{
    const char *folder = g_getenv("SCREENSHOTS");
    if (!folder)
        return;
    GdkWindow *root = gdk_get_default_root_window();
    g_autoptr(GdkPixbuf) picture = gdk_pixbuf_get_from_window(
        root, 0, 0, gdk_window_get_width(root), gdk_window_get_height(root));
    g_autofree char *file = g_strdup_printf("%s.png", name);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autoptr(GError) error = NULL;
    gdk_pixbuf_save(picture, path, "png", &error, NULL);
    g_assert_no_error(error);
}
