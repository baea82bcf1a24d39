/* The choice among timings that are made up. */
#include "core/net/cuda/tune.h"

#include <math.h>

enum { RUNS = 3 };

static void fastest_median(void)
{
    const float ms[] = {3, 3, 3, 1, 2, 9, 2.5f, 2.5f, 0.1f}; /* medians 3, 2, 2.5 */
    g_assert_cmpint(dkm_tune_choose(ms, 3, RUNS), ==, 1);
}

static void one_slow_run_is_no_reason(void)
{
    const float ms[] = {2, 2, 2, 1, 1, 100};
    g_assert_cmpint(dkm_tune_choose(ms, 2, RUNS), ==, 1);
}

/* The first one wins by being the first; the fastest need not be the last that is within noise. */
static void noise_changes_nothing(void)
{
    const float within[] = {1.02f, 1.02f, 1.02f, 1, 1, 1},
                beyond[] = {1.05f, 1.05f, 1.05f, 1, 1, 1};
    g_assert_cmpint(dkm_tune_choose(within, 2, RUNS), ==, 0);
    g_assert_cmpint(dkm_tune_choose(beyond, 2, RUNS), ==, 1);
}

static void failed_ones_are_passed_over(void)
{
    const float ms[] = {1, NAN, 1, 0, 0, 0, -1, 1, 1, INFINITY, 1, 1, 7, 7, 7};
    g_assert_cmpint(dkm_tune_choose(ms, 5, RUNS), ==, 4);
    g_assert_cmpint(dkm_tune_choose(ms, 4, RUNS), ==, -1);
    g_assert_cmpint(dkm_tune_choose(ms, 0, RUNS), ==, -1);
    g_assert_cmpint(dkm_tune_choose(ms, 5, 0), ==, -1);
}

static void single_runs(void)
{
    const float ms[] = {3, 1, 2};
    g_assert_cmpint(dkm_tune_choose(ms, 3, 1), ==, 1);
    g_assert_cmpint(dkm_tune_choose(ms, 1, 1), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tune/fastest-median", fastest_median);
    g_test_add_func("/tune/one-slow-run", one_slow_run_is_no_reason);
    g_test_add_func("/tune/noise", noise_changes_nothing);
    g_test_add_func("/tune/failed", failed_ones_are_passed_over);
    g_test_add_func("/tune/single-runs", single_runs);
    return g_test_run();
}
