/* The store of trained weights and running statistics: f32 in device memory, by name. */
#include "core/net/plan.h"

#include "core/error.h"
#include "core/philox.h"

#include <math.h>
#include <string.h>

typedef struct {
    char *name;
    DkmShape shape;
    float *data; /* device memory */
} Entry;

struct _DkmParams {
    const DkmBackend *backend;
    DkmDevice *device;
    GPtrArray *entries;  /* of Entry, sorted by name */
    GHashTable *by_name; /* name -> Entry */
    guint64 version;
};

DkmParams *dkm_params_new(const DkmBackend *backend, DkmDevice *device)
{
    DkmParams *params = g_new0(DkmParams, 1);
    params->backend = backend;
    params->device = device;
    params->entries = g_ptr_array_new();
    params->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    params->version = 1;
    return params;
}

void dkm_params_free(DkmParams *params)
{
    if (!params)
        return;
    for (guint i = 0; i < params->entries->len; i++) {
        Entry *entry = g_ptr_array_index(params->entries, i);
        params->backend->free(params->device, entry->data);
        g_free(entry->name);
        g_free(entry);
    }
    g_ptr_array_unref(params->entries);
    g_hash_table_unref(params->by_name);
    g_free(params);
}

const DkmBackend *dkm_params_backend(const DkmParams *params)
{
    return params->backend;
}

DkmDevice *dkm_params_device(const DkmParams *params)
{
    return params->device;
}

guint dkm_params_count(const DkmParams *params)
{
    return params->entries->len;
}

const char *dkm_params_name(const DkmParams *params, guint i)
{
    return ((const Entry *)g_ptr_array_index(params->entries, i))->name;
}

DkmShape dkm_params_shape(const DkmParams *params, const char *name)
{
    const Entry *entry = g_hash_table_lookup(params->by_name, name);
    return entry ? entry->shape : (DkmShape){0};
}

float *dkm_params_device_data(DkmParams *params, const char *name)
{
    const Entry *entry = g_hash_table_lookup(params->by_name, name);
    return entry ? entry->data : NULL;
}

void dkm_params_touch(DkmParams *params)
{
    params->version++;
}

guint64 dkm_params_version(const DkmParams *params)
{
    return params->version;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const Entry *const *)a)->name, (*(const Entry *const *)b)->name);
}

/* A new entry with room for SHAPE, contents undefined; the caller sorts. NULL: no memory. */
static Entry *add_entry(DkmParams *params, const char *name, DkmShape shape, GError **error)
{
    const gsize bytes = dkm_shape_count(shape) * sizeof(float);
    float *data = params->backend->alloc(params->device, bytes, error);
    if (!data)
        return NULL;
    Entry *entry = g_new(Entry, 1);
    *entry = (Entry){g_strdup(name), shape, data};
    g_ptr_array_add(params->entries, entry);
    g_hash_table_insert(params->by_name, entry->name, entry);
    return entry;
}

static gboolean refuse_shape(const char *name, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "parameter %s has another shape", name);
    return FALSE;
}

gboolean dkm_params_get(DkmParams *params, const char *name, float *host, gsize count,
                        GError **error)
{
    const Entry *entry = g_hash_table_lookup(params->by_name, name);
    if (!entry) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "there is no parameter %s", name);
        return FALSE;
    }
    if (count != dkm_shape_count(entry->shape))
        return refuse_shape(name, error);
    return params->backend->download(params->device, host, entry->data, count * sizeof *host,
                                     error);
}

gboolean dkm_params_set(DkmParams *params, const char *name, DkmShape shape, const float *host,
                        GError **error)
{
    Entry *entry = g_hash_table_lookup(params->by_name, name);
    if (!entry) {
        entry = add_entry(params, name, shape, error);
        if (!entry)
            return FALSE;
        g_ptr_array_sort(params->entries, by_name);
    }
    if (!dkm_shape_equal(entry->shape, shape))
        return refuse_shape(name, error);
    dkm_params_touch(params);
    return params->backend->upload(params->device, entry->data, host,
                                   dkm_shape_count(shape) * sizeof *host, error);
}

/* FNV-1a: the stream of random numbers that a name has. */
static guint32 stream_of(const char *name)
{
    guint32 hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (guint8)*name) * 16777619u;
    return hash;
}

static void fill_uniform(float *data, gsize count, double bound, guint64 seed, guint32 stream)
{
    for (gsize i = 0; i < count; i++)
        data[i] = (float)(bound * (2 * dkm_philox_uniform(seed, i, stream) - 1));
}

static void fill_normal(float *data, gsize count, double sd, guint64 seed, guint32 stream)
{
    for (gsize i = 0; i < count; i++)
        data[i] = (float)(sd * dkm_philox_normal(seed, i, stream));
}

static void fill_constant(float *data, gsize count, float value)
{
    for (gsize i = 0; i < count; i++)
        data[i] = value;
}

/* Fills DATA by the rule of VALUE's init. */
static void fill(const DkmValueInfo *value, guint64 seed, float *data)
{
    const DkmShape s = value->shape;
    const gsize count = dkm_shape_count(s);
    const double fan_in = (double)s.h * s.w * s.c, fan_out = (double)s.h * s.w * s.n;
    const guint32 stream = stream_of(value->name);
    switch (value->init) {
    case DKM_INIT_ZERO:
        fill_constant(data, count, 0);
        break;
    case DKM_INIT_ONE:
        fill_constant(data, count, 1);
        break;
    case DKM_INIT_FAN_AVG_UNIFORM:
        fill_uniform(data, count, sqrt(3 / ((fan_in + fan_out) / 2)), seed, stream);
        break;
    case DKM_INIT_KAIMING_NORMAL:
        fill_normal(data, count, sqrt(2 / fan_in), seed, stream);
        break;
    case DKM_INIT_RUNNING_STATS:
        fill_constant(data, count / 2, 0);
        fill_constant(data + count / 2, count - count / 2, 1);
        break;
    }
}

static gboolean init_one(DkmParams *params, const DkmValueInfo *value, guint64 seed, GError **error)
{
    const Entry *known = g_hash_table_lookup(params->by_name, value->name);
    if (known)
        return dkm_shape_equal(known->shape, value->shape) || refuse_shape(value->name, error);
    const gsize bytes = dkm_shape_count(value->shape) * sizeof(float);
    g_autofree float *host = g_try_malloc(bytes);
    if (!host)
        return dkm_error_set_no_memory(error, bytes, value->name);
    const Entry *entry = add_entry(params, value->name, value->shape, error);
    if (!entry)
        return FALSE;
    fill(value, seed, host);
    return params->backend->upload(params->device, entry->data, host, bytes, error);
}

gboolean dkm_params_init(DkmParams *params, const DkmGraph *graph, guint64 seed, GError **error)
{
    gboolean done = dkm_graph_check(graph, error);
    for (int i = 0; done && i < dkm_graph_n_values(graph); i++) {
        const DkmValueInfo *value = dkm_graph_value(graph, i);
        if (value->role == DKM_ROLE_PARAM || value->role == DKM_ROLE_STATE)
            done = init_one(params, value, seed, error);
    }
    g_ptr_array_sort(params->entries, by_name);
    dkm_params_touch(params);
    return done;
}
