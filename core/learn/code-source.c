#include "core/learn/code-source.h"

#include <string.h>

struct _DkmCodeSource {
    DkmNetworkShape shape;
    DkmPreset preset;
    DkmNetwork *network;
    GHashTable
        *kept; /* DkmSample* -> bytes of its phases and codes, level after level; NULL: no cache */
};

static guint sample_hash(gconstpointer key)
{
    const DkmSample *sample = key;
    return g_direct_hash(sample->c) * 31u + (guint)sample->z;
}

static gboolean sample_equal(gconstpointer a, gconstpointer b)
{
    const DkmSample *one = a, *two = b;
    return one->c == two->c && one->z == two->z;
}

DkmCodeSource *dkm_code_source_new(const DkmNetworkShape *shape, DkmParams *params, gboolean cache,
                                   GError **error)
{
    g_autoptr(DkmCodeSource) source = g_new0(DkmCodeSource, 1);
    source->preset = *shape->preset;
    source->shape = *shape;
    source->network = dkm_network_new(shape, params, error);
    if (!source->network)
        return NULL;
    if (cache)
        source->kept = g_hash_table_new_full(sample_hash, sample_equal, g_free, g_free);
    return g_steal_pointer(&source);
}

void dkm_code_source_free(DkmCodeSource *source)
{
    if (!source)
        return;
    g_clear_pointer(&source->network, dkm_network_free);
    g_clear_pointer(&source->kept, g_hash_table_unref);
    g_free(source);
}

/* Values of one sample at LEVEL. */
static gsize level_count(const DkmCodeSource *source, int level)
{
    DkmShape shape = dkm_network_code_shape(source->network, level);
    shape.n = 1;
    return dkm_shape_count(shape);
}

static void pack(DkmDtype dtype, const float *from, gsize n, guint8 *to)
{
    if (dtype == DKM_F32) {
        memcpy(to, from, n * sizeof *from);
        return;
    }
    guint16 *half = (guint16 *)(gpointer)to;
    for (gsize i = 0; i < n; i++)
        half[i] = dkm_bf16_from_f32(from[i]);
}

static void unpack(DkmDtype dtype, const guint8 *from, gsize n, float *to)
{
    if (dtype == DKM_F32) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    const guint16 *half = (const guint16 *)(gconstpointer)from;
    for (gsize i = 0; i < n; i++)
        to[i] = dkm_bf16_to_f32(half[i]);
}

/* Values of one sample's predicted phases; 0 where they are not wanted. */
static gsize phases_count(const DkmCodeSource *source)
{
    const DkmNetworkShape *s = &source->shape;
    return s->predict ? (gsize)s->rows * (gsize)s->columns * (gsize)source->preset.outputs : 0;
}

static gsize bytes_of_sample(const DkmCodeSource *source)
{
    gsize bytes = phases_count(source) * sizeof(float);
    for (int level = 0; level < DKM_LEVELS; level++)
        if (source->preset.fuse[level])
            bytes += level_count(source, level) * dkm_dtype_size(source->shape.dtype);
    return bytes;
}

/* The phases first: they are f32 whatever the codes are. */
static void keep(DkmCodeSource *source, const DkmSample *sample, int place, const DkmCodes *codes)
{
    guint8 *bytes = g_malloc(MAX(1, bytes_of_sample(source))), *to = bytes;
    const gsize phases = phases_count(source);
    if (phases) {
        pack(DKM_F32, codes->phases + (gsize)place * phases, phases, to);
        to += phases * sizeof(float);
    }
    for (int level = 0; level < DKM_LEVELS; level++) {
        if (!source->preset.fuse[level])
            continue;
        const gsize n = level_count(source, level);
        pack(source->shape.dtype, codes->code[level] + (gsize)place * n, n, to);
        to += n * dkm_dtype_size(source->shape.dtype);
    }
    g_hash_table_replace(source->kept, g_memdup2(sample, sizeof *sample), bytes);
}

static gboolean recall(DkmCodeSource *source, const DkmSample *sample, int place,
                       const DkmCodes *codes)
{
    const guint8 *from = source->kept ? g_hash_table_lookup(source->kept, sample) : NULL;
    const gsize phases = phases_count(source);
    if (!from)
        return FALSE;
    if (phases) {
        unpack(DKM_F32, from, phases, codes->phases + (gsize)place * phases);
        from += phases * sizeof(float);
    }
    for (int level = 0; level < DKM_LEVELS; level++) {
        if (!source->preset.fuse[level])
            continue;
        const gsize n = level_count(source, level);
        unpack(source->shape.dtype, from, n, codes->code[level] + (gsize)place * n);
        from += n * dkm_dtype_size(source->shape.dtype);
    }
    return TRUE;
}

static gboolean compute(DkmCodeSource *source, const float *x_0, const float *noise,
                        const DkmCodes *codes, GError **error)
{
    if (!dkm_network_run(source->network, x_0, noise, NULL, error) ||
        (source->shape.predict && !dkm_network_get_phases(source->network, codes->phases, error)))
        return FALSE;
    for (int level = 0; level < DKM_LEVELS; level++)
        if (source->preset.fuse[level] &&
            !dkm_network_get_code(source->network, level, codes->code[level], error))
            return FALSE;
    return TRUE;
}

gboolean dkm_code_source_get(DkmCodeSource *source, const DkmSample *samples, const float *x_0,
                             const float *noise, const DkmCodes *codes, GError **error)
{
    int recalled = 0;
    while (recalled < source->shape.samples && recall(source, &samples[recalled], recalled, codes))
        recalled++;
    if (recalled == source->shape.samples)
        return TRUE;
    if (!compute(source, x_0, noise, codes, error))
        return FALSE;
    for (int i = 0; source->kept && i < source->shape.samples; i++)
        keep(source, &samples[i], i, codes);
    return TRUE;
}
