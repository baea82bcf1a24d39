/* Reference values: scipy 1.17 (wilcoxon, quantile) and sums over all signs. */
#include "core/learn/statistics.h"

#include <math.h>

static const double ten[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};

static void test_mean(void)
{
    g_assert_cmpfloat_with_epsilon(dkm_statistics_mean(ten, 10), 3.9, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_statistics_sd(ten, 10), 2.4698178070456938, 1e-12);
    g_assert_true(isnan(dkm_statistics_mean(ten, 0)));
    g_assert_true(isnan(dkm_statistics_sd(ten, 1)));
}

static void test_quantile(void)
{
    double sorted[G_N_ELEMENTS(ten)];
    for (guint i = 0; i < 10; i++)
        sorted[i] = ten[i];
    dkm_statistics_sort(sorted, 10);
    dkm_statistics_sort(NULL, 0);
    g_assert_cmpfloat_with_epsilon(dkm_statistics_quantile(sorted, 10, 0.95), 7.65, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_statistics_quantile(sorted, 10, 0.025), 1, 1e-12);
    g_assert_cmpfloat(dkm_statistics_quantile(sorted, 10, 1), ==, 9);
    g_assert_cmpfloat(dkm_statistics_quantile(sorted, 1, 0.3), ==, 1);
    g_assert_true(isnan(dkm_statistics_quantile(sorted, 0, 0.5)));
}

/* The interval of these ten is 2.5 to 5.4 with 200,000 resamples of numpy. */
static void test_bootstrap(void)
{
    const DkmInterval one = dkm_bootstrap_mean(ten, 10, DKM_BOOTSTRAP_RESAMPLES, 1),
                      again = dkm_bootstrap_mean(ten, 10, DKM_BOOTSTRAP_RESAMPLES, 1),
                      other = dkm_bootstrap_mean(ten, 10, DKM_BOOTSTRAP_RESAMPLES, 2);
    g_assert_cmpfloat(one.low, ==, again.low);
    g_assert_cmpfloat(one.high, ==, again.high);
    g_assert_cmpfloat_with_epsilon(one.low, 2.5, 0.11);
    g_assert_cmpfloat_with_epsilon(one.high, 5.4, 0.11);
    g_assert_cmpfloat_with_epsilon(other.high, 5.4, 0.11);
    const double same[] = {0.4, 0.4, 0.4};
    const DkmInterval point = dkm_bootstrap_mean(same, 3, 100, 0);
    g_assert_cmpfloat_with_epsilon(point.low, 0.4, 1e-12);
    g_assert_cmpfloat_with_epsilon(point.high, 0.4, 1e-12);
    g_assert_true(isnan(dkm_bootstrap_mean(ten, 0, 100, 0).low));
}

/* Every one of N is drawn about as often as the others: the mean of the resampled means is the
 * mean. */
static void test_bootstrap_is_fair(void)
{
    double indicator[7] = {0, 0, 0, 0, 0, 0, 1};
    const DkmInterval i = dkm_bootstrap_mean(indicator, 7, DKM_BOOTSTRAP_RESAMPLES, 3);
    g_assert_cmpfloat(i.low, ==, 0);
    g_assert_cmpfloat_with_epsilon(i.high, 3.0 / 7, 1e-12); /* binomial(7, 1/7): P(X > 3) = 1.0 % */
}

/* Darwin's plants, as scipy has them. */
static void test_wilcoxon_exact(void)
{
    const double d[] = {6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75};
    const DkmWilcoxon w = dkm_wilcoxon_signed_rank(d, G_N_ELEMENTS(d));
    g_assert_true(w.exact);
    g_assert_cmpuint(w.n, ==, 15);
    g_assert_cmpfloat(w.plus, ==, 96);
    g_assert_cmpfloat_with_epsilon(w.p, 0.041259765625, 1e-12);
}

static void test_wilcoxon_ties(void)
{
    const double d[] = {1, 1, 0, -1, 2, 2, 3, -3, 4, 0};
    const DkmWilcoxon w = dkm_wilcoxon_signed_rank(d, G_N_ELEMENTS(d));
    g_assert_cmpuint(w.n, ==, 8);
    g_assert_cmpfloat(w.plus, ==, 27.5);
    g_assert_cmpfloat_with_epsilon(w.p, 0.2421875, 1e-12);
}

static void test_wilcoxon_normal(void)
{
    double d[120];
    for (int i = 0; i < 120; i++)
        d[i] = (i * 37 % 41 - 17) / 4.0;
    const DkmWilcoxon w = dkm_wilcoxon_signed_rank(d, 120);
    g_assert_false(w.exact);
    g_assert_cmpuint(w.n, ==, 117);
    g_assert_cmpfloat(w.plus, ==, 4503);
    g_assert_cmpfloat_with_epsilon(w.p, 0.004227946655940095, 1e-12);
}

static void test_wilcoxon_nothing(void)
{
    const double zeros[3] = {0, 0, 0}, one[] = {-0.2};
    g_assert_cmpfloat(dkm_wilcoxon_signed_rank(zeros, 3).p, ==, 1);
    g_assert_cmpfloat(dkm_wilcoxon_signed_rank(zeros, 0).p, ==, 1);
    g_assert_cmpfloat(dkm_wilcoxon_signed_rank(one, 1).p, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/statistics/mean", test_mean);
    g_test_add_func("/statistics/quantile", test_quantile);
    g_test_add_func("/statistics/bootstrap", test_bootstrap);
    g_test_add_func("/statistics/bootstrap-is-fair", test_bootstrap_is_fair);
    g_test_add_func("/statistics/wilcoxon-exact", test_wilcoxon_exact);
    g_test_add_func("/statistics/wilcoxon-ties", test_wilcoxon_ties);
    g_test_add_func("/statistics/wilcoxon-normal", test_wilcoxon_normal);
    g_test_add_func("/statistics/wilcoxon-nothing", test_wilcoxon_nothing);
    return g_test_run();
}
