/* What the files of the journal share; nobody else includes it. */
#pragma once

#include "core/edit/journal.h"

G_BEGIN_DECLS

/* The file of STUDY_UID: a name made with a random number of this installation, so that it cannot
 * be guessed back. FOLDER becomes private (0700). g_free. DKM_ERROR_OUTPUT. */
char *dkm_journal_path(const char *folder, const char *study_uid, GError **error);

/* Of a damaged file PATH: a private copy (CONTENT) beside it, or the file itself under that name.
 * The oldest of DKM_JOURNAL_MOST_DAMAGED of a study makes room. DKM_ERROR_OUTPUT. */
#define DKM_JOURNAL_MOST_DAMAGED 4
gboolean dkm_journal_keep_damaged(const char *path, const guint8 *content, gsize length,
                                  GError **error);
gboolean dkm_journal_put_aside(const char *path);

G_END_DECLS
