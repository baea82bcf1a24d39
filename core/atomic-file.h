/* Files that are either complete or not there: temporary name beside the target, fsync, rename,
 * fsync of the folder. Only regular files are replaced, never a device, a FIFO or a link: what a
 * symbolic link leads to is replaced, the link stays. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The file that writing to PATH replaces: PATH, or the regular file that a symbolic link leads to;
 * g_free. NULL and DKM_ERROR_OUTPUT where PATH is there and nothing that may be replaced. */
char *dkm_atomic_target(const char *path, GError **error);
/* A temporary name beside the target of PATH, unique to this process; nothing is made. g_free. */
char *dkm_atomic_temporary(const char *path);
/* fsync TEMPORARY and rename it to PATH. On error removes TEMPORARY and sets DKM_ERROR_OUTPUT with
 * PATH's base name and the reason ("No space left on device"). */
gboolean dkm_atomic_commit(const char *temporary, const char *path, GError **error);
/* The whole of it for a buffer. */
gboolean dkm_atomic_write(const char *path, const void *data, gsize length, GError **error);

G_END_DECLS
