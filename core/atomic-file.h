/* Files that are either complete or not there: temporary name beside the target, fsync, rename,
 * fsync of the folder. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A temporary name beside PATH, unique to this process; nothing is made. g_free. */
char *dkm_atomic_temporary(const char *path);
/* fsync TEMPORARY and rename it to PATH. On error removes TEMPORARY and sets DKM_ERROR_OUTPUT with
 * PATH's base name and the reason ("No space left on device"). */
gboolean dkm_atomic_commit(const char *temporary, const char *path, GError **error);
/* The whole of it for a buffer. */
gboolean dkm_atomic_write(const char *path, const void *data, gsize length, GError **error);

G_END_DECLS
