/* The peak is found for every thread, and only rises. */
#include "core/net/cpu/peak.h"

static void found_and_raised(gconstpointer threads)
{
    g_autoptr(GError) error = NULL;
    DkmCpuPeak peak = {0};
    const DkmDeviceOptions options = {.threads = GPOINTER_TO_INT(threads)};
    DkmDevice *device = dkm_backend_cpu.open(&options, &error);
    g_assert_no_error(error);
    dkm_cpu_peak_raise_flop(device, 0.001, &peak);
    g_assert_cmpint(peak.threads, ==, options.threads);
    g_assert_cmpfloat(peak.rates.f32_flop, >, 1e6);
    g_assert_cmpfloat(peak.rates.bf16_flop, >, 1e6);
    g_assert_cmpfloat(peak.rates.int8_flop, >, 1e6);
    g_assert_true(dkm_cpu_peak_raise_bytes(device, 0.001, &peak, &error));
    g_assert_cmpfloat(peak.rates.bytes, >, 1e6);
    g_assert_cmpfloat(peak.read_bytes, >, 1e6);
    peak.rates.f32_flop = 1e300;
    dkm_cpu_peak_raise_flop(device, 0.001, &peak);
    g_assert_cmpfloat(peak.rates.f32_flop, ==, 1e300);
    dkm_backend_cpu.close(device);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/peak/1-thread", GINT_TO_POINTER(1), found_and_raised);
    g_test_add_data_func("/peak/3-threads", GINT_TO_POINTER(3), found_and_raised);
    return g_test_run();
}
