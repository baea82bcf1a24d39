/* What is done to a study's masks, on disk while it happens: an append-only file of the layers'
 * records, each with its length and checksum, in a folder that only its owner can enter and under a
 * name that says nothing about the patient. A program that dies loses at most what was in progress.
 * A single-owner mutable. Not for: what is done (layers.h), questions to a person. */
#pragma once

#include "core/edit/versions.h"

G_BEGIN_DECLS

typedef struct _DkmJournal DkmJournal;

/* $XDG_STATE_HOME/dkm-workstation/edits, made with mode 0700 where it is not there. g_free.
 * DKM_ERROR_OUTPUT where it cannot be had or is somebody else's. */
char *dkm_journal_folder(GError **error);

/* Edits of the study STUDY_UID lie in FOLDER, of this program or of one that died. */
gboolean dkm_journal_exists(const char *folder, const char *study_uid);

/* The journal of the study STUDY_UID on GRID in FOLDER. Makes no file before the first append, and
 * changes none that holds anything before one is recovered, discarded or appended to.
 * DKM_ERROR_OUTPUT where another process or window has it, or it cannot be read. */
DkmJournal *dkm_journal_open(const char *folder, const char *study_uid, const DkmGrid *grid,
                             GError **error);
/* The file stays for the next opening. NULL is taken. */
void dkm_journal_close(DkmJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmJournal, dkm_journal_close)

/* What an earlier opening has left. */
typedef struct {
    guint records;       /* whole ones; 0: there is nothing to recover */
    guint lost;          /* steps that cannot be read, as far as they can be counted */
    gboolean is_damaged; /* more than what was being written when its program died */
    gint64 unix_s;       /* when the last was written */
    gboolean saved;      /* nothing has changed since the last dkm_journal_mark_saved() */
} DkmJournalState;
void dkm_journal_get_state(const DkmJournal *journal, DkmJournalState *state);

/* Does all that was written to LAYERS, which are new; the history comes with it. Errors: GEOMETRY
 * where the images are not those that were edited, INPUT where a record cannot be done (LAYERS then
 * hold what came before it), NO_MEMORY, OUTPUT. A damaged file is kept aside, a few of a study. */
gboolean dkm_journal_recover(DkmJournal *journal, DkmLayers *layers, GError **error);
/* The same, and VERSIONS gets the masks as they were at each dkm_journal_mark_saved(). */
gboolean dkm_journal_recover_versions(DkmJournal *journal, DkmLayers *layers, DkmVersions *versions,
                                      GError **error);
/* Removes the file (a damaged one is kept aside); the next append begins a new one. */
void dkm_journal_discard(DkmJournal *journal);

/* Writes one record; it has left the process when this returns. Where it cannot be written
 * (DKM_ERROR_OUTPUT), it is kept and written before the next one. */
gboolean dkm_journal_append(DkmJournal *journal, const guint8 *record, gsize length,
                            GError **error);
/* The masks as they are have been exported. */
gboolean dkm_journal_mark_saved(DkmJournal *journal, GError **error);
/* Keeps what the host says of the masks, text as it is; what an earlier opening kept, in that order
 * (array of char*, g_ptr_array_unref; NULL on error). */
gboolean dkm_journal_append_note(DkmJournal *journal, const char *note, GError **error);
GPtrArray *dkm_journal_notes(DkmJournal *journal, GError **error);
/* A descriptor of its own for fdatasync() on another thread, which closes it: what is lost when the
 * power fails. -1 where there is no file. */
int dkm_journal_dup_fd(const DkmJournal *journal);

G_END_DECLS
