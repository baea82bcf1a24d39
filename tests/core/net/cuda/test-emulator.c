/* The emulator itself: it computes what a GPU would, and finds the faults planted in planted.cu. */
#include "tests/core/net/cuda/emulator.h"

#include <math.h>
#include <string.h>

enum { THREADS = 64 };

/* As in planted.cu. */
typedef struct {
    const float *x;
    float *y;
    int fault;
} PlantedArgs;

static gboolean run(const char *kernel, gboolean fault, EmulatedOrder order, float *y)
{
    float x[THREADS];
    g_autoptr(GError) error = NULL;
    EmulatedDevice device = {.order = order, .seed = 5};
    for (int i = 0; i < THREADS; i++)
        x[i] = (float)i;
    PlantedArgs args = {x, y, fault};
    void *pointers[] = {&args};
    const DkmCudaLaunch launch = {kernel, {1, 1, 1}, {THREADS, 1, 1}, 0, pointers, 1};
    return dkm_cuda_launch((DkmCudaDevice *)&device, &launch, &error);
}

static void computes(void)
{
    float y[THREADS];
    for (int order = EMULATED_FORWARD; order <= EMULATED_RANDOM; order++) {
        g_assert_true(run("dkm_planted_reverse", FALSE, order, y));
        for (int i = 0; i < THREADS; i++)
            g_assert_cmpfloat(y[i], ==, THREADS - 1 - i);
        g_assert_true(run("dkm_planted_shuffle", FALSE, order, y));
        for (int i = 0; i < THREADS; i++)
            g_assert_cmpfloat(y[i], ==, i < 32 ? 496 : 1520);
        g_assert_true(run("dkm_planted_barrier", FALSE, order, y));
        g_assert_cmpfloat(y[63], ==, 63);
    }
}

/* No order of threads hides it from both of the others. */
static void missing_barrier_shows(void)
{
    float forward[THREADS], reverse[THREADS], random[THREADS];
    run("dkm_planted_reverse", TRUE, EMULATED_FORWARD, forward);
    run("dkm_planted_reverse", TRUE, EMULATED_REVERSE, reverse);
    run("dkm_planted_reverse", TRUE, EMULATED_RANDOM, random);
    g_assert_cmpint(memcmp(forward, reverse, sizeof forward), !=, 0);
    g_assert_cmpint(memcmp(forward, random, sizeof forward), !=, 0);
}

static void unset_memory_shows(void)
{
    float y[THREADS];
    run("dkm_planted_unset", TRUE, EMULATED_FORWARD, y);
    g_assert_true(isnan(y[0]));
}

static void fails_in_subprocess(const char *kernel, const char *words)
{
    float y[THREADS];
    if (g_test_subprocess()) {
        run(kernel, TRUE, EMULATED_FORWARD, y);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr(words);
}

static void divergent_barrier_ends(void)
{
    fails_in_subprocess("dkm_planted_barrier",
                        "*dkm_planted_barrier: divergent barrier: thread 0 waits at "
                        "*planted.cu:*, thread 32 has ended*");
}

static void divergent_shuffle_ends(void)
{
    fails_in_subprocess("dkm_planted_shuffle", "*dkm_planted_shuffle: divergent shuffle: thread 0 "
                                               "waits at *planted.cu:*, thread 31 has ended*");
}

static void bad_launches_fail(void)
{
    float y[THREADS];
    PlantedArgs args = {y, y, FALSE};
    void *pointers[] = {&args};
    const DkmCudaLaunch launches[] = {
        {"dkm_no_such_kernel", {1, 1, 1}, {32, 1, 1}, 0, pointers, 1},
        {"dkm_planted_unset", {0, 1, 1}, {32, 1, 1}, 0, pointers, 1},
        {"dkm_planted_unset", {1, 1, 65536}, {32, 1, 1}, 0, pointers, 1},
        {"dkm_planted_unset", {1, 1, 1}, {512, 1, 1}, 0, pointers, 1},
        {"dkm_planted_unset", {1, 1, 1}, {48, 1, 1}, 0, pointers, 1}};
    EmulatedDevice device = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(launches); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_cuda_launch((DkmCudaDevice *)&device, &launches[i], &error));
        g_assert_nonnull(error);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/emulator/computes", computes);
    g_test_add_func("/cuda/emulator/missing-barrier-shows", missing_barrier_shows);
    g_test_add_func("/cuda/emulator/unset-memory-shows", unset_memory_shows);
    g_test_add_func("/cuda/emulator/divergent-barrier-ends", divergent_barrier_ends);
    g_test_add_func("/cuda/emulator/divergent-shuffle-ends", divergent_shuffle_ends);
    g_test_add_func("/cuda/emulator/bad-launches-fail", bad_launches_fail);
    return g_test_run();
}
