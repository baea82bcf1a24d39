#include "core/image/distance.h"

#include <math.h>

enum { D = 5, H = 7, W = 6, COUNT = D * H * W };
static const int size[3] = {D, H, W};
static const double spacing[3] = {2.0, 0.7, 1.1};

static double squared(int i, int j)
{
    double sum = 0;
    const int a[3] = {i / (H * W), i / W % H, i % W}, b[3] = {j / (H * W), j / W % H, j % W};
    for (int k = 0; k < 3; k++)
        sum += (a[k] - b[k]) * (a[k] - b[k]) * spacing[k] * spacing[k];
    return sum;
}

/* Against the definition, for random features of several densities. */
static void equals_brute_force(void)
{
    for (int trial = 0; trial < 40; trial++) {
        double distance2[COUNT];
        gboolean feature[COUNT];
        for (int i = 0; i < COUNT; i++) {
            feature[i] = g_test_rand_int_range(0, 40) <= trial / 4;
            distance2[i] = feature[i] ? 0 : HUGE_VAL;
        }
        g_assert_true(dkm_distance_transform(distance2, size, spacing, NULL));
        for (int i = 0; i < COUNT; i++) {
            double best = HUGE_VAL;
            for (int j = 0; j < COUNT; j++)
                if (feature[j])
                    best = MIN(best, squared(i, j));
            if (isinf(best))
                g_assert_true(isinf(distance2[i]));
            else
                g_assert_cmpfloat_with_epsilon(distance2[i], best, 1e-9);
        }
    }
}

static void no_feature_stays_far(void)
{
    double distance2[COUNT];
    for (int i = 0; i < COUNT; i++)
        distance2[i] = HUGE_VAL;
    g_assert_true(dkm_distance_transform(distance2, size, spacing, NULL));
    for (int i = 0; i < COUNT; i++)
        g_assert_true(isinf(distance2[i]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/distance/equals-brute-force", equals_brute_force);
    g_test_add_func("/distance/no-feature-stays-far", no_feature_stays_far);
    return g_test_run();
}
