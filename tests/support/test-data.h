/* Real data for tests: the folder in DKM_TEST_DATA, which is not part of the repository. */
#pragma once

#include <glib.h>

/* The path of NAME below DKM_TEST_DATA (g_free), or NULL after g_test_skip() where it is absent. */
static inline char *dkm_test_data(const char *name)
{
    const char *root = g_getenv("DKM_TEST_DATA");
    char *path = root && *root ? g_build_filename(root, name, NULL) : NULL;
    if (path && g_file_test(path, G_FILE_TEST_EXISTS))
        return path;
    g_free(path);
    g_test_skip("real data absent (set DKM_TEST_DATA)");
    return NULL;
}
