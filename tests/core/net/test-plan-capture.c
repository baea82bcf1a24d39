/* Plans on a device that captures: the reference, recording its calls and playing them back. */
#include "tests/core/net/sample-net.h"

#include "core/error.h"

#include <string.h>

typedef enum { NOWHERE, AT_BEGIN, AT_STEP, AT_END, AT_END_SILENTLY, AT_REPLAY } Place;

/* The one device of these tests. */
static struct {
    GArray *recording;                                       /* DkmOpCall; NULL: computes */
    int runs, recorded, begins, ends, replays, alive, syncs; /* counted */
    Place fails;
    int sync_fails_at, cancel_at; /* the count of syncs, of recorded calls; 0: never */
    GCancellable *cancel;
} fake;

static gboolean fail(Place place, GError **error)
{
    if (fake.fails != place)
        return FALSE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "out of film");
    return TRUE;
}

static gboolean run_or_record(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    if (!fake.recording) {
        fake.runs++;
        return dkm_backend_reference.run(device, call, error);
    }
    if (fail(AT_STEP, error))
        return FALSE;
    if (++fake.recorded == fake.cancel_at)
        g_cancellable_cancel(fake.cancel);
    g_array_append_val(fake.recording, *call);
    return TRUE;
}

static gboolean capture_begin(DkmDevice *device, GError **error)
{
    fake.begins++;
    g_assert_null(fake.recording);
    if (fail(AT_BEGIN, error))
        return FALSE;
    fake.recording = g_array_new(FALSE, FALSE, sizeof(DkmOpCall));
    fake.alive++;
    return TRUE;
}

static void captured_free(DkmDevice *device, gpointer captured)
{
    g_array_unref(captured);
    fake.alive--;
}

static gboolean capture_end(DkmDevice *device, gpointer *captured, GError **error)
{
    GArray *recording = g_steal_pointer(&fake.recording);
    fake.ends++;
    g_assert_nonnull(recording);
    if (fake.fails == AT_END_SILENTLY || fail(AT_END, error)) {
        captured_free(device, recording);
        return FALSE;
    }
    *captured = recording;
    return TRUE;
}

static gboolean captured_replay(DkmDevice *device, gpointer captured, GError **error)
{
    GArray *recording = captured;
    fake.replays++;
    if (fail(AT_REPLAY, error))
        return FALSE;
    for (guint i = 0; i < recording->len; i++)
        if (!dkm_backend_reference.run(device, &g_array_index(recording, DkmOpCall, i), error))
            return FALSE;
    return TRUE;
}

static gboolean sync_device(DkmDevice *device, GError **error)
{
    if (++fake.syncs != fake.sync_fails_at)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "late smoke");
    return FALSE;
}

/* A network on the fake device, its twin on the reference with the same weights. */
typedef struct {
    DkmBackend backend;
    Fixture f, expected_f;
    Net net;
    DkmPlan *plan, *expected;
    guint64 seed; /* of the next input */
} Scene;

static DkmPlan *plan_on(const Scene *scene, DkmParams *params, DkmPlanMode mode)
{
    g_autoptr(GError) error = NULL;
    dkm_params_init(params, scene->net.graph, 9, &error);
    g_assert_no_error(error);
    DkmPlan *plan = dkm_plan_new(scene->net.graph, params, &scene->net.y, 1, mode, &error);
    g_assert_no_error(error);
    return plan;
}

static void scene_init(Scene *scene, DkmPlanMode mode)
{
    memset(&fake, 0, sizeof fake);
    *scene = (Scene){.backend = dkm_backend_reference, .seed = 1};
    scene->backend.run = run_or_record;
    scene->backend.sync = sync_device;
    scene->backend.capture_begin = capture_begin;
    scene->backend.capture_end = capture_end;
    scene->backend.captured_replay = captured_replay;
    scene->backend.captured_free = captured_free;
    scene->f = fixture_open(&scene->backend);
    scene->expected_f = fixture_open(&dkm_backend_reference);
    scene->net = net_new(DKM_F32, TRUE);
    scene->plan = plan_on(scene, scene->f.params, mode);
    scene->expected = plan_on(scene, scene->expected_f.params, mode);
}

