#include "gui/coverage.h"

/* Time on screen of one plane. */
typedef struct {
    DkmShown key;
    int views;    /* that show it now */
    gint64 since; /* the first of them has; where views > 0 */
    gint64 total_us;
} Plane;

struct _DkmCoverage {
    GHashTable *planes; /* Plane* to itself */
    GHashTable *views;  /* view to its Plane* */
    GArray *log;        /* of DkmCoverageEvent */
};

static guint plane_hash(gconstpointer data)
{
    const DkmShown *key = data;
    return ((key->image * 131 + key->phase) * 7 + (guint)key->normal) * 2053 + (guint)key->index;
}

static gboolean plane_equal(gconstpointer a, gconstpointer b)
{
    const DkmShown *x = a, *y = b;
    return x->image == y->image && x->phase == y->phase && x->normal == y->normal &&
           x->index == y->index;
}

DkmCoverage *dkm_coverage_new(void)
{
    DkmCoverage *coverage = g_new(DkmCoverage, 1);
    coverage->planes = g_hash_table_new_full(plane_hash, plane_equal, NULL, g_free);
    coverage->views = g_hash_table_new(NULL, NULL);
    coverage->log = g_array_new(FALSE, FALSE, sizeof(DkmCoverageEvent));
    return coverage;
}

void dkm_coverage_free(DkmCoverage *coverage)
{
    if (!coverage)
        return;
    g_hash_table_unref(coverage->views);
    g_hash_table_unref(coverage->planes);
    g_array_unref(coverage->log);
    g_free(coverage);
}

void dkm_coverage_clear(DkmCoverage *coverage)
{
    g_hash_table_remove_all(coverage->views);
    g_hash_table_remove_all(coverage->planes);
    g_array_set_size(coverage->log, 0);
}

static gint64 stretch_us(const Plane *plane, gint64 us)
{
    const gint64 most = (gint64)(DKM_COVERAGE_MOST_S * G_USEC_PER_SEC);
    return plane->views > 0 ? MIN(us - plane->since, most) : 0;
}

static void leave(Plane *plane, gint64 us)
{
    if (plane->views == 1)
        plane->total_us += stretch_us(plane, us);
    plane->views--;
}

static Plane *enter(DkmCoverage *coverage, const DkmShown *shown, gint64 us)
{
    Plane *plane = g_hash_table_lookup(coverage->planes, shown);
    if (!plane) {
        plane = g_new0(Plane, 1);
        plane->key = *shown;
        g_hash_table_insert(coverage->planes, &plane->key, plane);
    }
    if (plane->views++ == 0)
        plane->since = us;
    return plane;
}

void dkm_coverage_paint(DkmCoverage *coverage, gconstpointer view, const DkmShown *shown, gint64 us)
{
    Plane *old = g_hash_table_lookup(coverage->views, view);
    if (old ? shown && plane_equal(&old->key, shown) : !shown)
        return;
    if (old)
        leave(old, us);
    if (shown)
        g_hash_table_insert(coverage->views, (gpointer)view, enter(coverage, shown, us));
    else
        g_hash_table_remove(coverage->views, view);
    const DkmCoverageEvent event = {us, view, shown ? *shown : (DkmShown){0}, shown == NULL};
    g_array_append_val(coverage->log, event);
}

double dkm_coverage_seconds(const DkmCoverage *coverage, const DkmShown *shown, gint64 us)
{
    const Plane *plane = g_hash_table_lookup(coverage->planes, shown);
    return plane ? (double)(plane->total_us + stretch_us(plane, us)) / G_USEC_PER_SEC : 0;
}

int dkm_coverage_seen(const DkmCoverage *coverage, const DkmShown *shown, int n)
{
    DkmShown key = *shown;
    int seen = 0;
    for (key.index = 0; key.index < n; key.index++)
        seen += g_hash_table_contains(coverage->planes, &key);
    return seen;
}

const GArray *dkm_coverage_log(const DkmCoverage *coverage)
{
    return coverage->log;
}
