/* Reading weights: a mapped safetensors file, its header checked, its bytes verified by their
 * SHA-256. The header is weights-header.c's, writing is weights-save.c's. */
#include "core/net/weights.h"

#include "core/error.h"
#include "core/net/weights-header.h"
#include "core/net/weights-layout.h"
#include "core/regular-file.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct _DkmWeights {
    char *file; /* base name, for messages */
    GMappedFile *mapped;
    DkmWeightsHeader *header;
    const char *data; /* behind the header */
    char *sha256;
};

/* Where header and data lie in BYTES of a file. */
static DkmWeightsHeader *read_header(const char *bytes, gsize size, const char **data,
                                     GError **error)
{
    guint64 length = 0;
    if (size < sizeof length) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "it is too short for a safetensors file");
        return NULL;
    }
    memcpy(&length, bytes, sizeof length);
    length = GUINT64_FROM_LE(length);
    if (length > DKM_WEIGHTS_MAX_HEADER) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                    "it is no safetensors file: its header would have %" G_GUINT64_FORMAT " bytes",
                    length);
        return NULL;
    }
    if (length > size - sizeof length) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "it ends inside its header");
        return NULL;
    }
    *data = bytes + sizeof length + length;
    return dkm_weights_header_parse(bytes + sizeof length, (gsize)length,
                                    size - sizeof length - (gsize)length, error);
}

static gboolean verify_bytes(DkmWeights *weights, gsize data_bytes, GError **error)
{
    const char *stored = dkm_weights_meta(weights, "sha256");
    weights->sha256 =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)weights->data, data_bytes);
    if (!stored || g_ascii_strcasecmp(stored, weights->sha256) == 0)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                "its tensors do not have the SHA-256 that it states");
    return FALSE;
}

static GMappedFile *map_file(const char *path, GError **error)
{
    const int file = dkm_regular_file_open(path, DKM_ERROR_MODEL, error);
    if (file < 0)
        return NULL;
    GMappedFile *mapped = g_mapped_file_new_from_fd(file, FALSE, NULL);
    close(file);
    if (!mapped)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_MODEL, "it cannot be read");
    return mapped;
}

static gboolean open_mapped(DkmWeights *weights, const char *path, GError **error)
{
    weights->mapped = map_file(path, error);
    if (!weights->mapped)
        return FALSE;
    const gsize size = g_mapped_file_get_length(weights->mapped);
    const char *bytes = g_mapped_file_get_contents(weights->mapped);
    weights->header = read_header(bytes, size, &weights->data, error);
    return weights->header && verify_bytes(weights, size - (gsize)(weights->data - bytes), error);
}

DkmWeights *dkm_weights_open(const char *path, GError **error)
{
    g_autoptr(DkmWeights) weights = g_new0(DkmWeights, 1);
    weights->file = g_path_get_basename(path);
    if (open_mapped(weights, path, error))
        return g_steal_pointer(&weights);
    g_prefix_error(error, "%s cannot be used as weights: ", weights->file);
    return NULL;
}

void dkm_weights_close(DkmWeights *weights)
{
    if (!weights)
        return;
    g_clear_pointer(&weights->mapped, g_mapped_file_unref);
    dkm_weights_header_free(weights->header);
    g_free(weights->sha256);
    g_free(weights->file);
    g_free(weights);
}

const char *dkm_weights_meta(const DkmWeights *weights, const char *key)
{
    return g_hash_table_lookup(weights->header->meta, key);
}

char **dkm_weights_dup_meta(const DkmWeights *weights)
{
    g_autoptr(GList) keys = g_hash_table_get_keys(weights->header->meta);
    GPtrArray *pairs = g_ptr_array_new();
    keys = g_list_sort(keys, (GCompareFunc)strcmp);
    for (const GList *key = keys; key; key = key->next)
        if (strcmp(key->data, "sha256") != 0) {
            g_ptr_array_add(pairs, g_strdup(key->data));
            g_ptr_array_add(pairs, g_strdup(dkm_weights_meta(weights, key->data)));
        }
    g_ptr_array_add(pairs, NULL);
    return (char **)g_ptr_array_free(pairs, FALSE);
}

const char *dkm_weights_sha256(const DkmWeights *weights)
{
    return weights->sha256;
}

guint dkm_weights_count(const DkmWeights *weights)
{
    return weights->header->tensors->len;
}

const char *dkm_weights_name(const DkmWeights *weights, guint i)
{
    return ((const DkmWeightsTensor *)g_ptr_array_index(weights->header->tensors, i))->name;
}

gsize dkm_weights_values(const DkmWeights *weights, const char *prefix)
{
    gsize bytes = 0;
    for (guint i = 0; i < dkm_weights_count(weights); i++) {
        const DkmWeightsTensor *tensor = g_ptr_array_index(weights->header->tensors, i);
        bytes += g_str_has_prefix(tensor->name, prefix) ? tensor->end - tensor->first : 0;
    }
    return bytes / sizeof(float);
}

/* Elements of TENSOR into HOST in our order; the mapped bytes need not be aligned. */
static gboolean read_tensor(const DkmWeights *weights, const DkmWeightsTensor *tensor,
                            DkmShape shape, float *host, GError **error)
{
    const gsize bytes = tensor->end - tensor->first;
    if (shape.h * shape.w == 1 || tensor->n_dims < 4) {
        memcpy(host, weights->data + tensor->first, bytes);
        return TRUE;
    }
    g_autofree float *stored = g_try_malloc(bytes);
    if (!stored)
        return dkm_error_set_no_memory(error, bytes, tensor->name);
    memcpy(stored, weights->data + tensor->first, bytes);
    dkm_weights_to_ohwi(stored, shape, host);
    return TRUE;
}

static gboolean is_finite(const DkmWeights *weights, const DkmWeightsTensor *tensor)
{
    for (gsize at = tensor->first; at < tensor->end; at += sizeof(float)) {
        float value;
        memcpy(&value, weights->data + at, sizeof value);
        if (!isfinite(value))
            return FALSE;
    }
    return TRUE;
}

static gboolean load_one(const DkmWeights *weights, const char *prefix, DkmParams *params,
                         const char *name, GError **error)
{
    g_autofree char *stored = g_strconcat(prefix, name, NULL);
    const DkmShape shape = dkm_params_shape(params, name);
    const DkmWeightsTensor *tensor = g_hash_table_lookup(weights->header->by_name, stored);
    if (!tensor || !dkm_weights_dims_fit(tensor->dims, tensor->n_dims, shape)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "%s does not fit: tensor %s %s",
                    weights->file, stored, tensor ? "has another shape" : "is missing");
        return FALSE;
    }
    if (!is_finite(weights, tensor)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                    "%s cannot be used as weights: tensor %s holds infinite values or no numbers",
                    weights->file, stored);
        return FALSE;
    }
    const gsize bytes = tensor->end - tensor->first;
    g_autofree float *host = g_try_malloc(bytes);
    if (!host)
        return dkm_error_set_no_memory(error, bytes, stored);
    return read_tensor(weights, tensor, shape, host, error) &&
           dkm_params_set(params, name, shape, host, error);
}

gboolean dkm_weights_load(const DkmWeights *weights, const char *prefix, DkmParams *params,
                          GError **error)
{
    for (guint i = 0; i < dkm_params_count(params); i++)
        if (!load_one(weights, prefix, params, dkm_params_name(params, i), error))
            return FALSE;
    return TRUE;
}
