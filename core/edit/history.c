/* Undo and redo: the steps that have been done, and those that can be done again. */
#include "core/edit/layers-private.h"

void dkm_step_free(gpointer data)
{
    DkmStep *step = data;
    dkm_layer_info_clear(&step->before);
    dkm_layer_info_clear(&step->after);
    dkm_delta_unref(step->delta);
    g_free(step);
}

gboolean dkm_layers_run_step(DkmLayers *layers, const DkmStep *step, const DkmLayerInfo *info,
                             GError **error)
{
    DkmLayer *layer = dkm_layers_slot(layers, step->id);
    if (!dkm_layers_hold_mask(layers, layer, error))
        return FALSE;
    if (step->delta)
        layer->voxels = (gsize)((gssize)layer->voxels + dkm_delta_apply(step->delta, layer->mask));
    dkm_layer_set_info(layer, info);
    layers->serial++;
    return TRUE;
}

void dkm_layers_remember(DkmLayers *layers, DkmStep *step)
{
    g_ptr_array_set_size(layers->steps, (gint)layers->done);
    step->continues = layers->group_depth > 0 && layers->done > layers->group_first;
    g_ptr_array_add(layers->steps, step);
    layers->done++;
    layers->serial++;
    if (layers->group_depth == 0)
        dkm_layers_tell(layers, DKM_RECORD_ACTION, layers->done - 1);
}

gboolean dkm_layers_act(DkmLayers *layers, DkmLayer *layer, DkmLayerInfo after, DkmDelta *delta,
                        GError **error)
{
    DkmStep *step = g_new0(DkmStep, 1);
    step->id = layer->id;
    step->before = dkm_layer_info_copy(&layer->info);
    step->after = after;
    step->delta = delta;
    if (!dkm_layers_run_step(layers, step, &step->after, error)) {
        dkm_step_free(step);
        return FALSE;
    }
    dkm_layers_remember(layers, step);
    return TRUE;
}

/* --- groups ----------------------------------------------------------------------------------- */

void dkm_layers_begin(DkmLayers *layers)
{
    dkm_layers_stroke_end(layers);
    if (layers->group_depth++ > 0)
        return;
    layers->group_first = layers->done;
    layers->group_slots = layers->slots->len;
}

/* Takes the group's steps back, and the slots of the layers that it made. */
static void drop_group(DkmLayers *layers)
{
    while (layers->done > layers->group_first) {
        const DkmStep *step = layers->steps->pdata[--layers->done];
        dkm_layers_run_step(layers, step, &step->before, NULL);
    }
    g_ptr_array_set_size(layers->steps, (gint)layers->done);
    g_ptr_array_set_size(layers->slots, (gint)layers->group_slots);
}

void dkm_layers_end(DkmLayers *layers, gboolean keep)
{
    dkm_layers_stroke_end(layers);
    if (layers->group_depth == 0)
        return;
    if (!keep)
        drop_group(layers);
    if (--layers->group_depth == 0 && layers->done > layers->group_first)
        dkm_layers_tell(layers, DKM_RECORD_ACTION, layers->group_first);
}

/* --- undo, redo ------------------------------------------------------------------------------- */

gboolean dkm_layers_can_undo(const DkmLayers *layers)
{
    return layers->done > 0 && layers->group_depth == 0;
}

gboolean dkm_layers_can_redo(const DkmLayers *layers)
{
    return layers->done < layers->steps->len && layers->group_depth == 0;
}

static gboolean step_back(DkmLayers *layers, GError **error)
{
    const DkmStep *step = layers->steps->pdata[layers->done - 1];
    if (!dkm_layers_run_step(layers, step, &step->before, error))
        return FALSE;
    layers->done--;
    return TRUE;
}

static gboolean step_on(DkmLayers *layers, GError **error)
{
    const DkmStep *step = layers->steps->pdata[layers->done];
    if (!dkm_layers_run_step(layers, step, &step->after, error))
        return FALSE;
    layers->done++;
    return TRUE;
}

static gboolean continues(const DkmLayers *layers, guint step)
{
    return step < layers->steps->len && ((const DkmStep *)layers->steps->pdata[step])->continues;
}

/* Whole actions: what cannot be finished for want of memory is taken back. */
gboolean dkm_layers_undo(DkmLayers *layers, GError **error)
{
    dkm_layers_stroke_end(layers);
    if (!dkm_layers_can_undo(layers))
        return FALSE;
    const guint from = layers->done;
    do {
        if (step_back(layers, error))
            continue;
        while (layers->done < from && step_on(layers, NULL))
            ;
        return FALSE;
    } while (continues(layers, layers->done));
    dkm_layers_tell(layers, DKM_RECORD_UNDO, 0);
    return TRUE;
}

gboolean dkm_layers_redo(DkmLayers *layers, GError **error)
{
    dkm_layers_stroke_end(layers);
    if (!dkm_layers_can_redo(layers))
        return FALSE;
    const guint from = layers->done;
    do {
        if (step_on(layers, error))
            continue;
        while (layers->done > from && step_back(layers, NULL))
            ;
        return FALSE;
    } while (continues(layers, layers->done));
    dkm_layers_tell(layers, DKM_RECORD_REDO, 0);
    return TRUE;
}

gsize dkm_layers_undo_bytes(const DkmLayers *layers)
{
    gsize bytes = 0;
    for (guint i = 0; i < layers->steps->len; i++) {
        const DkmStep *step = layers->steps->pdata[i];
        bytes += sizeof *step + (step->delta ? dkm_delta_bytes(step->delta) : 0);
    }
    return bytes;
}
