/* Milliseconds of painting with a ball of 20 mm through 180 x 448 x 448 voxels, one pointer event
 * at a time, of undo and redo of such a stroke, and of its record in the journal: median and the
 * 99th percentile, wall clock and processor time. */
#include "core/edit/journal.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <time.h>

enum { STROKES = 200, EVENTS = 12 };

typedef struct {
    GArray *wall, *busy; /* of double, ms */
} Times;

typedef struct {
    gint64 wall_us;
    double busy_ms;
} Watch;

static double thread_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static Watch start(void)
{
    return (Watch){g_get_monotonic_time(), thread_ms()};
}

static void stop(Times *times, const Watch *since)
{
    const double busy = thread_ms() - since->busy_ms;
    const double wall = (double)(g_get_monotonic_time() - since->wall_us) / 1000;
    g_array_append_val(times->wall, wall);
    g_array_append_val(times->busy, busy);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static Times times_new(void)
{
    return (Times){g_array_new(FALSE, FALSE, sizeof(double)),
                   g_array_new(FALSE, FALSE, sizeof(double))};
}

static double share(const GArray *sorted, int percent)
{
    return g_array_index(sorted, double, (sorted->len - 1) * (guint)percent / 100);
}

static void report(const char *what, Times *times)
{
    qsort(times->wall->data, times->wall->len, sizeof(double), by_value);
    qsort(times->busy->data, times->busy->len, sizeof(double), by_value);
    g_print("%-28s median %6.2f ms, 99%% %6.2f ms; processor time: %6.2f, %6.2f ms\n", what,
            share(times->wall, 50), share(times->wall, 99), share(times->busy, 50),
            share(times->busy, 99));
    g_array_unref(times->wall);
    g_array_unref(times->busy);
}

typedef struct {
    DkmJournal *journal;
    Times *times;
} Keeper;

static void keep(gpointer data, const guint8 *record, gsize length)
{
    const Keeper *keeper = data;
    const Watch watch = start();
    dkm_journal_append(keeper->journal, record, length, NULL);
    stop(keeper->times, &watch);
}

static void paint(DkmLayers *layers, GRand *rand, Times *events)
{
    const DkmBrush ball = {20, DKM_BRUSH_BALL, FALSE, NULL};
    double at[3] = {g_rand_double_range(rand, 30, 150), g_rand_double_range(rand, 60, 380),
                    g_rand_double_range(rand, 60, 380)};
    const guint id = dkm_layers_count(layers) ? dkm_layers_get(layers, 0)->id : 0;
    dkm_layers_stroke_begin(layers, id, &ball, at, NULL);
    for (int i = 0; i < EVENTS; i++) {
        at[1] += 4;
        at[2] -= 3;
        const Watch watch = start();
        dkm_layers_stroke_to(layers, at);
        stop(events, &watch);
    }
    dkm_layers_stroke_end(layers);
}

int main(void)
{
    const DkmGrid grid = {
        {180, 448, 448}, {1, 0.7, 0.7}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autofree char *folder = g_dir_make_tmp("dkm-bench-XXXXXX", NULL);
    g_autofree char *salt = g_build_filename(folder, "salt", NULL);
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(DkmJournal) journal = dkm_journal_open(folder, "1.2.3", &grid, NULL);
    Times events = times_new(), appends = times_new(), undos = times_new(), redos = times_new();
    Keeper keeper = {journal, &appends};
    dkm_layers_set_observer(layers, keep, &keeper);
    for (int i = 0; i < STROKES; i++)
        paint(layers, rand, &events);
    dkm_layers_set_observer(layers, NULL, NULL);
    for (gboolean more = TRUE; more;) {
        const Watch watch = start();
        more = dkm_layers_undo(layers, NULL);
        if (more)
            stop(&undos, &watch);
    }
    for (gboolean more = TRUE; more;) {
        const Watch watch = start();
        more = dkm_layers_redo(layers, NULL);
        if (more)
            stop(&redos, &watch);
    }
    report("ball of 20 mm, an event", &events);
    report("its stroke in the journal", &appends);
    report("undo", &undos);
    report("redo", &redos);
    g_print("%d strokes to undo hold %.1f MB\n", STROKES,
            (double)dkm_layers_undo_bytes(layers) / 1e6);
    dkm_journal_discard(journal);
    g_unlink(salt);
    g_rmdir(folder);
    return 0;
}
