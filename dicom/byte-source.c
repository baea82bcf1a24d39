#include "dicom/byte-source.h"

#include "core/regular-file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

gboolean dkm_byte_source_open(DkmByteSource *source, const char *path, GError **error)
{
    source->bytes = NULL;
    source->window_length = 0;
    source->fd = dkm_regular_file_open(path, DKM_ERROR_INPUT, error);
    if (source->fd < 0)
        return FALSE;
    const off_t size = lseek(source->fd, 0, SEEK_END);
    source->size = (guint64)MAX(size, 0);
    return TRUE;
}

void dkm_byte_source_memory(DkmByteSource *source, const guint8 *bytes, gsize size)
{
    source->fd = -1;
    source->bytes = bytes;
    source->size = size;
}

void dkm_byte_source_close(DkmByteSource *source)
{
    if (source->fd >= 0)
        close(source->fd);
    source->fd = -1;
}

gboolean dkm_byte_source_read(DkmByteSource *source, guint64 offset, gsize length, void *out)
{
    if (offset > source->size || length > source->size - offset)
        return FALSE;
    if (source->fd < 0) {
        memcpy(out, source->bytes + offset, length);
        return TRUE;
    }
    gsize done = 0;
    while (done < length) {
        const ssize_t n =
            pread(source->fd, (guint8 *)out + done, length - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* the file became shorter while it was read */
            return FALSE;
        done += (gsize)n;
    }
    return TRUE;
}

static gboolean is_in_window(const DkmByteSource *source, guint64 offset, gsize length)
{
    return offset >= source->window_from &&
           offset + length <= source->window_from + source->window_length;
}

gboolean dkm_byte_source_copy(DkmByteSource *source, guint64 offset, gsize length, void *out)
{
    const gboolean is_here = source->fd >= 0 && offset <= source->size &&
                             length <= source->size - offset &&
                             is_in_window(source, offset, length);
    if (!is_here)
        return dkm_byte_source_read(source, offset, length, out);
    memcpy(out, source->window + (offset - source->window_from), length);
    return TRUE;
}

const guint8 *dkm_byte_source_at(DkmByteSource *source, guint64 offset, gsize length)
{
    if (offset > source->size || length > source->size - offset)
        return NULL;
    if (source->fd < 0)
        return source->bytes + offset;
    if (!is_in_window(source, offset, length)) {
        const gsize fill = (gsize)MIN(sizeof source->window, source->size - offset);
        source->window_length = 0;
        if (!dkm_byte_source_read(source, offset, fill, source->window))
            return NULL;
        source->window_from = offset;
        source->window_length = fill;
    }
    return source->window + (offset - source->window_from);
}
