/* Where journals lie and what they are called. */
#include "core/edit/journal-private.h"
#include "core/error.h"
#include "core/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SALT_BYTES 32

static gboolean fail(GError **error, const char *what, int code)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: %s", what, g_strerror(code));
    return FALSE;
}

static gboolean make_private(const char *folder, GError **error)
{
    struct stat found;
    if (g_mkdir_with_parents(folder, 0700) != 0)
        return fail(error, _("the folder for edits cannot be made"), errno);
    if (lstat(folder, &found) != 0)
        return fail(error, _("the folder for edits cannot be used"), errno);
    if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid())
        return fail(error, _("the folder for edits is not this user's own"), EPERM);
    if ((found.st_mode & 0777) != 0700 && chmod(folder, 0700) != 0)
        return fail(error, _("the folder for edits cannot be closed to others"), errno);
    return TRUE;
}

char *dkm_journal_folder(GError **error)
{
    g_autofree char *folder =
        g_build_filename(g_get_user_state_dir(), "dkm-workstation", "edits", NULL);
    return make_private(folder, error) ? g_steal_pointer(&folder) : NULL;
}

static gboolean read_salt(const char *path, guint8 salt[SALT_BYTES])
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return FALSE;
    const gboolean ok = read(fd, salt, SALT_BYTES) == SALT_BYTES;
    close(fd);
    return ok;
}

/* Whole or not there: of two programs that make it at once, one's link fails and it takes the
 * other's. */
static gboolean make_salt(const char *path, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
    guint8 salt[SALT_BYTES];
    const int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(error, _("the folder for edits cannot be written"), errno);
    const gboolean written = getrandom(salt, sizeof salt, 0) == (gssize)sizeof salt &&
                             write(fd, salt, sizeof salt) == (gssize)sizeof salt;
    const int code = errno;
    close(fd);
    const gboolean linked = written && (link(temporary, path) == 0 || errno == EEXIST);
    g_unlink(temporary);
    return linked ||
           fail(error, _("the folder for edits cannot be written"), written ? errno : code);
}

char *dkm_journal_path(const char *folder, const char *study_uid, GError **error)
{
    g_autofree char *place = g_build_filename(folder, "salt", NULL);
    guint8 salt[SALT_BYTES];
    if (!make_private(folder, error))
        return NULL;
    if (!read_salt(place, salt)) {
        if (!make_salt(place, error))
            return NULL;
        if (!read_salt(place, salt)) {
            fail(error, _("the folder for edits cannot be read"), EIO);
            return NULL;
        }
    }
    g_autofree char *name =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, salt, sizeof salt, study_uid, -1);
    name[40] = '\0';
    return g_strdup_printf("%s%c%s.edits", folder, G_DIR_SEPARATOR, name);
}

gboolean dkm_journal_exists(const char *folder, const char *study_uid)
{
    g_autofree char *path = dkm_journal_path(folder, study_uid, NULL);
    return path && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* --- damaged files ---------------------------------------------------------------------------- */

/* A free name beside PATH, or the one of the oldest file. g_free. */
static char *aside_path(const char *path)
{
    char *oldest = NULL;
    struct stat found, first = {0};
    for (int i = 1; i <= DKM_JOURNAL_MOST_DAMAGED; i++) {
        g_autofree char *name = g_strdup_printf("%s.%d.damaged", path, i);
        const gboolean is_free = lstat(name, &found) != 0;
        if (!is_free && oldest && found.st_mtime >= first.st_mtime)
            continue;
        g_free(oldest);
        oldest = g_steal_pointer(&name);
        first = found;
        if (is_free)
            break;
    }
    return oldest;
}

/* Whole or not there. */
gboolean dkm_journal_keep_damaged(const char *path, const guint8 *content, gsize length,
                                  GError **error)
{
    g_autofree char *aside = aside_path(path);
    g_autoptr(GError) own_error = NULL;
    const GFileSetContentsFlags flags =
        G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE;
    if (g_file_set_contents_full(aside, (const char *)content, (gssize)length, flags, 0600,
                                 &own_error))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: %s", _("kept edits cannot be used"),
                own_error->message);
    return FALSE;
}

gboolean dkm_journal_put_aside(const char *path)
{
    g_autofree char *aside = aside_path(path);
    return chmod(path, 0600) == 0 && g_rename(path, aside) == 0;
}
