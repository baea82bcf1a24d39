/* The edits of the open study on disk, while they happen, and what a program that died has left. */
#include "gui/i18n.h"
#include "gui/reading-private.h"

#include "core/error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* So long after the first edit that is not on the platter yet. */
#define SYNC_MS 200

/* --- to the platter, off the main thread -------------------------------------------------------
 */

static void close_fd(gpointer data)
{
    close(GPOINTER_TO_INT(data) - 1);
}

static gpointer sync_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                          GError **error)
{
    if (fdatasync(GPOINTER_TO_INT(data) - 1) == 0)
        return data;
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, _("edits cannot be kept on disk: %s"),
                g_strerror(errno));
    return NULL;
}

static void on_synced(gpointer data, const GError *error, gpointer user)
{
    DkmReading *self = user;
    g_clear_pointer(&self->syncing, dkm_job_drop);
    dkm_reading_report(self, error);
}

static gboolean sync_now(gpointer user)
{
    DkmReading *self = user;
    if (self->syncing)
        return G_SOURCE_CONTINUE;
    const int fd = dkm_journal_dup_fd(self->journal);
    self->sync_timer = 0;
    if (fd < 0)
        return G_SOURCE_REMOVE;
    const DkmJobSpec spec = {DKM_LANE_POOL, sync_work, GINT_TO_POINTER(fd + 1), close_fd, NULL,
                             on_synced,     self};
    self->syncing = dkm_job_start(&spec);
    return G_SOURCE_REMOVE;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void report_once(DkmReading *self, const GError *error)
{
    if (!error || self->journal_failed)
        return;
    self->journal_failed = TRUE;
    g_autofree char *text = g_strdup_printf(
        _("Your edits are not being kept on disk (%s): export before you close."), error->message);
    dkm_reading_message(self, DKM_MESSAGE_ERROR, text);
}

static void on_record(gpointer user, const guint8 *record, gsize length)
{
    DkmReading *self = user;
    g_autoptr(GError) error = NULL;
    if (dkm_journal_append(self->journal, record, length, &error))
        self->journal_failed = FALSE;
    report_once(self, error);
    if (!self->sync_timer)
        self->sync_timer = g_timeout_add(SYNC_MS, sync_now, self);
}

void dkm_reading_journal_saved(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    if (self->journal)
        dkm_journal_mark_saved(self->journal, &error);
    report_once(self, error);
}

/* After the record of its mask. */
void dkm_reading_journal_run(DkmReading *self, const DkmRunRecord *record)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *note = dkm_run_record_save(record);
    if (self->journal)
        dkm_journal_append_note(self->journal, note, &error);
    report_once(self, error);
}

/* --- what the next export refers to -----------------------------------------------------------
 */

#define LAST_EXPORT "last export"
#define TRACKING "tracking"

void dkm_reading_journal_export(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *path = g_canonicalize_filename(self->exported, NULL);
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
    GHashTableIter at;
    gpointer id, uid;
    if (!self->journal || !uri)
        return;
    g_key_file_set_string(file, LAST_EXPORT, "file", uri);
    if (self->tracking)
        g_hash_table_iter_init(&at, self->tracking);
    while (self->tracking && g_hash_table_iter_next(&at, &id, &uid)) {
        g_autofree char *key = g_strdup_printf("%u", GPOINTER_TO_UINT(id));
        g_key_file_set_string(file, TRACKING, key, uid);
    }
    g_autofree char *note = g_key_file_to_data(file, NULL, NULL);
    dkm_journal_append_note(self->journal, note, &error);
    report_once(self, error);
}

/* The last version and the lesions' UIDs, where NOTE holds them. */
static void recover_export(DkmReading *self, const char *note)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, note, strlen(note), 0, NULL))
        return;
    g_autofree char *uri = g_key_file_get_string(file, LAST_EXPORT, "file", NULL);
    char *path = uri ? g_filename_from_uri(uri, NULL, NULL) : NULL;
    if (!path)
        return;
    g_free(self->exported);
    self->exported = path;
    g_auto(GStrv) ids = g_key_file_get_keys(file, TRACKING, NULL, NULL);
    if (!self->tracking)
        self->tracking = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (guint i = 0; ids && ids[i]; i++) {
        const guint64 id = g_ascii_strtoull(ids[i], NULL, 10);
        char *uid = g_key_file_get_string(file, TRACKING, ids[i], NULL);
        g_hash_table_insert(self->tracking, GUINT_TO_POINTER((guint)id), uid);
    }
}

