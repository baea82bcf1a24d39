/* A folder of our own for what a section writes. */
#include "plugin/bench/bench.h"

#include "core/error.h"

#include <glib/gstdio.h>

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name = dir ? g_dir_read_name(dir) : NULL; name; name = g_dir_read_name(dir)) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_remove(path);
}

void dkm_bench_folder_remove(DkmBenchFolder *folder)
{
    if (*folder)
        remove_tree(*folder);
    g_clear_pointer(folder, g_free);
}

DkmBenchFolder dkm_bench_folder_make(GError **error)
{
    g_autoptr(GError) cause = NULL;
    char *folder = g_dir_make_tmp("dkm-bench-XXXXXX", &cause);
    if (!folder)
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s", cause->message);
    return folder;
}
