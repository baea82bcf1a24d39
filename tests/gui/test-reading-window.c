/* The grey window that a study opens with, and its presets. */
#include "gui/reading.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

static char *last_message;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
}

static DkmReading *open_study(const char *path)
{
    DkmReading *reading = dkm_reading_new();
    int permille;
    g_clear_pointer(&last_message, g_free);
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    dkm_reading_open(reading, path);
    while (dkm_reading_is_loading(reading, &permille))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static DkmReading *open_small(char **path)
{
    *path = study_path_small();
    return open_study(*path);
}

static void presets_keep_black(void)
{
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    const DkmLook *look = dkm_reading_look(reading);
    const double width = look->window.width, black = look->window.centre - width / 2;
    for (guint i = 0; i < DKM_WINDOW_PRESETS; i++) {
        dkm_reading_set_preset(reading, i);
        g_assert_cmpfloat_with_epsilon(look->window.centre - look->window.width / 2, black, 1e-6);
        g_assert_true(i == 0 ? look->window.width == width : look->window.width != width);
    }
    dkm_reading_set_preset(reading, DKM_WINDOW_PRESETS); /* there is none */
    study_path_free(path);
}

/* Written without one. */
static void no_stored_window(void)
{
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    const DkmWindowLevel before = dkm_reading_look(reading)->window;
    dkm_reading_set_stored_window(reading);
    g_assert_cmpstr(last_message, ==, "These files hold no grey window of their own.");
    g_assert_cmpmem(&dkm_reading_look(reading)->window, sizeof before, &before, sizeof before);
    study_path_free(path);
}

/* WG-04's MR4: its values' own window is nine times as wide, and shows it nearly white. */
static void the_stored_window_first(void)
{
    const char *data = g_getenv("DKM_TEST_DATA");
    g_autofree char *path =
        data ? g_build_filename(data, "odd", "WG04-MR-CT", "REF", "MR4_UNC", NULL) : NULL;
    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("DKM_TEST_DATA holds no WG-04 image");
        return;
    }
    g_autoptr(DkmReading) reading = open_study(path);
    const DkmLook *look = dkm_reading_look(reading);
    g_assert_cmpfloat(look->window.centre, ==, -927);
    g_assert_cmpfloat(look->window.width, ==, 2265);
    dkm_reading_set_preset(reading, 0); /* all values */
    g_assert_cmpfloat(look->window.width, >, 9000);
    dkm_reading_set_stored_window(reading);
    g_assert_cmpfloat(look->window.width, ==, 2265);
    dkm_reading_set_preset(reading, 0);
    dkm_reading_reset_look(reading);
    g_assert_cmpfloat(look->window.width, ==, 2265);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    g_test_add_func("/reading-window/presets-keep-black", presets_keep_black);
    g_test_add_func("/reading-window/no-stored-window", no_stored_window);
    g_test_add_func("/reading-window/the-stored-window-first", the_stored_window_first);
    const int failed = g_test_run();
    g_clear_pointer(&last_message, g_free);
    state_free(state);
    return failed;
}
