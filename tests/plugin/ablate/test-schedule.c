#include "plugin/ablate/schedule.h"

#include <math.h>

static const char *const two_rows =
    "{\"name\": \"t\", \"folds\": [0, 1], \"diffusion\": {\"b1\": {}, \"a\": {}}, \"rows\": ["
    "{\"name\": \"none\", \"diffusion\": \"b1\"}, {\"name\": \"A\", \"diffusion\": \"a\"},"
    "{\"name\": \"f3f4\", \"diffusion\": \"b1\"}, {\"name\": \"plain\"}]}";

static DkmAblatePlan *plan_of(const char *text)
{
    g_autoptr(GError) error = NULL;
    DkmAblatePlan *plan = dkm_ablate_plan_parse(text, &error);
    g_assert_no_error(error);
    return plan;
}

static DkmAblateStep *at(GArray *steps, int i)
{
    return &g_array_index(steps, DkmAblateStep, i);
}

/* Rows one behind the other; a diffusion module is trained once, before its first row. */
static void test_order(void)
{
    static const char *const names[] = {
        "dm-b1-fold0",   "sm-none-fold0",  "sm-none-fold0",  "dm-b1-fold1",    "sm-none-fold1",
        "sm-none-fold1", "dm-a-fold0",     "sm-a-fold0",     "sm-a-fold0",     "dm-a-fold1",
        "sm-a-fold1",    "sm-a-fold1",     "sm-f3f4-fold0",  "sm-f3f4-fold0",  "sm-f3f4-fold1",
        "sm-f3f4-fold1", "sm-plain-fold0", "sm-plain-fold0", "sm-plain-fold1", "sm-plain-fold1"};
    g_autoptr(DkmAblatePlan) plan = plan_of(two_rows);
    g_autoptr(GArray) steps = dkm_ablate_steps_new(plan);
    g_assert_cmpuint(steps->len, ==, G_N_ELEMENTS(names));
    for (guint i = 0; i < steps->len; i++) {
        g_autofree char *name = dkm_ablate_step_name(plan, at(steps, (int)i));
        g_assert_cmpstr(name, ==, names[i]);
        g_assert_cmpint(at(steps, (int)i)->needs, <, (int)i);
    }
    g_assert_cmpint(at(steps, 12)->needs, ==, 0);
    g_assert_cmpint(at(steps, 13)->needs, ==, 12);
    g_assert_cmpint(at(steps, 16)->needs, ==, -1);
}

/* With two jobs the two folds of the first row run beside each other. */
static void test_next(void)
{
    g_autoptr(DkmAblatePlan) plan = plan_of(two_rows);
    g_autoptr(GArray) steps = dkm_ablate_steps_new(plan);
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 0);
    at(steps, 0)->state = DKM_ABLATE_RUNNING;
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 3);
    at(steps, 3)->state = DKM_ABLATE_RUNNING;
    at(steps, 0)->state = DKM_ABLATE_DONE;
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 1);
    at(steps, 1)->state = DKM_ABLATE_DONE;
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 2);
    for (guint i = 0; i < steps->len; i++)
        at(steps, (int)i)->state = DKM_ABLATE_DONE;
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, -1);
}

/* What needs a failed step fails with its sentence; the rest goes on. */
static void test_block(void)
{
    g_autoptr(DkmAblatePlan) plan = plan_of(two_rows);
    g_autoptr(GArray) steps = dkm_ablate_steps_new(plan);
    at(steps, 0)->state = DKM_ABLATE_FAILED;
    at(steps, 0)->why = g_strdup("no such preset");
    dkm_ablate_steps_block(steps);
    static const int blocked[] = {0, 1, 2, 12, 13};
    g_assert_cmpuint(dkm_ablate_steps_count(steps, DKM_ABLATE_FAILED), ==, G_N_ELEMENTS(blocked));
    for (guint i = 0; i < G_N_ELEMENTS(blocked); i++)
        g_assert_cmpstr(at(steps, blocked[i])->why, ==, "no such preset");
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 3);
}

