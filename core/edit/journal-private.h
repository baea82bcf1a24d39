/* What the files of the journal share; nobody else includes it. */
#pragma once

#include "core/edit/journal.h"

G_BEGIN_DECLS

/* The file of STUDY_UID: a name made with a random number of this installation, so that it cannot
 * be guessed back. FOLDER becomes private (0700). g_free. DKM_ERROR_OUTPUT. */
char *dkm_journal_path(const char *folder, const char *study_uid, GError **error);

G_END_DECLS
