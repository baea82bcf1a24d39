#include "core/regular-file.h"

#include "core/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

int dkm_regular_file_open(const char *path, DkmError kind, GError **error)
{
    struct stat status;
    const int fd = g_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0);
    if (fd < 0 || fstat(fd, &status) != 0) {
        g_set_error(error, DKM_ERROR, (gint)kind, _("cannot be opened: %s"), g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (S_ISREG(status.st_mode))
        return fd;
    g_set_error_literal(error, DKM_ERROR, (gint)kind, _("not a regular file"));
    close(fd);
    return -1;
}

char *dkm_regular_file_read(const char *path, gsize max_bytes, DkmError kind, GError **error)
{
    const int fd = dkm_regular_file_open(path, kind, error);
    if (fd < 0)
        return NULL;
    g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    close(fd);
    if (!mapped || g_mapped_file_get_length(mapped) > max_bytes) {
        g_set_error(error, DKM_ERROR, (gint)kind, mapped ? _("too long a text") : "cannot be read");
        return NULL;
    }
    const gsize length = g_mapped_file_get_length(mapped);
    return length ? g_strndup(g_mapped_file_get_contents(mapped), length) : g_strdup("");
}
