#include "core/edit/journal-private.h"
#include "core/error.h"
#include "core/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file: MAGIC, then frames of length (of what follows the checksum), checksum of it, kind and
 * content; all little-endian. The first frame is the lattice. */
#define MAGIC "DKMEDIT1"
#define MAGIC_BYTES 8
#define FRAME_BYTES 9 /* length, checksum, kind */
#define LONGEST (1u << 30)

typedef enum { FRAME_LATTICE = 1, FRAME_RECORD, FRAME_SAVED, FRAME_NOTE } FrameKind;

struct _DkmJournal {
    char *path;
    DkmGrid grid;
    int fd;              /* -1: no file yet */
    gsize good;          /* bytes of whole frames in the file */
    gboolean has_rest;   /* something follows them that nobody has cut off yet */
    GByteArray *pending; /* frames that could not be written yet */
    DkmJournalState state;
};

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean fail_of_another(GError **error)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                        _("this study is being corrected in another window"));
    return FALSE;
}

/* CRC-32 (IEEE 802.3), bit by bit from a table of 16: a record is a few kilobytes. */
static guint32 checksum(const guint8 *data, gsize length)
{
    static const guint32 table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                      0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                      0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    guint32 sum = ~0u;
    for (gsize i = 0; i < length; i++) {
        sum = table[(sum ^ data[i]) & 15] ^ (sum >> 4);
        sum = table[(sum ^ (data[i] >> 4)) & 15] ^ (sum >> 4);
    }
    return ~sum;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The whole file, g_free; a journal is as long as what was painted, some megabytes. */
static guint8 *read_file(const DkmJournal *self, gsize *length, GError **error)
{
    struct stat found;
    if (fstat(self->fd, &found) != 0 || found.st_size > (off_t)G_MAXINT32) {
        errno = EFBIG;
        fail(error, _("kept edits cannot be read"));
        return NULL;
    }
    g_autofree guint8 *data = g_try_malloc0((gsize)found.st_size + 1);
    if (!data) {
        dkm_error_set_no_memory(error, (gsize)found.st_size, _("kept edits"));
        return NULL;
    }
    *length = 0;
    while (*length < (gsize)found.st_size) {
        const gssize n =
            pread(self->fd, data + *length, (gsize)found.st_size - *length, (off_t)*length);
        if (n < 0 && errno != EINTR) {
            fail(error, _("kept edits cannot be read"));
            return NULL;
        }
        if (n == 0)
            break;
        *length += n > 0 ? (gsize)n : 0;
    }
    return g_steal_pointer(&data);
}

typedef struct {
    FrameKind kind;
    const guint8 *content;
    gsize length;
} Frame;

/* What the frame says that it takes, head and all. */
static gsize frame_bytes(const guint8 *data)
{
    guint32 size;
    memcpy(&size, data, 4);
    return 8 + (gsize)GUINT32_FROM_LE(size);
}

/* The frame at *AT, which moves behind it; FALSE where no whole one is. */
static gboolean next_frame(const guint8 *data, gsize length, gsize *at, Frame *frame)
{
    guint32 sum;
    if (length - *at < FRAME_BYTES)
        return FALSE;
    const gsize bytes = frame_bytes(data + *at);
    memcpy(&sum, data + *at + 4, 4);
    if (bytes < FRAME_BYTES || bytes > LONGEST || bytes > length - *at ||
        checksum(data + *at + 8, bytes - 8) != GUINT32_FROM_LE(sum))
        return FALSE;
    *frame = (Frame){(FrameKind)data[*at + 8], data + *at + FRAME_BYTES, bytes - FRAME_BYTES};
    *at += bytes;
    return TRUE;
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Where a search for whole frames ends: so many bytes have been summed up. */
#define MOST_SUMMED (1u << 26)

/* The next place behind AT where a whole frame begins; LENGTH where none does. */
static gsize find_frame(const guint8 *data, gsize length, gsize at)
{
    Frame frame;
    gsize summed = 0;
    for (gsize from = at + 1; from + FRAME_BYTES <= length && summed < MOST_SUMMED; from++) {
        const guint8 kind = data[from + 8];
        gsize behind = from;
        if (kind < FRAME_LATTICE || kind > FRAME_NOTE)
            continue;
        if (next_frame(data, length, &behind, &frame))
            return from;
        summed += frame_bytes(data + from) > length - from ? 0 : frame_bytes(data + from);
    }
    return length;
}

/* What follows AT is the beginning of one frame, as a program that dies leaves it: shorter than it
 * says it is. Where only its length is wrong, the sum of what is there is right. */
static gboolean is_torn(const guint8 *data, gsize length, gsize at)
{
    guint32 sum;
    if (at == 0)
        return length < MAGIC_BYTES && memcmp(data, MAGIC, length) == 0;
    if (length - at < FRAME_BYTES)
        return TRUE;
    const gsize bytes = frame_bytes(data + at);
    memcpy(&sum, data + at + 4, 4);
    return bytes > length - at && bytes <= LONGEST &&
           checksum(data + at + 8, length - at - 8) != GUINT32_FROM_LE(sum) &&
           find_frame(data, length, at) == length;
}

/* The steps from AT on, where a damaged one is: none of them can be done. */
static guint count_lost(const guint8 *data, gsize length, gsize at)
{
    guint lost = 0;
    Frame frame;
    while (at < length) {
        if (next_frame(data, length, &at, &frame)) {
            lost += frame.kind == FRAME_RECORD;
            continue;
        }
        const guint8 kind = length - at < FRAME_BYTES ? 0 : data[at + 8];
        lost += kind != FRAME_LATTICE && kind != FRAME_SAVED && kind != FRAME_NOTE;
        at = find_frame(data, length, at);
    }
    return lost;
}

/* Counts what is whole and what is not; changes nothing on disk. */
static void count(DkmJournal *self, const guint8 *data, gsize length)
{
    gsize at = MAGIC_BYTES;
    Frame frame;
    const gboolean has_head = length >= MAGIC_BYTES && memcmp(data, MAGIC, MAGIC_BYTES) == 0;
    self->good = has_head ? MAGIC_BYTES : 0;
    while (has_head && next_frame(data, length, &at, &frame)) {
        self->good = at;
        self->state.records += frame.kind == FRAME_RECORD;
        if (frame.kind != FRAME_LATTICE)
            self->state.saved = frame.kind == FRAME_SAVED;
    }
    self->has_rest = self->good < length;
    self->state.is_damaged = self->has_rest && !is_torn(data, length, self->good);
    if (self->state.is_damaged)
        self->state.lost = count_lost(data, length, MAX(self->good, MAGIC_BYTES));
}

static void drop_file(DkmJournal *self)
{
    if (self->fd >= 0) {
        if (self->has_rest && self->state.is_damaged)
            dkm_journal_put_aside(self->path);
        else
            g_unlink(self->path);
        close(self->fd);
    }
    self->fd = -1;
    self->good = 0;
    self->has_rest = FALSE;
}

/* What follows the whole frames is cut off; before that a damaged file is copied aside. */
static gboolean settle(DkmJournal *self, GError **error)
{
    if (self->fd < 0 || !self->has_rest)
        return TRUE;
    if (self->state.is_damaged) {
        gsize length;
        g_autofree guint8 *data = read_file(self, &length, error);
        if (!data || !dkm_journal_keep_damaged(self->path, data, length, error))
            return FALSE;
    }
    if (ftruncate(self->fd, (off_t)self->good) != 0)
        return fail(error, _("kept edits cannot be used"));
    self->has_rest = FALSE;
    if (self->good <= MAGIC_BYTES) /* what comes now needs a head */
        drop_file(self);
    return TRUE;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_frame(GByteArray *out, FrameKind kind, const guint8 *content, gsize length)
{
    const guint start = out->len;
    const guint32 size = GUINT32_TO_LE((guint32)length + 1);
    const guint8 byte = (guint8)kind;
    guint32 sum = 0;
    g_byte_array_append(out, (const guint8 *)&size, 4);
    g_byte_array_append(out, (const guint8 *)&sum, 4);
    g_byte_array_append(out, &byte, 1);
    if (length)
        g_byte_array_append(out, content, (guint)length);
    sum = GUINT32_TO_LE(checksum(out->data + start + 8, length + 1));
    memcpy(out->data + start + 4, &sum, 4);
}

static gboolean make_file(DkmJournal *self, GError **error)
{
    self->fd = open(self->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (self->fd < 0 && errno == EEXIST) /* both were opened before either had a file */
        return fail_of_another(error);
    if (self->fd < 0)
        return fail(error, _("edits cannot be kept on disk"));
    if (flock(self->fd, LOCK_EX | LOCK_NB) != 0) {
        close(self->fd);
        self->fd = -1;
        return fail_of_another(error);
    }
    self->good = 0;
    g_autoptr(GByteArray) head = g_byte_array_new();
    g_byte_array_append(head, (const guint8 *)MAGIC, MAGIC_BYTES);
    put_frame(head, FRAME_LATTICE, (const guint8 *)&self->grid, sizeof self->grid);
    g_byte_array_prepend(self->pending, head->data, head->len);
    return TRUE;
}

/* All of pending or nothing of it: what was written of it is cut off again. */
static gboolean flush(DkmJournal *self, GError **error)
{
    if (!settle(self, error) || (self->fd < 0 && !make_file(self, error)))
        return FALSE;
    gsize done = 0;
    while (done < self->pending->len) {
        const gssize n = pwrite(self->fd, self->pending->data + done, self->pending->len - done,
                                (off_t)(self->good + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            fail(error, _("edits cannot be kept on disk"));
            if (ftruncate(self->fd, (off_t)self->good) != 0)
                return FALSE; /* what is left there is no whole frame */
            return FALSE;
        }
        done += (gsize)n;
    }
    self->good += done;
    g_byte_array_set_size(self->pending, 0);
    return TRUE;
}

static gboolean append(DkmJournal *self, FrameKind kind, const guint8 *content, gsize length,
                       GError **error)
{
    put_frame(self->pending, kind, content, length);
    self->state.unix_s = g_get_real_time() / G_USEC_PER_SEC;
    self->state.saved = kind == FRAME_SAVED;
    self->state.records += kind == FRAME_RECORD;
    return flush(self, error);
}

gboolean dkm_journal_append(DkmJournal *self, const guint8 *record, gsize length, GError **error)
{
    return append(self, FRAME_RECORD, record, length, error);
}

gboolean dkm_journal_mark_saved(DkmJournal *self, GError **error)
{
    const gint64 now = GINT64_TO_LE(g_get_real_time() / G_USEC_PER_SEC);
    return append(self, FRAME_SAVED, (const guint8 *)&now, sizeof now, error);
}

gboolean dkm_journal_append_note(DkmJournal *self, const char *note, GError **error)
{
    return append(self, FRAME_NOTE, (const guint8 *)note, strlen(note), error);
}

int dkm_journal_dup_fd(const DkmJournal *self)
{
    return self->fd < 0 ? -1 : fcntl(self->fd, F_DUPFD_CLOEXEC, 0);
}

/* --- opening, closing ------------------------------------------------------------------------- */

/* A file with nothing but what was being written when its program died is begun anew. */
static gboolean survey(DkmJournal *self, GError **error)
{
    gsize length;
    struct stat found;
    g_autofree guint8 *data = read_file(self, &length, error);
    if (!data)
        return FALSE;
    count(self, data, length);
    if (fstat(self->fd, &found) == 0)
        self->state.unix_s = found.st_mtime;
    if (self->state.records == 0 && !self->state.is_damaged)
        dkm_journal_discard(self);
    return TRUE;
}

DkmJournal *dkm_journal_open(const char *folder, const char *study_uid, const DkmGrid *grid,
                             GError **error)
{
    g_autoptr(DkmJournal) self = g_new0(DkmJournal, 1);
    self->fd = -1;
    self->grid = *grid;
    self->pending = g_byte_array_new();
    self->path = dkm_journal_path(folder, study_uid, error);
    if (!self->path)
        return NULL;
    self->fd = open(self->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (self->fd < 0 && errno == ENOENT)
        return g_steal_pointer(&self);
    if (self->fd < 0) {
        fail(error, _("kept edits cannot be read"));
        return NULL;
    }
    if (flock(self->fd, LOCK_EX | LOCK_NB) != 0) {
        fail_of_another(error);
        return NULL;
    }
    return survey(self, error) ? g_steal_pointer(&self) : NULL;
}

void dkm_journal_close(DkmJournal *self)
{
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd);
    g_byte_array_unref(self->pending);
    g_free(self->path);
    g_free(self);
}

void dkm_journal_get_state(const DkmJournal *self, DkmJournalState *state)
{
    *state = self->state;
}

void dkm_journal_discard(DkmJournal *self)
{
    drop_file(self);
    self->state = (DkmJournalState){0};
    g_byte_array_set_size(self->pending, 0);
}

static gboolean check_lattice(const DkmJournal *self, const Frame *frame, GError **error)
{
    DkmGrid grid;
    if (frame->kind == FRAME_LATTICE && frame->length == sizeof grid) {
        memcpy(&grid, frame->content, sizeof grid);
        if (dkm_grid_equal(&grid, &self->grid, 0.01))
            return TRUE;
    }
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        _("the kept edits were made on other images of this study"));
    return FALSE;
}

gboolean dkm_journal_recover(DkmJournal *self, DkmLayers *layers, GError **error)
{
    return dkm_journal_recover_versions(self, layers, NULL, error);
}

static void add_version(DkmVersions *versions, const DkmLayers *layers, const Frame *frame)
{
    gint64 unix_s = 0;
    if (frame->length == sizeof unix_s)
        memcpy(&unix_s, frame->content, sizeof unix_s);
    dkm_versions_add(versions, layers, GINT64_FROM_LE(unix_s));
}

gboolean dkm_journal_recover_versions(DkmJournal *self, DkmLayers *layers, DkmVersions *versions,
                                      GError **error)
{
    if (self->fd < 0)
        return TRUE;
    gsize length, at = MAGIC_BYTES;
    Frame frame;
    g_autofree guint8 *data = read_file(self, &length, error);
    if (!data)
        return FALSE;
    if (self->good <= MAGIC_BYTES) /* not even the lattice is whole */
        return settle(self, error);
    if (!next_frame(data, self->good, &at, &frame) || !check_lattice(self, &frame, error))
        return FALSE;
    while (next_frame(data, self->good, &at, &frame)) {
        if (frame.kind == FRAME_RECORD &&
            !dkm_layers_replay(layers, frame.content, frame.length, error))
            return FALSE;
        if (frame.kind == FRAME_SAVED && versions)
            add_version(versions, layers, &frame);
    }
    return settle(self, error);
}

GPtrArray *dkm_journal_notes(DkmJournal *self, GError **error)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    if (self->fd < 0)
        return g_steal_pointer(&notes);
    gsize length, at = MAGIC_BYTES;
    Frame frame;
    g_autofree guint8 *data = read_file(self, &length, error);
    if (!data)
        return NULL;
    while (next_frame(data, self->good, &at, &frame))
        if (frame.kind == FRAME_NOTE)
            g_ptr_array_add(notes, g_strndup((const char *)frame.content, frame.length));
    return g_steal_pointer(&notes);
}
