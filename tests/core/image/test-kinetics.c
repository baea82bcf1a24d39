#include "core/error.h"
#include "core/image/kinetics.h"
#include "tests/support/volumes.h"

static const DkmGrid grid = {{4, 4, 4}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static void maps(void)
{
    g_autoptr(DkmVolume) pre = dkm_test_volume(&grid, 100), early = dkm_test_volume(&grid, 250),
                         late = dkm_test_volume(&grid, 200);
    const DkmKineticSource source = {pre, early, late};
    float out[16];
    dkm_kinetics_slice(DKM_MAP_PE, &source, 1, 0, out);
    g_assert_cmpfloat(out[3], ==, 150);
    dkm_kinetics_slice(DKM_MAP_SER, &source, 1, 0, out);
    g_assert_cmpfloat(out[3], ==, 1.5);
    dkm_kinetics_slice(DKM_MAP_WASHOUT, &source, 1, 0, out);
    g_assert_cmpfloat(out[3], ==, -20);
    dkm_kinetics_slice(DKM_MAP_SUBTRACTION, &source, 1, 0, out);
    g_assert_cmpfloat(out[3], ==, 150);
    dkm_kinetics_slice(DKM_MAP_PE, &source, 1, 101, out);
    g_assert_cmpfloat(out[3], ==, 0);
}

/* Nothing is divided by zero: no signal before contrast, no late rise. */
static void maps_without_signal(void)
{
    g_autoptr(DkmVolume) dark = dkm_test_volume(&grid, 0), bright = dkm_test_volume(&grid, 9);
    float out[16];
    dkm_kinetics_slice(DKM_MAP_PE, &(DkmKineticSource){dark, bright, bright}, 0, 0, out);
    g_assert_cmpfloat(out[0], ==, 0);
    dkm_kinetics_slice(DKM_MAP_SER, &(DkmKineticSource){bright, bright, bright}, 0, 0, out);
    g_assert_cmpfloat(out[0], ==, 0);
    dkm_kinetics_slice(DKM_MAP_WASHOUT, &(DkmKineticSource){bright, dark, bright}, 0, 0, out);
    g_assert_cmpfloat(out[0], ==, 0);
}

static void curve_types(void)
{
    g_assert_cmpint(dkm_curve_type(100, 200, 240), ==, DKM_CURVE_PERSISTENT);
    g_assert_cmpint(dkm_curve_type(100, 200, 215), ==, DKM_CURVE_PLATEAU);
    g_assert_cmpint(dkm_curve_type(100, 200, 175), ==, DKM_CURVE_WASHOUT);
    g_assert_cmpint(dkm_curve_type_within(100, 200, 240, 0.25), ==, DKM_CURVE_PLATEAU);
    g_assert_cmpint(dkm_curve_type_within(100, 200, 215, 0.05), ==, DKM_CURVE_PERSISTENT);
    g_assert_cmpint(dkm_curve_type_within(100, 200, 175, 0), ==, DKM_CURVE_WASHOUT);
    g_assert_cmpint(dkm_curve_type(100, 105, 104), ==, DKM_CURVE_NONE);
    g_assert_cmpint(dkm_curve_type(0, 105, 104), ==, DKM_CURVE_NONE);
    g_assert_cmpstr(dkm_curve_type_name(DKM_CURVE_WASHOUT), ==, "wash-out");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kinetics/maps", maps);
    g_test_add_func("/kinetics/maps-without-signal", maps_without_signal);
    g_test_add_func("/kinetics/curve-types", curve_types);
    return g_test_run();
}
