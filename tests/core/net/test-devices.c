/* Every back end of this build computes one whole network as the reference does, forward and
 * backward, and the same bits for any number of threads. Op by op it is cpu/'s own test. */
#include "tests/core/net/sample-run.h"

static void agrees(const DkmBackend *backend, DkmDtype dtype, double tolerance)
{
    g_autoptr(GPtrArray) expected = compute(&dkm_backend_reference, 0, dtype);
    g_autoptr(GPtrArray) one = compute(backend, 1, dtype);
    g_autoptr(GPtrArray) three = compute(backend, 3, dtype);
    const double d = distance(one, expected);
    g_test_message("%s, %s: %.2g from the reference", backend->name,
                   dtype == DKM_F32 ? "f32" : "bf16", d);
    g_assert_cmpfloat(d, <=, tolerance);
    assert_same_bits(one, three);
}

static void every_device(void)
{
    for (int i = 0; dkm_backends()[i]; i++) {
        const DkmBackend *backend = dkm_backends()[i];
        g_autofree char *why = NULL;
        if (!backend->probe(&why))
            continue;
        agrees(backend, DKM_F32, 1e-5);
        agrees(backend, DKM_BF16, 2e-2);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/devices/agree", every_device);
    return g_test_run();
}
