/* Files that a person names, opened for reading: a pipe in the place of a file must not make the
 * program wait for ever. Not for: writing (atomic-file.h). */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* A descriptor of PATH, a regular file or a link to one; the caller closes it. -1 and an error of
 * KIND with the reason alone ("not a regular file") for anything else, without waiting. */
int dkm_regular_file_open(const char *path, DkmError kind, GError **error);

/* The whole file as text with a NUL behind it (g_free). Errors as above, and where it is longer
 * than MAX_BYTES. */
char *dkm_regular_file_read(const char *path, gsize max_bytes, DkmError kind, GError **error);

G_END_DECLS
