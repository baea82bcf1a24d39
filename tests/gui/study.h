/* The study that the viewer's tests read: the real one where DKM_TEST_DATA holds it, else the
 * phantom that the program DKM_COMMAND writes. */
#pragma once

#include <glib.h>

/* g_free; NULL after g_test_skip() where there is neither. */
static inline char *study_path(void)
{
    const char *root = g_getenv("DKM_TEST_DATA"), *command = g_getenv("DKM_COMMAND");
    g_autofree char *real = root ? g_build_filename(root, "nact-br06", NULL) : NULL;
    if (real && g_file_test(real, G_FILE_TEST_IS_DIR))
        return g_steal_pointer(&real);
    g_autofree char *folder = g_dir_make_tmp("dkm-phantom-XXXXXX", NULL);
    g_autofree char *phantom = folder ? g_build_filename(folder, "study", NULL) : NULL;
    const char *const argv[] = {command, "phantom", "-o", phantom, NULL};
    int status = -1;
    if (command && phantom &&
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                     &status, NULL) &&
        status == 0)
        return g_steal_pointer(&phantom);
    g_test_skip("neither real data (DKM_TEST_DATA) nor a phantom (DKM_COMMAND)");
    return NULL;
}
