#include "core/mask.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

struct _DkmMask {
    gatomicrefcount refs;
    DkmGrid grid;
    guint8 *voxels;
};

DkmMask *dkm_mask_new(const DkmGrid *grid, GError **error)
{
    const gsize bytes = dkm_grid_voxels(grid);
    guint8 *voxels = g_try_malloc0(bytes);
    if (!voxels) {
        dkm_error_set_no_memory(error, bytes, "a mask");
        return NULL;
    }
    DkmMask *mask = g_new0(DkmMask, 1);
    g_atomic_ref_count_init(&mask->refs);
    mask->grid = *grid;
    mask->voxels = voxels;
    return mask;
}

DkmMask *dkm_mask_dup(const DkmMask *mask, GError **error)
{
    DkmMask *copy = dkm_mask_new(&mask->grid, error);
    if (copy)
        memcpy(copy->voxels, mask->voxels, dkm_grid_voxels(&mask->grid));
    return copy;
}

DkmMask *dkm_mask_ref(DkmMask *mask)
{
    g_atomic_ref_count_inc(&mask->refs);
    return mask;
}

void dkm_mask_unref(DkmMask *mask)
{
    if (!mask || !g_atomic_ref_count_dec(&mask->refs))
        return;
    g_free(mask->voxels);
    g_free(mask);
}

const DkmGrid *dkm_mask_grid(const DkmMask *mask)
{
    return &mask->grid;
}

guint8 *dkm_mask_slice(DkmMask *mask, int z)
{
    return mask->voxels + dkm_grid_index(&mask->grid, z, 0, 0);
}

const guint8 *dkm_mask_peek_slice(const DkmMask *mask, int z)
{
    return mask->voxels + dkm_grid_index(&mask->grid, z, 0, 0);
}

gsize dkm_mask_slice_count(const DkmMask *mask, int z)
{
    const guint8 *voxels = dkm_mask_peek_slice(mask, z);
    const gsize n = (gsize)mask->grid.n[1] * (gsize)mask->grid.n[2];
    gsize count = 0;
    for (gsize i = 0; i < n; i++)
        count += voxels[i] != 0;
    return count;
}

gsize dkm_mask_count(const DkmMask *mask)
{
    gsize count = 0;
    for (int z = 0; z < mask->grid.n[0]; z++)
        count += dkm_mask_slice_count(mask, z);
    return count;
}

void dkm_mask_middle(const DkmMask *mask, int zyx[3])
{
    const DkmGrid *grid = &mask->grid;
    gsize most = 0;
    zyx[0] = 0;
    for (int z = 0; z < grid->n[0]; z++) {
        const gsize count = dkm_mask_slice_count(mask, z);
        if (count > most) {
            most = count;
            zyx[0] = z;
        }
    }
    gsize sum[2] = {0, 0};
    const guint8 *voxels = dkm_mask_peek_slice(mask, zyx[0]);
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++)
            if (*voxels++) {
                sum[0] += (gsize)y;
                sum[1] += (gsize)x;
            }
    zyx[1] = (int)(sum[0] / MAX(most, 1));
    zyx[2] = (int)(sum[1] / MAX(most, 1));
}

/* Narrows the columns of BOX to what is set in ROW; FALSE where nothing is. */
static gboolean bound_row(const guint8 *row, int columns, DkmBox *box)
{
    const guint8 *first = memchr(row, 1, (gsize)columns);
    if (!first)
        return FALSE;
    int last = columns - 1;
    while (!row[last])
        last--;
    box->first[2] = MIN(box->first[2], (int)(first - row));
    box->end[2] = MAX(box->end[2], last + 1);
    return TRUE;
}

static void find_box(const DkmMask *mask, DkmBox *box)
{
    const int *n = dkm_mask_grid(mask)->n;
    *box = (DkmBox){{n[0], n[1], n[2]}, {0, 0, 0}};
    for (int z = 0; z < n[0]; z++)
        for (int y = 0; y < n[1]; y++) {
            if (!bound_row(dkm_mask_peek_slice(mask, z) + (gsize)y * (gsize)n[2], n[2], box))
                continue;
            box->first[0] = MIN(box->first[0], z);
            box->end[0] = z + 1;
            box->first[1] = MIN(box->first[1], y);
            box->end[1] = MAX(box->end[1], y + 1);
        }
}

gboolean dkm_mask_box(const DkmMask *mask, double margin_mm, DkmBox *box)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    find_box(mask, box);
    if (box->end[0] == 0) {
        *box = (DkmBox){{0}, {0}};
        return FALSE;
    }
    for (int k = 0; k < 3; k++) {
        const int margin = (int)ceil(margin_mm / grid->spacing_mm[k]);
        box->first[k] = MAX(box->first[k] - margin, 0);
        box->end[k] = MIN(box->end[k] + margin, grid->n[k]);
    }
    return TRUE;
}

double dkm_mask_volume_ml(const DkmMask *mask)
{
    return (double)dkm_mask_count(mask) * dkm_grid_voxel_ml(&mask->grid);
}

char *dkm_mask_sha256(const DkmMask *mask)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, mask->voxels,
                                       dkm_grid_voxels(&mask->grid));
}
