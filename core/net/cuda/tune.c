#include "core/net/cuda/tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float tolerance = 1.03f;

static int compare(const void *a, const void *b)
{
    const float first = *(const float *)a, second = *(const float *)b;
    return (first > second) - (first < second);
}

/* INFINITY where a run failed. */
static float median(const float *ms, int runs)
{
    for (int i = 0; i < runs; i++)
        if (!(ms[i] > 0) || !isfinite(ms[i]))
            return INFINITY;
    g_autofree float *sorted = g_memdup2(ms, (gsize)runs * sizeof *ms);
    qsort(sorted, (gsize)runs, sizeof *sorted, compare);
    return sorted[(runs - 1) / 2];
}

int dkm_tune_choose(const float *ms, int candidates, int runs)
{
    float least = INFINITY;
    if (runs < 1)
        return -1;
    for (int i = 0; i < candidates; i++)
        least = MIN(least, median(ms + (gsize)i * (gsize)runs, runs));
    for (int i = 0; isfinite(least) && i < candidates; i++)
        if (median(ms + (gsize)i * (gsize)runs, runs) <= least * tolerance)
            return i;
    return -1;
}
