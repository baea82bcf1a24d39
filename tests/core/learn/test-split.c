#include "core/error.h"
#include "core/learn/split.h"

static char *patient(int i)
{
    return g_strdup_printf("ISPY2-%06d", 100000 + 7 * i);
}

/* The split depends on nothing but name and seed, and keeps about one in five. */
static void test_one_in_five(void)
{
    const DkmSplit zero = {.seed = 0, .fold = DKM_NO_FOLD}, one = {.seed = 1, .fold = DKM_NO_FOLD};
    int kept = 0, moved = 0;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = patient(i);
        const DkmSplitRole role = dkm_split_role(&zero, name);
        g_assert_cmpint(role, !=, DKM_SPLIT_TEST);
        kept += role == DKM_SPLIT_VALIDATION;
        moved += role != dkm_split_role(&one, name);
    }
    g_assert_cmpint(kept, >, 150);
    g_assert_cmpint(kept, <, 250);
    g_assert_cmpint(moved, >, 200);
    g_assert_cmpint(dkm_split_held_out(&zero), ==, DKM_SPLIT_VALIDATION);
}

/* Every patient is test in exactly one fold; the rest of a fold is one validation in eight. */
static void test_folds(void)
{
    int validation = 0;
    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = patient(i);
        int tests = 0;
        for (int fold = 0; fold < DKM_FOLDS; fold++) {
            const DkmSplitRole role = dkm_split_role(&(DkmSplit){0, fold}, name);
            tests += role == DKM_SPLIT_TEST;
            validation += role == DKM_SPLIT_VALIDATION;
        }
        g_assert_cmpint(tests, ==, 1);
    }
    g_assert_cmpint(validation, >, 4000 / 10);
    g_assert_cmpint(validation, <, 4000 / 6);
    g_assert_cmpint(dkm_split_held_out(&(DkmSplit){0, 3}), ==, DKM_SPLIT_TEST);
}

static void test_parse(void)
{
    DkmSplit split;
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_split_parse("7", "4", &split, &error));
    g_assert_cmpuint(split.seed, ==, 7);
    g_assert_cmpint(split.fold, ==, 4);
    g_assert_true(dkm_split_parse(NULL, NULL, &split, &error));
    g_assert_cmpint(split.fold, ==, DKM_NO_FOLD);
    static const char *const wrong[][2] = {
        {"x", "1"}, {"1", "5"}, {"1", "-1"}, {"-2", NULL}, {"1", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_assert_false(dkm_split_parse(wrong[i][0], wrong[i][1], &split, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
        g_clear_error(&error);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/split/one-in-five", test_one_in_five);
    g_test_add_func("/split/folds", test_folds);
    g_test_add_func("/split/parse", test_parse);
    return g_test_run();
}
