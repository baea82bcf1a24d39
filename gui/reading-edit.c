#include "gui/editing.h"

#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "core/image/diameter.h"
#include "gui/i18n.h"
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

void dkm_editing_begin_mask(DkmReading *self)
{
    DkmReviewCase *on = dkm_reading_case(self);
    g_autoptr(GError) error = NULL;
    DkmLook look = *dkm_reading_look(self);
    if (!on)
        return;
    const guint layer = dkm_layers_add(on->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error);
    if (layer) {
        look.layer = layer;
        dkm_reading_set_look(self, &look);
    }
    finish(self, error);
}

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
        dkm_reading_message(self, DKM_MESSAGE_NOTE,
                            _("The mask hangs together: there is one part."));
    finish(self, error);
}

DkmLesionSize dkm_editing_measure(const DkmLayer *layer)
{
    g_autoptr(DkmMask) lesion = layer->voxels ? dkm_mask_crop(layer->mask, NULL) : NULL;
    DkmDiameter in_space = {0}, in_plane = {0};
    if (lesion)
        dkm_diameters_measure(lesion, &in_space, &in_plane);
    return (DkmLesionSize){in_space.mm, in_plane.mm};
}

/* --- the whole mask --------------------------------------------------------------------------- */

const char *dkm_edit_name(DkmEdit edit)
{
    static const char *const names[DKM_EDIT_COUNT] = {
        [DKM_EDIT_GROW] = N_("Grow: 1 mm, at least a voxel"),
        [DKM_EDIT_SHRINK] = N_("Shrink: 1 mm, at least a voxel"),
        [DKM_EDIT_SMOOTH] = N_("Smooth, 2 mm"),
        [DKM_EDIT_FILL_HOLES] = N_("Fill holes"),
        [DKM_EDIT_FILL_SLICES] = N_("Fill holes in each slice"),
        [DKM_EDIT_KEEP_LARGEST] = N_("Keep the largest part"),
        [DKM_EDIT_REMOVE_SMALL] = N_("Remove parts under 20 mm³"),
        [DKM_EDIT_INTERPOLATE] = N_("Fill slices between"),
        [DKM_EDIT_COPY_TO_NEXT] = N_("Copy to the next slice"),
        [DKM_EDIT_COPY_TO_LAST] = N_("Copy to the slice before"),
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
    DkmLayers *layers = dkm_reading_case(self)->layers;
    if (voxels && layer)
        dkm_layers_set_voxels(layers, layer->id, voxels, &own_error);
    else if (voxels && dkm_mask_count(voxels) > 0)
        dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, voxels, &own_error);
    finish(self, voxels ? own_error : error);
}

DkmMask *dkm_editing_base(DkmReading *self, GError **error)
{
    const DkmLayer *layer = dkm_editing_layer(self);
    return layer ? dkm_mask_ref(layer->mask)
                 : dkm_mask_new(dkm_review_case_grid(dkm_reading_case(self)), error);
}

/* The layer that has voxel ZYX: the selected one before all others. */
static const DkmLayer *layer_at(DkmReading *self, const int zyx[3])
{
    const DkmLayers *layers = dkm_reading_case(self)->layers;
    const DkmLayer *selected = dkm_editing_layer(self);
    if (selected && dkm_mask_get(selected->mask, zyx[0], zyx[1], zyx[2]))
        return selected;
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        if (dkm_mask_get(layer->mask, zyx[0], zyx[1], zyx[2]))
            return layer;
    }
    return NULL;
}

void dkm_editing_part(DkmReading *self, const int zyx[3], gboolean keep)
{
    g_autoptr(GError) error = NULL;
    const DkmBox voxel = {{zyx[0], zyx[1], zyx[2]}, {zyx[0] + 1, zyx[1] + 1, zyx[2] + 1}};
    if (!dkm_box_fits(&voxel, dkm_review_case_grid(dkm_reading_case(self))))
        return;
    const DkmLayer *layer = layer_at(self, zyx);
    if (!layer)
        return;
    self->look.layer = layer->id;
    DkmMask *made = keep ? dkm_mask_part_at(layer->mask, zyx, &error)
                         : dkm_mask_remove_part_at(layer->mask, zyx, &error);
    dkm_editing_take(self, made, error);
    dkm_reading_changed(self, DKM_CHANGED_LOOK);
}

/* --- values and boxes ------------------------------------------------------------------------- */

DkmThreshold *dkm_editing_threshold(DkmReading *self, GError **error)
{
    static const DkmMapKind kinds[] = {[DKM_LIMIT_SUBTRACTION] = DKM_MAP_SUBTRACTION,
                                       [DKM_LIMIT_PE] = DKM_MAP_PE,
                                       [DKM_LIMIT_SER] = DKM_MAP_SER,
                                       [DKM_LIMIT_WASHOUT] = DKM_MAP_WASHOUT};
    const DkmReviewCase *on = self->open;
    const DkmLimit *limit = &self->look.limit;
    const gboolean of_phase = limit->image == DKM_LIMIT_PHASE;
    const gboolean needs_late = limit->image == DKM_LIMIT_SER || limit->image == DKM_LIMIT_WASHOUT;
    DkmVolume *phase = dkm_review_case_phase(on, of_phase ? self->pointer.phase : 0);
    const DkmKineticSource source = {phase, on->early ? dkm_review_case_phase(on, on->early) : NULL,
                                     on->late ? dkm_review_case_phase(on, on->late) : NULL};
    if (!phase || (!of_phase && !source.early) || (needs_late && !source.late)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("“%s” needs a phase that this study does not have or that is still loading"),
                    _(dkm_limit_name(limit->image)));
        return NULL;
    }
    return of_phase ? dkm_threshold_new_for_phase(phase, limit->low, limit->high)
                    : dkm_threshold_new_for_map(kinds[limit->image], &source, self->background,
                                                limit->low, limit->high);
}

void dkm_editing_set_box_depth(DkmReading *self, int choice)
{
    DkmLook look = self->look;
    if (!self->open || !look.has_box)
        return;
    const int slices = dkm_review_case_grid(self->open)->n[0];
    look.has_box = choice != 0;
    if (choice <= 1 || choice == 3)
        look.box.end[0] = choice == 3 ? look.slice + 1 : slices;
    if (choice <= 2)
        look.box.first[0] = choice == 2 ? look.slice : 0;
    look.box.first[0] = MIN(look.box.first[0], look.box.end[0] - 1);
    if (choice == 2)
        look.box.end[0] = MAX(look.box.end[0], look.slice + 1);
    dkm_reading_set_look(self, &look);
}

/* --- the whole mask, by its name -------------------------------------------------------------- */

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
        dkm_reading_message(self, DKM_MESSAGE_NOTE, _("That changes nothing on this mask."));
}
