/* Files that belong to the program and lie in a folder above it: in the tree it was built in, or
 * where it was installed. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The program, or the module of a foreign host, that this code was loaded from; g_free, may be
 * NULL. */
char *dkm_own_path(void);
/* The first of PLACES (NULL-terminated, relative) that is a regular file in the nearest folder
 * above the program; g_free. NULL where none is. */
char *dkm_own_file_find(const char *const *places);

G_END_DECLS
