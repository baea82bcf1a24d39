#include "core/edit/mask-tools.h"
#include "core/edit/region.h"

/* Voxels that are not set and reach the edge get this mark. */
#define OUTSIDE 2

typedef struct {
    DkmRegion *region;
    GArray *open;   /* of gsize: marked, neighbours not looked at yet */
    int first_axis; /* 1: within a slice, 0: in all three dimensions */
} Flood;

static void mark(Flood *flood, gsize index)
{
    if (flood->region->voxels[index])
        return;
    flood->region->voxels[index] = OUTSIDE;
    g_array_append_val(flood->open, index);
}

static void spread(Flood *flood, gsize index)
{
    const int *n = flood->region->n;
    const gsize steps[3] = {(gsize)n[1] * (gsize)n[2], (gsize)n[2], 1};
    const int at[3] = {(int)(index / steps[0]), (int)(index / steps[1] % (gsize)n[1]),
                       (int)(index % steps[1])};
    for (int axis = flood->first_axis; axis < 3; axis++) {
        if (at[axis] > 0)
            mark(flood, index - steps[axis]);
        if (at[axis] < n[axis] - 1)
            mark(flood, index + steps[axis]);
    }
}

static gboolean is_edge(const Flood *flood, int z, int y, int x)
{
    const int at[3] = {z, y, x};
    for (int axis = flood->first_axis; axis < 3; axis++)
        if (at[axis] == 0 || at[axis] == flood->region->n[axis] - 1)
            return TRUE;
    return FALSE;
}

static void flood_from_edge(Flood *flood)
{
    const int *n = flood->region->n;
    for (int z = 0; z < n[0]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[2]; x++)
                if (is_edge(flood, z, y, x))
                    mark(flood, dkm_region_index(flood->region, z, y, x));
    while (flood->open->len) {
        const gsize index = g_array_index(flood->open, gsize, flood->open->len - 1);
        g_array_set_size(flood->open, flood->open->len - 1);
        spread(flood, index);
    }
}

/* The bounding box is enough: what touches its edge unset is outside, for nothing beyond is set. */
DkmMask *dkm_mask_fill_holes(const DkmMask *mask, gboolean in_slices, GError **error)
{
    static const int margin[3] = {0, 0, 0};
    g_auto(DkmRegion) region = {0};
    if (!dkm_region_init(&region, mask, margin, error))
        return NULL;
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(gsize));
    Flood flood = {&region, open, in_slices ? 1 : 0};
    flood_from_edge(&flood);
    for (gsize i = 0; i < region.count; i++)
        region.voxels[i] = region.voxels[i] != OUTSIDE;
    return dkm_region_to_mask(&region, dkm_mask_grid(mask), error);
}
