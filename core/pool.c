#include "core/pool.h"

#include <sched.h>

/* A worker looks this often for new work before it sleeps: networks run hundreds of short jobs in a
 * row, and waking a sleeper costs more than many of them take. */
enum { LOOKS_BEFORE_SLEEP = 20000 };

enum { MOST_THREADS = 256 };

struct _DkmPool {
    int n_threads; /* the caller included */
    GThread **threads;
    GMutex mutex;
    GCond wake, done;
    guint job;    /* number of the current job; changed under the mutex, also read without it */
    gint running; /* workers that have not finished the current job */
    gboolean quit;
    DkmPoolTask task;
    gpointer data;
    gsize n, next; /* items; the next one to take, atomic */
    gint indices;  /* worker numbers given out at start */
};

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void take_items(DkmPool *pool, int worker)
{
    for (;;) {
        const gsize item = __atomic_fetch_add(&pool->next, 1, __ATOMIC_RELAXED);
        if (item >= pool->n)
            return;
        pool->task(pool->data, item, worker);
    }
}

static guint current_job(DkmPool *pool)
{
    return __atomic_load_n(&pool->job, __ATOMIC_ACQUIRE);
}

/* Returns the number of a job that is not SEEN. */
static guint wait_for_job(DkmPool *pool, guint seen)
{
    for (int look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
        const guint job = current_job(pool);
        if (job != seen)
            return job;
        relax();
    }
    g_mutex_lock(&pool->mutex);
    while (pool->job == seen)
        g_cond_wait(&pool->wake, &pool->mutex);
    g_mutex_unlock(&pool->mutex);
    return current_job(pool);
}

static gpointer work(gpointer data)
{
    DkmPool *pool = data;
    const int worker = g_atomic_int_add(&pool->indices, 1) + 1;
    guint seen = 0;
    for (;;) {
        seen = wait_for_job(pool, seen);
        if (pool->quit)
            return NULL;
        take_items(pool, worker);
        if (g_atomic_int_dec_and_test(&pool->running)) {
            g_mutex_lock(&pool->mutex);
            g_cond_signal(&pool->done);
            g_mutex_unlock(&pool->mutex);
        }
    }
}

static int usable_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                       : (int)g_get_num_processors();
}

DkmPool *dkm_pool_new(int threads)
{
    DkmPool *pool = g_new0(DkmPool, 1);
    pool->n_threads = MIN(threads > 0 ? threads : usable_cores(), MOST_THREADS);
    g_mutex_init(&pool->mutex);
    g_cond_init(&pool->wake);
    g_cond_init(&pool->done);
    pool->threads = g_new0(GThread *, (gsize)pool->n_threads);
    for (int i = 1; i < pool->n_threads; i++) {
        pool->threads[i] = g_thread_try_new("dkm-worker", work, pool, NULL);
        if (!pool->threads[i])
            pool->n_threads = i;
    }
    return pool;
}

/* Publishes a new job number to sleeping and looking workers alike. */
static void publish(DkmPool *pool)
{
    g_mutex_lock(&pool->mutex);
    __atomic_store_n(&pool->job, pool->job + 1, __ATOMIC_RELEASE);
    g_cond_broadcast(&pool->wake);
    g_mutex_unlock(&pool->mutex);
}

void dkm_pool_free(DkmPool *pool)
{
    if (!pool)
        return;
    pool->quit = TRUE;
    publish(pool);
    for (int i = 1; i < pool->n_threads; i++)
        g_thread_join(pool->threads[i]);
    g_free(pool->threads);
    g_mutex_clear(&pool->mutex);
    g_cond_clear(&pool->wake);
    g_cond_clear(&pool->done);
    g_free(pool);
}

int dkm_pool_threads(const DkmPool *pool)
{
    return pool->n_threads;
}

static void wait_for_workers(DkmPool *pool)
{
    for (int look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
        if (g_atomic_int_get(&pool->running) == 0)
            return;
        relax();
    }
    g_mutex_lock(&pool->mutex);
    while (g_atomic_int_get(&pool->running) != 0)
        g_cond_wait(&pool->done, &pool->mutex);
    g_mutex_unlock(&pool->mutex);
}

void dkm_pool_run(DkmPool *pool, gsize n, DkmPoolTask task, gpointer data)
{
    pool->task = task;
    pool->data = data;
    pool->n = n;
    pool->next = 0;
    if (pool->n_threads == 1 || n <= 1) {
        take_items(pool, 0);
        return;
    }
    g_atomic_int_set(&pool->running, pool->n_threads - 1);
    publish(pool);
    take_items(pool, 0);
    wait_for_workers(pool);
}
