#include "synthetic.h"

#include "core/philox.h"

static DkmVolume *phase(const DkmGrid *grid, guint64 seed, DkmMask *mask, int gain)
{
    guint16 *samples = g_new(guint16, dkm_grid_voxels(grid));
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                const gsize i = dkm_grid_index(grid, z, y, x);
                const double noise = dkm_philox_uniform(seed, i, 99);
                const int tumour = dkm_mask_get(mask, z, y, x);
                samples[i] = (guint16)(60 + 40 * noise + 30 * tumour + gain * (1 + 3 * tumour));
            }
    return dkm_volume_new_take(grid, samples, FALSE, NULL, NULL);
}

static DkmMask *blob(const DkmGrid *grid, guint64 seed)
{
    DkmMask *mask = dkm_mask_new(grid, NULL);
    const int side = grid->n[1];
    const double cy = side * (0.3 + 0.4 * dkm_philox_uniform(seed, 0, 98)),
                 cx = side * (0.3 + 0.4 * dkm_philox_uniform(seed, 1, 98)), r = side * 0.2;
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                dkm_mask_slice(mask, z)[y * side + x] =
                    (y - cy) * (y - cy) + (x - cx) * (x - cx) < r * r;
    return mask;
}

static void free_case(gpointer c)
{
    dkm_case_free(c);
}

GPtrArray *synthetic_cases(int n, int slices, int side)
{
    GPtrArray *cases = g_ptr_array_new_with_free_func(free_case);
    const DkmGrid grid = {.n = {slices, side, side},
                          .spacing_mm = {2, 0.7, 0.7},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    for (int i = 0; i < n; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *name = g_strdup_printf("case-%d", i);
        const guint64 seed = (guint64)i;
        g_autoptr(DkmMask) mask = blob(&grid, seed);
        g_autoptr(DkmVolume) pre = phase(&grid, seed, mask, 0);
        g_autoptr(DkmVolume) early = phase(&grid, seed, mask, 25);
        g_autoptr(DkmVolume) late = phase(&grid, seed, mask, 20);
        DkmVolume *const phases[] = {pre, early, late};
        DkmCase *c = dkm_case_new(name, phases, mask, DKM_NORMALISE_FOREGROUND, &error);
        g_assert_no_error(error);
        g_ptr_array_add(cases, c);
    }
    return cases;
}
