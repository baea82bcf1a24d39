#include "core/phantom/field.h"

#include <math.h>

static void bounded_and_smooth(void)
{
    g_autoptr(DkmField) field = dkm_field_new(7);
    float low = 1, high = -1;
    for (int i = 0; i < 20000; i++) {
        const float at = (float)i * 0.01f - 100;
        const float p[3] = {at, 0.3f * at + 1, 2 - 0.7f * at};
        const float q[3] = {p[0] + 0.001f, p[1], p[2]};
        const float value = dkm_field_at(field, p);
        g_assert_cmpfloat_with_epsilon(value, dkm_field_at(field, q), 0.005f);
        low = fminf(low, value);
        high = fmaxf(high, value);
    }
    g_assert_true(low >= -1 && high <= 1);
    g_assert_true(low < -0.4f && high > 0.4f);
}

static void follows_the_seed(void)
{
    g_autoptr(DkmField) a = dkm_field_new(7), again = dkm_field_new(7), b = dkm_field_new(8);
    const float p[3] = {3.3f, -4.2f, 17.9f};
    g_assert_cmpfloat(dkm_field_sum(a, p, 4), ==, dkm_field_sum(again, p, 4));
    g_assert_cmpfloat(dkm_field_sum(a, p, 4), !=, dkm_field_sum(b, p, 4));
}

/* A sheet is thin and is where the field changes its sign. */
static void sheets(void)
{
    g_autoptr(DkmField) field = dkm_field_new(7);
    int on = 0;
    for (int i = 0; i < 20000; i++) {
        const float p[3] = {(float)i * 0.013f, (float)i * 0.007f, 5.5f};
        const float sheet = dkm_field_sheet(field, p, 0.05f);
        g_assert_true(sheet >= 0 && sheet <= 1);
        on += sheet > 0;
        if (fabsf(dkm_field_sum(field, p, 2)) > 0.05f)
            g_assert_cmpfloat(sheet, ==, 0);
    }
    g_assert_cmpint(on, >, 500);
    g_assert_cmpint(on, <, 8000);
}

static void share_inside(void)
{
    g_assert_cmpfloat(dkm_share_inside(-1, 0.5f), ==, 0);
    g_assert_cmpfloat(dkm_share_inside(0, 0.5f), ==, 0.5f);
    g_assert_cmpfloat(dkm_share_inside(0.25f, 0.5f), ==, 0.75f);
    g_assert_cmpfloat(dkm_share_inside(1, 0.5f), ==, 1);
    g_assert_cmpfloat(dkm_smooth_step(0, 2, 1), ==, 0.5f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/field/bounded-and-smooth", bounded_and_smooth);
    g_test_add_func("/field/follows-the-seed", follows_the_seed);
    g_test_add_func("/field/sheets", sheets);
    g_test_add_func("/field/share-inside", share_inside);
    return g_test_run();
}
