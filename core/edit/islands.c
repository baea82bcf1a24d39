#include "core/edit/mask-tools.h"
#include "core/edit/region.h"
#include "core/error.h"
#include "core/i18n.h"
#include "core/image/components.h"

/* The parts of a mask: a number for every voxel, and how many voxels each number has. */
typedef struct {
    DkmRegion region;
    guint32 *labels;
    guint n;
    gsize *sizes; /* n + 1 of them, by label */
} Parts;

static void parts_clear(Parts *parts)
{
    dkm_region_clear(&parts->region);
    g_clear_pointer(&parts->labels, g_free);
    g_clear_pointer(&parts->sizes, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

static gboolean parts_init(Parts *parts, const DkmMask *mask, GError **error)
{
    static const int margin[3] = {0, 0, 0};
    if (!dkm_region_init(&parts->region, mask, margin, error))
        return FALSE;
    const gsize count = parts->region.count;
    parts->labels = g_try_new(guint32, MAX(count, 1));
    if (!parts->labels)
        return dkm_error_set_no_memory(error, count * sizeof(guint32), "the parts of a mask");
    if (count)
        parts->n = dkm_components_label(parts->region.voxels, parts->region.n, parts->labels);
    parts->sizes = g_new0(gsize, parts->n + 1);
    for (gsize i = 0; i < count; i++)
        parts->sizes[parts->labels[i]]++;
    return TRUE;
}

/* The parts whose number KEEP has set, as a mask. */
static DkmMask *parts_pick(Parts *parts, const gboolean *keep, const DkmGrid *grid, GError **error)
{
    for (gsize i = 0; i < parts->region.count; i++)
        parts->region.voxels[i] = parts->labels[i] && keep[parts->labels[i]];
    return dkm_region_to_mask(&parts->region, grid, error);
}

DkmMask *dkm_mask_keep_largest(const DkmMask *mask, GError **error)
{
    g_auto(Parts) parts = {0};
    if (!parts_init(&parts, mask, error))
        return NULL;
    g_autofree gboolean *keep = g_new0(gboolean, parts.n + 1);
    guint largest = 0;
    for (guint label = 1; label <= parts.n; label++)
        if (largest == 0 || parts.sizes[label] > parts.sizes[largest])
            largest = label;
    keep[largest] = TRUE;
    return parts_pick(&parts, keep, dkm_mask_grid(mask), error);
}

DkmMask *dkm_mask_remove_small(const DkmMask *mask, double least_mm3, GError **error)
{
    g_auto(Parts) parts = {0};
    if (!parts_init(&parts, mask, error))
        return NULL;
    const double voxel_mm3 = 1000 * dkm_grid_voxel_ml(dkm_mask_grid(mask));
    g_autofree gboolean *keep = g_new0(gboolean, parts.n + 1);
    for (guint label = 1; label <= parts.n; label++)
        keep[label] = (double)parts.sizes[label] * voxel_mm3 >= least_mm3 * (1 - 1e-9);
    return parts_pick(&parts, keep, dkm_mask_grid(mask), error);
}

/* The part at ZYX, or with OTHERS all but that. */
static DkmMask *pick_at(const DkmMask *mask, const int zyx[3], gboolean others, GError **error)
{
    const DkmBox voxel = {{zyx[0], zyx[1], zyx[2]}, {zyx[0] + 1, zyx[1] + 1, zyx[2] + 1}};
    const DkmGrid *grid = dkm_mask_grid(mask);
    if (!dkm_box_fits(&voxel, grid)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            _("the place lies outside the images"));
        return NULL;
    }
    if (!dkm_mask_get(mask, zyx[0], zyx[1], zyx[2]))
        return others ? dkm_mask_dup(mask, error) : dkm_mask_new(grid, error);
    g_auto(Parts) parts = {0};
    if (!parts_init(&parts, mask, error))
        return NULL;
    const int *first = parts.region.box.first;
    const guint32 here = parts.labels[dkm_region_index(&parts.region, zyx[0] - first[0],
                                                       zyx[1] - first[1], zyx[2] - first[2])];
    g_autofree gboolean *keep = g_new0(gboolean, parts.n + 1);
    for (guint label = 1; label <= parts.n; label++)
        keep[label] = (label == here) != others;
    return parts_pick(&parts, keep, grid, error);
}

DkmMask *dkm_mask_part_at(const DkmMask *mask, const int zyx[3], GError **error)
{
    return pick_at(mask, zyx, FALSE, error);
}

DkmMask *dkm_mask_remove_part_at(const DkmMask *mask, const int zyx[3], GError **error)
{
    return pick_at(mask, zyx, TRUE, error);
}

static gint by_size(gconstpointer a, gconstpointer b, gpointer data)
{
    const guint left = *(const guint *)a, right = *(const guint *)b;
    const gsize *sizes = data;
    if (sizes[left] != sizes[right])
        return sizes[left] > sizes[right] ? -1 : 1;
    return left < right ? -1 : left > right;
}

GPtrArray *dkm_mask_split(const DkmMask *mask, guint most, GError **error)
{
    g_auto(Parts) parts = {0};
    if (!parts_init(&parts, mask, error))
        return NULL;
    g_autofree guint *order = g_new(guint, parts.n + 1);
    for (guint i = 0; i < parts.n; i++)
        order[i] = i + 1;
    g_qsort_with_data(order, (gint)parts.n, sizeof *order, by_size, parts.sizes);
    g_autoptr(GPtrArray) masks = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_mask_unref);
    const guint n = MIN(parts.n, MAX(most, 1));
    for (guint i = 0; i < n; i++) {
        g_autofree gboolean *keep = g_new0(gboolean, parts.n + 1);
        keep[order[i]] = TRUE;
        for (guint rest = n; i == n - 1 && rest < parts.n; rest++)
            keep[order[rest]] = TRUE;
        DkmMask *part = parts_pick(&parts, keep, dkm_mask_grid(mask), error);
        if (!part)
            return NULL;
        g_ptr_array_add(masks, part);
    }
    return g_steal_pointer(&masks);
}
