#include "core/edit/threshold.h"

#include "core/edit/brush.h"
#include "tests/core/edit/masks.h"

#include <math.h>

/* Values that rise along x by SLOPE, with a step from slice to slice. */
static DkmVolume *ramp(float slope)
{
    const int *n = masks_grid.n;
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&masks_grid));
    float *slopes = g_new(float, (gsize)n[0]);
    for (int z = 0; z < n[0]; z++) {
        slopes[z] = slope;
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[2]; x++)
                samples[dkm_grid_index(&masks_grid, z, y, x)] = (guint16)(10 * x + y + 100 * z);
    }
    return dkm_volume_new_take(&masks_grid, samples, FALSE, slopes, NULL);
}

static void of_a_phase(void)
{
    g_autoptr(DkmVolume) volume = ramp(0.5f);
    g_autoptr(DkmThreshold) threshold = dkm_threshold_new_for_phase(volume, 130, 220);
    int accepted = 0;
    for (int z = 0; z < 9; z++)
        for (int y = 0; y < 17; y++)
            for (int x = 0; x < 21; x++) {
                const float value = dkm_volume_value(volume, z, y, x);
                g_assert_cmpint(dkm_threshold_accepts(threshold, z, y, x), ==,
                                value >= 130 && value <= 220);
                accepted += dkm_threshold_accepts(threshold, z, y, x);
            }
    g_assert_cmpint(accepted, >, 100);
}

static void of_a_map(void)
{
    g_autoptr(DkmVolume) pre = ramp(1), early = ramp(1.8f), late = ramp(1.5f);
    const DkmKineticSource source = {pre, early, late};
    static const DkmMapKind kinds[] = {DKM_MAP_PE, DKM_MAP_SER, DKM_MAP_WASHOUT,
                                       DKM_MAP_SUBTRACTION};
    static const float lows[] = {79, 1.5f, -17, 200};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(DkmThreshold) threshold =
            dkm_threshold_new_for_map(kinds[i], &source, 60, lows[i], HUGE_VALF);
        g_autofree float *values = g_new(float, 17 * 21);
        dkm_kinetics_slice(kinds[i], &source, 5, 60, values);
        for (int y = 0; y < 17; y++)
            for (int x = 0; x < 21; x++)
                g_assert_cmpint(dkm_threshold_accepts(threshold, 5, y, x), ==,
                                values[y * 21 + x] >= lows[i]);
    }
}

/* What the brush alone would paint, and of it what the threshold accepts. */
static void within_a_brush(void)
{
    g_autoptr(DkmVolume) volume = ramp(1);
    g_autoptr(DkmThreshold) threshold = dkm_threshold_new_for_phase(volume, 430, 560);
    DkmBrush brush = {4, DKM_BRUSH_BALL, FALSE, NULL};
    g_autoptr(DkmMask) all = dkm_mask_new(&masks_grid, NULL),
                       some = dkm_mask_new(&masks_grid, NULL);
    g_auto(DkmFlips) flips = {0};
    const double from[3] = {4, 5, 3}, to[3] = {4.5, 11, 17};
    dkm_brush_sweep(&brush, from, to, all, &flips);
    dkm_flips_clear(&flips);
    brush.only = threshold;
    dkm_brush_sweep(&brush, from, to, some, &flips);
    g_assert_cmpuint(dkm_mask_count(some), >, 50);
    g_assert_cmpuint(dkm_mask_count(some), <, dkm_mask_count(all));
    g_assert_cmpuint(dkm_flips_count(&flips, 0), ==, dkm_mask_count(some));
    for (int z = 0; z < 9; z++)
        for (int y = 0; y < 17; y++)
            for (int x = 0; x < 21; x++)
                g_assert_cmpint(dkm_mask_get(some, z, y, x), ==,
                                dkm_mask_get(all, z, y, x) &&
                                    dkm_volume_value(volume, z, y, x) >= 430 &&
                                    dkm_volume_value(volume, z, y, x) <= 560);
    brush.erase = TRUE; /* erasing is bound by it too: the rest of a full mask stays */
    dkm_brush_sweep(&brush, from, to, all, &flips);
    for (int i = 0; i < 9 * 17 * 21; i++)
        g_assert_false(dkm_mask_slice(all, 0)[i] && dkm_mask_slice(some, 0)[i]);
    g_assert_cmpuint(dkm_mask_count(all), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/threshold/of-a-phase", of_a_phase);
    g_test_add_func("/threshold/of-a-map", of_a_map);
    g_test_add_func("/threshold/within-a-brush", within_a_brush);
    return g_test_run();
}
