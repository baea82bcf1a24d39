#include "tests/gui/german.h"

#include <glib/gstdio.h>
#include <locale.h>

#define NAME "de_DE.UTF-8"

static char *folder;

/* The C library takes a locale from LOCPATH/NAME; localedef fills that without being root. */
static gboolean make_locale(void)
{
    g_autofree char *target = g_build_filename(folder, NAME, NULL);
    const char *const argv[] = {"localedef", "--no-archive", "-i",   "de_DE",
                                "-f",        "UTF-8",        target, NULL};
    int status = 0;
    return g_spawn_sync(NULL, (char **)argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                            G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

gboolean german_start(void)
{
    folder = g_dir_make_tmp("dkm-german-XXXXXX", NULL);
    if (!folder || !make_locale())
        return FALSE;
    g_setenv("LOCPATH", folder, TRUE);
    g_setenv("LC_ALL", NAME, TRUE);
    g_setenv("LANGUAGE", "de", TRUE);
    return setlocale(LC_ALL, "") != NULL;
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_all(child);
        g_remove(child);
    }
}

void german_stop(void)
{
    if (!folder)
        return;
    remove_all(folder);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
}
