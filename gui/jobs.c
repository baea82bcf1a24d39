#include "gui/jobs.h"

#include "core/error.h"

#include <sys/resource.h>

#define ENGINE_NICENESS 10

struct _DkmJob {
    gatomicrefcount refs; /* the owner's and the task's */
    DkmJobSpec spec;
    DkmProgress progress;
    GCancellable *cancel;
    gint64 start_us;
    gboolean is_dropped; /* main thread only */
};

static void job_unref(gpointer data)
{
    DkmJob *job = data;
    if (!g_atomic_ref_count_dec(&job->refs))
        return;
    if (job->spec.free_input)
        job->spec.free_input(job->spec.input);
    g_object_unref(job->cancel);
    g_free(job);
}

/* A job that was dropped while it waited is not begun: many may wait for the one engine. */
static void work_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
    DkmJob *job = data;
    GError *error = NULL;
    gpointer result = NULL;
    if (g_cancellable_is_cancelled(job->cancel))
        error = g_error_new_literal(DKM_ERROR, DKM_ERROR_CANCELLED, "stopped before it began");
    else
        result = job->spec.work(job->spec.input, &job->progress, job->cancel, &error);
    if (result)
        g_task_return_pointer(task, result, job->spec.free_result);
    else
        g_task_return_error(task, error);
}

static void work_on_engine(gpointer data, gpointer user)
{
    g_autoptr(GTask) task = data;
    /* On Linux a thread has a niceness of its own, and the threads that it makes inherit it: the
     * network takes what the window leaves. */
    setpriority(PRIO_PROCESS, 0, ENGINE_NICENESS);
    work_in_thread(task, NULL, g_task_get_task_data(task), NULL);
}

static void on_returned(GObject *source, GAsyncResult *async, gpointer user)
{
    GTask *task = G_TASK(async);
    DkmJob *job = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    gpointer result = g_task_propagate_pointer(task, &error);
    if (!job->is_dropped)
        job->spec.done(result, error, job->spec.user);
    else if (result && job->spec.free_result)
        job->spec.free_result(result);
}

static GThreadPool *engine(void)
{
    static GThreadPool *pool = NULL;
    if (!pool)
        pool = g_thread_pool_new(work_on_engine, NULL, 1, FALSE, NULL);
    return pool;
}

DkmJob *dkm_job_start(const DkmJobSpec *spec)
{
    DkmJob *job = g_new0(DkmJob, 1);
    g_atomic_ref_count_init(&job->refs);
    g_atomic_ref_count_inc(&job->refs);
    job->spec = *spec;
    job->cancel = g_cancellable_new();
    job->start_us = g_get_monotonic_time();
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_returned, NULL);
    g_task_set_task_data(task, job, job_unref);
    if (spec->lane == DKM_LANE_ENGINE)
        g_thread_pool_push(engine(), g_object_ref(task), NULL);
    else
        g_task_run_in_thread(task, work_in_thread);
    return job;
}

void dkm_job_cancel(DkmJob *job)
{
    g_cancellable_cancel(job->cancel);
}

void dkm_job_drop(DkmJob *job)
{
    if (!job)
        return;
    job->is_dropped = TRUE;
    g_cancellable_cancel(job->cancel);
    job_unref(job);
}

int dkm_job_permille(DkmJob *job)
{
    return dkm_progress_get(&job->progress);
}

double dkm_job_seconds(const DkmJob *job)
{
    return (double)(g_get_monotonic_time() - job->start_us) / 1e6;
}
