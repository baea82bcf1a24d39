#include "core/edit/layers.h"

#include "core/error.h"

#include <string.h>

/* One action. DELTA is NULL where no voxel changed. */
typedef struct {
    guint id;
    DkmLayerInfo before, after;
    DkmDelta *delta;
} Step;

/* A stroke in progress; layer is NULL where there is none. */
typedef struct {
    DkmLayer *layer;
    DkmBrush brush;
    double last[3];
    DkmFlips flips;
    gboolean makes_layer;
} Stroke;

struct _DkmLayers {
    DkmGrid grid;
    GPtrArray *slots; /* of DkmLayer*, absent ones too; slot i has id i + 1 */
    GPtrArray *steps; /* of Step*; the first `done` of them are in effect */
    guint done;
    Stroke stroke;
    guint64 serial;
};

static char *text_dup(const char *text)
{
    return text ? g_ref_string_new(text) : NULL;
}

static char *text_share(char *text)
{
    return text ? g_ref_string_acquire(text) : NULL;
}

static DkmLayerInfo info_copy(const DkmLayerInfo *info)
{
    DkmLayerInfo copy = *info;
    copy.name = text_share(info->name);
    copy.reviewer = text_share(info->reviewer);
    return copy;
}

static void info_clear(DkmLayerInfo *info)
{
    g_clear_pointer(&info->name, g_ref_string_release);
    g_clear_pointer(&info->reviewer, g_ref_string_release);
}

static void layer_free(gpointer data)
{
    DkmLayer *layer = data;
    info_clear(&layer->info);
    dkm_mask_unref(layer->mask);
    g_free(layer);
}

static void step_free(gpointer data)
{
    Step *step = data;
    info_clear(&step->before);
    info_clear(&step->after);
    dkm_delta_unref(step->delta);
    g_free(step);
}

DkmLayers *dkm_layers_new(const DkmGrid *grid)
{
    DkmLayers *layers = g_new0(DkmLayers, 1);
    layers->grid = *grid;
    layers->slots = g_ptr_array_new_with_free_func(layer_free);
    layers->steps = g_ptr_array_new_with_free_func(step_free);
    return layers;
}

void dkm_layers_free(DkmLayers *layers)
{
    if (!layers)
        return;
    dkm_flips_clear(&layers->stroke.flips);
    g_ptr_array_unref(layers->steps);
    g_ptr_array_unref(layers->slots);
    g_free(layers);
}

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
    DkmLayer *layer = id > 0 && id <= layers->slots->len ? layers->slots->pdata[id - 1] : NULL;
    return layer && layer->info.present ? layer : NULL;
}

