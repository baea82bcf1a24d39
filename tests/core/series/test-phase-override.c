#include "core/series/phase-override.h"

#include "core/error.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 4, PHASES = 3 };

static gboolean clocked(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = 36000 + 150.0 * p;
    return TRUE;
}

static gboolean timeless(DkmFrame *f, int p, int z)
{
    f->instance_number = p * SLICES + z + 1;
    return TRUE;
}

static DkmPhases *find(DkmFrameTable *table)
{
    GError *error = NULL;
    g_autofree guint *all = frames_all(table);
    DkmPhases *phases = dkm_phases_find(table, all, table->frames->len, &error);
    g_assert_no_error(error);
    return phases;
}

static gboolean has_finding(const DkmPhases *phases, const char *says)
{
    for (guint i = 0; i < phases->findings->len; i++)
        if (strstr(phases->findings->pdata[i], says))
            return TRUE;
    return FALSE;
}

/* ---- what is taken ------------------------------------------------------------------------- */

typedef struct {
    const char *name, *order, *times;
    FrameFill fill;
    int first_frame_of[PHASES]; /* the phase, as written, that comes p-th */
    double t_seconds[PHASES];
    const char *clock, *says;
} Row;

static const Row rows[] = {
    {"order",
     "1,3,2",
     NULL,
     clocked,
     {0, 2, 1},
     {0, NAN, NAN},
     NULL,
     "given by a person (1,3,2) contradicts ContentTime, by which the phases so ordered began at "
     "0, "
     "300, 150 s"},
    {"same-order", "1,2,3", NULL, clocked, {0, 1, 2}, {0, 150, 300}, "ContentTime", "1,2,3"},
    {"times", NULL, "0,90,480", clocked, {0, 1, 2}, {0, 90, 480}, NULL, "not taken: ContentTime"},
    {"times-from-later", NULL, " 60 , 150.5,540 ", clocked, {0, 1, 2}, {0, 90.5, 480}, NULL, ""},
    {"before-injection", NULL, "-230,177,531", clocked, {0, 1, 2}, {0, 407, 761}, NULL, "-230,177"},
    {"both", "2,1,3", "0,90,480", clocked, {1, 0, 2}, {0, 90, 480}, NULL, "2,1,3 (as found"},
    {"both-contradict",
     "2,1,3",
     "0,90,480",
     clocked,
     {1, 0, 2},
     {0, 90, 480},
     NULL,
     "(2,1,3) contradicts ContentTime, by which the phases so ordered began at 150, 0, 300 s"},
    {"no-clock", "3,2,1", NULL, timeless, {2, 1, 0}, {0, NAN, NAN}, NULL, "by InstanceNumber"},
    {"no-clock-times", NULL, "0,1,2", timeless, {0, 1, 2}, {0, 1, 2}, NULL, "given by a person"},
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    GError *error = NULL;
    g_auto(DkmPhaseOverride) override = {0};
    g_autoptr(DkmFrameTable) table = frames_new(PHASES, SLICES, row->fill);
    g_autoptr(DkmPhases) found = find(table);
    g_assert_true(dkm_phase_override_parse(&override, row->order, row->times, &error));
    g_assert_false(dkm_phase_override_is_empty(&override));
    g_autoptr(DkmPhases) phases = dkm_phases_override(found, &override, &error);
    g_assert_no_error(error);
    for (guint p = 0; p < PHASES; p++) {
        const double t = phases->phases[p].t_seconds, expected = row->t_seconds[p];
        g_assert_true(isnan(expected) ? isnan(t) : t == expected);
        for (int z = 0; z < SLICES; z++)
            g_assert_cmpuint(phases->phases[p].frames[z], ==,
                             frames_find(table, row->first_frame_of[p], z));
    }
    g_assert_cmpstr(phases->order_given, ==, row->order);
    g_assert_cmpint(phases->times_given != NULL, ==, row->times != NULL);
    g_assert_cmpstr(phases->clock, ==, row->clock);
    g_assert_cmpstr(phases->key, ==, found->key); /* who told the images apart stays */
    g_assert_true(has_finding(phases, row->says));
    g_assert_cmpint(phases->contradiction != NULL, ==,
                    row->order && row->fill == clocked && strcmp(row->order, "1,2,3") != 0);
    g_autoptr(DkmPhases) copy = dkm_phases_dup(phases);
    g_assert_cmpstr(copy->contradiction, ==, phases->contradiction);
    g_assert_null(found->order_given); /* the found ones are untouched */
    g_assert_cmpuint(found->phases[0].frames[0], ==, frames_find(table, 0, 0));
}

/* ---- what is refused ----------------------------------------------------------------------- */

static void test_refused(void)
{
    static const struct {
        const char *order, *times, *says;
    } refused[] = {
        {"2,1", NULL, "the order names 2 phases, the study has 3"},
        {"1,2,4", NULL, "names phase 4, the study has 3"},
        {"1,2,2", NULL, "names phase 2 twice"},
        {"0,1,2", NULL, "\"0,1,2\" is no order of phases"},
        {"1;2;3", NULL, "is no order of phases: give their numbers, like 2,1,3"},
        {"", NULL, "the order of phases is empty"},
        {NULL, "0,90", "2 times are given, the study has 3 phases"},
        {NULL, "0,90,90", "must rise: phase 3 does not begin after"},
        {NULL, "0,90,nan", "\"0,90,nan\" are no times"},
        {NULL, "0,90,5 min", "are no times of phases: give seconds"},
        {NULL, "", "no times of phases"},
        {"1,2,3", "3,2,1", "must rise: phase 2"},
    };
    g_autoptr(DkmFrameTable) table = frames_new(PHASES, SLICES, clocked);
    g_autoptr(DkmPhases) found = find(table);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_auto(DkmPhaseOverride) override = {0};
        g_autoptr(GError) error = NULL;
        g_assert_true(
            !dkm_phase_override_parse(&override, refused[i].order, refused[i].times, &error) ||
            !dkm_phases_override(found, &override, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
        assert_says(error->message, refused[i].says);
    }
}

/* ---- studies ------------------------------------------------------------------------------- */

static void test_studies(void)
{
    static const guint order[] = {2, 1, 0};
    const DkmPhaseOverride override = {.order = order, .n_order = PHASES};
    GError *error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(PHASES, SLICES, clocked);
    g_autoptr(DkmStudies) found = dkm_studies_new(table);
    for (int i = 0; i < 2; i++) { /* the only one, and by name */
        g_autoptr(DkmStudies) studies =
            dkm_studies_override(found, i ? "1.2.3" : NULL, &override, &error);
        g_assert_no_error(error);
        const DkmStudy *study = dkm_studies_only_dce(studies, &error);
        g_assert_cmpstr(study->dce->order_given, ==, "3,2,1");
        g_assert_null(dkm_studies_only_dce(found, &error)->dce->order_given);
    }
    g_assert_null(dkm_studies_override(found, "1.2.99", &override, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_clear_error(&error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/phase-override/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/phase-override/refused", test_refused);
    g_test_add_func("/phase-override/studies", test_studies);
    return g_test_run();
}
