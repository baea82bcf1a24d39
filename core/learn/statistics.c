#include "core/learn/statistics.h"

#include "core/philox.h"

#include <math.h>
#include <stdlib.h>

/* Differences up to which the exact distribution is summed. */
enum { EXACT_MOST = 50 };
/* Philox stream of resampling; see core/model/noise.h for the networks'. */
enum { STREAM_BOOTSTRAP = 64 };

double dkm_statistics_mean(const double *values, gsize n)
{
    double sum = 0;
    for (gsize i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / (double)n : NAN;
}

double dkm_statistics_sd(const double *values, gsize n)
{
    const double mean = dkm_statistics_mean(values, n);
    double squares = 0;
    for (gsize i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

double dkm_statistics_quantile(const double *sorted, gsize n, double share)
{
    if (n == 0)
        return NAN;
    const double rank = CLAMP(share, 0.0, 1.0) * (double)(n - 1);
    const gsize low = (gsize)rank, high = MIN(low + 1, n - 1);
    return sorted[low] + (rank - (double)low) * (sorted[high] - sorted[low]);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void dkm_statistics_sort(double *values, gsize n)
{
    if (n > 1)
        qsort(values, n, sizeof *values, compare_doubles);
}

/* The mean of N of VALUES, drawn with replacement: resample I of SEED. */
static double resampled_mean(const double *values, gsize n, guint i, guint64 seed)
{
    const guint32 key[2] = {(guint32)seed, (guint32)(seed >> 32)};
    guint32 words[4];
    double sum = 0;
    for (gsize k = 0; k < n; k++) {
        if (k % 4 == 0)
            dkm_philox(key, (const guint32[4]){(guint32)(k / 4), i, STREAM_BOOTSTRAP, 0}, words);
        sum += values[(guint64)words[k % 4] * n >> 32];
    }
    return sum / (double)n;
}

DkmInterval dkm_bootstrap_mean(const double *values, gsize n, guint resamples, guint64 seed)
{
    if (n == 0 || resamples == 0)
        return (DkmInterval){NAN, NAN};
    g_autofree double *means = g_new(double, resamples);
    for (guint i = 0; i < resamples; i++)
        means[i] = resampled_mean(values, n, i, seed);
    dkm_statistics_sort(means, resamples);
    return (DkmInterval){dkm_statistics_quantile(means, resamples, 0.025),
                         dkm_statistics_quantile(means, resamples, 0.975)};
}

static int compare_sizes(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Twice the mid-ranks of the N differences SORTED by size, whole numbers; returns the sum of t^3 -
 * t over groups of t equal sizes. */
static double double_ranks(const double *sorted, guint n, guint *ranks)
{
    double ties = 0;
    for (guint first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && fabs(sorted[end]) == fabs(sorted[first]);)
            end++;
        for (guint i = first; i < end; i++)
            ranks[i] = first + 1 + end;
        const double t = end - first;
        ties += t * t * t - t;
    }
    return ties;
}

/* Two-sided p of a doubled rank sum PLUS: every sign of every rank is as likely as the other. */
static double exact_p(const guint *ranks, guint n, guint plus)
{
    guint total = 0;
    for (guint i = 0; i < n; i++)
        total += ranks[i];
    g_autofree double *share = g_new0(double, total + 1);
    share[0] = 1;
    for (guint i = 0, reached = 0; i < n; i++) {
        reached += ranks[i];
        for (guint s = reached + 1; s-- > 0;)
            share[s] = 0.5 * share[s] + (s >= ranks[i] ? 0.5 * share[s - ranks[i]] : 0);
    }
    const guint smaller = MIN(plus, total - plus);
    double tail = 0;
    for (guint s = 0; s <= smaller; s++)
        tail += share[s];
    return MIN(1, 2 * tail);
}

static double normal_p(double n, double plus, double ties)
{
    const double mean = n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48;
    return variance > 0 ? erfc(fabs(plus - mean) / sqrt(2 * variance)) : 1;
}

DkmWilcoxon dkm_wilcoxon_signed_rank(const double *differences, gsize n)
{
    g_autofree double *sorted = g_new(double, n + 1);
    DkmWilcoxon out = {.p = 1, .exact = TRUE};
    for (gsize i = 0; i < n; i++)
        if (differences[i] != 0)
            sorted[out.n++] = differences[i];
    if (out.n == 0)
        return out;
    qsort(sorted, out.n, sizeof *sorted, compare_sizes);
    g_autofree guint *ranks = g_new(guint, out.n);
    const double ties = double_ranks(sorted, out.n, ranks);
    guint plus = 0;
    for (guint i = 0; i < out.n; i++)
        plus += sorted[i] > 0 ? ranks[i] : 0;
    out.plus = plus / 2.0;
    out.exact = out.n <= EXACT_MOST;
    out.p = out.exact ? exact_p(ranks, out.n, plus) : normal_p(out.n, out.plus, ties);
    return out;
}
