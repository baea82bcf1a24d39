#include "plugin/ablate/plan.h"

#include "core/error.h"
#include "tests/support/says.h"

static const char *const good =
    "{\"name\": \"controls\", \"note\": \"small\", \"cases\": [\"a\", \"b\"], \"folds\": [0, 3],"
    "\"diffusion\": {\"b1\": {\"reading\": \"B1\", \"rate\": 4e-4, \"cosine\": true}},"
    "\"segmentation\": {\"epochs\": 20, \"augment\": true, \"fusion\": \"none\"},"
    "\"rows\": [{\"name\": \"no code\"},"
    "{\"name\": \"B1 f3+f4\", \"diffusion\": \"b1\", \"control\": \"The paper's.\","
    "\"segmentation\": {\"fusion\": \"f3f4\", \"augment\": false, \"no-augment\": true}}],"
    "\"baseline\": \"no code\"}";

static void test_good(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmAblatePlan) plan = dkm_ablate_plan_parse(good, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(plan->name, ==, "controls");
    g_assert_cmpstr(plan->cases[1], ==, "b");
    g_assert_cmpuint(plan->folds->len, ==, 2);
    g_assert_cmpint(g_array_index(plan->folds, int, 1), ==, 3);
    g_assert_cmpint(plan->baseline, ==, 0);
    const DkmAblateRow *none = dkm_ablate_plan_row(plan, 0), *f3f4 = dkm_ablate_plan_row(plan, 1);
    g_assert_cmpint(none->diffusion, ==, -1);
    g_assert_cmpint(f3f4->diffusion, ==, 0);
    g_assert_cmpstr(f3f4->slug, ==, "b1-f3-f4");
    g_assert_cmpstr(f3f4->control, ==, "The paper's.");
    g_autofree char *text = dkm_ablate_recipe_text(f3f4->recipe, "sm", 3),
                    *dm =
                        dkm_ablate_recipe_text(dkm_ablate_plan_diffusion(plan, 0)->recipe, "dm", 0);
    g_assert_cmpstr(text, ==, "sm fold 3: --epochs 20 --fusion f3f4 --no-augment");
    g_assert_cmpstr(dm, ==, "dm fold 0: --cosine --rate 0.0004 --reading B1");
    g_assert_cmpint(dkm_ablate_recipe_epochs(f3f4->recipe, "sm"), ==, 20);
    g_assert_cmpint(dkm_ablate_recipe_epochs(dkm_ablate_plan_diffusion(plan, 0)->recipe, "dm"), ==,
                    500);
}

static void test_words(void)
{
    g_autoptr(DkmAblatePlan) plan = dkm_ablate_plan_parse(good, NULL);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    dkm_ablate_recipe_add_words(dkm_ablate_plan_diffusion(plan, 0)->recipe, words);
    g_assert_cmpuint(words->len, ==, 5);
    g_assert_cmpstr(words->pdata[0], ==, "--cosine");
    g_assert_cmpstr(words->pdata[1], ==, "--rate");
    g_assert_cmpstr(words->pdata[2], ==, "0.0004");
}

/* Without folds all five. */
static void test_least(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmAblatePlan) plan =
        dkm_ablate_plan_parse("{\"name\": \"x\", \"rows\": [{\"name\": \"a\"}]}", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(plan->folds->len, ==, 5);
    g_assert_cmpint(plan->baseline, ==, -1);
    g_assert_null(plan->cases[0]);
}

