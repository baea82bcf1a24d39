#include "tests/gui/person.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Far above what is needed: a machine that does other work too must not fail. */
#define MOST_MS 240000
#define SMALL_WIDTH 960

static GPid viewer;

/* --- waits ------------------------------------------------------------------------------------ */

static void expect(gboolean (*check)(gpointer), gpointer data, const char *what)
{
    if (display_wait_for(check, data, MOST_MS))
        return;
    display_shoot("walk-stopped-here");
    g_printerr("waited in vain for %s\n", what);
    g_assert_not_reached();
}

/* --- hands ------------------------------------------------------------------------------------ */

/* xdotool with the words of TEXT; what it prints. g_free. */
static char *ask(const char *text)
{
    g_autofree char *line = g_strconcat("xdotool ", text, NULL);
    g_autoptr(GError) error = NULL;
    char *out = NULL;
    g_spawn_command_line_sync(line, &out, NULL, NULL, &error);
    g_assert_no_error(error);
    return out;
}

static void act(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void act(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    g_autofree char *text = g_strdup_vprintf(format, words);
    va_end(words);
    g_test_message("%s", text);
    g_free(ask(text));
    display_wait(40);
}

void person_key(const char *name)
{
    act("key %s", name);
}

void person_hold(const char *name)
{
    act("keydown %s", name);
}

void person_let_go(const char *name)
{
    act("keyup %s", name);
}

void person_type(const char *text)
{
    act("type --delay 20 '%s'", text);
}

void person_point(Spot at)
{
    act("mousemove %d %d", at.x, at.y);
}

void person_click(Spot at)
{
    act("mousemove %d %d sleep 0.05 click 1", at.x, at.y);
}

void person_wheel(int button)
{
    act("click %d", button);
}

void person_drag(int button, const Spot *spots, int n, gboolean is_held)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < n; i++) {
        g_string_append_printf(text, "mousemove %d %d sleep 0.04 ", spots[i].x, spots[i].y);
        if (i == 0)
            g_string_append_printf(text, "mousedown %d sleep 0.04 ", button);
    }
    if (!is_held)
        g_string_append_printf(text, "mouseup %d", button);
    act("%s", text->str);
    g_string_free(text, TRUE);
}

static char **windows(void)
{
    g_autofree char *text = g_strdup_printf("search --onlyvisible --pid %d", (int)viewer);
    g_autofree char *out = ask(text);
    return g_strsplit(g_strchomp(out), "\n", -1);
}

/* The main window's: the lowest. */
static Area frame(void)
{
    g_auto(GStrv) ids = windows();
    g_autofree char *text = g_strdup_printf("getwindowgeometry %s", ids[0]);
    g_autofree char *out = ask(text);
    const char *position = strstr(out, "Position: "), *size = strstr(out, "Geometry: ");
    Area area = {0};
    g_assert_true(position && size);
    g_assert_cmpint(sscanf(position, "Position: %d,%d", &area.x, &area.y), ==, 2);
    g_assert_cmpint(sscanf(size, "Geometry: %dx%d", &area.width, &area.height), ==, 2);
    return area;
}

void person_step_back(void)
{
    GdkWindow *root = gdk_get_default_root_window();
    person_point((Spot){gdk_window_get_width(root) - 4, gdk_window_get_height(root) - 4});
}

/* --- eyes ------------------------------------------------------------------------------------- */

GdkPixbuf *person_glance(Area area)
{
    GdkWindow *root = gdk_get_default_root_window();
    const int x = MAX(area.x, 0), y = MAX(area.y, 0);
    const int right = MIN(area.x + area.width, gdk_window_get_width(root));
    const int bottom = MIN(area.y + area.height, gdk_window_get_height(root));
    return gdk_pixbuf_get_from_window(root, x, y, right - x, bottom - y);
}

static int brightness(const GdkPixbuf *pixels, int x, int y)
{
    return gdk_pixbuf_read_pixels(
        pixels)[y * gdk_pixbuf_get_rowstride(pixels) + x * gdk_pixbuf_get_n_channels(pixels) + 1];
}

/* A picture that is drawn anew in parts may be rounded otherwise at its seams. */
static gboolean is_alike(const GdkPixbuf *a, const GdkPixbuf *b)
{
    const int width = gdk_pixbuf_get_width(a), height = gdk_pixbuf_get_height(a);
    int n = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            n += ABS(brightness(a, x, y) - brightness(b, x, y)) > 8;
    return n <= width * height / 5000;
}

GdkPixbuf *person_look(Area area)
{
    GdkPixbuf *last = person_glance(area);
    for (int calm = 0; calm < 3; calm++) { /* until it stands still */
        display_wait(40);
        g_autoptr(GdkPixbuf) now = person_glance(area);
        if (is_alike(last, now))
            continue;
        g_set_object(&last, now);
        calm = 0;
    }
    return last;
}

typedef struct {
    Area area;
    const GdkPixbuf *picture;
} Sight;

static gboolean is_same(gpointer data)
{
    const Sight *sight = data;
    g_autoptr(GdkPixbuf) now = person_glance(sight->area);
    return is_alike(now, sight->picture);
}

