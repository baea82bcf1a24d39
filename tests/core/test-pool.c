#include "core/pool.h"

#include <sys/resource.h>
#include <unistd.h>

enum { N = 1000 };

typedef struct {
    gint taken[N];
    gint workers_out_of_range;
    int threads;
} Job;

static void take(gpointer data, gsize item, int worker)
{
    Job *job = data;
    g_atomic_int_inc(&job->taken[item]);
    if (worker < 0 || worker >= job->threads)
        g_atomic_int_inc(&job->workers_out_of_range);
}

/* Every item once, over many jobs in a row, with more threads than cores too. */
static void every_item_once(void)
{
    for (int threads = 1; threads <= 5; threads++) {
        g_autoptr(DkmPool) pool = dkm_pool_new(threads);
        g_assert_cmpint(dkm_pool_threads(pool), ==, threads);
        for (int run = 0; run < 200; run++) {
            Job job = {.threads = threads};
            const gsize n = (gsize)(run * 37 % N);
            dkm_pool_run(pool, n, take, &job);
            g_assert_cmpint(job.workers_out_of_range, ==, 0);
            for (gsize i = 0; i < N; i++)
                g_assert_cmpint(job.taken[i], ==, i < n);
        }
    }
}

/* A pool whose workers have gone to sleep wakes up again. */
static void wakes_after_a_pause(void)
{
    g_autoptr(DkmPool) pool = dkm_pool_new(3);
    for (int run = 0; run < 3; run++) {
        Job job = {.threads = 3};
        g_usleep(20000);
        dkm_pool_run(pool, N, take, &job);
        for (gsize i = 0; i < N; i++)
            g_assert_cmpint(job.taken[i], ==, 1);
    }
}

#ifndef __SANITIZE_ADDRESS__
/* A system that gives no more threads gives a smaller pool, not the end of the program. */
static void fewer_threads_than_asked(void)
{
    struct rlimit before, low;
    g_autofree char *statm = NULL;
    g_assert_true(g_file_get_contents("/proc/self/statm", &statm, NULL, NULL));
    const rlim_t used =
        (rlim_t)(g_ascii_strtoull(statm, NULL, 10) * (guint64)sysconf(_SC_PAGESIZE));
    g_assert_cmpint(getrlimit(RLIMIT_AS, &before), ==, 0);
    low = before;
    low.rlim_cur = used + (64u << 20); /* stacks are 8 MB each as a rule */
    g_assert_cmpint(setrlimit(RLIMIT_AS, &low), ==, 0);
    g_autoptr(DkmPool) pool = dkm_pool_new(200);
    g_assert_cmpint(setrlimit(RLIMIT_AS, &before), ==, 0);
    g_assert_cmpint(dkm_pool_threads(pool), <, 200);
    Job job = {.threads = dkm_pool_threads(pool)};
    dkm_pool_run(pool, N, take, &job);
    for (gsize i = 0; i < N; i++)
        g_assert_cmpint(job.taken[i], ==, 1);
}
#endif

static void default_is_one_a_core(void)
{
    g_autoptr(DkmPool) pool = dkm_pool_new(0);
    g_assert_cmpint(dkm_pool_threads(pool), >=, 1);
    g_assert_cmpint(dkm_pool_threads(pool), <=, (int)g_get_num_processors());
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pool/every-item-once", every_item_once);
    g_test_add_func("/pool/wakes-after-a-pause", wakes_after_a_pause);
#ifndef __SANITIZE_ADDRESS__
    g_test_add_func("/pool/fewer-threads-than-asked", fewer_threads_than_asked);
#endif
    g_test_add_func("/pool/default-is-one-a-core", default_is_one_a_core);
    return g_test_run();
}
