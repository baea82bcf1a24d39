/* The report of evaluations that were written by hand: pooled over folds, each patient once, paired
 * with the baseline. */
#include "plugin/ablate/report.h"

#include "core/error.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>
#include <math.h>

/* Pictures are test-chart's. */
gboolean dkm_ablate_plot(const DkmAblateReport *report, GError **error)
{
    return report->results->lines->len == report->summaries->len;
}

static const char *const plan_text =
    "{\"name\": \"two\", \"note\": \"By hand.\", \"folds\": [0, 1], \"rows\": ["
    "{\"name\": \"no code\", \"control\": \"a | b\"}, {\"name\": \"code\"}, {\"name\": \"late\"}],"
    "\"baseline\": \"no code\"}";

typedef struct {
    char *folder;
    DkmAblatePlan *plan;
    DkmAblate ablate;
    GArray *steps;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    static const char *const no_cases[] = {NULL};
    f->folder = g_dir_make_tmp("dkm-report-XXXXXX", NULL);
    f->plan = dkm_ablate_plan_parse(plan_text, NULL);
    f->steps = dkm_ablate_steps_new(f->plan);
    f->ablate = (DkmAblate){.plan = f->plan, .cases = no_cases, .out = f->folder};
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_autoptr(GDir) folder = g_dir_open(f->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->folder);
    g_free(f->folder);
    g_array_unref(f->steps);
    dkm_ablate_plan_free(f->plan);
}

/* A result object: two test patients "p<FOLD>0" and "p<FOLD>1", and one of training. */
static char *result(const char *windows, const char *predictor, int fold, const double dice[2])
{
    char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_dtostr(a, sizeof a, dice[0]);
    g_ascii_dtostr(b, sizeof b, dice[1]);
    return g_strdup_printf(
        "{\"windows\": \"%s\", \"predictor\": \"%s\", \"sees\": \"pre-contrast\", \"per_patient\": "
        "["
        "{\"case\": \"p%d0\", \"role\": \"test\", \"dice\": %s, \"jaccard\": 0.5, \"hd95_mm\": 4,"
        "\"slices\": 4, \"slice_lesions\": 5, \"slice_lesions_found\": 3, "
        "\"slice_false_positives\": 8},"
        "{\"case\": \"p%d1\", \"role\": \"test\", \"dice\": %s, \"jaccard\": 0.25, \"hd95_mm\": "
        "null, \"slices\": 6, \"slice_lesions\": 5, \"slice_lesions_found\": 1, "
        "\"slice_false_positives\": 1},"
        "{\"case\": \"q\", \"role\": \"training\", \"dice\": 1}]}",
        windows, predictor, fold, a, fold, b);
}

/* The evaluation of step I, which is done with it. */
static void write_evaluation(Fixture *f, guint i, const char *model, const double dice[2])
{
    DkmAblateStep *step = &g_array_index(f->steps, DkmAblateStep, i);
    g_assert_cmpint(step->kind, ==, DKM_ABLATE_EVALUATION);
    g_autofree char *one = result("centred", model, step->fold, dice),
                    *two = result("shifted", model, step->fold, (const double[2]){0.3, 0.1}),
                    *rule = result("centred", "PE rule", step->fold, (const double[2]){0.6, 0.6}),
                    *path = dkm_ablate_path(&f->ablate, step, DKM_ABLATE_EVALUATION_FILE);
    g_autofree char *text = g_strdup_printf(
        "{\"model\": {\"fusion\": \"f3f4\", \"dm_values\": 2000000, \"sm_values\": 3000000},"
        "\"split\": {\"reported\": \"test\"}, \"calibration\": {\"bins\": ["
        "{\"pixels\": 4, \"labelled\": 1, \"probability_sum\": 0.2}, {\"pixels\": 0}, {}, {}, {}, "
        "{},"
        "{}, {}, {}, {\"pixels\": 6, \"labelled\": 6, \"probability_sum\": 5.8}]},"
        "\"results\": [%s, %s, %s, 3]}",
        one, two, rule);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    step->state = DKM_ABLATE_DONE;
}