static gboolean is_other(gpointer data)
{
    return !is_same(data);
}

void person_expect_other(Area area, const GdkPixbuf *before)
{
    expect(is_other, &(Sight){area, before}, "another picture");
}

void person_expect_same(Area area, const GdkPixbuf *wanted)
{
    expect(is_same, &(Sight){area, wanted}, "the picture that was there before");
}

static gboolean has_picture(gpointer data)
{
    g_autoptr(GdkPixbuf) pixels = person_glance(*(Area *)data);
    const int width = gdk_pixbuf_get_width(pixels), height = gdk_pixbuf_get_height(pixels);
    int n = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            n += brightness(pixels, x, y) > 90;
    return n > width * height / 100;
}

void person_expect_picture(Area area)
{
    expect(has_picture, &area, "a picture in every view");
}

Spot person_brightest(Area area, int size)
{
    g_autoptr(GdkPixbuf) pixels = person_glance(area);
    Spot best = {0, 0};
    int most = -1;
    for (int y = 0; y + size <= gdk_pixbuf_get_height(pixels); y += 4)
        for (int x = 0; x + size <= gdk_pixbuf_get_width(pixels); x += 4) {
            int sum = 0;
            for (int v = 0; v < size * size / 16; v++)
                sum += brightness(pixels, x + v % (size / 4) * 4, y + v / (size / 4) * 4);
            if (sum > most) {
                most = sum;
                best = (Spot){area.x + x + size / 2, area.y + y + size / 2};
            }
        }
    return best;
}

static gboolean has_windows(gpointer n)
{
    g_auto(GStrv) ids = windows();
    return g_strv_length(ids) == GPOINTER_TO_UINT(n);
}

static gboolean has_keys(gpointer id)
{
    g_autofree char *focused = ask("getwindowfocus");
    return g_str_equal(g_strchomp(focused), id);
}

void person_expect_windows(guint n)
{
    expect(has_windows, GUINT_TO_POINTER(n), "as many windows as there should be");
    display_wait(100);
    g_auto(GStrv) ids = windows();
    g_assert_cmpuint(g_strv_length(ids), ==, n);
    act("windowraise %s windowfocus %s", ids[n - 1], ids[n - 1]);
    expect(has_keys, ids[n - 1], "a window that takes the keys");
    display_wait(100);
}

static void save(GdkPixbuf *picture, const char *folder, const char *name, gboolean is_small)
{
    g_autofree char *file = g_strconcat(name, is_small ? ".jpg" : ".png", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autoptr(GError) error = NULL;
    if (is_small)
        gdk_pixbuf_save(picture, path, "jpeg", &error, "quality", "82", NULL);
    else
        gdk_pixbuf_save(picture, path, "png", &error, NULL);
    g_assert_no_error(error);
}

void person_shoot(const char *name)
{
    const char *full = g_getenv("SCREENSHOTS"), *small = g_getenv("SCREENSHOTS_SMALL");
    if (!full && !small)
        return;
    display_wait(150);
    g_autoptr(GdkPixbuf) picture = person_look(frame()); /* a button fades into its new state */
    if (full)
        save(picture, full, name, FALSE);
    if (!small)
        return;
    g_autoptr(GdkPixbuf) scaled = gdk_pixbuf_scale_simple(
        picture, SMALL_WIDTH,
        SMALL_WIDTH * gdk_pixbuf_get_height(picture) / gdk_pixbuf_get_width(picture),
        GDK_INTERP_HYPER);
    save(scaled, small, name, TRUE);
}

/* --- what is on disk -------------------------------------------------------------------------- */

goffset person_kept_bytes(void)
{
    g_autofree char *folder =
        g_build_filename(g_getenv("XDG_STATE_HOME"), "dkm-workstation", "edits", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    goffset sum = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        GStatBuf about;
        if (!g_str_equal(name, "salt") && g_stat(path, &about) == 0) /* of the names, no edit */
            sum += about.st_size;
    }
    return sum;
}

static gboolean has_grown(gpointer before)
{
    return person_kept_bytes() > *(goffset *)before;
}

void person_expect_kept(goffset before)
{
    expect(has_grown, &before, "an edit on disk");
}

static gboolean is_there(gpointer path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

void person_expect_file(const char *path)
{
    expect(is_there, (gpointer)path, path);
}

/* --- the program ------------------------------------------------------------------------------ */

/* However the test ends: a viewer left alone would hold its caller's pipe. Runs in the child. */
static void die_with_me(gpointer data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void person_start(const char *study)
{
    const char *const argv[] = {g_getenv("DKM_VIEWER"), study, NULL};
    g_autoptr(GError) error = NULL;
    g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                  die_with_me, NULL, &viewer, &error);
    g_assert_no_error(error);
}

void person_kill(void)
{
    int status;
    kill(viewer, SIGKILL);
    g_assert_cmpint(waitpid(viewer, &status, 0), ==, viewer);
    g_assert_true(WIFSIGNALED(status));
    act("mouseup 1");
}

void person_expect_end(void)
{
    int status = 0;
    g_assert_cmpint(waitpid(viewer, &status, 0), ==, viewer);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
