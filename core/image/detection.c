#include "core/image/detection.h"

#include "core/error.h"
#include "core/image/components.h"

DkmOverlap dkm_masks_overlap(const DkmMask *truth, const DkmMask *predicted, const DkmBox *box)
{
    DkmOverlap o = {0};
    for (int z = box->first[0]; z < box->end[0]; z++)
        for (int y = box->first[1]; y < box->end[1]; y++)
            for (int x = box->first[2]; x < box->end[2]; x++) {
                const gboolean t = dkm_mask_get(truth, z, y, x),
                               p = dkm_mask_get(predicted, z, y, x);
                o.truth += (gsize)t;
                o.predicted += (gsize)p;
                o.both += t && p;
            }
    const gsize sum = o.truth + o.predicted;
    o.dice = sum ? 2.0 * (double)o.both / (double)sum : 1;
    return o;
}

/* Parts of OF of at least LEAST voxels, and how many of them OTHER covers by SHARE (0: touches). */
typedef struct {
    guint parts, covered;
} Parts;

static gboolean count_parts(const DkmMask *of, const DkmMask *other, double least, double share,
                            Parts *out, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(of);
    const gsize count = dkm_grid_voxels(grid);
    const guint8 *mask = dkm_mask_peek_slice(of, 0), *cover = dkm_mask_peek_slice(other, 0);
    g_autofree guint32 *label = g_try_new(guint32, count);
    if (!label)
        return dkm_error_set_no_memory(error, count * sizeof *label, "the parts of a mask");
    const guint n = dkm_components_label(mask, grid->n, label);
    g_autofree gsize *size = g_new0(gsize, n + 1), *covered = g_new0(gsize, n + 1);
    for (gsize v = 0; v < count; v++) {
        size[label[v]]++;
        covered[label[v]] += cover[v];
    }
    *out = (Parts){0};
    for (guint i = 1; i <= n; i++) {
        const double needed = MAX(1, share * (double)size[i]);
        out->parts += (double)size[i] >= least;
        out->covered += (double)size[i] >= least && (double)covered[i] >= needed;
    }
    return TRUE;
}

gboolean dkm_detection_count(const DkmMask *truth, const DkmMask *predicted, double least_ml,
                             DkmDetection *out, GError **error)
{
    const double least = least_ml / dkm_grid_voxel_ml(dkm_mask_grid(truth));
    Parts lesions = {0}, parts = {0};
    if (!count_parts(truth, predicted, least, DKM_FOUND_SHARE, &lesions, error) ||
        !count_parts(predicted, truth, least, 0, &parts, error))
        return FALSE;
    *out = (DkmDetection){lesions.parts, lesions.covered, parts.parts, parts.parts - parts.covered};
    return TRUE;
}
