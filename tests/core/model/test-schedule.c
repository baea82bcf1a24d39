#include "core/model/schedule.h"

#include <math.h>

/* The specification's table, section 1.2. */
static void test_table(void)
{
    static const struct {
        int t;
        double alpha_bar;
    } rows[] = {{1, .999900},   {50, .983003},  {150, .881783},
                {250, .716245}, {500, .275703}, {1000, .006302}};
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpfloat_with_epsilon(schedule.alpha_bar[rows[i].t], rows[i].alpha_bar, 5e-7);
    int first_under_5 = 0, first_under_1 = 0;
    for (int t = DKM_TIMESTEPS; t >= 1; t--) {
        const double snr = dkm_level_snr(dkm_schedule_level(&schedule, t));
        first_under_5 = snr <= 5 ? t : first_under_5;
        first_under_1 = snr <= 1 ? t : first_under_1;
    }
    g_assert_cmpint(first_under_5, ==, 183);
    g_assert_cmpint(first_under_1, ==, 365);
}

/* Reading B: an answer that equals the target gives back x_k, at every timestep, in f32. */
static void test_effective_noise(void)
{
    static const float x_0[] = {-1.5f, 0, 0.3f, 4}, x_k[] = {-1.5f, 2.25f, -0.7f, 9.5f},
                       eps[] = {0, -2.5f, 0.01f, 1.7f};
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    for (int t = 1; t <= DKM_TIMESTEPS; t++) {
        const DkmLevel level = dkm_schedule_level(&schedule, t);
        for (guint i = 0; i < G_N_ELEMENTS(x_0); i++) {
            const float x_t = dkm_level_noised(level, x_0[i], eps[i]);
            const float target = dkm_level_target(level, x_0[i], x_k[i], eps[i]);
            /* x_t is rounded to f32 and divided by a: relative to the largest term */
            const double scale =
                MAX(1, (fabs((double)x_t) + level.s * fabs((double)target)) / level.a);
            g_assert_cmpfloat_with_epsilon(dkm_level_predicted(level, x_t, target), x_k[i],
                                           1e-5 * MIN(scale, 1) + 1.2e-7 * scale);
        }
    }
}

/* Reading A is the case without contrast: the target is the noise itself. */
static void test_reading_a(void)
{
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    const DkmLevel level = dkm_schedule_level(&schedule, 50);
    g_assert_cmpfloat(dkm_level_target(level, 1.25f, 1.25f, -0.5f), ==, -0.5f);
    g_assert_cmpfloat(dkm_level_weight(level, DKM_READING_A), ==, 1);
}

/* The weight bounds the share of x_k's error: min(5, SNR). */
static void test_weights(void)
{
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    for (int t = 1; t <= DKM_TIMESTEPS; t++) {
        const DkmLevel level = dkm_schedule_level(&schedule, t);
        const double snr = dkm_level_snr(level);
        g_assert_cmpfloat_with_epsilon(dkm_level_weight(level, DKM_READING_B1) * snr, MIN(5, snr),
                                       1e-5);
    }
}

/* Why reading E (clean x_0 among the inputs, plain noise as target) is no training at all: the
 * answer stands in the inputs. */
static void test_degenerate_reading(void)
{
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    for (int t = 1; t <= DKM_TIMESTEPS; t++) {
        const DkmLevel level = dkm_schedule_level(&schedule, t);
        const float x_0 = 0.8f, eps = -1.1f, x_t = dkm_level_noised(level, x_0, eps);
        const double solved = (x_t - level.a * x_0) / level.s;
        g_assert_cmpfloat((solved - eps) * (solved - eps), <, 1e-6);
    }
}

/* A regression sees x_0 itself, at a time that stands still, and learns the enhancement. */
static void test_regression(void)
{
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    const DkmLevel level = dkm_schedule_level_of(&schedule, DKM_READING_REGRESSION, 500);
    const DkmLevel noised = dkm_schedule_level_of(&schedule, DKM_READING_B1, 500);
    g_assert_cmpfloat(noised.s, >, 0.5);
    g_assert_cmpfloat(dkm_level_noised(level, 1.5f, 3), ==, 1.5f);
    g_assert_cmpfloat(dkm_level_target(level, 1.5f, 4, 3), ==, 2.5f);
    g_assert_cmpfloat(dkm_level_predicted(level, 1.5f, 2.5f), ==, 4);
    g_assert_cmpfloat(dkm_level_weight(level, DKM_READING_REGRESSION), ==, 1);
    g_assert_cmpfloat(dkm_reading_time(DKM_READING_REGRESSION, 500), ==, 0);
    g_assert_cmpfloat(dkm_reading_time(DKM_READING_B1, 500), ==, 499);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/schedule/table", test_table);
    g_test_add_func("/schedule/effective-noise", test_effective_noise);
    g_test_add_func("/schedule/reading-a", test_reading_a);
    g_test_add_func("/schedule/weights", test_weights);
    g_test_add_func("/schedule/degenerate-reading", test_degenerate_reading);
    g_test_add_func("/schedule/regression", test_regression);
    return g_test_run();
}
