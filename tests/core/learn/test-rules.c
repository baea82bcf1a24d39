#include "core/learn/rules.h"
#include "synthetic.h"

#include <math.h>

static GArray *samples_of(const GPtrArray *cases, guint first, guint end)
{
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = first; i < end; i++)
        for (int z = 0; z < 2; z++)
            g_array_append_val(samples, ((DkmSample){g_ptr_array_index(cases, i), z}));
    return samples;
}

static double dice_of(DkmRules *rules, DkmRuleKind kind, const GArray *samples,
                      const DkmEvaluateWindows *windows)
{
    g_autoptr(GError) error = NULL;
    const DkmPredictor predictor = dkm_rules_predictor(rules, kind);
    g_autoptr(GArray) measures = dkm_measure(&predictor, samples, windows, NULL, &error);
    g_assert_no_error(error);
    double sum = 0;
    for (guint i = 0; i < measures->len; i++)
        sum += dkm_patient_score_dice(&g_array_index(measures, DkmPatientMeasure, i).score);
    return sum / measures->len;
}

/* Synthetic tumours take up four times the contrast of tissue, 100 beside 25 on 60 to 100, and are
 * brighter by 30 before it. */
static void test_each(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(16, 2, 32);
    g_autoptr(GArray) training = samples_of(cases, 0, 10), test = samples_of(cases, 10, 16);
    const DkmEvaluateWindows windows = {.side = 32};
    g_autoptr(DkmRules) rules = dkm_rules_new(training, test, &windows);
    const double location = dice_of(rules, DKM_RULE_LOCATION, test, &windows),
                 image = dice_of(rules, DKM_RULE_IMAGE, test, &windows),
                 pe = dice_of(rules, DKM_RULE_PE, test, &windows),
                 truth = dice_of(rules, DKM_RULE_TRUTH, test, &windows);
    g_assert_cmpfloat(pe, >, 0.95);
    g_assert_cmpfloat(image, >, 0.6);
    g_assert_cmpfloat(image, <, pe);
    g_assert_cmpfloat(location, <, image);
    g_assert_cmpfloat(truth, >, location);
    g_assert_cmpfloat(dice_of(rules, DKM_RULE_NOTHING, test, &windows), ==, 0);
    const double threshold = dkm_rules_threshold(rules, DKM_RULE_PE);
    g_assert_cmpfloat(threshold, >, 100 * 25 / 60.0 - 5);
    g_assert_cmpfloat(threshold, <, 100 * 100 / 90.0);
    g_assert_true(isfinite(dkm_rules_threshold(rules, DKM_RULE_IMAGE)));
    g_assert_true(isnan(dkm_rules_threshold(rules, DKM_RULE_LOCATION)));
}

/* The location is that of evaluate.h. */
static void test_location(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(12, 2, 40);
    g_autoptr(GArray) training = samples_of(cases, 0, 8), test = samples_of(cases, 8, 12);
    const DkmEvaluateWindows windows = {.side = 32, .shifted = TRUE, .seed = 3};
    g_autoptr(DkmRules) rules = dkm_rules_new(training, test, &windows);
    g_autoptr(GArray) plain = dkm_evaluate_location(training, test, &windows);
    double mean, sd;
    dkm_scores_summarise(plain, &mean, &sd);
    g_assert_cmpfloat_with_epsilon(dice_of(rules, DKM_RULE_LOCATION, test, &windows), mean, 1e-12);
}

/* The truth's threshold is each patient's own, whoever else is measured; the lowest passes every
 * pixel here, so that it does no worse than the place. */
static void test_truth_is_a_bound(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(12, 2, 32);
    g_autoptr(GArray) all = samples_of(cases, 0, 12), one = samples_of(cases, 3, 4);
    const DkmEvaluateWindows windows = {.side = 32};
    g_autoptr(DkmRules) together = dkm_rules_new(all, all, &windows),
                        alone = dkm_rules_new(all, one, &windows);
    const double of_one = dice_of(alone, DKM_RULE_TRUTH, one, &windows);
    g_assert_cmpfloat(of_one, ==, dice_of(together, DKM_RULE_TRUTH, one, &windows));
    g_assert_cmpfloat(of_one, >=, dice_of(alone, DKM_RULE_LOCATION, one, &windows));
}

/* Without training patients what learns from them predicts nothing. */
static void test_no_training(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(2, 2, 32);
    g_autoptr(GArray) none = samples_of(cases, 0, 0), test = samples_of(cases, 0, 2);
    const DkmEvaluateWindows windows = {.side = 32};
    g_autoptr(DkmRules) rules = dkm_rules_new(none, test, &windows);
    for (int kind = 0; kind < DKM_RULES; kind++)
        g_assert_cmpfloat(dice_of(rules, (DkmRuleKind)kind, test, &windows), ==, 0);
    g_assert_true(isnan(dkm_rules_threshold(rules, DKM_RULE_PE)));
}

static void test_names(void)
{
    g_assert_cmpstr(dkm_rule_name(DKM_RULE_LOCATION), ==, "location only");
    g_assert_cmpstr(dkm_rule_sees(DKM_RULE_PE), ==, "post-contrast");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/each", test_each);
    g_test_add_func("/rules/location", test_location);
    g_test_add_func("/rules/truth-is-a-bound", test_truth_is_a_bound);
    g_test_add_func("/rules/no-training", test_no_training);
    g_test_add_func("/rules/names", test_names);
    return g_test_run();
}
