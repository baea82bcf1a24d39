/* Numbers about numbers, one a patient: means, intervals, a paired test. Values without state; the
 * same input gives the same bits everywhere. Not for: what the numbers are. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

double dkm_statistics_mean(const double *values, gsize n); /* NaN where N is 0 */
/* Of a sample (n-1); NaN where N is under 2. */
double dkm_statistics_sd(const double *values, gsize n);
/* SHARE (0..1) of SORTED lies below; linear between ranks (type 7 of Hyndman and Fan, 1996). NaN
 * where N is 0. */
double dkm_statistics_quantile(const double *sorted, gsize n, double share);
/* Sorts N doubles in place, smallest first. */
void dkm_statistics_sort(double *values, gsize n);

typedef struct {
    double low, high;
} DkmInterval;

enum { DKM_BOOTSTRAP_RESAMPLES = 10000 };

/* The 95 % percentile bootstrap interval of the mean of VALUES, one a patient (Efron and Tibshirani
 * 1993, section 13.3): RESAMPLES times N of them with replacement, by SEED. Differences of two
 * methods on the same patients give the paired interval. NaN where N is 0. */
DkmInterval dkm_bootstrap_mean(const double *values, gsize n, guint resamples, guint64 seed);

typedef struct {
    guint n;     /* differences that are not 0 */
    double plus; /* sum of the ranks of the positive ones */
    double p;    /* two-sided; 1 where no difference is left */
    gboolean exact;
} DkmWilcoxon;

/* Wilcoxon's signed-rank test of paired DIFFERENCES: zeros are left out, equal sizes share their
 * mean rank. Up to 50 differences p is exact over all signs given those ranks; beyond, the normal
 * approximation with the variance corrected for ties (Hollander and Wolfe 1999, section 3.1),
 * without a continuity correction. */
DkmWilcoxon dkm_wilcoxon_signed_rank(const double *differences, gsize n);

G_END_DECLS
