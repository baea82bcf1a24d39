/* Painting: a stroke in progress, which becomes one step. */
#include "core/edit/layers-private.h"

#include <string.h>

/* An erasing brush without a layer has nothing to do. */
gboolean dkm_layers_stroke_begin(DkmLayers *layers, guint id, const DkmBrush *brush,
                                 const double at[3], GError **error)
{
    dkm_layers_stroke_end(layers);
    DkmStroke *stroke = &layers->stroke;
    const DkmLayer *found = dkm_layers_find(layers, id);
    DkmLayer *layer = found ? dkm_layers_slot(layers, id) : NULL;
    if (!layer && brush->erase)
        return TRUE;
    stroke->makes_layer = !layer;
    if (!layer) {
        layer = dkm_layers_add_slot(layers);
        if (!dkm_layers_hold_mask(layers, layer, error)) {
            dkm_layers_drop_last_slot(layers);
            return FALSE;
        }
        layer->info = dkm_layers_first_info(layers, DKM_ORIGIN_PERSON, NULL);
    }
    stroke->layer = layer;
    stroke->brush = *brush;
    if (brush->only)
        dkm_threshold_ref(brush->only);
    memcpy(stroke->last, at, sizeof stroke->last);
    dkm_layers_stroke_to(layers, at);
    return TRUE;
}

void dkm_layers_stroke_to(DkmLayers *layers, const double at[3])
{
    DkmStroke *stroke = &layers->stroke;
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
    DkmStroke *stroke = &layers->stroke;
    if (stroke->makes_layer)
        dkm_layers_drop_last_slot(layers);
    dkm_flips_clear(&stroke->flips);
    dkm_threshold_unref(stroke->brush.only);
    *stroke = (DkmStroke){0};
    layers->serial++;
}

guint dkm_layers_stroke_end(DkmLayers *layers)
{
    DkmStroke *stroke = &layers->stroke;
    DkmLayer *layer = stroke->layer;
    if (!layer)
        return 0;
    DkmDelta *delta = dkm_delta_new(&stroke->flips);
    if (!delta) {
        drop_stroke(layers);
        return 0;
    }
    DkmStep *step = g_new0(DkmStep, 1);
    step->id = layer->id;
    if (!stroke->makes_layer)
        step->before = dkm_layer_info_copy(&layer->info);
    step->after = dkm_layer_info_edited(&layer->info);
    step->delta = delta;
    dkm_layer_set_info(layer, &step->after);
    stroke->makes_layer = FALSE;
    drop_stroke(layers);
    dkm_layers_remember(layers, step);
    return layer->id;
}

void dkm_layers_stroke_cancel(DkmLayers *layers)
{
    DkmStroke *stroke = &layers->stroke;
    if (!stroke->layer)
        return;
    g_autoptr(DkmDelta) delta = dkm_delta_new(&stroke->flips);
    if (delta)
        stroke->layer->voxels =
            (gsize)((gssize)stroke->layer->voxels + dkm_delta_apply(delta, stroke->layer->mask));
    drop_stroke(layers);
}

void dkm_layers_stroke_free(DkmLayers *layers)
{
    dkm_flips_clear(&layers->stroke.flips);
    g_clear_pointer(&layers->stroke.brush.only, dkm_threshold_unref);
}

gboolean dkm_layers_is_stroking(const DkmLayers *layers)
{
    return layers->stroke.layer != NULL;
}
