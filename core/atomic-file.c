#include "core/atomic-file.h"

#include "core/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

char *dkm_atomic_temporary(const char *path)
{
    static gint counter;
    return g_strdup_printf("%s.%d-%d.part", path, (int)getpid(), g_atomic_int_add(&counter, 1));
}

static gboolean output_error(GError **error, const char *path, int number)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "cannot write %s: %s", name,
                g_strerror(number));
    return FALSE;
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
    if (!sync_path(temporary, O_RDWR) || g_rename(temporary, path) != 0) {
        const int number = errno;
        g_unlink(temporary);
        return output_error(error, path, number);
    }
    g_autofree char *folder = g_path_get_dirname(path);
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
