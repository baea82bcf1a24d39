/* Bytes of a file or of memory, read at any offset through a small window. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
    int fd;              /* -1: memory */
    const guint8 *bytes; /* memory, or the window */
    guint64 size;        /* of the whole */
    guint64 window_from;
    gsize window_length;
    guint8 window[16384];
} DkmByteSource;

/* A regular file only; pipes, folders and devices are refused without waiting for them. */
gboolean dkm_byte_source_open(DkmByteSource *source, const char *path, GError **error);
void dkm_byte_source_memory(DkmByteSource *source, const guint8 *bytes, gsize size);
void dkm_byte_source_close(DkmByteSource *source);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmByteSource, dkm_byte_source_close)
/* LENGTH (at most 4096) bytes at OFFSET, valid until the next call; NULL where there are fewer. */
const guint8 *dkm_byte_source_at(DkmByteSource *source, guint64 offset, gsize length);
/* All LENGTH bytes at OFFSET into OUT; FALSE where there are fewer. */
gboolean dkm_byte_source_read(DkmByteSource *source, guint64 offset, gsize length, void *out);
/* The same, out of the window where they are in it. */
gboolean dkm_byte_source_copy(DkmByteSource *source, guint64 offset, gsize length, void *out);

G_END_DECLS
