#include "core/image/diameter.h"

#include <math.h>

static const DkmGrid grid = {
    {7, 12, 14}, {2, 0.5, 0.25}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static DkmMask *mask_new(void)
{
    g_autoptr(GError) error = NULL;
    DkmMask *mask = dkm_mask_new(&grid, &error);
    g_assert_no_error(error);
    return mask;
}

static void set(DkmMask *mask, int z, int y, int x)
{
    dkm_mask_slice(mask, z)[y * grid.n[2] + x] = 1;
}

static void empty_measures_nothing(void)
{
    g_autoptr(DkmMask) mask = mask_new();
    DkmDiameter space, plane;
    dkm_diameters_measure(mask, &space, &plane);
    g_assert_cmpfloat(space.mm, ==, 0);
    g_assert_cmpfloat(plane.mm, ==, 0);
}

/* One voxel of 2 x 0.5 x 0.25 mm, at a corner of the lattice too. */
static void one_voxel_measures_one_spacing(void)
{
    for (int last = 0; last < 2; last++) {
        g_autoptr(DkmMask) mask = mask_new();
        set(mask, last * (grid.n[0] - 1), last * (grid.n[1] - 1), last * (grid.n[2] - 1));
        DkmDiameter space, plane;
        dkm_diameters_measure(mask, &space, &plane);
        g_assert_cmpfloat(space.mm, ==, 2);
        g_assert_cmpfloat(plane.mm, ==, 0.5);
        g_assert_cmpfloat(fabs(plane.ends_zyx[0][1] - plane.ends_zyx[1][1]), ==, 1);
    }
}

/* Half-way corners between every voxel and its six neighbours, all pairs: the definition. */
typedef struct {
    double z, y, x;
} Point;

static void add_faces(const DkmMask *mask, GArray *points, int z, int y, int x)
{
    static const int next[6][3] = {{1, 0, 0},  {-1, 0, 0}, {0, 1, 0},
                                   {0, -1, 0}, {0, 0, 1},  {0, 0, -1}};
    for (int k = 0; k < 6; k++) {
        const int p = z + next[k][0], q = y + next[k][1], r = x + next[k][2];
        const gboolean inside =
            p >= 0 && q >= 0 && r >= 0 && p < grid.n[0] && q < grid.n[1] && r < grid.n[2];
        if (inside && dkm_mask_get(mask, p, q, r))
            continue;
        const Point point = {z + next[k][0] / 2.0, y + next[k][1] / 2.0, x + next[k][2] / 2.0};
        g_array_append_val(points, point);
    }
}

static double longest(const GArray *points, gboolean in_plane)
{
    double best = 0;
    for (guint i = 0; i < points->len; i++)
        for (guint j = i + 1; j < points->len; j++) {
            const Point *a = &g_array_index(points, Point, i),
                        *b = &g_array_index(points, Point, j);
            const gboolean one_slice = a->z == b->z && a->z == floor(a->z);
            if (in_plane && !one_slice)
                continue;
            best = MAX(best,
                       hypot(hypot((a->z - b->z) * 2, (a->y - b->y) * 0.5), (a->x - b->x) * 0.25));
        }
    return best;
}

static void random_masks_as_by_definition(void)
{
    g_autoptr(GRand) noise = g_rand_new_with_seed(5);
    for (int round = 0; round < 40; round++) {
        g_autoptr(DkmMask) mask = mask_new();
        const int voxels = round < 10 ? 2 : round * 3;
        for (int i = 0; i < voxels; i++)
            set(mask, g_rand_int_range(noise, 0, grid.n[0]), g_rand_int_range(noise, 0, grid.n[1]),
                g_rand_int_range(noise, 0, grid.n[2]));
        g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(Point));
        for (int z = 0; z < grid.n[0]; z++)
            for (int y = 0; y < grid.n[1]; y++)
                for (int x = 0; x < grid.n[2]; x++)
                    if (dkm_mask_get(mask, z, y, x))
                        add_faces(mask, points, z, y, x);
        DkmDiameter space, plane;
        dkm_diameters_measure(mask, &space, &plane);
        g_assert_cmpfloat_with_epsilon(space.mm, longest(points, FALSE), 1e-12);
        g_assert_cmpfloat_with_epsilon(plane.mm, longest(points, TRUE), 1e-12);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/diameter/empty-measures-nothing", empty_measures_nothing);
    g_test_add_func("/diameter/one-voxel-measures-one-spacing", one_voxel_measures_one_spacing);
    g_test_add_func("/diameter/random-masks-as-by-definition", random_masks_as_by_definition);
    return g_test_run();
}
