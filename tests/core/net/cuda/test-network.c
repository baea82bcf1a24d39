/* One whole network on the CUDA module's own ops, in the emulator: forward and backward as the
 * reference computes it, the same bits in every order. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/sample-run.h"

static void agrees(DkmDtype dtype, double tolerance)
{
    g_autoptr(GArray) expected = compute(&dkm_backend_reference, 0, dtype);
    g_autoptr(GArray) forward = compute(&emulated_backend, EMULATED_FORWARD, dtype);
    const double d = distance(forward, expected);
    g_test_message("%s: %.2g from the reference", dtype == DKM_F32 ? "f32" : "bf16", d);
    g_assert_cmpfloat(d, <=, tolerance);
    for (int order = EMULATED_REVERSE; order <= EMULATED_RANDOM; order++) {
        g_autoptr(GArray) other = compute(&emulated_backend, order, dtype);
        g_assert_cmpmem(forward->data, forward->len * sizeof(float), other->data,
                        other->len * sizeof(float));
    }
}

static void f32(void)
{
    agrees(DKM_F32, 1e-5);
}

static void bf16(void)
{
    agrees(DKM_BF16, 2e-2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/network/f32", f32);
    g_test_add_func("/cuda/network/bf16", bf16);
    return g_test_run();
}
