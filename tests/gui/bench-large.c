/* A study of six phases of 180 x 448 x 448, made here: milliseconds from opening to the first and
 * to all phases, and the memory that it takes with a network's mask and two maps, and after
 * closing. Opened and closed twice, so that the second time is warm. */
#include "gui/reading.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPENINGS = 3, SETTLE_MS = 4000 };

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    if (kind == DKM_MESSAGE_ERROR) {
        g_printerr("%s\n", text);
        exit(1);
    }
}

/* Of this process, in megabytes. */
static double resident_mb(void)
{
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    const char *second = strchr(text, ' ');
    g_assert_nonnull(second);
    return (double)g_ascii_strtoull(second, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static double ms_since(gint64 start)
{
    return (double)(g_get_monotonic_time() - start) / 1000;
}

static gboolean is_loading(DkmReading *reading)
{
    int permille;
    return dkm_reading_is_loading(reading, &permille);
}

static void open_timed(DkmReading *reading, const char *study)
{
    const gint64 start = g_get_monotonic_time();
    dkm_reading_open(reading, study);
    while (!dkm_reading_case(reading) || !dkm_review_case_phase(dkm_reading_case(reading), 0))
        g_main_context_iteration(NULL, TRUE);
    g_print("pre-contrast phase after opening: %.0f ms\n", ms_since(start));
    while (is_loading(reading))
        g_main_context_iteration(NULL, TRUE);
    g_print("all phases after opening: %.0f ms\n", ms_since(start));
}

static gboolean has_derived(const DkmScene *scene)
{
    return scene->mip && scene->enhancing && scene->motion;
}

/* Two slices are enough: the maps are of the whole lattice. */
static void run(DkmReading *reading)
{
    DkmLook look = *dkm_reading_look(reading);
    const int *n = dkm_review_case_grid(dkm_reading_case(reading))->n;
    int permille;
    double left;
    look.has_box = TRUE;
    look.box = (DkmBox){{n[0] / 2, 0, 0}, {n[0] / 2 + 2, n[1], n[2]}};
    dkm_reading_set_look(reading, &look);
    dkm_reading_run(reading);
    while (dkm_reading_is_running(reading, &permille, &left))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(dkm_reading_case(reading)->result);
}

static void open_and_close(const char *study)
{
    g_autoptr(DkmReading) reading = dkm_reading_new();
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    open_timed(reading, study);
    g_print("resident with six phases: %.0f MB\n", resident_mb());
    for (DkmScene scene = dkm_reading_scene(reading); !has_derived(&scene);
         scene = dkm_reading_scene(reading))
        g_main_context_iteration(NULL, TRUE);
    if (dkm_reading_has_model(reading))
        run(reading);
    g_print("with subtraction, projection, motion%s: %.0f MB\n",
            dkm_reading_has_model(reading) ? ", mask and the network's two maps" : "",
            resident_mb());
    dkm_reading_discard_kept(reading);
}

static gboolean on_end(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_REMOVE;
}

/* Until jobs that were dropped have ended and what they had is given back. */
static void settle(void)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_timeout_add(SETTLE_MS, on_end, loop);
    g_main_loop_run(loop);
}

int main(int argc, char **argv)
{
    char *state = state_new(), *study = study_path_large();
    const int openings = argc > 1 ? atoi(argv[1]) : OPENINGS;
    g_print("resident before: %.0f MB\n", resident_mb());
    for (int i = 0; i < openings; i++) {
        open_and_close(study);
        settle();
        g_print("closed: %.0f MB\n", resident_mb());
    }
    study_path_free(study);
    state_free(state);
    return 0;
}
