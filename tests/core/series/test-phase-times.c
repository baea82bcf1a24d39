#include "core/series/phase-times.h"

#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 4, PHASES = 4 };

/* Seconds that each clock gives for each phase; NAN: absent. */
typedef struct {
    const char *name;
    double datetime[PHASES], acquisition[PHASES], trigger_ms[PHASES], content[PHASES];
    double resolution;
    const char *clock; /* expected */
    double t_seconds[PHASES];
    const char *finding;
} Row;

#define NONE                                                                                       \
    {                                                                                              \
        NAN, NAN, NAN, NAN                                                                         \
    }

static const Row rows[] = {
    {"datetime-first",
     {1e9, 1e9 + 90, 1e9 + 180, 1e9 + 270},
     {10, 110, 210, 310},
     NONE,
     NONE,
     NAN,
     "AcquisitionDateTime",
     {0, 90, 180, 270},
     NULL},
    {"acquisition",
     NONE,
     {10, 110, 210, 310},
     {0, 1e5, 2e5, 3e5 + 5},
     {7, 8, 9, 99},
     NAN,
     "AcquisitionTime",
     {0, 100, 200, 300},
     NULL},
    {"trigger",
     NONE,
     {10, 10, 10, 10},
     {0, 1e5, 2e5, 3e5 + 5e3},
     {7, 7, 7, 7},
     NAN,
     "TriggerTime",
     {0, 100, 200, 305},
     NULL},
    {"trigger-after-the-first",
     NONE,
     NONE,
     {NAN, 1e5, 2e5, 3e5},
     NONE,
     NAN,
     "TriggerTime",
     {0, 100, 200, 300},
     NULL},
    {"content",
     NONE,
     NONE,
     NONE,
     {36000, 36100, 36200, 36310},
     NAN,
     "ContentTime",
     {0, 100, 200, 310},
     NULL},
    {"not-rising",
     NONE,
     {10, 110, 90, 310},
     NONE,
     {36000, 36100, 36200, 36310},
     NAN,
     "ContentTime",
     {0, 100, 200, 310},
     NULL},
    {"two-equal",
     NONE,
     {10, 110, 110, 310},
     NONE,
     {36000, 36100, 36200, 36310},
     NAN,
     "ContentTime",
     {0, 100, 200, 310},
     NULL},
    {"under-a-minute",
     NONE,
     {10, 20, 30, 40},
     NONE,
     {36000, 36100, 36200, 36310},
     NAN,
     "ContentTime",
     {0, 100, 200, 310},
     NULL},
    {"only-under-a-minute",
     NONE,
     {10, 20, 30, 40},
     NONE,
     {100, 105, 111, 116},
     NAN,
     "AcquisitionTime",
     {0, 10, 20, 30},
     NULL},
    {"midnight",
     NONE,
     NONE,
     NONE,
     {86200, 86300, 10, 110},
     NAN,
     "ContentTime",
     {0, 100, 210, 310},
     NULL},
    {"close",
     NONE,
     {10, 14, 18, 220},
     NONE,
     NONE,
     NAN,
     "AcquisitionTime",
     {0, 4, 8, 210},
     "phases 1 and 2 lie 4.0 s apart"},
    {"far",
     NONE,
     {10, 110, 210, 1200},
     NONE,
     NONE,
     NAN,
     "AcquisitionTime",
     {0, 100, 200, 1190},
     "phases 3 and 4 lie 990.0 s apart"},
    {"resolution-ms", NONE, NONE, NONE, NONE, 90000, "TemporalResolution", {0, 90, 180, 270}, NULL},
    {"resolution-us", NONE, NONE, NONE, NONE, 9e7, "TemporalResolution", {0, 90, 180, 270}, NULL},
    {"resolution-s", NONE, NONE, NONE, NONE, 90, "TemporalResolution", {0, 90, 180, 270}, NULL},
    {"resolution-0", NONE, NONE, NONE, NONE, 0, NULL, {0, NAN, NAN, NAN}, "no clock"},
    {"none", NONE, NONE, NONE, NONE, NAN, NULL, {0, NAN, NAN, NAN}, "no clock"},
};

static const Row *filling;

static gboolean fill(DkmFrame *f, int p, int z)
{
    const double later = 0.25 * z; /* the first slice counts */
    f->acquisition_datetime_s = filling->datetime[p] + later;
    f->acquisition_time_s = filling->acquisition[p] + later;
    f->trigger_time_ms = filling->trigger_ms[p];
    f->content_time_s = filling->content[p] + later;
    f->temporal_resolution = filling->resolution;
    return TRUE;
}

static void test_row(gconstpointer data)
{
    const Row *row = filling = data;
    double t_seconds[PHASES];
    guint phase[PHASES * SLICES];
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(DkmFrameTable) table = frames_new(PHASES, SLICES, fill);
    g_autofree guint *all = frames_all(table);
    g_auto(DkmStack) stack = {0};
    g_assert_true(dkm_stack_init(&stack, table, all, table->frames->len, NULL));
    for (guint i = 0; i < stack.n_frames; i++)
        phase[i] = (guint)(dkm_stack_frame(&stack, i)->path[8] - '0');
    const char *clock = dkm_phase_times_find(&stack, phase, PHASES, t_seconds, findings);
    g_assert_cmpstr(clock, ==, row->clock);
    for (int p = 0; p < PHASES; p++)
        if (isnan(row->t_seconds[p]))
            g_assert_true(isnan(t_seconds[p]));
        else
            g_assert_cmpfloat_with_epsilon(t_seconds[p], row->t_seconds[p], 1e-6);
    g_assert_cmpuint(findings->len, ==, row->finding ? 1 : 0);
    if (row->finding)
        assert_says(g_ptr_array_index(findings, 0), row->finding);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/phase-times/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
