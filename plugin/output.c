#include "plugin/output.h"

#include "core/atomic-file.h"
#include "core/error.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean dkm_output_check(const char *path, GError **error)
{
    g_autofree char *target = dkm_atomic_target(path, error);
    if (!target)
        return FALSE;
    g_autofree char *folder = g_path_get_dirname(target);
    g_autofree char *name = g_path_get_basename(path);
    const char *why = !g_file_test(folder, G_FILE_TEST_IS_DIR) ? "its folder does not exist"
                      : g_access(folder, W_OK | X_OK) != 0     ? "its folder may not be written to"
                                                               : NULL;
    if (why)
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "cannot write %s: %s", name, why);
    return !why;
}

gboolean dkm_output_spares(const DkmSession *session, const char *path, GError **error)
{
    struct stat target, source;
    if (g_stat(path, &target) != 0)
        return TRUE;
    for (guint i = 0; i < session->studies->used->len; i++) {
        if (g_stat(session->studies->used->pdata[i], &source) != 0 ||
            source.st_dev != target.st_dev || source.st_ino != target.st_ino)
            continue;
        g_autofree char *name = g_path_get_basename(path);
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                    "%s is an image of the study and will not be overwritten", name);
        return FALSE;
    }
    return TRUE;
}
