#include "core/own-file.h"

#include <dlfcn.h>

char *dkm_own_path(void)
{
    Dl_info info;
    if (dladdr((void *)(guintptr)dkm_own_path, &info) && info.dli_fname &&
        g_path_is_absolute(info.dli_fname))
        return g_strdup(info.dli_fname);
    return g_file_read_link("/proc/self/exe", NULL);
}

char *dkm_own_file_find(const char *const *places)
{
    g_autofree char *own = dkm_own_path();
    g_autofree char *folder = own ? g_path_get_dirname(own) : NULL;
    while (folder && !g_str_equal(folder, "/") && !g_str_equal(folder, ".")) {
        for (guint i = 0; places[i]; i++) {
            g_autofree char *path = g_build_filename(folder, places[i], NULL);
            if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
                return g_steal_pointer(&path);
        }
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
    }
    return NULL;
}
