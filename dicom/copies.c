#include "dicom/copies.h"

#include "dicom/pixel-file.h"

#include <glib/gstdio.h>
#include <string.h>

enum { PIECE = 4096 };

static gboolean hash_range(DkmPixelFile *file, DkmFragment range, GChecksum *sum)
{
    while (range.length) {
        const gsize n = (gsize)MIN(range.length, PIECE);
        const guint8 *bytes = dkm_byte_source_at(&file->source, range.offset, n);
        if (!bytes)
            return FALSE;
        g_checksum_update(sum, bytes, (gssize)n);
        range.offset += n;
        range.length -= n;
    }
    return TRUE;
}

/* The pixel data as they stand; of encapsulated ones the fragments without the offset table. */
static gboolean hash_pixels(DkmPixelFile *file, GChecksum *sum)
{
    const DkmPreflight *p = &file->preflight;
    if (!file->items)
        return p->pixel_offset &&
               hash_range(file, (DkmFragment){p->pixel_offset, p->pixel_length}, sum);
    for (guint i = 1; i < file->items->len; i++)
        if (!hash_range(file, g_array_index(file->items, DkmFragment, i), sum))
            return FALSE;
    return TRUE;
}

/* 0: not readable. */
static guint64 pixel_content(const char *path)
{
    DkmPixelFile file = {.source.fd = -1};
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);
    guint8 digest[16];
    gsize n = sizeof digest;
    guint64 content = 0;
    if (dkm_pixel_file_open(&file, path, NULL) && hash_pixels(&file, sum)) {
        g_checksum_get_digest(sum, digest, &n);
        memcpy(&content, digest, sizeof content);
        content = MAX(content, 1);
    }
    dkm_pixel_file_close(&file);
    return content;
}

/* --- which files ------------------------------------------------------------------------------ */

typedef struct {
    DkmFrameTable *table;
    GArray *frames; /* of guint: one of each file that is read */
    GCancellable *cancel;
} Copies;

static DkmFrame *frame_at(DkmFrameTable *table, guint i)
{
    return &g_array_index(table->frames, DkmFrame, i);
}

/* One file under two names is its own copy: nothing to read. */
static gboolean is_same_file(const char *a, const char *b)
{
    GStatBuf first, second;
    return strcmp(a, b) == 0 || (g_stat(a, &first) == 0 && g_stat(b, &second) == 0 &&
                                 first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

static void add_once(GArray *list, GHashTable *listed, const DkmFrame *frame, guint i)
{
    if (g_hash_table_add(listed, (gpointer)frame->path))
        g_array_append_val(list, i);
}

static GArray *find_copies(DkmFrameTable *table)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GHashTable) first = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) listed = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < table->frames->len; i++) {
        const DkmFrame *frame = frame_at(table, i);
        gpointer at = NULL;
        if (!frame->sop_instance_uid)
            continue;
        if (!g_hash_table_lookup_extended(first, frame->sop_instance_uid, NULL, &at)) {
            g_hash_table_insert(first, (gpointer)frame->sop_instance_uid, GUINT_TO_POINTER(i));
            continue;
        }
        const DkmFrame *other = frame_at(table, GPOINTER_TO_UINT(at));
        if (g_strcmp0(other->transfer_syntax_uid, frame->transfer_syntax_uid) != 0 ||
            is_same_file(other->path, frame->path))
            continue;
        add_once(list, listed, other, GPOINTER_TO_UINT(at));
        add_once(list, listed, frame, i);
    }
    return list;
}

static void read_item(gpointer data, gsize item, int worker)
{
    Copies *copies = data;
    DkmFrame *frame = frame_at(copies->table, g_array_index(copies->frames, guint, item));
    if (!g_cancellable_is_cancelled(copies->cancel))
        frame->content = pixel_content(frame->path);
}

/* The frames of a file stand one after the other; its first one was read for all. */
static void share_in_file(DkmFrameTable *table)
{
    for (guint i = 1; i < table->frames->len; i++) {
        const DkmFrame *before = frame_at(table, i - 1);
        if (strcmp(before->path, frame_at(table, i)->path) == 0)
            frame_at(table, i)->content = before->content;
    }
}

void dkm_copies_read(DkmFrameTable *table, DkmPool *pool, GCancellable *cancel)
{
    g_autoptr(GArray) frames = find_copies(table);
    Copies copies = {table, frames, cancel};
    dkm_pool_run(pool, frames->len, read_item, &copies);
    share_in_file(table);
}
