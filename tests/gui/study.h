/* The studies that the viewer's tests read: real ones where DKM_TEST_DATA holds them, else phantoms
 * that the program DKM_COMMAND writes. */
#pragma once

#include <glib.h>

/* NAME below DKM_TEST_DATA, or the phantom of SEED; NULL after g_test_skip() where there is
 * neither. g_free. */
static inline char *study_named(const char *name, const char *seed)
{
    const char *root = g_getenv("DKM_TEST_DATA"), *command = g_getenv("DKM_COMMAND");
    g_autofree char *real = root ? g_build_filename(root, name, NULL) : NULL;
    if (real && g_file_test(real, G_FILE_TEST_IS_DIR))
        return g_steal_pointer(&real);
    g_autofree char *folder = g_dir_make_tmp("dkm-phantom-XXXXXX", NULL);
    g_autofree char *phantom = folder ? g_build_filename(folder, "study", NULL) : NULL;
    const char *const argv[] = {command, "phantom", "-o", phantom, "--seed", seed, NULL};
    int status = -1;
    if (command && phantom &&
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                     &status, NULL) &&
        status == 0)
        return g_steal_pointer(&phantom);
    g_test_skip("neither real data (DKM_TEST_DATA) nor a phantom (DKM_COMMAND)");
    return NULL;
}

static inline char *study_path(void)
{
    return study_named("nact-br06", "1");
}

static inline char *study_path_second(void)
{
    return study_named("phases/kidney-dce-siemens-3phases", "2");
}
