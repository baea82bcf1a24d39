/* What was opened last, to be opened again: a file of this user's own, which alone names patients.
 * Any thread; the folders are looked at. Not for: widgets. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As many are kept. */
#define DKM_RECENT_MOST 12

typedef struct {
    char *path;      /* the folder that was opened */
    char *study_uid; /* which study of it; NULL: its list of studies */
    char *title, *detail;
    gboolean is_there; /* the folder is, or the file */
} DkmRecent;

/* Of DkmRecent*, the last one first; empty where there is no file, or none that can be read. Free
 * with g_ptr_array_unref. */
GPtrArray *dkm_recent_load(void);
/* Puts it in front, in place of an older entry of the same study or list. DKM_ERROR_OUTPUT. */
gboolean dkm_recent_add(const DkmRecent *entry, GError **error);
/* Leaves no name behind. */
void dkm_recent_clear(void);

G_END_DECLS