static void scene_clear(Scene *scene)
{
    dkm_plan_free(scene->plan);
    dkm_plan_free(scene->expected);
    g_assert_cmpint(fake.alive, ==, 0);
    g_assert_null(fake.recording);
    dkm_graph_free(scene->net.graph);
    fixture_close(&scene->f);
    fixture_close(&scene->expected_f);
}

/* Another input in every run, so that a run that did not compute is seen. */
static gboolean run(Scene *scene, GCancellable *cancel, GError **error)
{
    g_autofree float *x = new_normal(2 * 36 * 3, scene->seed++);
    g_assert_true(dkm_plan_set_input(scene->plan, scene->net.x, x, NULL));
    g_assert_true(dkm_plan_set_input(scene->expected, scene->net.x, x, NULL));
    return dkm_plan_run(scene->plan, cancel, error);
}

static void run_right(Scene *scene)
{
    g_autoptr(GError) error = NULL;
    float y[2 * 36], expected[2 * 36];
    run(scene, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(dkm_plan_run(scene->expected, NULL, NULL));
    dkm_plan_get_output(scene->plan, scene->net.y, y, NULL);
    dkm_plan_get_output(scene->expected, scene->net.y, expected, NULL);
    g_assert_cmpmem(y, sizeof y, expected, sizeof expected);
}

/* The weights change everywhere alike. */
static void change_weights(Scene *scene)
{
    randomise_params(scene->f.params, 77);
    randomise_params(scene->expected_f.params, 77);
    const DkmShape shape = {1, 1, 2, 4};
    const float running[] = {1, 2, 3, 4, 5, 6, 7, 8};
    dkm_params_set(scene->f.params, "f.running", shape, running, NULL);
    dkm_params_set(scene->expected_f.params, "f.running", shape, running, NULL);
}

static void assert_counts(int runs, int begins, int replays)
{
    g_assert_cmpint(fake.runs, ==, runs);
    g_assert_cmpint(fake.begins, ==, begins);
    g_assert_cmpint(fake.replays, ==, replays);
}

enum { ALL = 12, EACH = 8 }; /* steps of the network's first plain run, of those after it */

static void captures_the_second_run(void)
{
    Scene scene;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    assert_counts(ALL, 0, 0);
    run_right(&scene);
    assert_counts(ALL, 1, 1);
    g_assert_cmpint(fake.recorded, ==, EACH);
    run_right(&scene);
    run_right(&scene);
    assert_counts(ALL, 1, 3);
    g_assert_null(dkm_plan_capture_failure(scene.plan));
    g_assert_cmpint(fake.syncs, ==, 0);
    scene_clear(&scene);
}

static void captures_again_for_new_weights(void)
{
    Scene scene;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    run_right(&scene);
    change_weights(&scene);
    run_right(&scene);
    assert_counts(2 * ALL, 1, 1);
    g_assert_cmpint(fake.alive, ==, 0); /* what holds for old weights is let go at once */
    run_right(&scene);
    run_right(&scene);
    assert_counts(2 * ALL, 2, 3);
    scene_clear(&scene);
}

static void profiles_plainly(void)
{
    Scene scene;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    dkm_plan_profile(scene.plan, TRUE);
    run_right(&scene);
    run_right(&scene);
    assert_counts(ALL + 2 * EACH, 0, 0);
    g_assert_cmpint(fake.syncs, ==, 2 * (EACH + 1)); /* before the first step, after each */
    dkm_plan_profile(scene.plan, FALSE);
    run_right(&scene);
    dkm_plan_profile(scene.plan, TRUE);
    run_right(&scene);
    dkm_plan_profile(scene.plan, FALSE);
    run_right(&scene);
    assert_counts(ALL + 3 * EACH, 1, 2);
    scene_clear(&scene);
}

/* An error that arrives late is told with the step that it belongs to. */
static void profiles_late_errors(void)
{
    Scene scene;
    g_autoptr(GError) error = NULL;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    dkm_plan_profile(scene.plan, TRUE);
    fake.sync_fails_at = ALL + 1;
    g_assert_false(run(&scene, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    g_assert_true(g_str_has_suffix(error->message, ": late smoke"));
    assert_counts(ALL, 0, 0);
    scene_clear(&scene);
}

static void never_captures_training(void)
{
    Scene scene;
    scene_init(&scene, DKM_PLAN_TRAINING);
    for (int i = 0; i < 3; i++)
        run_right(&scene);
    assert_counts(3 * ALL, 0, 0);
    scene_clear(&scene);
}

static void cancels_before_a_replay(void)
{
    Scene scene;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    run_right(&scene);
    g_cancellable_cancel(cancel);
    g_assert_false(run(&scene, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    assert_counts(ALL, 1, 1);
    run_right(&scene);
    assert_counts(ALL, 1, 2);
    scene_clear(&scene);
}

/* No failure: the capture ends, and the next run captures. */
static void cancels_within_a_capture(void)
{
    Scene scene;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    fake.cancel = cancel;
    fake.cancel_at = 3;
    g_assert_false(run(&scene, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_assert_cmpint(fake.recorded, ==, 3);
    g_assert_cmpint(fake.alive, ==, 0);
    run_right(&scene);
    assert_counts(ALL, 2, 1);
    g_assert_null(dkm_plan_capture_failure(scene.plan));
    scene_clear(&scene);
}

typedef struct {
    const char *name;
    Place place;
    const char *reason; /* its end */
} Failure;

static const Failure failures[] = {
    {"begin", AT_BEGIN, "out of film"},
    {"step", AT_STEP, "out of film"},
    {"end", AT_END, "out of film"},
    {"end-silently", AT_END_SILENTLY, "the device gave no reason"},
};

static void goes_on_without(gconstpointer data)
{
    const Failure *failure = data;
    Scene scene;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    fake.fails = failure->place;
    run_right(&scene);
    g_assert_null(dkm_plan_capture_failure(scene.plan));
    run_right(&scene);
    run_right(&scene);
    assert_counts(ALL + 2 * EACH, 1, 0);
    g_assert_cmpint(fake.ends, ==, failure->place == AT_BEGIN ? 0 : 1);
    g_assert_true(g_str_has_suffix(dkm_plan_capture_failure(scene.plan), failure->reason));
    change_weights(&scene);
    run_right(&scene);
    run_right(&scene);
    assert_counts(2 * ALL + 3 * EACH, 1, 0);
    scene_clear(&scene);
}

static void a_replay_that_fails_is_an_error(void)
{
    Scene scene;
    g_autoptr(GError) error = NULL;
    scene_init(&scene, DKM_PLAN_INFERENCE);
    run_right(&scene);
    fake.fails = AT_REPLAY;
    g_assert_false(run(&scene, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-capture/the-second-run", captures_the_second_run);
    g_test_add_func("/plan-capture/new-weights", captures_again_for_new_weights);
    g_test_add_func("/plan-capture/profile", profiles_plainly);
    g_test_add_func("/plan-capture/profile-late-errors", profiles_late_errors);
    g_test_add_func("/plan-capture/training", never_captures_training);
    g_test_add_func("/plan-capture/cancel-before-a-replay", cancels_before_a_replay);
    g_test_add_func("/plan-capture/cancel-within-a-capture", cancels_within_a_capture);
    g_test_add_func("/plan-capture/replay-fails", a_replay_that_fails_is_an_error);
    for (gsize i = 0; i < G_N_ELEMENTS(failures); i++) {
        g_autofree char *path = g_strconcat("/plan-capture/fails-at/", failures[i].name, NULL);
        g_test_add_data_func(path, &failures[i], goes_on_without);
    }
    return g_test_run();
}
