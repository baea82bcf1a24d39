#include "core/edit/layers-private.h"

#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "core/i18n.h"

/* --- descriptions ----------------------------------------------------------------------------- */

static char *text_dup(const char *text)
{
    return text ? g_ref_string_new(text) : NULL;
}

static char *text_share(char *text)
{
    return text ? g_ref_string_acquire(text) : NULL;
}

DkmLayerInfo dkm_layer_info_copy(const DkmLayerInfo *info)
{
    DkmLayerInfo copy = *info;
    copy.name = text_share(info->name);
    copy.reviewer = text_share(info->reviewer);
    copy.algorithm = text_share(info->algorithm);
    return copy;
}

void dkm_layer_info_clear(DkmLayerInfo *info)
{
    g_clear_pointer(&info->name, g_ref_string_release);
    g_clear_pointer(&info->reviewer, g_ref_string_release);
    g_clear_pointer(&info->algorithm, g_ref_string_release);
}

DkmLayerInfo dkm_layer_info_edited(const DkmLayerInfo *info)
{
    DkmLayerInfo after = dkm_layer_info_copy(info);
    g_clear_pointer(&after.reviewer, g_ref_string_release);
    after.touched = TRUE;
    after.review = DKM_REVIEW_EDITED;
    after.reviewed_unix_s = 0;
    return after;
}

