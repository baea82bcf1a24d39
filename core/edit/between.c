#include "core/edit/mask-tools.h"
#include "core/edit/region.h"
#include "core/error.h"
#include "core/i18n.h"
#include "core/image/distance.h"

#include <math.h>
#include <string.h>

/* Signed distances in a slice: to the nearest pixel that is not set (inside, positive) or that is
 * (outside, negative), from centre to centre. */
typedef struct {
    double *signed_mm, *scratch;
    gsize n;
} SliceShape;

static void shape_clear(SliceShape *shape)
{
    g_clear_pointer(&shape->signed_mm, g_free);
    g_clear_pointer(&shape->scratch, g_free);
}

static gboolean shape_init(SliceShape *shape, gsize n, GError **error)
{
    *shape = (SliceShape){g_try_new(double, n), g_try_new(double, n), n};
    return (shape->signed_mm && shape->scratch) ||
           dkm_error_set_no_memory(error, 2 * n * sizeof(double), "interpolation");
}

static gboolean shape_measure(SliceShape *shape, const DkmRegion *region, int z, GError **error)
{
    const guint8 *voxels = region->voxels + dkm_region_index(region, z, 0, 0);
    const int n[3] = {1, region->n[1], region->n[2]};
    for (gsize i = 0; i < shape->n; i++) {
        shape->signed_mm[i] = voxels[i] ? HUGE_VAL : 0;
        shape->scratch[i] = voxels[i] ? 0 : HUGE_VAL;
    }
    if (!dkm_distance_transform(shape->signed_mm, n, region->spacing_mm, error) ||
        !dkm_distance_transform(shape->scratch, n, region->spacing_mm, error))
        return FALSE;
    for (gsize i = 0; i < shape->n; i++)
        shape->signed_mm[i] = voxels[i] ? sqrt(shape->signed_mm[i]) : -sqrt(shape->scratch[i]);
    return TRUE;
}

static void fill_between(DkmRegion *region, const SliceShape ends[2], int below, int above)
{
    for (int z = below + 1; z < above; z++) {
        const double share = (double)(z - below) / (above - below);
        guint8 *voxels = region->voxels + dkm_region_index(region, z, 0, 0);
        for (gsize i = 0; i < ends[0].n; i++)
            voxels[i] = (1 - share) * ends[0].signed_mm[i] + share * ends[1].signed_mm[i] > 0;
    }
}

/* The next slice from Z on with something set; n[0] where there is none. */
static int next_filled(const DkmRegion *region, int z)
{
    const gsize plane = (gsize)region->n[1] * (gsize)region->n[2];
    for (; z < region->n[0]; z++)
        if (memchr(region->voxels + (gsize)z * plane, 1, plane))
            return z;
    return region->n[0];
}

/* One pixel of margin in the slice: a shape that fills its box still has an outside. Where the
 * lattice ends there too, a slice full of voxels is infinitely far inside, and so is what lies
 * beside it. */
DkmMask *dkm_mask_interpolate(const DkmMask *mask, GError **error)
{
    static const int margin[3] = {0, 1, 1};
    g_auto(DkmRegion) region = {0};
    if (!dkm_region_init(&region, mask, margin, error))
        return NULL;
    if (region.count == 0)
        return dkm_mask_new(dkm_mask_grid(mask), error);
    SliceShape ends[2] = {{0}};
    const gsize plane = (gsize)region.n[1] * (gsize)region.n[2];
    gboolean ok = shape_init(&ends[0], plane, error) && shape_init(&ends[1], plane, error);
    for (int below = 0, above; ok && below < region.n[0]; below = above) {
        above = next_filled(&region, below + 1);
        if (above == region.n[0] || above == below + 1)
            continue;
        ok = shape_measure(&ends[0], &region, below, error) &&
             shape_measure(&ends[1], &region, above, error);
        if (ok)
            fill_between(&region, ends, below, above);
    }
    shape_clear(&ends[0]);
    shape_clear(&ends[1]);
    return ok ? dkm_region_to_mask(&region, dkm_mask_grid(mask), error) : NULL;
}

DkmMask *dkm_mask_copy_slice(const DkmMask *mask, int from, int to, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    if (from < 0 || to < 0 || from >= grid->n[0] || to >= grid->n[0]) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY, _("there is no such slice"));
        return NULL;
    }
    DkmMask *out = dkm_mask_dup(mask, error);
    const gsize plane = (gsize)grid->n[1] * (gsize)grid->n[2];
    for (gsize i = 0; out && i < plane; i++)
        dkm_mask_slice(out, to)[i] |= dkm_mask_peek_slice(mask, from)[i];
    return out;
}