/* Another fold is neither begun nor waited for; what of it is done stays so. */
static void test_leave_out(void)
{
    g_autoptr(DkmAblatePlan) plan = plan_of(two_rows);
    g_autoptr(GArray) steps = dkm_ablate_steps_new(plan),
                      folds = g_array_new(FALSE, FALSE, sizeof(int));
    const int one = 1;
    gboolean at_least;
    g_array_append_val(folds, one);
    at(steps, 0)->state = DKM_ABLATE_DONE;
    at(steps, 0)->seconds = 100;
    dkm_ablate_steps_leave_out(steps, folds);
    g_assert_cmpint(at(steps, 0)->state, ==, DKM_ABLATE_DONE);
    g_assert_cmpuint(dkm_ablate_steps_count(steps, DKM_ABLATE_LEFT_OUT), ==, 9);
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, 3);
    g_assert_cmpfloat(dkm_ablate_steps_left(steps, 1, &at_least), ==, 2 * 100);
    for (guint i = 0; i < steps->len; i++)
        if (at(steps, (int)i)->fold == 1)
            at(steps, (int)i)->state = DKM_ABLATE_DONE;
    g_assert_cmpint(dkm_ablate_steps_next(steps), ==, -1);
}

static void test_left(void)
{
    g_autoptr(DkmAblatePlan) plan =
        plan_of("{\"name\": \"t\", \"folds\": [0, 1], \"diffusion\": {\"b1\": {}},"
                "\"rows\": [{\"name\": \"r\", \"diffusion\": \"b1\"}]}");
    g_autoptr(GArray) steps = dkm_ablate_steps_new(plan);
    gboolean at_least;
    g_assert_cmpfloat(dkm_ablate_steps_left(steps, 1, &at_least), ==, 0);
    g_assert_true(at_least);
    at(steps, 0)->state = DKM_ABLATE_RUNNING;
    at(steps, 0)->seconds = 100;
    at(steps, 0)->seconds_left = 300;
    g_assert_cmpfloat(dkm_ablate_steps_left(steps, 1, &at_least), ==, 300 + 400);
    g_assert_true(at_least);
    at(steps, 0)->state = DKM_ABLATE_DONE;
    at(steps, 0)->seconds = 500;
    at(steps, 1)->state = DKM_ABLATE_DONE;
    at(steps, 1)->seconds = 60;
    at(steps, 2)->state = DKM_ABLATE_RUNNING;
    at(steps, 2)->seconds = 5;
    at(steps, 2)->seconds_left = 15;
    g_assert_cmpfloat(dkm_ablate_steps_left(steps, 1, &at_least), ==, 15 + 500 + 60 + 20);
    g_assert_false(at_least);
    g_assert_cmpfloat(dkm_ablate_steps_left(steps, 2, &at_least), ==, 500);
}

static void test_progress(void)
{
    double share, minutes;
    g_assert_true(dkm_ablate_parse_progress(
        "epoch 1/12 step 468/1872 loss 0.76236, 13.50 slices/s, 18 min left", &share, &minutes));
    g_assert_cmpfloat(share, ==, 0.25);
    g_assert_cmpfloat(minutes, ==, 18);
    g_assert_true(dkm_ablate_parse_progress(
        "epoch 2/2 step 4/4 loss 0.7, 1 slices/s, 0 min left; validation Dice 0.4", &share,
        &minutes));
    g_assert_cmpfloat(share, ==, 1);
    static const char *const wrong[] = {"", "epoch 1", "epoch 1/2 step 3", "Dice 0.3",
                                        "epoch 1/2 step 0/0 loss 1, 1 slices/s, 1 min left"};
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(dkm_ablate_parse_progress(wrong[i], &share, &minutes));
}

static void test_history(void)
{
    g_autoptr(GArray) epochs = dkm_ablate_parse_history(
        "epoch 1: loss 6.16795, validation one-step error 6.38675, of x_0 unchanged 10.34931\n"
        "something else\n"
        "epoch 2: loss 1.38921, validation Dice 0.4246 +- 0.1589 of 23 patients\n"
        "epoch 3: loss 1.2, no validation\n");
    g_assert_cmpuint(epochs->len, ==, 3);
    const DkmAblateEpoch *e = &g_array_index(epochs, DkmAblateEpoch, 0);
    g_assert_cmpint(e[0].epoch, ==, 1);
    g_assert_cmpfloat(e[0].loss, ==, 6.16795);
    g_assert_cmpfloat(e[0].validation, ==, 6.38675);
    g_assert_cmpfloat(e[1].validation, ==, 0.4246);
    g_assert_true(isnan(e[2].validation));
    g_autoptr(GArray) none = dkm_ablate_parse_history(NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ablate/schedule/order", test_order);
    g_test_add_func("/ablate/schedule/next", test_next);
    g_test_add_func("/ablate/schedule/block", test_block);
    g_test_add_func("/ablate/schedule/leave-out", test_leave_out);
    g_test_add_func("/ablate/schedule/left", test_left);
    g_test_add_func("/ablate/schedule/progress", test_progress);
    g_test_add_func("/ablate/schedule/history", test_history);
    return g_test_run();
}
