/* The polynomials of math-fast.h against libm in double, over their whole range. */
#include "core/net/cpu/math-fast.h"

#include <math.h>

enum { STEPS = 400000 };

/* The largest |got - want| in units of the last place of want, for x from LOW to HIGH. */
static double worst_ulp(Vec (*fast)(Vec), double (*exact)(double), double low, double high)
{
    double worst = 0.0;
    for (int i = 0; i < STEPS; i += LANES) {
        Vec x;
        for (int k = 0; k < LANES; k++)
            x[k] = (float)(low + (high - low) * (i + k) / STEPS);
        const Vec got = fast(x);
        for (int k = 0; k < LANES; k++) {
            const double want = exact((double)x[k]);
            const double ulp = ldexp(1.0, ilogb(want) - 23);
            worst = MAX(worst, fabs((double)got[k] - want) / ulp);
        }
    }
    return worst;
}

static Vec fast_exp(Vec x)
{
    return vec_exp(x);
}

static Vec fast_log1p(Vec x)
{
    return vec_log1p(x);
}

static Vec fast_sigmoid(Vec x)
{
    return vec_sigmoid(x);
}

static double exact_sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static void test_exp(void)
{
    const double worst = worst_ulp(fast_exp, exp, -87.3, 88.3);
    g_test_message("exp: %.2f ulp", worst);
    g_assert_cmpfloat(worst, <, 2.0);
}

static void test_exp_edges(void)
{
    g_assert_cmpfloat(vec_exp((Vec){0})[0], ==, 1.0f);
    g_assert_cmpfloat(vec_exp(vec_set(-1e30f))[0], <, 1.3e-38f);
    g_assert_cmpfloat(vec_exp(vec_set(-INFINITY))[0], <, 1.3e-38f);
    g_assert_cmpfloat(vec_exp(vec_set(1e30f))[0], >, 2e38f);
    g_assert_true(isfinite(vec_exp(vec_set(INFINITY))[0]));
    g_assert_true(isnan(vec_exp(vec_set(NAN))[0]));
}

static void test_log1p(void)
{
    const double worst = worst_ulp(fast_log1p, log1p, 1e-30, 1.0);
    g_test_message("log1p: %.2f ulp", worst);
    g_assert_cmpfloat(worst, <, 3.0);
    g_assert_cmpfloat(vec_log1p((Vec){0})[0], ==, 0.0f);
    g_assert_cmpfloat(vec_log1p(vec_set(1e-30f))[0], ==, 1e-30f);
}

static void test_sigmoid(void)
{
    const double worst = worst_ulp(fast_sigmoid, exact_sigmoid, -80.0, 80.0);
    g_test_message("sigmoid: %.2f ulp", worst);
    g_assert_cmpfloat(worst, <, 4.0);
}

/* A value that overflowed must be seen at the end of the network, whatever lies between. */
static void test_act_not_a_number(void)
{
    const DkmAct acts[] = {DKM_ACT_NONE, DKM_ACT_RELU, DKM_ACT_SWISH, DKM_ACT_SIGMOID};
    for (gsize a = 0; a < G_N_ELEMENTS(acts); a++)
        g_assert_true(isnan(vec_act(vec_set(NAN), acts[a])[0]));
    g_assert_cmpfloat(vec_act(vec_set(-3), DKM_ACT_RELU)[0], ==, 0);
    g_assert_cmpfloat(vec_act(vec_set(3), DKM_ACT_RELU)[0], ==, 3);
}

/* A gradient is the slope of its function. */
static void test_act_grad(void)
{
    const DkmAct acts[] = {DKM_ACT_NONE, DKM_ACT_RELU, DKM_ACT_SWISH, DKM_ACT_SIGMOID};
    for (gsize a = 0; a < G_N_ELEMENTS(acts); a++)
        for (float x = -4.03f; x < 4.0f; x += 0.25f) {
            const float step = 1.0f / 64.0f;
            const double slope = (double)(vec_act(vec_set(x + step), acts[a])[0] -
                                          vec_act(vec_set(x - step), acts[a])[0]) /
                                 (2.0 * (double)step);
            const double got = (double)vec_act_grad(vec_set(x), vec_set(3.0f), acts[a])[0] / 3.0;
            g_assert_cmpfloat_with_epsilon(got, slope, 1e-3);
        }
}

/* bf16 rounds as the scalar in tensor.h, NaN and infinities too. */
static void test_half(void)
{
    const float values[] = {0.0f,   -0.0f,   1.0f,     1.00390625f, 1.01171875f, -3.1415927f,
                            1e-40f, 3.4e38f, INFINITY, -INFINITY,   NAN,         65504.0f};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        const VecHalf half = vec_to_half(vec_set(values[i]));
        g_assert_cmphex(half[LANES - 1], ==, dkm_bf16_from_f32(values[i]));
        const float back = vec_from_half(half)[0], want = dkm_bf16_to_f32(half[0]);
        g_assert_true(back == want || (isnan(back) && isnan(want)));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/math-fast/exp", test_exp);
    g_test_add_func("/math-fast/exp-edges", test_exp_edges);
    g_test_add_func("/math-fast/log1p", test_log1p);
    g_test_add_func("/math-fast/sigmoid", test_sigmoid);
    g_test_add_func("/math-fast/act-not-a-number", test_act_not_a_number);
    g_test_add_func("/math-fast/act-grad", test_act_grad);
    g_test_add_func("/math-fast/half", test_half);
    return g_test_run();
}