/* What is wrong is named. */
/* What the command line may change: the row to compare with, and the folds to train. */
static void test_choices(void)
{
    static const char *const wrong[] = {"", "1", "0,0", "0, 3", "-1", "x", "0,", "3,9"};
    g_autoptr(DkmAblatePlan) plan = dkm_ablate_plan_parse(good, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_ablate_plan_compare_with(plan, "B1 f3+f4", &error));
    g_assert_cmpint(plan->baseline, ==, 1);
    g_assert_false(dkm_ablate_plan_compare_with(plan, "b1", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_assert_cmpint(plan->baseline, ==, 1);
    g_autoptr(GArray) all = dkm_ablate_plan_pick_folds(plan, NULL, NULL),
                      one = dkm_ablate_plan_pick_folds(plan, "3", NULL),
                      both = dkm_ablate_plan_pick_folds(plan, "3,0", NULL);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpuint(one->len, ==, 1);
    g_assert_cmpint(g_array_index(one, int, 0), ==, 3);
    g_assert_cmpuint(both->len, ==, 2);
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) why = NULL;
        g_assert_null(dkm_ablate_plan_pick_folds(plan, wrong[i], &why));
        g_assert_error(why, DKM_ERROR, DKM_ERROR_USAGE);
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *says;
    } wrong[] = {
        {"", "one JSON object"},
        {"{", "no JSON"},
        {"[]", "one JSON object"},
        {"{\"rows\": [{\"name\": \"a\"}]}", "no \"name\""},
        {"{\"name\": 3, \"rows\": []}", "\"name\" must be a text"},
        {"{\"name\": \"x\"}", "no \"rows\""},
        {"{\"name\": \"x\", \"rows\": [3]}", "row 1 must be an object"},
        {"{\"name\": \"x\", \"rows\": [{}]}", "row 1 has no \"name\""},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"--\"}]}", "row 1: its name must have"},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a b\"}, {\"name\": \"A-b\"}]}",
         "row 2: \"A-b\" has files of the same names as \"a b\""},
        {"{\"name\": \"x\", \"colour\": 1, \"rows\": []}", "no member \"colour\""},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"fusion\": \"f1\"}]}",
         "row 1: there is no member \"fusion\""},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"diffusion\": \"b\"}]}",
         "no diffusion \"b\""},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"segmentation\": 3}]}",
         "\"segmentation\" must be an object"},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"segmentation\": {\"side\": [1]}}]}",
         "\"side\" must be a text, a number"},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"segmentation\": {\"out\": \"a\"}}]}",
         "\"out\" is given by dkm ablate itself"},
        {"{\"name\": \"x\", \"rows\": [{\"name\": \"a\", \"segmentation\": {\"-x\": 1}}]}",
         "\"-x\" is no option"},
        {"{\"name\": \"x\", \"diffusion\": {\"B 1\": {}}, \"rows\": [{\"name\": \"a\"}]}",
         "diffusion \"B 1\": its name must be"},
        {"{\"name\": \"x\", \"diffusion\": {\"b\": 1}, \"rows\": [{\"name\": \"a\"}]}",
         "\"b\" must be an object"},
        {"{\"name\": \"x\", \"folds\": [5], \"rows\": [{\"name\": \"a\"}]}", "from 0 to 4"},
        {"{\"name\": \"x\", \"folds\": [0.5], \"rows\": [{\"name\": \"a\"}]}", "from 0 to 4"},
        {"{\"name\": \"x\", \"folds\": [1, 1], \"rows\": [{\"name\": \"a\"}]}", "names 1 twice"},
        {"{\"name\": \"x\", \"folds\": [], \"rows\": [{\"name\": \"a\"}]}", "is empty"},
        {"{\"name\": \"x\", \"cases\": \"a\", \"rows\": [{\"name\": \"a\"}]}",
         "\"cases\" must be a list"},
        {"{\"name\": \"x\", \"cases\": [1], \"rows\": [{\"name\": \"a\"}]}", "list of folders"},
        {"{\"name\": \"x\", \"baseline\": \"b\", \"rows\": [{\"name\": \"a\"}]}",
         "baseline \"b\" is no row"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dkm_ablate_plan_parse(wrong[i].text, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(error->message, wrong[i].says);
    }
}

/* The plans that come with the program; in each the first row is the baseline, so that it is
 * complete first. */
static void test_shipped(void)
{
    static const struct {
        const char *name;
        guint rows;
    } plans[] = {{"controls", 9}, {"fusion", 10}, {"ablations", 14}, {"pushing", 11}};
    for (guint i = 0; i < G_N_ELEMENTS(plans); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_strdup_printf("%s/%s.json", g_getenv("DKM_PLANS"), plans[i].name);
        g_autoptr(DkmAblatePlan) plan = dkm_ablate_plan_load(path, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(plan->rows->len, ==, plans[i].rows);
        g_assert_cmpuint(plan->folds->len, ==, 5);
        g_assert_cmpint(plan->baseline, ==, 0);
        g_assert_nonnull(plan->note);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ablate/plan/good", test_good);
    g_test_add_func("/ablate/plan/words", test_words);
    g_test_add_func("/ablate/plan/least", test_least);
    g_test_add_func("/ablate/plan/choices", test_choices);
    g_test_add_func("/ablate/plan/refusals", test_refusals);
    g_test_add_func("/ablate/plan/shipped", test_shipped);
    return g_test_run();
}
