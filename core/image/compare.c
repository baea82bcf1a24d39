#include "core/image/compare.h"

#include "core/error.h"
#include "core/image/distance.h"

#include <math.h>

/* The smallest box that holds every set voxel of both masks; FALSE where there is none. */
static gboolean bounding_box(const DkmMask *a, const DkmMask *b, DkmBox *box)
{
    const DkmGrid *grid = dkm_mask_grid(a);
    gboolean any = FALSE;
    *box = (DkmBox){{grid->n[0], grid->n[1], grid->n[2]}, {0, 0, 0}};
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                if (!dkm_mask_get(a, z, y, x) && !dkm_mask_get(b, z, y, x))
                    continue;
                const int at[3] = {z, y, x};
                for (int k = 0; k < 3; k++) {
                    box->first[k] = MIN(box->first[k], at[k]);
                    box->end[k] = MAX(box->end[k], at[k] + 1);
                }
                any = TRUE;
            }
    return any;
}

static gboolean is_surface(const DkmMask *mask, int z, int y, int x)
{
    static const int steps[6][3] = {{-1, 0, 0}, {1, 0, 0},  {0, -1, 0},
                                    {0, 1, 0},  {0, 0, -1}, {0, 0, 1}};
    const DkmGrid *grid = dkm_mask_grid(mask);
    if (!dkm_mask_get(mask, z, y, x))
        return FALSE;
    for (int i = 0; i < 6; i++) {
        const int p = z + steps[i][0], q = y + steps[i][1], r = x + steps[i][2];
        const gboolean inside =
            p >= 0 && q >= 0 && r >= 0 && p < grid->n[0] && q < grid->n[1] && r < grid->n[2];
        if (!inside || !dkm_mask_get(mask, p, q, r))
            return TRUE;
    }
    return FALSE;
}

typedef void (*VoxelVisitor)(gpointer data, gsize index);

/* Calls VISIT with the index inside BOX of every surface voxel of MASK. */
static void visit_surface(const DkmMask *mask, const DkmBox *box, VoxelVisitor visit, gpointer data)
{
    gsize index = 0;
    for (int z = box->first[0]; z < box->end[0]; z++)
        for (int y = box->first[1]; y < box->end[1]; y++)
            for (int x = box->first[2]; x < box->end[2]; x++, index++)
                if (is_surface(mask, z, y, x))
                    visit(data, index);
}

static void set_feature(gpointer data, gsize index)
{
    ((double *)data)[index] = 0;
}

typedef struct {
    const double *distance2;
    GArray *distances; /* of double, mm */
} Gather;

static void gather_distance(gpointer data, gsize index)
{
    Gather *gather = data;
    const double distance = sqrt(gather->distance2[index]);
    g_array_append_val(gather->distances, distance);
}

static gint compare_doubles(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 95th percentile of the surface distances of both directions, linear between ranks. */
static gboolean hausdorff95(const DkmMask *a, const DkmMask *b, double *hd95_mm, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(a);
    DkmBox box;
    bounding_box(a, b, &box);
    const int n[3] = {box.end[0] - box.first[0], box.end[1] - box.first[1],
                      box.end[2] - box.first[2]};
    const gsize count = (gsize)n[0] * (gsize)n[1] * (gsize)n[2];
    g_autofree double *distance2 = g_try_new(double, count);
    if (!distance2)
        return dkm_error_set_no_memory(error, count * sizeof(double), "surface distances");
    g_autoptr(GArray) distances = g_array_new(FALSE, FALSE, sizeof(double));
    const DkmMask *const from[2] = {a, b}, *const to[2] = {b, a};
    for (int direction = 0; direction < 2; direction++) {
        for (gsize i = 0; i < count; i++)
            distance2[i] = HUGE_VAL;
        visit_surface(to[direction], &box, set_feature, distance2);
        if (!dkm_distance_transform(distance2, n, grid->spacing_mm, error))
            return FALSE;
        visit_surface(from[direction], &box, gather_distance, &(Gather){distance2, distances});
    }
    g_array_sort(distances, compare_doubles);
    const double rank = 0.95 * (distances->len - 1);
    const guint low = (guint)rank, high = MIN(low + 1, distances->len - 1);
    const double below = g_array_index(distances, double, low);
    *hd95_mm = below + (rank - low) * (g_array_index(distances, double, high) - below);
    return TRUE;
}

static gsize count_both(const DkmMask *a, const DkmMask *b)
{
    const DkmGrid *grid = dkm_mask_grid(a);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    gsize both = 0;
    for (int z = 0; z < grid->n[0]; z++) {
        const guint8 *p = dkm_mask_peek_slice(a, z), *q = dkm_mask_peek_slice(b, z);
        for (gsize i = 0; i < n; i++)
            both += p[i] && q[i];
    }
    return both;
}

gboolean dkm_masks_compare(const DkmMask *a, const DkmMask *b, DkmComparison *out, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(a);
    const double finest = MIN(MIN(grid->spacing_mm[0], grid->spacing_mm[1]), grid->spacing_mm[2]);
    if (!dkm_grid_equal(grid, dkm_mask_grid(b), 0.5 * finest)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            "the masks do not lie on one lattice");
        return FALSE;
    }
    *out = (DkmComparison){.voxels_a = dkm_mask_count(a),
                           .voxels_b = dkm_mask_count(b),
                           .both = count_both(a, b),
                           .ml_a = dkm_mask_volume_ml(a),
                           .ml_b = dkm_mask_volume_ml(b),
                           .dice = 1,
                           .jaccard = 1,
                           .hd95_mm = NAN};
    const gsize sum = out->voxels_a + out->voxels_b;
    if (sum) {
        out->dice = 2.0 * (double)out->both / (double)sum;
        out->jaccard = (double)out->both / (double)(sum - out->both);
    }
    return !out->voxels_a || !out->voxels_b || hausdorff95(a, b, &out->hd95_mm, error);
}
