#include "gui/jobs.h"

#include "core/error.h"

static int done_calls, freed_results, freed_inputs;

typedef struct {
    int sleep_ms;
    gboolean stops_on_cancel;
} Input;

static void free_input(gpointer data)
{
    g_atomic_int_inc(&freed_inputs);
    g_free(data);
}

static void free_result(gpointer data)
{
    g_atomic_int_inc(&freed_results);
    g_free(data);
}

static gpointer work(gpointer data, DkmProgress *progress, GCancellable *cancel, GError **error)
{
    const Input *input = data;
    for (int i = 0; i < input->sleep_ms; i++) {
        if (input->stops_on_cancel && g_cancellable_is_cancelled(cancel)) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "stopped");
            return NULL;
        }
        dkm_progress_set(progress, 0, 1000, (gsize)i, (gsize)input->sleep_ms);
        g_usleep(1000);
    }
    return g_strdup("result");
}

static void on_done(gpointer result, const GError *error, gpointer user)
{
    done_calls++;
    if (result)
        g_assert_cmpstr(result, ==, "result");
    else
        g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_free(result);
}

static DkmJob *start(DkmLane lane, int sleep_ms, gboolean stops)
{
    Input *input = g_new0(Input, 1);
    *input = (Input){sleep_ms, stops};
    const DkmJobSpec spec = {lane, work, input, free_input, free_result, on_done, NULL};
    return dkm_job_start(&spec);
}

static int begun;

static gpointer count_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                           GError **error)
{
    g_atomic_int_inc(&begun);
    return work(data, progress, cancel, error);
}

static void wait_until(const int *counter, int value)
{
    const gint64 end = g_get_monotonic_time() + 5 * G_TIME_SPAN_SECOND;
    while (g_atomic_int_get(counter) < value && g_get_monotonic_time() < end)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(500);
    g_assert_cmpint(g_atomic_int_get(counter), ==, value);
}

static void reset(void)
{
    done_calls = freed_results = freed_inputs = 0;
}

static void runs_and_tells(gconstpointer lane)
{
    reset();
    DkmJob *job = start((DkmLane)GPOINTER_TO_INT(lane), 5, FALSE);
    wait_until(&done_calls, 1);
    g_assert_cmpint(dkm_job_permille(job), ==, 800);
    g_assert_cmpfloat(dkm_job_seconds(job), >, 0.004);
    dkm_job_drop(job);
    wait_until(&freed_inputs, 1);
    g_assert_cmpint(freed_results, ==, 0); /* it was given away */
}

static void cancelled_job_says_so(gconstpointer lane)
{
    reset();
    DkmJob *job = start((DkmLane)GPOINTER_TO_INT(lane), 5000, TRUE);
    dkm_job_cancel(job);
    wait_until(&done_calls, 1);
    dkm_job_drop(job);
    wait_until(&freed_inputs, 1);
}

/* The heart of "a result of an older request never appears". */
static void dropped_job_never_arrives(gconstpointer lane)
{
    reset();
    for (int i = 0; i < 50; i++) {
        DkmJob *job = start((DkmLane)GPOINTER_TO_INT(lane), i % 5, i % 2);
        g_usleep((gulong)(i % 3) * 2000); /* before it begins, in the middle, behind its end */
        dkm_job_drop(job);
    }
    wait_until(&freed_inputs, 50);
    g_assert_cmpint(done_calls, ==, 0);
    g_assert_cmpint(freed_results, >=, 1);
}

/* Dropped when the result is on its way already, but before the main loop has seen it. */
static void dropped_late(void)
{
    reset();
    DkmJob *job = start(DKM_LANE_POOL, 0, FALSE);
    g_usleep(20000);
    dkm_job_drop(job);
    wait_until(&freed_inputs, 1);
    g_assert_cmpint(done_calls, ==, 0);
    g_assert_cmpint(freed_results, ==, 1);
}

/* What waits for the engine and is dropped meanwhile is never begun. */
static void dropped_while_waiting(void)
{
    const int freed = g_atomic_int_get(&freed_inputs);
    DkmJob *first = start(DKM_LANE_ENGINE, 50, FALSE);
    for (int i = 0; i < 5; i++) {
        Input *input = g_new0(Input, 1);
        const DkmJobSpec spec = {DKM_LANE_ENGINE, count_work, input, free_input,
                                 free_result,     on_done,    NULL};
        dkm_job_drop(dkm_job_start(&spec));
    }
    wait_until(&freed_inputs, freed + 5);
    g_assert_cmpint(g_atomic_int_get(&begun), ==, 0);
    dkm_job_drop(first);
    wait_until(&freed_inputs, freed + 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    const char *const lanes[] = {"pool", "engine"};
    for (int i = 0; i < 2; i++) {
        g_autofree char *runs = g_strdup_printf("/jobs/%s/runs-and-tells", lanes[i]);
        g_autofree char *says = g_strdup_printf("/jobs/%s/cancelled-job-says-so", lanes[i]);
        g_autofree char *never = g_strdup_printf("/jobs/%s/dropped-job-never-arrives", lanes[i]);
        g_test_add_data_func(runs, GINT_TO_POINTER(i), runs_and_tells);
        g_test_add_data_func(says, GINT_TO_POINTER(i), cancelled_job_says_so);
        g_test_add_data_func(never, GINT_TO_POINTER(i), dropped_job_never_arrives);
    }
    g_test_add_func("/jobs/dropped-late", dropped_late);
    g_test_add_func("/jobs/dropped-while-waiting", dropped_while_waiting);
    return g_test_run();
}
