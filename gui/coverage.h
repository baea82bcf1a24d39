/* Which planes of which image were on screen, and for how long: for the reader, and as a proof that
 * paging skips none. Fed by what was painted, not by what was asked for. No widget.
 * A single-owner mutable. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a view shows. A value. */
typedef struct {
    guint image, phase; /* DkmImage */
    int normal;         /* index axis that the planes are stacked along */
    int index;          /* which plane */
} DkmShown;

/* One line of the log: VIEW has painted SHOWN, or (is_gone) shows nothing any more. */
typedef struct {
    gint64 us;
    gconstpointer view;
    DkmShown shown;
    gboolean is_gone;
} DkmCoverageEvent;

typedef struct _DkmCoverage DkmCoverage;

DkmCoverage *dkm_coverage_new(void);
void dkm_coverage_free(DkmCoverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCoverage, dkm_coverage_free)
void dkm_coverage_clear(DkmCoverage *coverage);

/* VIEW (compared, never followed) has painted SHOWN at US; SHOWN NULL: it is empty or hidden.
 * Nothing is logged where it still shows the same. */
void dkm_coverage_paint(DkmCoverage *coverage, gconstpointer view, const DkmShown *shown,
                        gint64 us);
/* Seconds up to US that any view showed SHOWN; a plane that stays for longer than
 * DKM_COVERAGE_MOST_S at a stretch counts for that much: the reader may have left. */
double dkm_coverage_seconds(const DkmCoverage *coverage, const DkmShown *shown, gint64 us);
#define DKM_COVERAGE_MOST_S 60.0
/* Planes of SHOWN's image (its index is not looked at), of N, that were on screen at all. */
int dkm_coverage_seen(const DkmCoverage *coverage, const DkmShown *shown, int n);

/* All of it, in order. Borrowed. */
const GArray *dkm_coverage_log(const DkmCoverage *coverage);

G_END_DECLS
