/* Writing weights: two passes over the parameters, the first for the SHA-256 that the header
 * states, the second for the bytes; so no more than one tensor is held at a time. */
#include "core/atomic-file.h"
#include "core/error.h"
#include "core/net/weights-layout.h"
#include "core/net/weights.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const DkmWeightsPart *parts;
    int n;
} Parts;

/* Called with every tensor's bytes in the file's order. */
typedef gboolean (*Sink)(gpointer sink, const void *bytes, gsize length);

static float *stored_order(DkmParams *params, const char *name, GError **error)
{
    const DkmShape shape = dkm_params_shape(params, name);
    const gsize count = dkm_shape_count(shape), bytes = count * sizeof(float);
    g_autofree float *host = g_try_malloc(bytes);
    g_autofree float *stored = g_try_malloc(bytes);
    if (!host || !stored) {
        dkm_error_set_no_memory(error, bytes, name);
        return NULL;
    }
    if (!dkm_params_get(params, name, host, count, error))
        return NULL;
    gint64 dims[4];
    if (dkm_weights_dims(shape, dims) < 4)
        return g_steal_pointer(&host);
    dkm_weights_to_oihw(host, shape, stored);
    return g_steal_pointer(&stored);
}

/* FALSE with ERROR set where a tensor could not be had, FALSE without where SINK refused. */
static gboolean feed(const Parts *parts, Sink sink, gpointer data, GError **error)
{
    for (int k = 0; k < parts->n; k++) {
        DkmParams *params = parts->parts[k].params;
        for (guint i = 0; i < dkm_params_count(params); i++) {
            const char *name = dkm_params_name(params, i);
            g_autofree float *stored = stored_order(params, name, error);
            const gsize bytes = dkm_shape_count(dkm_params_shape(params, name)) * sizeof *stored;
            if (!stored || !sink(data, stored, bytes))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean hash_bytes(gpointer checksum, const void *bytes, gsize length)
{
    for (const guchar *at = bytes; length;) { /* the checksum counts in gssize */
        const gsize part = MIN(length, (gsize)1 << 30);
        g_checksum_update(checksum, at, (gssize)part);
        at += part;
        length -= part;
    }
    return TRUE;
}

static gboolean write_bytes(gpointer file, const void *bytes, gsize length)
{
    return fwrite(bytes, 1, length, file) == length;
}

static void add_text(JsonBuilder *builder, const char *key, const char *value)
{
    json_builder_set_member_name(builder, key);
    json_builder_add_string_value(builder, value);
}

static void add_meta(JsonBuilder *builder, const char *const *meta, const char *sha256)
{
    json_builder_set_member_name(builder, "__metadata__");
    json_builder_begin_object(builder);
    add_text(builder, "format", "pt");
    for (; meta && meta[0]; meta += 2)
        add_text(builder, meta[0], meta[1]);
    add_text(builder, "sha256", sha256);
    json_builder_end_object(builder);
}

static void add_numbers(JsonBuilder *builder, const char *key, const gint64 *numbers, int n)
{
    json_builder_set_member_name(builder, key);
    json_builder_begin_array(builder);
    for (int i = 0; i < n; i++)
        json_builder_add_int_value(builder, numbers[i]);
    json_builder_end_array(builder);
}

/* One tensor from byte *OFFSET on, which is moved to its end. */
static void add_tensor(JsonBuilder *builder, const char *name, DkmShape shape, gint64 *offset)
{
    gint64 dims[4];
    const int n_dims = dkm_weights_dims(shape, dims);
    const gint64 place[2] = {*offset, *offset + (gint64)(dkm_shape_count(shape) * sizeof(float))};
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
    add_text(builder, "dtype", "F32");
    add_numbers(builder, "shape", dims, n_dims);
    add_numbers(builder, "data_offsets", place, 2);
    json_builder_end_object(builder);
    *offset = place[1];
}

/* The header's text, padded with blanks so that the data begin at a multiple of 64. */
static char *header_text(const Parts *parts, const char *const *meta, const char *sha256,
                         gsize *length)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonGenerator) generator = json_generator_new();
    gint64 offset = 0;
    json_builder_begin_object(builder);
    add_meta(builder, meta, sha256);
    for (int k = 0; k < parts->n; k++) {
        const DkmWeightsPart *part = &parts->parts[k];
        for (guint i = 0; i < dkm_params_count(part->params); i++) {
            const char *name = dkm_params_name(part->params, i);
            g_autofree char *full = g_strconcat(part->prefix, name, NULL);
            add_tensor(builder, full, dkm_params_shape(part->params, name), &offset);
        }
    }
    json_builder_end_object(builder);
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    json_generator_set_root(generator, root);
    g_autofree char *text = json_generator_to_data(generator, NULL);
    *length = ((strlen(text) + 8 + 63) & ~(gsize)63) - 8;
    return g_strdup_printf("%-*s", (int)*length, text);
}

static gboolean write_all(FILE *file, const Parts *parts, const char *header, gsize length,
                          GError **error)
{
    const guint64 stored_length = GUINT64_TO_LE((guint64)length);
    return write_bytes(file, &stored_length, sizeof stored_length) &&
           write_bytes(file, header, length) && feed(parts, write_bytes, file, error) &&
           fflush(file) == 0;
}

static gboolean write_file(const char *temporary, const Parts *parts, const char *header,
                           gsize length, GError **error)
{
    g_autoptr(GError) failure = NULL;
    FILE *file = g_fopen(temporary, "wbe");
    gboolean written = file && write_all(file, parts, header, length, &failure);
    int number = errno;
    if (file && fclose(file) != 0 && written) {
        written = FALSE;
        number = errno;
    }
    if (written)
        return TRUE;
    g_unlink(temporary);
    if (!failure)
        g_set_error_literal(&failure, DKM_ERROR, DKM_ERROR_OUTPUT, g_strerror(number));
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean dkm_weights_save(const char *path, const DkmWeightsPart *parts, int n,
                          const char *const *meta, GError **error)
{
    const Parts all = {parts, n};
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *temporary = dkm_atomic_temporary(path);
    g_autofree char *name = g_path_get_basename(path);
    gsize length;
    if (!feed(&all, hash_bytes, checksum, error))
        return FALSE;
    g_autofree char *header = header_text(&all, meta, g_checksum_get_string(checksum), &length);
    if (!write_file(temporary, &all, header, length, error)) {
        g_prefix_error(error, "cannot write %s: ", name);
        return FALSE;
    }
    return dkm_atomic_commit(temporary, path, error);
}