static void write_all(Fixture *f)
{
    write_evaluation(f, 1, "model", (const double[2]){0.2, 0.4});
    write_evaluation(f, 3, "model", (const double[2]){0.5, 0.7});
    write_evaluation(f, 5, "model, pre early late", (const double[2]){0.3, 0.5});
    write_evaluation(f, 7, "model, pre early late", (const double[2]){0.6, 0.7});
}

/* A threshold chosen in the evaluation of step I, where its first patient has DICE. */
static void write_chosen(Fixture *f, guint i, const char *threshold, const char *dice)
{
    const DkmAblateStep *step = &g_array_index(f->steps, DkmAblateStep, i);
    g_autofree char *path = dkm_ablate_path(&f->ablate, step, DKM_ABLATE_EVALUATION_FILE),
                    *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_autofree char *more = g_strdup_printf(
        "{\"chosen_threshold\": {\"threshold\": %s, \"per_patient\": [{\"case\": \"p%d0\", "
        "\"role\": \"test\", \"dice\": %s}, {\"case\": \"q\", \"dice\": 1}, 3]}, %s",
        threshold, step->fold, dice, text + 1);
    g_assert_true(g_file_set_contents(path, more, -1, NULL));
}

/* Of those patients alone whose evaluation tells. */
static void test_chosen(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *table = g_build_filename(f->folder, "table.md", NULL), *words = NULL;
    write_all(f);
    write_chosen(f, 1, "0.4", "0.3");
    write_chosen(f, 3, "0.35", "0.5");
    write_chosen(f, 7, "0.6", "0.9");
    g_autoptr(DkmAblateResults) results = dkm_ablate_results_load(&f->ablate, f->steps, &error);
    g_assert_no_error(error);
    const DkmAblateSummary s = dkm_ablate_summarise(results, 0),
                           code = dkm_ablate_summarise(results, 1);
    g_assert_cmpuint(dkm_ablate_results_line(results, 0)->thresholds->len, ==, 2);
    g_assert_cmpfloat_with_epsilon(s.dice, 0.45, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.chosen, 0.4, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.chosen_gain, 0.05, 1e-12);
    g_assert_true(isnan(s.chosen_to_baseline.mean));
    g_assert_cmpfloat_with_epsilon(code.chosen, 0.9, 1e-12);
    g_assert_cmpuint(code.chosen_to_baseline.pairs, ==, 1);
    g_assert_cmpfloat_with_epsilon(code.chosen_to_baseline.mean, 0.4, 1e-12);
    g_assert_true(dkm_ablate_report(&f->ablate, f->steps, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(table, &words, NULL, NULL));
    assert_says(words, "| no code | 0.40, 0.35 | 0.400 ± 0.141 | +0.050 | ");
    assert_says(words, "| code | 0.60 | 0.900 | ");
    assert_says(words, " | +0.400 | ");
    g_assert_null(strstr(words, "| late | |"));
}

static void test_pooled(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    write_all(f);
    g_autoptr(DkmAblateResults) results = dkm_ablate_results_load(&f->ablate, f->steps, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(results->lines->len, ==, 3);
    g_assert_cmpint(results->baseline, ==, 0);
    const DkmAblateLine *code = dkm_ablate_results_line(results, 1),
                        *rule = dkm_ablate_results_line(results, 2);
    g_assert_cmpstr(code->name, ==, "code");
    g_assert_cmpuint(code->folds, ==, 2);
    g_assert_cmpuint(code->patients->len, ==, 4);
    g_assert_cmpuint(code->bins[9].n, ==, 12);
    g_assert_cmpstr(rule->name, ==, "PE rule");
    g_assert_cmpuint(rule->patients->len, ==, 4);
    const DkmAblateSummary s = dkm_ablate_summarise(results, 1);
    g_assert_cmpuint(s.n, ==, 4);
    g_assert_cmpfloat_with_epsilon(s.dice, 0.525, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.jaccard, 0.375, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.shifted, 0.2, 1e-12);
    g_assert_cmpuint(s.hd95_n, ==, 2);
    g_assert_cmpfloat(s.hd95_mm, ==, 4);
    g_assert_cmpfloat_with_epsilon(s.lesion_sensitivity, 0.4, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.false_positives, 0.9, 1e-12);
    g_assert_cmpfloat_with_epsilon(s.calibration_error, 0.1, 1e-12);
    g_assert_cmpuint(s.to_baseline.pairs, ==, 4);
    g_assert_cmpfloat_with_epsilon(s.to_baseline.mean, 0.075, 1e-12);
    g_assert_cmpfloat(s.to_baseline.interval.low, >=, 0);
    g_assert_cmpfloat(s.to_baseline.interval.high, <=, 0.1 + 1e-9);
    g_assert_cmpuint(s.to_baseline.test.n, ==, 3);
    g_assert_cmpfloat(s.to_baseline.test.p, ==, 0.25);
    g_assert_true(isnan(dkm_ablate_summarise(results, 0).to_baseline.mean));
}

/* More than one set of phases in one model: the first has the row's name. */
static void test_phases(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    write_evaluation(f, 1, "model", (const double[2]){0.2, 0.4});
    g_autofree char *path = dkm_ablate_path(&f->ablate, &g_array_index(f->steps, DkmAblateStep, 1),
                                            DKM_ABLATE_EVALUATION_FILE);
    g_autofree char *one = result("centred", "model", 0, (const double[2]){0.2, 0.2}),
                    *two = result("centred", "model, pre early", 0, (const double[2]){0.8, 0.8}),
                    *text = g_strdup_printf(
                        "{\"split\": {\"reported\": \"test\"}, \"results\": [%s, %s]}", one, two);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_autoptr(DkmAblateResults) results = dkm_ablate_results_load(&f->ablate, f->steps, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(results->lines->len, ==, 2);
    g_assert_cmpstr(dkm_ablate_results_line(results, 0)->name, ==, "no code");
    g_assert_cmpstr(dkm_ablate_results_line(results, 1)->name, ==, "no code (pre early)");
    g_assert_cmpfloat_with_epsilon(dkm_ablate_summarise(results, 1).to_baseline.mean, 0.6, 1e-12);
    g_assert_false(dkm_ablate_results_line(results, 0)->has_bins);
}

static void test_files(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *table = g_build_filename(f->folder, "table.md", NULL),
                    *json = g_build_filename(f->folder, "results.json", NULL), *words = NULL,
                    *numbers = NULL;
    write_all(f);
    DkmAblateStep *failed = &g_array_index(f->steps, DkmAblateStep, 8);
    failed->state = DKM_ABLATE_FAILED;
    failed->why = g_strdup("no such option");
    g_assert_true(dkm_ablate_report(&f->ablate, f->steps, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(table, &words, NULL, NULL));
    assert_says(words, "# two\n");
    assert_says(words, "By hand.");
    assert_says(words, "| code | 2 of 2 folds, 4 | 0.525 ± 0.171 | ");
    assert_says(words, " | +0.075 | ");
    assert_says(words,
                " | 0.2500 | 4.0 ± 0.0 | 0.40 | 0.90 | 0.100 | 3.00 M + 2.00 M | pre-contrast |\n");
    assert_says(words, "| PE rule | 2 of 2 folds, 4 | 0.600 ± 0.000 | ");
    assert_says(words, "* **no code**: a | b\n");
    assert_says(words, "* sm-late-fold0: no such option\n");
    g_assert_true(g_file_get_contents(json, &numbers, NULL, NULL));
    assert_says(numbers, "\"pairs\" : 4");
    assert_says(numbers, "\"case\" : \"p11\"");
    assert_says(numbers, "\"why\" : \"no such option\"");
    g_assert_null(strstr(numbers, "\"q\""));
}

static void test_nothing(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_ablate_report(&f->ablate, f->steps, &error));
    g_assert_no_error(error);
}

static void test_damage(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    DkmAblateStep *step = &g_array_index(f->steps, DkmAblateStep, 1);
    g_autofree char *path = dkm_ablate_path(&f->ablate, step, DKM_ABLATE_EVALUATION_FILE);
    step->state = DKM_ABLATE_DONE;
    g_assert_true(g_file_set_contents(path, "{\"results\": 3}", -1, NULL));
    g_assert_null(dkm_ablate_results_load(&f->ablate, f->steps, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, "is no evaluation");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/ablate/report/" name, Fixture, NULL, set_up, test, tear_down)
    ADD("pooled", test_pooled);
    ADD("chosen", test_chosen);
    ADD("phases", test_phases);
    ADD("files", test_files);
    ADD("nothing", test_nothing);
    ADD("damage", test_damage);
    return g_test_run();
}
