#include "core/edit/versions.h"

#include "core/edit/layers-private.h"

/* One layer of a version; DELTA is NULL where it was empty. */
typedef struct {
    guint id;
    DkmDelta *delta;
} Saved;

typedef struct {
    gint64 unix_s;
    GArray *saved; /* of Saved */
} Version;

struct _DkmVersions {
    GPtrArray *list; /* of Version* */
};

static void saved_clear(gpointer data)
{
    dkm_delta_unref(((Saved *)data)->delta);
}

static void version_free(gpointer data)
{
    g_array_unref(((Version *)data)->saved);
    g_free(data);
}

DkmVersions *dkm_versions_new(void)
{
    DkmVersions *versions = g_new0(DkmVersions, 1);
    versions->list = g_ptr_array_new_with_free_func(version_free);
    return versions;
}

void dkm_versions_free(DkmVersions *versions)
{
    if (!versions)
        return;
    g_ptr_array_unref(versions->list);
    g_free(versions);
}

void dkm_versions_add(DkmVersions *versions, const DkmLayers *layers, gint64 unix_s)
{
    Version *version = g_new0(Version, 1);
    version->unix_s = unix_s;
    version->saved = g_array_new(FALSE, FALSE, sizeof(Saved));
    g_array_set_clear_func(version->saved, saved_clear);
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        if (layer->info.review == DKM_REVIEW_REJECTED)
            continue;
        const Saved saved = {layer->id, dkm_delta_new_from_mask(layer->mask)};
        g_array_append_val(version->saved, saved);
    }
    g_ptr_array_add(versions->list, version);
}

guint dkm_versions_count(const DkmVersions *versions)
{
    return versions->list->len;
}

gint64 dkm_versions_time(const DkmVersions *versions, guint i)
{
    return ((const Version *)versions->list->pdata[i])->unix_s;
}

/* THEN is what was set (NULL: nothing). No mask is made: the runs of then are looked up in now. */
static void compare(const DkmDelta *then, const DkmLayer *now, DkmDifference *out)
{
    const gsize before = then ? dkm_delta_voxels(then) : 0;
    const gsize both = then ? dkm_delta_count_set(then, now->mask) : 0;
    const gsize sum = before + now->voxels;
    const double ml = dkm_grid_voxel_ml(dkm_mask_grid(now->mask));
    *out = (DkmDifference){.added = now->voxels - both,
                           .removed = before - both,
                           .dice = sum ? 2.0 * (double)both / (double)sum : 1.0};
    out->added_ml = (double)out->added * ml;
    out->removed_ml = (double)out->removed * ml;
}

gboolean dkm_versions_compare(const DkmVersions *versions, guint i, const DkmLayers *layers,
                              guint id, DkmDifference *out)
{
    const Version *version = versions->list->pdata[i];
    const DkmLayer *layer = dkm_layers_find(layers, id);
    for (guint k = 0; layer && k < version->saved->len; k++) {
        const Saved *saved = &g_array_index(version->saved, Saved, k);
        if (saved->id != id)
            continue;
        compare(saved->delta, layer, out);
        return TRUE;
    }
    return FALSE;
}

gboolean dkm_layers_compare_original(const DkmLayers *layers, guint id, DkmDifference *out)
{
    const DkmLayer *layer = dkm_layers_find(layers, id);
    for (guint i = 0; layer && i < layers->done; i++) {
        const DkmStep *step = layers->steps->pdata[i];
        if (step->id != id || step->before.present)
            continue;
        if (step->after.origin != DKM_ORIGIN_NETWORK || step->after.touched)
            return FALSE;
        compare(step->delta, layer, out);
        return TRUE;
    }
    return FALSE;
}
