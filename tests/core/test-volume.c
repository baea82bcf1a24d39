#include "core/volume.h"

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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume/rescale-and-sign", rescale_and_sign);
    g_test_add_func("/volume/range-and-quantile", range_and_quantile);
    return g_test_run();
}
