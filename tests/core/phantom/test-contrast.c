#include "core/phantom/contrast.h"

#include <math.h>

/* The model's integral again, by the trapezium rule. */
static double numerically(const DkmTissueFacts *tissue, double minutes)
{
    enum { N = 20000 };
    const double kep = tissue->ktrans_per_min / tissue->ve, step = minutes / N;
    double sum = 0;
    for (int i = 0; i <= N; i++) {
        const double s = i * step;
        const double weight = i == 0 || i == N ? 0.5 : 1;
        sum += weight * step * dkm_contrast_plasma(s) * exp(-kep * (minutes - s));
    }
    return tissue->vp * dkm_contrast_plasma(minutes) + tissue->ktrans_per_min * sum;
}

static void against_the_integral(void)
{
    for (int t = 0; t < DKM_TISSUE_COUNT; t++)
        for (double minutes = 0.5; minutes < 12; minutes += 1.7) {
            const DkmTissueFacts *tissue = dkm_tissue_facts((DkmTissue)t);
            g_assert_cmpfloat_with_epsilon(dkm_contrast_tissue(tissue, minutes),
                                           numerically(tissue, minutes), 1e-6);
        }
}

/* Where kep equals a rate of the plasma's curve the closed form has a limit of its own. */
static void equal_rates(void)
{
    const DkmTissueFacts tissue = {"equal", 1000, 50, 1, 0.0144, 0.1, 0};
    g_assert_cmpfloat_with_epsilon(dkm_contrast_tissue(&tissue, 3), numerically(&tissue, 3), 1e-6);
}

/* 0.1 mmol/kg times 3.99 + 4.78 kg/l at once; nothing before. */
static void plasma(void)
{
    g_assert_cmpfloat_with_epsilon(dkm_contrast_plasma(0), 0.877, 1e-9);
    g_assert_cmpfloat(dkm_contrast_plasma(-1), ==, 0);
    g_assert_cmpfloat(dkm_contrast_tissue(dkm_tissue_facts(DKM_TISSUE_MASS), -1), ==, 0);
    g_assert_cmpfloat(dkm_contrast_plasma(5), <, dkm_contrast_plasma(2));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contrast/against-the-integral", against_the_integral);
    g_test_add_func("/contrast/equal-rates", equal_rates);
    g_test_add_func("/contrast/plasma", plasma);
    return g_test_run();
}
