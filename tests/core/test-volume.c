#include "core/volume.h"

#include <math.h>
#include <stdlib.h>

static const DkmGrid grid = {{2, 2, 2}, {1, 1, 1}, {0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

static DkmVolume *make(gboolean is_signed)
{
    guint16 *samples = g_new(guint16, 8);
    for (int i = 0; i < 8; i++)
        samples[i] = (guint16)(i == 0 ? 0xffff : i);
    float *slope = g_new(float, 2), *intercept = g_new(float, 2);
    slope[0] = 1;
    slope[1] = 2;
    intercept[0] = 0;
    intercept[1] = 10;
    return dkm_volume_new_take(&grid, samples, is_signed, slope, intercept);
}

static void rescale_and_sign(void)
{
    g_autoptr(DkmVolume) s = make(TRUE), u = make(FALSE);
    g_assert_cmpfloat(dkm_volume_value(s, 0, 0, 0), ==, -1);
    g_assert_cmpfloat(dkm_volume_value(u, 0, 0, 0), ==, 65535);
    g_assert_cmpfloat(dkm_volume_value(s, 1, 0, 1), ==, 20);
    float row[4];
    dkm_volume_read_slice(s, 1, row);
    g_assert_cmpfloat(row[3], ==, 24);
}

static void range_and_quantile(void)
{
    g_autoptr(DkmVolume) v = make(TRUE);
    float low, high;
    dkm_volume_range(v, &low, &high);
    g_assert_cmpfloat(low, ==, -1);
    g_assert_cmpfloat(high, ==, 24);
    g_assert_cmpfloat_with_epsilon(dkm_volume_quantile(v, 1, -10), 24, 1e-3);
    g_assert_cmpfloat_with_epsilon(dkm_volume_quantile(v, 0.25, 3), 18, 1e-3);
    static const double shares[] = {1, 0.25};
    float values[2];
    dkm_volume_quantiles(v, 3, 2, shares, values);
    g_assert_cmpfloat_with_epsilon(values[0], 24, 1e-3);
    g_assert_cmpfloat_with_epsilon(values[1], 18, 1e-3);
}

enum { SIDE = 16, VOXELS = SIDE * SIDE * SIDE };

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* Every value by itself, in order. */
static void all_values(const DkmVolume *volume, float *values)
{
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                *values++ = dkm_volume_value(volume, z, y, x);
    qsort(values - VOXELS, VOXELS, sizeof *values, by_value);
}

/* Of random samples whose slopes are one for all slices, or each slice's own; negative ones too. */
static void of_any_slope(gboolean is_signed, gboolean is_one, float first)
{
    static const DkmGrid cube = {
        {SIDE, SIDE, SIDE}, {1, 1, 1}, {0, 0, 0}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    guint16 *samples = g_new(guint16, VOXELS);
    for (int i = 0; i < VOXELS; i++)
        samples[i] = (guint16)g_rand_int_range(random, 0, G_MAXUINT16 + 1);
    float *slope = g_new(float, SIDE), *intercept = g_new(float, SIDE);
    for (int z = 0; z < SIDE; z++) {
        slope[z] = is_one ? first : first + 0.25f * (float)z;
        intercept[z] = 3 - (is_one ? 0 : (float)z);
    }
    g_autoptr(DkmVolume) volume = dkm_volume_new_take(&cube, samples, is_signed, slope, intercept);
    g_autofree float *values = g_new(float, VOXELS);
    all_values(volume, values);
    float low, high;
    dkm_volume_range(volume, &low, &high);
    g_assert_cmpfloat(low, ==, values[0]);
    g_assert_cmpfloat(high, ==, values[VOXELS - 1]);
    const float step = (high - low) / 65535;
    for (double share = 0.05; share < 1; share += 0.1) {
        const float *upper = values + VOXELS / 2;
        const int n = (int)ceil(share * VOXELS), n_upper = (int)ceil(share * VOXELS / 2);
        g_assert_cmpfloat_with_epsilon(dkm_volume_quantile(volume, share, -G_MAXFLOAT),
                                       values[n - 1], step);
        if (upper[0] > upper[-1])
            g_assert_cmpfloat_with_epsilon(dkm_volume_quantile(volume, share, upper[-1]),
                                           upper[n_upper - 1], step);
    }
}

static void quantiles_of_any_slope(void)
{
    for (int i = 0; i < 8; i++)
        of_any_slope(i & 1, i & 2, i & 4 ? -2.5f : 0.5f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume/rescale-and-sign", rescale_and_sign);
    g_test_add_func("/volume/range-and-quantile", range_and_quantile);
    g_test_add_func("/volume/quantiles-of-any-slope", quantiles_of_any_slope);
    return g_test_run();
}
