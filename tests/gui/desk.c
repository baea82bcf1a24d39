#include "tests/gui/desk.h"

#include "gui/app.h"
#include "tests/gui/display.h"
#include "tests/gui/state.h"

static char *folder;

gboolean desk_start(int *argc, char ***argv, const char *screen)
{
    g_test_init(argc, argv, NULL);
    if (!(screen ? display_start_with(screen) : display_start())) {
        g_print("1..0 # SKIP Xvfb or xdotool is not installed\n");
        return FALSE;
    }
    folder = state_new();
    gtk_init(NULL, NULL);
    dkm_app_load_theme();
    return TRUE;
}

const char *desk_folder(void)
{
    return folder;
}

int desk_run(void)
{
    const int failed = g_test_run();
    display_stop();
    g_clear_pointer(&folder, state_free);
    return failed;
}
