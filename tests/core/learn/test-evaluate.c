#include "core/learn/evaluate.h"
#include "synthetic.h"

#include <math.h>

static void test_dice(void)
{
    g_assert_cmpfloat(dkm_patient_score_dice(&(DkmPatientScore){"a", 0, 0, 0}), ==, 1);
    g_assert_cmpfloat(dkm_patient_score_dice(&(DkmPatientScore){"a", 0, 5, 0}), ==, 0);
    g_assert_cmpfloat(dkm_patient_score_dice(&(DkmPatientScore){"a", 3, 4, 8}), ==, 0.5);
}

static void test_summary(void)
{
    g_autoptr(GArray) scores = g_array_new(FALSE, FALSE, sizeof(DkmPatientScore));
    const DkmPatientScore some[] = {{"a", 1, 1, 1}, {"b", 0, 1, 1}, {"c", 1, 2, 2}};
    g_array_append_vals(scores, some, 3);
    double mean, sd;
    dkm_scores_summarise(scores, &mean, &sd);
    g_assert_cmpfloat_with_epsilon(mean, 0.5, 1e-12);
    g_assert_cmpfloat_with_epsilon(sd, 0.5, 1e-12);
}

/* A patient's slices are pooled; the location predictor finds what all masks share. */
static void test_location(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(12, 2, 32);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = 0; i < cases->len; i++)
        for (int z = 0; z < 2; z++)
            g_array_append_val(all, ((DkmSample){g_ptr_array_index(cases, i), z}));
    const DkmEvaluateWindows windows = {.side = 32};
    g_autoptr(GArray) location = dkm_evaluate_location(all, all, &windows);
    g_autoptr(GArray) nothing = dkm_evaluate_nothing(all, &windows);
    double mean, sd;
    g_assert_cmpuint(location->len, ==, 12);
    for (guint i = 0; i < 12; i++) {
        const DkmPatientScore *score = &g_array_index(location, DkmPatientScore, i);
        const DkmCase *c = g_ptr_array_index(cases, i);
        g_assert_cmpuint(score->labelled, ==, dkm_mask_count(c->mask));
    }
    dkm_scores_summarise(location, &mean, &sd);
    g_assert_cmpfloat(mean, >, 0.3);
    g_assert_cmpfloat(mean, <, 0.9);
    dkm_scores_summarise(nothing, &mean, &sd);
    g_assert_cmpfloat(mean, ==, 0);
}

static void test_side(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(2, 1, 45);
    g_assert_cmpint(dkm_evaluate_side(cases), ==, 32);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evaluate/dice", test_dice);
    g_test_add_func("/evaluate/summary", test_summary);
    g_test_add_func("/evaluate/location", test_location);
    g_test_add_func("/evaluate/side", test_side);
    return g_test_run();
}
