/* Brightness changes as it is drawn, alike in all phases, and stays within its bounds. */
#include "core/learn/intensity.h"

#include <math.h>
#include <string.h>

enum { SIDE = 16, PIXELS = SIDE * SIDE };
static const DkmNormalisation normalisation = {.mean = 200, .sd = 50};

static void test_nothing(void)
{
    const DkmIntensity same = {.gain = 1, .gamma = 1};
    float values[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        values[i] = (float)i / 64 - 2;
    dkm_intensity_apply(&same, &normalisation, DKM_PHASE_PRE, SIDE, 1, values);
    for (int i = 0; i < PIXELS; i++)
        g_assert_cmpfloat_with_epsilon(values[i], (float)i / 64 - 2, 1e-5f);
}

/* 300 of a foreground of 200: one and a half; twice that is 600, 8 standard deviations up. */
static void test_gain_and_gamma(void)
{
    float values[PIXELS];
    for (int i = 0; i < PIXELS; i++)
        values[i] = 2;
    dkm_intensity_apply(&(DkmIntensity){.gain = 2, .gamma = 1}, &normalisation, DKM_PHASE_PRE, SIDE,
                        1, values);
    g_assert_cmpfloat_with_epsilon(values[5], 8, 1e-5f);
    values[5] = 2;
    dkm_intensity_apply(&(DkmIntensity){.gain = 1, .gamma = 2}, &normalisation, DKM_PHASE_PRE, SIDE,
                        1, values);
    g_assert_cmpfloat_with_epsilon(values[5], (2.25f - 1) * 4, 1e-5f);
    g_assert_cmpfloat(values[6], ==, 10); /* clamped as the images are */
}

/* A field that grows with x leaves the middle alone, and is the same in every phase: the
 * enhancement in percent does not change. */
static void test_field(void)
{
    const DkmIntensity field = {.gain = 1, .gamma = 1, .bias = {0, 0.15}};
    float pre[PIXELS], both[2 * PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        pre[i] = 0;
        both[2 * i + 1] = 2;
        both[2 * i] = -7;
    }
    dkm_intensity_apply(&field, &normalisation, DKM_PHASE_PRE, SIDE, 1, pre);
    dkm_intensity_apply(&field, &normalisation, DKM_PHASE_LATE, SIDE, 2, both + 1);
    g_assert_cmpfloat_with_epsilon(pre[0], (exp(-0.15) - 1) * 4, 1e-5);
    g_assert_cmpfloat_with_epsilon(pre[SIDE - 1], (exp(0.15) - 1) * 4, 1e-5);
    g_assert_cmpfloat_with_epsilon(pre[7] + pre[8], 0, 1e-3);
    for (int i = 0; i < PIXELS; i++) {
        const double s_0 = 200 + 50.0 * (double)pre[i], s_2 = 200 + 50.0 * (double)both[2 * i + 1];
        g_assert_cmpfloat_with_epsilon(s_2 / s_0, 1.5, 1e-5);
        g_assert_cmpfloat(both[2 * i], ==, -7); /* another channel's */
    }
}

static void test_draws(void)
{
    double least = 9, most = 0;
    for (guint64 i = 0; i < 500; i++) {
        const DkmIntensity d = dkm_intensity_draw(7, i), again = dkm_intensity_draw(7, i);
        g_assert_cmpmem(&d, sizeof d, &again, sizeof again);
        g_assert_true(d.noise >= 0 && d.noise <= 0.1);
        g_assert_true(fabs(log(d.gamma)) <= 0.15);
        least = MIN(least, d.gain);
        most = MAX(most, d.gain);
    }
    g_assert_cmpfloat(least, <, 0.92);
    g_assert_cmpfloat(least, >, 0.9);
    g_assert_cmpfloat(most, >, 1.08);
    g_assert_cmpfloat(most, <, 1.11);
}

/* Each phase has noise of its own, the same whenever the sample is visited. */
static void test_noise(void)
{
    const DkmIntensity noisy = {.gain = 1, .gamma = 1, .noise = 0.1, .seed = 3, .number = 11};
    float a[PIXELS] = {0}, b[PIXELS] = {0}, again[PIXELS] = {0};
    double squares = 0;
    dkm_intensity_apply(&noisy, &normalisation, DKM_PHASE_PRE, SIDE, 1, a);
    dkm_intensity_apply(&noisy, &normalisation, DKM_PHASE_LATE, SIDE, 1, b);
    dkm_intensity_apply(&noisy, &normalisation, DKM_PHASE_PRE, SIDE, 1, again);
    g_assert_cmpmem(a, sizeof a, again, sizeof again);
    for (int i = 0; i < PIXELS; i++) {
        g_assert_cmpfloat(a[i], !=, b[i]);
        squares += (double)a[i] * (double)a[i];
    }
    g_assert_cmpfloat_with_epsilon(sqrt(squares / PIXELS), 0.1, 0.02);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/intensity/nothing", test_nothing);
    g_test_add_func("/intensity/gain-and-gamma", test_gain_and_gamma);
    g_test_add_func("/intensity/field", test_field);
    g_test_add_func("/intensity/draws", test_draws);
    g_test_add_func("/intensity/noise", test_noise);
    return g_test_run();
}
