/* The worker pool for kernels and decoding: the only place besides hosts where threads are made.
 * Items are dealt by an atomic counter, so who computes an item is not fixed; results must depend
 * on the item alone, never on the worker or on the number of threads. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _DkmPool DkmPool;
/* WORKER is 0..threads-1: an index for scratch memory. */
typedef void (*DkmPoolTask)(gpointer data, gsize item, int worker);

/* THREADS 0: one a core that this process may use; 256 at most. The calling thread is one of them.
 * Where the system gives fewer, the pool has fewer: see dkm_pool_threads(). Never NULL. */
DkmPool *dkm_pool_new(int threads);
void dkm_pool_free(DkmPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPool, dkm_pool_free)
int dkm_pool_threads(const DkmPool *pool);
/* Runs TASK for items 0..N-1 and returns when all are done. One caller at a time; a task must not
 * call it. */
void dkm_pool_run(DkmPool *pool, gsize n, DkmPoolTask task, gpointer data);

G_END_DECLS
