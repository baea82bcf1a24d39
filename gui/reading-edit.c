#include "gui/editing.h"

#include "core/edit/mask-tools.h"
#include "gui/pane.h"
#include "gui/reading-private.h"

/* More lesions than anybody tells apart; what is left stays together. */
#define MOST_PARTS 12

const DkmLayer *dkm_editing_layer(DkmReading *self)
{
    const DkmReviewCase *on = dkm_reading_case(self);
    return on ? dkm_layers_find(on->layers, dkm_reading_look(self)->layer) : NULL;
}

guint32 dkm_editing_colour(const DkmLayer *layer)
{
    return layer->info.colour ? layer->info.colour : dkm_layer_colour(layer->id);
}

static void finish(DkmReading *self, const GError *error)
{
    dkm_reading_report(self, error);
    dkm_reading_layers_changed(self);
}

/* --- the list --------------------------------------------------------------------------------- */

void dkm_editing_reject(DkmReading *self, const char *reviewer)
{
    g_autoptr(GError) error = NULL;
    const DkmLayer *layer = dkm_editing_layer(self);
    if (!layer)
        return;
    dkm_layers_reject(dkm_reading_case(self)->layers, layer->id, reviewer,
                      g_get_real_time() / G_USEC_PER_SEC, &error);
    finish(self, error);
}

void dkm_editing_rename(DkmReading *self, const char *name)
{
    g_autoptr(GError) error = NULL;
    const DkmLayer *layer = dkm_editing_layer(self);
    if (!layer)
        return;
    dkm_layers_rename(dkm_reading_case(self)->layers, layer->id, name, &error);
    finish(self, error);
}

void dkm_editing_recolour(DkmReading *self, guint id, guint32 colour)
{
    g_autoptr(GError) error = NULL;
    if (!dkm_reading_case(self))
        return;
    dkm_layers_recolour(dkm_reading_case(self)->layers, id, colour, &error);
    finish(self, error);
}

void dkm_editing_split(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    const DkmLayer *layer = dkm_editing_layer(self);
    if (!layer)
        return;
    DkmLayers *layers = dkm_reading_case(self)->layers;
    const guint before = dkm_layers_count(layers);
    dkm_layers_split(layers, layer->id, MOST_PARTS, &error);
    if (!error && dkm_layers_count(layers) == before)
        dkm_reading_message(self, DKM_MESSAGE_NOTE, "The mask hangs together: there is one part.");
    finish(self, error);
}

/* --- the whole mask --------------------------------------------------------------------------- */

const char *dkm_edit_name(DkmEdit edit)
{
    static const char *const names[DKM_EDIT_COUNT] = {
        [DKM_EDIT_GROW] = "Grow: 1 mm, at least a voxel",
        [DKM_EDIT_SHRINK] = "Shrink: 1 mm, at least a voxel",
        [DKM_EDIT_SMOOTH] = "Smooth, 2 mm",
        [DKM_EDIT_FILL_HOLES] = "Fill holes",
        [DKM_EDIT_FILL_SLICES] = "Fill holes in each slice",
        [DKM_EDIT_KEEP_LARGEST] = "Keep the largest part",
        [DKM_EDIT_REMOVE_SMALL] = "Remove parts under 20 mm³",
        [DKM_EDIT_INTERPOLATE] = "Fill slices between",
        [DKM_EDIT_COPY_TO_NEXT] = "Copy to the next slice",
        [DKM_EDIT_COPY_TO_LAST] = "Copy to the slice before",
    };
    return names[edit];
}

/* Less than the distance to the nearest neighbour would change nothing. */
static double step_mm(const DkmMask *mask)
{
    const double *spacing = dkm_mask_grid(mask)->spacing_mm;
    return MAX(DKM_STEP_MM, MIN(spacing[0], MIN(spacing[1], spacing[2])));
}

static DkmMask *make(const DkmMask *mask, DkmEdit edit, int slice, GError **error)
{
    switch (edit) {
    case DKM_EDIT_GROW:
        return dkm_mask_grow(mask, step_mm(mask), error);
    case DKM_EDIT_SHRINK:
        return dkm_mask_grow(mask, -step_mm(mask), error);
    case DKM_EDIT_SMOOTH:
        return dkm_mask_smooth(mask, DKM_SMOOTH_MM, error);
    case DKM_EDIT_FILL_HOLES:
    case DKM_EDIT_FILL_SLICES:
        return dkm_mask_fill_holes(mask, edit == DKM_EDIT_FILL_SLICES, error);
    case DKM_EDIT_KEEP_LARGEST:
        return dkm_mask_keep_largest(mask, error);
    case DKM_EDIT_REMOVE_SMALL:
        return dkm_mask_remove_small(mask, DKM_SMALL_MM3, error);
    case DKM_EDIT_INTERPOLATE:
        return dkm_mask_interpolate(mask, error);
    case DKM_EDIT_COPY_TO_NEXT:
        return dkm_mask_copy_slice(mask, slice, slice + 1, error);
    case DKM_EDIT_COPY_TO_LAST:
        return dkm_mask_copy_slice(mask, slice, slice - 1, error);
    case DKM_EDIT_COUNT:
        break;
    }
    return NULL;
}

void dkm_editing_take(DkmReading *self, DkmMask *made, const GError *error)
{
    g_autoptr(DkmMask) voxels = made;
    g_autoptr(GError) own_error = NULL;
    const DkmLayer *layer = dkm_editing_layer(self);
    if (voxels && layer)
        dkm_layers_set_voxels(dkm_reading_case(self)->layers, layer->id, voxels, &own_error);
    finish(self, voxels ? own_error : error);
}

void dkm_editing_apply(DkmReading *self, DkmEdit edit)
{
    g_autoptr(GError) error = NULL;
    const DkmLayer *layer = dkm_editing_layer(self);
    if (!layer)
        return;
    DkmLook look = *dkm_reading_look(self);
    const guint64 serial = dkm_layers_serial(dkm_reading_case(self)->layers);
    DkmMask *made = make(layer->mask, edit, look.slice, &error);
    const gboolean ok = made != NULL;
    dkm_editing_take(self, made, error);
    if (ok && (edit == DKM_EDIT_COPY_TO_NEXT || edit == DKM_EDIT_COPY_TO_LAST)) {
        look.slice += edit == DKM_EDIT_COPY_TO_NEXT ? 1 : -1;
        dkm_reading_set_look(self, &look);
    } else if (ok && dkm_layers_serial(dkm_reading_case(self)->layers) == serial)
        dkm_reading_message(self, DKM_MESSAGE_NOTE, "That changes nothing on this mask.");
}
