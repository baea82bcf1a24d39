#include "core/edit/mask-tools.h"
#include "core/edit/region.h"
#include "core/error.h"

#include <math.h>
#include <string.h>

/* One row of the ball: its place beside the middle and how many columns it reaches to each side. */
typedef struct {
    int dz, dy, reach;
} BallRow;

static GArray *ball_rows(double radius_mm, const double spacing_mm[3])
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(BallRow));
    const double radius2 = radius_mm * radius_mm * (1 + 1e-9);
    const int far_z = (int)(sqrt(radius2) / spacing_mm[0]);
    const int far_y = (int)(sqrt(radius2) / spacing_mm[1]);
    for (int dz = -far_z; dz <= far_z; dz++)
        for (int dy = -far_y; dy <= far_y; dy++) {
            const double z = dz * spacing_mm[0], y = dy * spacing_mm[1];
            const double left2 = radius2 - z * z - y * y;
            if (left2 < 0)
                continue;
            const BallRow row = {dz, dy, (int)(sqrt(left2) / spacing_mm[2])};
            g_array_append_val(rows, row);
        }
    return rows;
}

/* SUMS[i] of a row: how many of its first i voxels are set. */
static guint32 *row_sums(const DkmRegion *region, GError **error)
{
    const gsize width = (gsize)region->n[2], rows = (gsize)region->n[0] * (gsize)region->n[1];
    guint32 *sums = g_try_new(guint32, MAX(rows * (width + 1), 1));
    if (!sums) {
        dkm_error_set_no_memory(error, rows * (width + 1) * sizeof(guint32), "a mask's sums");
        return NULL;
    }
    for (gsize row = 0; row < rows; row++) {
        guint32 *sum = sums + row * (width + 1);
        sum[0] = 0;
        for (gsize x = 0; x < width; x++)
            sum[x + 1] = sum[x] + region->voxels[row * width + x];
    }
    return sums;
}

/* Adds the votes of the rows around (Z, Y): AYES and ALL, one entry a column. */
static void count_votes(const DkmRegion *region, const GArray *ball, const guint32 *sums,
                        const int zy[2], guint32 *votes)
{
    const int *n = region->n;
    guint32 *ayes = votes, *all = votes + n[2];
    memset(votes, 0, 2 * (gsize)n[2] * sizeof *votes);
    for (guint i = 0; i < ball->len; i++) {
        const BallRow *row = &g_array_index(ball, BallRow, i);
        const int z = zy[0] + row->dz, y = zy[1] + row->dy;
        if (z < 0 || z >= n[0] || y < 0 || y >= n[1])
            continue;
        const guint32 *sum = sums + ((gsize)z * (gsize)n[1] + (gsize)y) * (gsize)(n[2] + 1);
        for (int x = 0; x < n[2]; x++) {
            const int first = MAX(x - row->reach, 0), end = MIN(x + row->reach + 1, n[2]);
            ayes[x] += sum[end] - sum[first];
            all[x] += (guint32)(end - first);
        }
    }
}

/* Around what is set a whole radius is copied out, so that all who may vote can. */
DkmMask *dkm_mask_smooth(const DkmMask *mask, double radius_mm, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    int margin[3];
    for (int axis = 0; axis < 3; axis++)
        margin[axis] = 2 * (int)MIN(radius_mm / grid->spacing_mm[axis] + 1, 1e6);
    g_auto(DkmRegion) region = {0};
    if (!dkm_region_init(&region, mask, margin, error))
        return NULL;
    g_autofree guint32 *sums = row_sums(&region, error);
    if (!sums)
        return NULL;
    g_autoptr(GArray) ball = ball_rows(radius_mm, grid->spacing_mm);
    g_autofree guint32 *votes = g_new0(guint32, 2 * (gsize)region.n[2] + 1);
    for (int z = 0; z < region.n[0]; z++)
        for (int y = 0; y < region.n[1]; y++) {
            count_votes(&region, ball, sums, (int[]){z, y}, votes);
            guint8 *row = region.voxels + dkm_region_index(&region, z, y, 0);
            for (int x = 0; x < region.n[2]; x++) {
                const guint32 ayes = 2 * votes[x], all = votes[region.n[2] + x];
                row[x] = ayes == all ? row[x] : ayes > all;
            }
        }
    return dkm_region_to_mask(&region, grid, error);
}
