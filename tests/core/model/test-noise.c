#include "core/model/noise.h"

#include <math.h>

/* A part of the field is the same as that part of the whole. */
static void test_place(void)
{
    float whole[64 * 64], part[10 * 7];
    dkm_noise_field(5, 0, 0, 64, 64, whole);
    dkm_noise_field(5, 20, 31, 10, 7, part);
    for (int y = 0; y < 10; y++)
        for (int x = 0; x < 7; x++)
            g_assert_cmpfloat(part[y * 7 + x], ==, whole[(20 + y) * 64 + 31 + x]);
}

/* Pinned numbers: another machine or compiler must give the same field. */
static void test_values(void)
{
    float field[2];
    dkm_noise_field(0, 0, 0, 1, 2, field);
    g_assert_cmpfloat_with_epsilon(field[0], 0.9911377, 1e-6);
    g_assert_cmpfloat_with_epsilon(field[1], -0.1536382, 1e-6);
}

static void test_distribution(void)
{
    enum { SIDE = 256 };
    g_autofree float *field = g_new(float, SIDE *SIDE);
    double sum = 0, squares = 0;
    dkm_noise_field(1, 0, 0, SIDE, SIDE, field);
    for (int i = 0; i < SIDE * SIDE; i++) {
        sum += field[i];
        squares += (double)field[i] * field[i];
    }
    /* five standard errors */
    g_assert_cmpfloat(fabs(sum / (SIDE * SIDE)), <, 5.0 / SIDE);
    g_assert_cmpfloat(fabs(squares / (SIDE * SIDE) - 1), <, 5 * sqrt(2) / SIDE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/noise/place", test_place);
    g_test_add_func("/noise/values", test_values);
    g_test_add_func("/noise/distribution", test_distribution);
    return g_test_run();
}