static gboolean name_is_taken(const DkmLayers *layers, const char *name)
{
    for (guint i = 0; i < layers->slots->len; i++) {
        const DkmLayer *layer = layers->slots->pdata[i];
        if (layer->info.present && g_strcmp0(layer->info.name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

static char *free_name(const DkmLayers *layers)
{
    for (guint n = 1;; n++) {
        g_autofree char *name = g_strdup_printf("Lesion %u", n);
        if (!name_is_taken(layers, name))
            return text_dup(name);
    }
}

DkmLayerInfo dkm_layers_first_info(const DkmLayers *layers, DkmOrigin origin, const char *name)
{
    return (DkmLayerInfo){
        .present = TRUE,
        .origin = origin,
        .review = origin == DKM_ORIGIN_PERSON ? DKM_REVIEW_EDITED : DKM_REVIEW_UNREVIEWED,
        .touched = origin == DKM_ORIGIN_PERSON,
        .name = name ? text_dup(name) : free_name(layers),
    };
}

/* --- slots ------------------------------------------------------------------------------------ */

static void layer_free(gpointer data)
{
    DkmLayer *layer = data;
    dkm_layer_info_clear(&layer->info);
    dkm_mask_unref(layer->mask);
    g_free(layer);
}

DkmLayers *dkm_layers_new(const DkmGrid *grid)
{
    DkmLayers *layers = g_new0(DkmLayers, 1);
    layers->grid = *grid;
    layers->slots = g_ptr_array_new_with_free_func(layer_free);
    layers->steps = g_ptr_array_new_with_free_func(dkm_step_free);
    return layers;
}

void dkm_layers_free(DkmLayers *layers)
{
    if (!layers)
        return;
    dkm_layers_stroke_free(layers);
    g_ptr_array_unref(layers->steps);
    g_ptr_array_unref(layers->slots);
    g_free(layers);
}

DkmLayer *dkm_layers_add_slot(DkmLayers *layers)
{
    DkmLayer *layer = g_new0(DkmLayer, 1);
    g_ptr_array_add(layers->slots, layer);
    layer->id = layers->slots->len;
    return layer;
}

void dkm_layers_drop_last_slot(DkmLayers *layers)
{
    g_ptr_array_set_size(layers->slots, (gint)layers->slots->len - 1);
}

DkmLayer *dkm_layers_slot(const DkmLayers *layers, guint id)
{
    return id > 0 && id <= layers->slots->len ? layers->slots->pdata[id - 1] : NULL;
}

/* An absent layer's mask is empty and not held: redo makes it anew. */
gboolean dkm_layers_hold_mask(DkmLayers *layers, DkmLayer *layer, GError **error)
{
    if (!layer->mask)
        layer->mask = dkm_mask_new(&layers->grid, error);
    return layer->mask != NULL;
}

void dkm_layer_set_info(DkmLayer *layer, const DkmLayerInfo *info)
{
    DkmLayerInfo copy = dkm_layer_info_copy(info);
    dkm_layer_info_clear(&layer->info);
    layer->info = copy;
    if (!copy.present)
        g_clear_pointer(&layer->mask, dkm_mask_unref);
}

/* --- asking ----------------------------------------------------------------------------------- */

guint dkm_layers_count(const DkmLayers *layers)
{
    guint count = 0;
    for (guint i = 0; i < layers->slots->len; i++) {
        const DkmLayer *layer = layers->slots->pdata[i];
        count += layer->info.present;
    }
    return count;
}

const DkmLayer *dkm_layers_get(const DkmLayers *layers, guint i)
{
    for (guint slot = 0; slot < layers->slots->len; slot++) {
        const DkmLayer *layer = layers->slots->pdata[slot];
        if (layer->info.present && i-- == 0)
            return layer;
    }
    return NULL;
}

static DkmLayer *find_present(const DkmLayers *layers, guint id)
{
    DkmLayer *layer = dkm_layers_slot(layers, id);
    return layer && layer->info.present ? layer : NULL;
}

const DkmLayer *dkm_layers_find(const DkmLayers *layers, guint id)
{
    return find_present(layers, id);
}

const DkmGrid *dkm_layers_grid(const DkmLayers *layers)
{
    return &layers->grid;
}

DkmMade dkm_layer_made(const DkmLayer *layer)
{
    if (layer->info.origin == DKM_ORIGIN_PERSON)
        return DKM_MADE_MANUAL;
    return layer->info.touched ? DKM_MADE_SEMIAUTOMATIC : DKM_MADE_AUTOMATIC;
}

guint64 dkm_layers_serial(const DkmLayers *layers)
{
    return layers->serial;
}

/* --- acting ----------------------------------------------------------------------------------- */

static gboolean check_lattice(const DkmLayers *layers, const DkmMask *voxels, GError **error)
{
    if (!voxels || dkm_grid_equal(dkm_mask_grid(voxels), &layers->grid, 0.01))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                _("the mask does not lie on the lattice of the study's images"));
    return FALSE;
}

static guint add_layer(DkmLayers *layers, DkmLayerInfo info, const DkmMask *voxels, GError **error)
{
    DkmDelta *delta = voxels ? dkm_delta_new_from_mask(voxels) : NULL;
    DkmLayer *layer = dkm_layers_add_slot(layers);
    if (dkm_layers_act(layers, layer, info, delta, error))
        return layer->id;
    dkm_layers_drop_last_slot(layers);
    return 0;
}

guint dkm_layers_add(DkmLayers *layers, DkmOrigin origin, const char *name, const DkmMask *voxels,
                     GError **error)
{
    if (!check_lattice(layers, voxels, error))
        return 0;
    dkm_layers_stroke_end(layers);
    return add_layer(layers, dkm_layers_first_info(layers, origin, name), voxels, error);
}

guint dkm_layers_add_described(DkmLayers *layers, const DkmLayerInfo *info, const DkmMask *voxels,
                               GError **error)
{
    if (!check_lattice(layers, voxels, error))
        return 0;
    dkm_layers_stroke_end(layers);
    DkmLayerInfo own = *info;
    own.name = info->name ? text_dup(info->name) : free_name(layers);
    own.reviewer = text_dup(info->reviewer);
    own.algorithm = text_dup(info->algorithm);
    return add_layer(layers, own, voxels, error);
}

gboolean dkm_layers_remove(DkmLayers *layers, guint id, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    DkmLayerInfo after = dkm_layer_info_copy(&layer->info);
    after.present = FALSE;
    return dkm_layers_act(layers, layer, after, dkm_delta_new_from_mask(layer->mask), error);
}

static gboolean review(DkmLayers *layers, guint id, const DkmLayerInfo *verdict, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    DkmLayerInfo after = dkm_layer_info_copy(&layer->info);
    g_clear_pointer(&after.reviewer, g_ref_string_release);
    after.review = verdict->review;
    after.reviewer = text_dup(verdict->reviewer);
    after.reviewed_unix_s = verdict->reviewed_unix_s;
    return dkm_layers_act(layers, layer, after, NULL, error);
}

gboolean dkm_layers_accept(DkmLayers *layers, guint id, const char *reviewer, gint64 unix_s,
                           GError **error)
{
    const DkmLayerInfo verdict = {
        .review = DKM_REVIEW_ACCEPTED, .reviewer = (char *)reviewer, .reviewed_unix_s = unix_s};
    return review(layers, id, &verdict, error);
}

gboolean dkm_layers_reject(DkmLayers *layers, guint id, const char *reviewer, gint64 unix_s,
                           GError **error)
{
    const DkmLayerInfo verdict = {
        .review = DKM_REVIEW_REJECTED, .reviewer = (char *)reviewer, .reviewed_unix_s = unix_s};
    return review(layers, id, &verdict, error);
}

gboolean dkm_layers_rename(DkmLayers *layers, guint id, const char *name, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer || g_strcmp0(layer->info.name, name) == 0)
        return TRUE;
    DkmLayerInfo after = dkm_layer_info_copy(&layer->info);
    g_clear_pointer(&after.name, g_ref_string_release);
    after.named = name != NULL;
    after.name = name ? text_dup(name) : free_name(layers);
    return dkm_layers_act(layers, layer, after, NULL, error);
}

gboolean dkm_layers_recolour(DkmLayers *layers, guint id, guint32 colour, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer || layer->info.colour == colour)
        return TRUE;
    DkmLayerInfo after = dkm_layer_info_copy(&layer->info);
    after.colour = colour;
    return dkm_layers_act(layers, layer, after, NULL, error);
}

gboolean dkm_layers_set_voxels(DkmLayers *layers, guint id, const DkmMask *voxels, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    if (!check_lattice(layers, voxels, error))
        return FALSE;
    DkmDelta *delta = dkm_delta_new_between(layer->mask, voxels);
    if (!delta)
        return TRUE;
    return dkm_layers_act(layers, layer, dkm_layer_info_edited(&layer->info), delta, error);
}

/* All but the first part leave as layers of their own, of the same origin: an algorithm's voxels
 * are not a person's because a person has parted them. */
static gboolean part_layers(DkmLayers *layers, guint id, const GPtrArray *parts, GError **error)
{
    const DkmLayerInfo *whole = &dkm_layers_find(layers, id)->info;
    if (!dkm_layers_set_voxels(layers, id, parts->pdata[0], error))
        return FALSE;
    for (guint i = 1; i < parts->len; i++) {
        DkmLayerInfo info = dkm_layers_first_info(layers, whole->origin, NULL);
        info.algorithm = text_share(whole->algorithm);
        info.touched = TRUE;
        info.review = DKM_REVIEW_EDITED;
        if (!add_layer(layers, info, parts->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

gboolean dkm_layers_split(DkmLayers *layers, guint id, guint most, GError **error)
{
    dkm_layers_stroke_end(layers);
    const DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    g_autoptr(GPtrArray) parts = dkm_mask_split(layer->mask, most, error);
    if (!parts)
        return FALSE;
    if (parts->len < 2)
        return TRUE;
    dkm_layers_begin(layers);
    const gboolean ok = part_layers(layers, id, parts, error);
    dkm_layers_end(layers, ok);
    return ok;
}
