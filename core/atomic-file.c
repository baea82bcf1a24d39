#include "core/atomic-file.h"

#include "core/error.h"
#include "core/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean refuse(GError **error, const char *path, const char *why)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, _("cannot write %s: %s"), name, why);
    return FALSE;
}

static gboolean output_error(GError **error, const char *path, int number)
{
    return refuse(error, path, g_strerror(number));
}

char *dkm_atomic_target(const char *path, GError **error)
{
    struct stat there;
    if (g_lstat(path, &there) != 0) {
        if (errno == ENOENT && *path)
            return g_strdup(path);
        output_error(error, path, errno);
        return NULL;
    }
    g_autofree char *target = g_strdup(path);
    if (S_ISLNK(there.st_mode)) {
        char *real = realpath(path, NULL);
        g_free(target);
        target = g_strdup(real);
        free(real);
    }
    const char *why = !target || g_stat(target, &there) != 0
                          ? _("it is a symbolic link that leads to no file")
                      : S_ISDIR(there.st_mode)  ? _("it is a folder")
                      : !S_ISREG(there.st_mode) ? _("it is there and no regular file")
                                                : NULL;
    if (why)
        refuse(error, path, why);
    return why ? NULL : g_steal_pointer(&target);
}

char *dkm_atomic_temporary(const char *path)
{
    static gint counter;
    g_autofree char *target = dkm_atomic_target(path, NULL);
    return g_strdup_printf("%s.%d-%d.part", target ? target : path, (int)getpid(),
                           g_atomic_int_add(&counter, 1));
}

static gboolean sync_path(const char *path, int flags)
{
    const int fd = g_open(path, flags | O_CLOEXEC, 0);
    if (fd < 0)
        return FALSE;
    const gboolean synced = fsync(fd) == 0;
    const int number = errno;
    close(fd);
    errno = number;
    return synced;
}

gboolean dkm_atomic_commit(const char *temporary, const char *path, GError **error)
{
    g_autofree char *target = dkm_atomic_target(path, error);
    if (!target) {
        g_unlink(temporary);
        return FALSE;
    }
    if (!sync_path(temporary, O_RDWR) || g_rename(temporary, target) != 0) {
        const int number = errno;
        g_unlink(temporary);
        return output_error(error, path, number);
    }
    g_autofree char *folder = g_path_get_dirname(target);
    sync_path(folder,
              O_RDONLY | O_DIRECTORY); /* some file systems refuse: the file itself is safe */
    return TRUE;
}

gboolean dkm_atomic_write(const char *path, const void *data, gsize length, GError **error)
{
    g_autofree char *temporary = dkm_atomic_temporary(path);
    FILE *file = g_fopen(temporary, "wbe");
    if (!file)
        return output_error(error, path, errno);
    const gboolean written = fwrite(data, 1, length, file) == length && fflush(file) == 0;
    const int number = errno;
    if (fclose(file) != 0 || !written) {
        const int failure = written ? errno : number;
        g_unlink(temporary);
        return output_error(error, path, failure);
    }
    return dkm_atomic_commit(temporary, path, error);
}
