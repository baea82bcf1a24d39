/* Folders that a test made. */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

/* PATH with all that it holds; what is not there is no failure. Links are not followed. */
static void remove_all(const char *path)
{
    g_autoptr(GDir) dir =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_all(inner);
    }
    g_remove(path);
}
