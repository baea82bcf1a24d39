/* Small text files of this user's own: settings, and what may name a patient, so that nobody else
 * may read them (0600). Not for: edits (core/edit/journal.h). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NAME in the program's folder below BASE (g_get_user_state_dir(), g_get_user_config_dir()); makes
 * nothing. g_free. */
char *dkm_private_path(const char *base, const char *name);
/* The key file at PATH; an empty one where there is none. NULL and DKM_ERROR_INPUT where it cannot
 * be read as one, in words that name the line. */
GKeyFile *dkm_private_load(const char *path, GError **error);
/* All of FILE in place of what was at PATH, or nothing; the folder is made. DKM_ERROR_OUTPUT. */
gboolean dkm_private_save(GKeyFile *file, const char *path, GError **error);

G_END_DECLS