/* --- opening, closing ------------------------------------------------------------------------- */

static void start_writing(DkmReading *self)
{
    dkm_layers_set_observer(self->open->layers, on_record, self);
}

/* What goes wrong is told once the study is shown: showing it puts away what was said before. */
GError *dkm_reading_journal_open(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = dkm_journal_folder(&error);
    DkmJournalState state = {0};
    const char *uid = self->open->study->first->study_uid;
    if (folder && uid && *uid)
        self->journal = dkm_journal_open(folder, uid, dkm_review_case_grid(self->open), &error);
    else if (folder)
        g_set_error_literal(&error, DKM_ERROR, DKM_ERROR_INPUT, _("the study has no identifier"));
    if (self->journal)
        dkm_journal_get_state(self->journal, &state);
    self->has_kept = state.records > 0 || state.is_damaged;
    if (self->journal && !self->has_kept)
        start_writing(self);
    return g_steal_pointer(&error);
}

void dkm_reading_journal_report(DkmReading *self, const GError *error)
{
    report_once(self, error);
}

/* What is exported, or nothing at all, need not be kept; all else waits for the next opening. */
void dkm_reading_journal_close(DkmReading *self)
{
    g_clear_pointer(&self->syncing, dkm_job_drop);
    g_clear_handle_id(&self->sync_timer, g_source_remove);
    if (self->open)
        dkm_layers_set_observer(self->open->layers, NULL, NULL);
    if (self->journal && !self->has_kept && !self->keeps_masks && !dkm_reading_is_unsaved(self))
        dkm_journal_discard(self->journal);
    g_clear_pointer(&self->journal, dkm_journal_close);
    self->has_kept = self->journal_failed = FALSE;
}

gboolean dkm_reading_get_kept(DkmReading *self, DkmJournalState *state)
{
    if (self->has_kept)
        dkm_journal_get_state(self->journal, state);
    return self->has_kept;
}

/* What the masks that came back were made with, and what they left as. */
static void recover_notes(DkmReading *self, GError **error)
{
    g_autoptr(GPtrArray) notes = dkm_journal_notes(self->journal, error);
    for (guint i = 0; notes && i < notes->len; i++) {
        DkmRunRecord *record = dkm_run_record_load(notes->pdata[i]);
        if (record)
            g_ptr_array_add(self->records, record);
        else
            recover_export(self, notes->pdata[i]);
    }
}

void dkm_reading_recover(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    DkmJournalState state;
    if (!dkm_reading_get_kept(self, &state))
        return;
    DkmLayers *layers = self->open->layers;
    const gboolean ok =
        dkm_journal_recover_versions(self->journal, layers, self->open->versions, &error);
    const guint n = dkm_layers_count(layers);
    if (ok)
        recover_notes(self, &error);
    self->has_kept = FALSE;
    if (state.saved && ok)
        self->saved_serial = dkm_layers_serial(layers);
    if (n > 0)
        dkm_reading_show_layer(self, dkm_layers_get(layers, n - 1));
    if (ok) {
        dkm_reading_report(self, error);
        start_writing(self);
    } else { /* they stay on disk as they are, and nothing is written behind them */
        report_once(self, error);
        g_clear_pointer(&self->journal, dkm_journal_close);
    }
    dkm_reading_changed(self, DKM_CHANGED_LAYERS | DKM_CHANGED_LOOK);
}

void dkm_reading_discard_kept(DkmReading *self)
{
    if (!self->journal)
        return;
    dkm_journal_discard(self->journal);
    if (self->has_kept)
        start_writing(self);
    self->has_kept = FALSE;
}

gboolean dkm_reading_is_kept(DkmReading *self)
{
    return self->journal && !self->has_kept && !self->journal_failed;
}