const DkmLayer *dkm_layers_find(const DkmLayers *layers, guint id)
{
    return find_present(layers, id);
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

/* An absent layer's mask is empty and not held: redo makes it anew. */
static gboolean hold_mask(DkmLayers *layers, DkmLayer *layer, GError **error)
{
    if (!layer->mask)
        layer->mask = dkm_mask_new(&layers->grid, error);
    return layer->mask != NULL;
}

static void set_info(DkmLayer *layer, const DkmLayerInfo *info)
{
    DkmLayerInfo copy = info_copy(info);
    info_clear(&layer->info);
    layer->info = copy;
    if (!copy.present)
        g_clear_pointer(&layer->mask, dkm_mask_unref);
}

/* Brings STEP into effect (or out of it): the same voxels flip either way. */
static gboolean run_step(DkmLayers *layers, const Step *step, const DkmLayerInfo *info,
                         GError **error)
{
    DkmLayer *layer = layers->slots->pdata[step->id - 1];
    if (!hold_mask(layers, layer, error))
        return FALSE;
    if (step->delta)
        layer->voxels = (gsize)((gssize)layer->voxels + dkm_delta_apply(step->delta, layer->mask));
    set_info(layer, info);
    layers->serial++;
    return TRUE;
}

/* STEP is in effect already: what was undone before it cannot be redone any more. */
static void remember(DkmLayers *layers, Step *step)
{
    g_ptr_array_set_size(layers->steps, (gint)layers->done);
    g_ptr_array_add(layers->steps, step);
    layers->done++;
    layers->serial++;
}

/* Does and remembers a step of LAYER from its present description to AFTER, which is taken. */
static gboolean act(DkmLayers *layers, DkmLayer *layer, DkmLayerInfo after, DkmDelta *delta,
                    GError **error)
{
    Step *step = g_new0(Step, 1);
    *step = (Step){layer->id, info_copy(&layer->info), after, delta};
    if (!run_step(layers, step, &step->after, error)) {
        step_free(step);
        return FALSE;
    }
    remember(layers, step);
    return TRUE;
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

static DkmLayer *add_slot(DkmLayers *layers)
{
    DkmLayer *layer = g_new0(DkmLayer, 1);
    g_ptr_array_add(layers->slots, layer);
    layer->id = layers->slots->len;
    return layer;
}

static DkmLayerInfo first_info(const DkmLayers *layers, DkmOrigin origin, const char *name)
{
    return (DkmLayerInfo){
        .present = TRUE,
        .origin = origin,
        .review = origin == DKM_ORIGIN_PERSON ? DKM_REVIEW_EDITED : DKM_REVIEW_UNREVIEWED,
        .touched = origin == DKM_ORIGIN_PERSON,
        .name = name ? text_dup(name) : free_name(layers),
    };
}

guint dkm_layers_add(DkmLayers *layers, DkmOrigin origin, const char *name, const DkmMask *voxels,
                     GError **error)
{
    if (voxels && !dkm_grid_equal(dkm_mask_grid(voxels), &layers->grid, 0.01)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    "the mask does not lie on the lattice of the study's images");
        return 0;
    }
    dkm_layers_stroke_end(layers);
    DkmDelta *delta = voxels ? dkm_delta_new_from_mask(voxels) : NULL;
    DkmLayer *layer = add_slot(layers);
    if (act(layers, layer, first_info(layers, origin, name), delta, error))
        return layer->id;
    g_ptr_array_set_size(layers->slots, (gint)layers->slots->len - 1);
    return 0;
}

gboolean dkm_layers_remove(DkmLayers *layers, guint id, GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    DkmLayerInfo after = info_copy(&layer->info);
    after.present = FALSE;
    return act(layers, layer, after, dkm_delta_new_from_mask(layer->mask), error);
}

gboolean dkm_layers_accept(DkmLayers *layers, guint id, const char *reviewer, gint64 unix_s,
                           GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmLayer *layer = find_present(layers, id);
    if (!layer)
        return TRUE;
    DkmLayerInfo after = info_copy(&layer->info);
    g_clear_pointer(&after.reviewer, g_ref_string_release);
    after.review = DKM_REVIEW_ACCEPTED;
    after.reviewer = text_dup(reviewer);
    after.reviewed_unix_s = unix_s;
    return act(layers, layer, after, NULL, error);
}

gboolean dkm_layers_stroke_begin(DkmLayers *layers, guint id, const DkmBrush *brush,
                                 const double at[3], GError **error)
{
    dkm_layers_stroke_end(layers);
    Stroke *stroke = &layers->stroke;
    DkmLayer *layer = find_present(layers, id);
    stroke->makes_layer = !layer;
    if (!layer && brush->erase)
        return TRUE;
    if (!layer) {
        layer = add_slot(layers);
        if (!hold_mask(layers, layer, error)) {
            g_ptr_array_set_size(layers->slots, (gint)layers->slots->len - 1);
            return FALSE;
        }
        layer->info = first_info(layers, DKM_ORIGIN_PERSON, NULL);
    }
    stroke->layer = layer;
    stroke->brush = *brush;
    memcpy(stroke->last, at, sizeof stroke->last);
    dkm_layers_stroke_to(layers, at);
    return TRUE;
}

void dkm_layers_stroke_to(DkmLayers *layers, const double at[3])
{
    Stroke *stroke = &layers->stroke;
    if (!stroke->layer)
        return;
    const guint before = stroke->flips.runs ? stroke->flips.runs->len : 0;
    dkm_brush_sweep(&stroke->brush, stroke->last, at, stroke->layer->mask, &stroke->flips);
    memcpy(stroke->last, at, sizeof stroke->last);
    const gsize flipped = dkm_flips_count(&stroke->flips, before);
    stroke->layer->voxels += stroke->brush.erase ? -flipped : flipped;
    layers->serial += flipped > 0;
}

/* The stroke leaves; a layer that it made leaves with it. */
static void drop_stroke(DkmLayers *layers)
{
    Stroke *stroke = &layers->stroke;
    if (stroke->makes_layer)
        g_ptr_array_set_size(layers->slots, (gint)layers->slots->len - 1);
    dkm_flips_clear(&stroke->flips);
    *stroke = (Stroke){0};
    layers->serial++;
}

guint dkm_layers_stroke_end(DkmLayers *layers)
{
    Stroke *stroke = &layers->stroke;
    DkmLayer *layer = stroke->layer;
    if (!layer)
        return 0;
    DkmDelta *delta = dkm_delta_new(&stroke->flips);
    if (!delta) {
        drop_stroke(layers);
        return 0;
    }
    Step *step = g_new0(Step, 1);
    *step = (Step){layer->id, {0}, info_copy(&layer->info), delta};
    if (!stroke->makes_layer)
        step->before = info_copy(&layer->info);
    step->after.touched = TRUE;
    step->after.review = DKM_REVIEW_EDITED;
    g_clear_pointer(&step->after.reviewer, g_ref_string_release);
    step->after.reviewed_unix_s = 0;
    set_info(layer, &step->after);
    stroke->makes_layer = FALSE;
    drop_stroke(layers);
    remember(layers, step);
    return layer->id;
}

void dkm_layers_stroke_cancel(DkmLayers *layers)
{
    Stroke *stroke = &layers->stroke;
    if (!stroke->layer)
        return;
    g_autoptr(DkmDelta) delta = dkm_delta_new(&stroke->flips);
    if (delta)
        stroke->layer->voxels =
            (gsize)((gssize)stroke->layer->voxels + dkm_delta_apply(delta, stroke->layer->mask));
    drop_stroke(layers);
}

gboolean dkm_layers_is_stroking(const DkmLayers *layers)
{
    return layers->stroke.layer != NULL;
}

gboolean dkm_layers_can_undo(const DkmLayers *layers)
{
    return layers->done > 0;
}

gboolean dkm_layers_can_redo(const DkmLayers *layers)
{
    return layers->done < layers->steps->len;
}

gboolean dkm_layers_undo(DkmLayers *layers, GError **error)
{
    dkm_layers_stroke_end(layers);
    if (!dkm_layers_can_undo(layers))
        return FALSE;
    const Step *step = layers->steps->pdata[layers->done - 1];
    if (!run_step(layers, step, &step->before, error))
        return FALSE;
    layers->done--;
    return TRUE;
}

gboolean dkm_layers_redo(DkmLayers *layers, GError **error)
{
    dkm_layers_stroke_end(layers);
    if (!dkm_layers_can_redo(layers))
        return FALSE;
    const Step *step = layers->steps->pdata[layers->done];
    if (!run_step(layers, step, &step->after, error))
        return FALSE;
    layers->done++;
    return TRUE;
}

gsize dkm_layers_undo_bytes(const DkmLayers *layers)
{
    gsize bytes = 0;
    for (guint i = 0; i < layers->steps->len; i++) {
        const Step *step = layers->steps->pdata[i];
        bytes += sizeof *step + (step->delta ? dkm_delta_bytes(step->delta) : 0);
    }
    return bytes;
}
