#include "core/progress.h"

void dkm_progress_set(DkmProgress *progress, int from, int to, gsize done, gsize total)
{
    if (!progress)
        return;
    const double share = total ? (double)MIN(done, total) / (double)total : 1.0;
    g_atomic_int_set(&progress->permille, from + (int)((to - from) * share));
}

int dkm_progress_get(const DkmProgress *progress)
{
    return progress ? g_atomic_int_get(&progress->permille) : 0;
}
