#include "gui/coverage.h"

#include <math.h>

enum { VIEWS = 3, PLANES = 8, PHASES = 2, EVENTS = 4000 };

static DkmShown plane(guint phase, int index)
{
    return (DkmShown){.phase = phase, .index = index};
}

static void counts_time_once(void)
{
    g_autoptr(DkmCoverage) coverage = dkm_coverage_new();
    const DkmShown one = plane(0, 3), two = plane(0, 4);
    int a, b;
    dkm_coverage_paint(coverage, &a, &one, 1000000);
    dkm_coverage_paint(coverage, &b, &one, 2000000);
    g_assert_cmpfloat(dkm_coverage_seconds(coverage, &one, 3000000), ==, 2);
    dkm_coverage_paint(coverage, &a, &two, 4000000);
    dkm_coverage_paint(coverage, &b, NULL, 5000000);
    g_assert_cmpfloat(dkm_coverage_seconds(coverage, &one, 9000000), ==, 4);
    g_assert_cmpfloat(dkm_coverage_seconds(coverage, &two, 9000000), ==, 5);
    g_assert_cmpint(dkm_coverage_seen(coverage, &one, PLANES), ==, 2);
    /* The reader has gone for lunch. */
    g_assert_cmpfloat(dkm_coverage_seconds(coverage, &two, G_GINT64_CONSTANT(4000000000)), ==,
                      DKM_COVERAGE_MOST_S);
    dkm_coverage_clear(coverage);
    g_assert_cmpint(dkm_coverage_seen(coverage, &one, PLANES), ==, 0);
    g_assert_cmpuint(dkm_coverage_log(coverage)->len, ==, 0);
}

/* Millisecond by millisecond, from the log alone: was any view showing PHASE, INDEX? */
static double replay_seconds(const GArray *log, guint phase, int index, gint64 end)
{
    const DkmCoverageEvent *events = (const DkmCoverageEvent *)(gpointer)log->data;
    gboolean shows[VIEWS] = {FALSE};
    gint64 total = 0, at = 0;
    for (guint i = 0; i <= log->len; i++) {
        const gint64 now = i < log->len ? events[i].us : end;
        gboolean any = FALSE;
        for (int v = 0; v < VIEWS; v++)
            any = any || shows[v];
        total += any ? now - at : 0;
        at = now;
        if (i < log->len)
            shows[GPOINTER_TO_INT(events[i].view) - 1] = !events[i].is_gone &&
                                                         events[i].shown.phase == phase &&
                                                         events[i].shown.index == index;
    }
    return (double)total / G_USEC_PER_SEC;
}

static void map_equals_log(void)
{
    g_autoptr(DkmCoverage) coverage = dkm_coverage_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    gint64 us = 0;
    for (int i = 0; i < EVENTS; i++) {
        us += g_rand_int_range(rand, 100, 50000);
        const DkmShown shown =
            plane((guint)g_rand_int_range(rand, 0, PHASES), g_rand_int_range(rand, 0, PLANES));
        const gconstpointer view = GINT_TO_POINTER(g_rand_int_range(rand, 1, VIEWS + 1));
        dkm_coverage_paint(coverage, view, g_rand_int_range(rand, 0, 9) ? &shown : NULL, us);
    }
    for (guint phase = 0; phase < PHASES; phase++)
        for (int index = 0; index < PLANES; index++) {
            const DkmShown shown = plane(phase, index);
            const double expected = replay_seconds(dkm_coverage_log(coverage), phase, index, us);
            g_assert_cmpfloat(expected, >, 1);
            g_assert_cmpfloat_with_epsilon(dkm_coverage_seconds(coverage, &shown, us), expected,
                                           1e-6);
        }
}

static void repaints_are_no_events(void)
{
    g_autoptr(DkmCoverage) coverage = dkm_coverage_new();
    const DkmShown one = plane(1, 3);
    int view;
    for (int i = 0; i < 10; i++)
        dkm_coverage_paint(coverage, &view, &one, i);
    dkm_coverage_paint(coverage, &view, NULL, 20);
    dkm_coverage_paint(coverage, &view, NULL, 30);
    g_assert_cmpuint(dkm_coverage_log(coverage)->len, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coverage/counts-time-once", counts_time_once);
    g_test_add_func("/coverage/map-equals-log", map_equals_log);
    g_test_add_func("/coverage/repaints-are-no-events", repaints_are_no_events);
    return g_test_run();
}
