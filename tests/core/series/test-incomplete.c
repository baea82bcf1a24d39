#include "core/series/incomplete.h"

#include "core/error.h"
#include "core/series/study.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 8 };

static void clocked(DkmFrame *f, int p, int z)
{
    f->content_time_s = 36000 + 150.0 * p;
    f->instance_number = p * SLICES + z + 1;
}

static gboolean second_lacks_one(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    return !(p == 1 && z == 3);
}

static gboolean last_is_cut_short(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    return p < 2 || z < 3;
}

static gboolean second_and_third_lack(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    return !(p == 1 && z == 7) && !(p == 2 && z < 2);
}

/* A stamp that moves on by a second half-way, in the phase that is incomplete. */
static gboolean half_way(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    f->content_time_s += p == 1 && z > 4;
    return !(p == 1 && z == 3);
}

static gboolean own_series(DkmFrame *f, int p, int z)
{
    static const char *const uids[] = {"1.2.3.40", "1.2.3.41", "1.2.3.42"};
    f->series_uid = uids[p];
    f->series_number = 4 + p;
    f->acquisition_time_s = 36000 + 80.0 * p + 9.5 * z;
    return !(p == 2 && z == 3);
}

/* One series before, one with all phases after. */
static gboolean two_series(DkmFrame *f, int p, int z)
{
    f->series_uid = p ? "1.2.3.41" : "1.2.3.40";
    f->series_number = p ? 5 : 4;
    f->temporal_position = p ? p : 1;
    f->acquisition_time_s = p ? 36100 : 36000;
    return !(p == 1 && z == 3);
}

/* The first phase after injection is soon over, and lacks a slice. */
static gboolean soon_after(DkmFrame *f, int p, int z)
{
    static const double seconds[] = {0, 60, 240, 360, 600};
    f->acquisition_time_s = fmod(86300 + seconds[p], 86400); /* over midnight */
    f->temporal_position = p + 1;
    return !(p == 1 && z == 3);
}

/* Counted, not clocked: the time that the lost phase took stays. */
static gboolean counted(DkmFrame *f, int p, int z)
{
    f->temporal_position = p + 1;
    f->temporal_resolution = 60000;
    return !(p == 1 && z == 3);
}

typedef struct {
    const char *name;
    FrameFill fill;
    int phases;
    int left[3]; /* which of them are left, -1 ends */
    double last_t_seconds;
    const char *says;
    guint n_files;
} Row;

static const Row rows[] = {
    {"one",
     second_lacks_one,
     3,
     {0, 2, -1},
     300,
     "phase 2 of 3 lacks slice 4 of 8 (at 6.00 mm)",
     7},
    {"cut-short",
     last_is_cut_short,
     3,
     {0, 1, -1},
     150,
     "phase 3 of 3 lacks slice 4 of 8 (at 6.00 mm) and 4 more",
     3},
    {"two", second_and_third_lack, 4, {0, 3, -1}, 450, "phase 3 of 4 lacks slice 1 of 8", 13},
    {"all", second_and_third_lack, 3, {0, -1}, 0, "only the pre-contrast phase is left", 13},
    {"half-way", half_way, 3, {0, 2, -1}, 300, "phase 2 of 3 lacks slice 4 of 8", 7},
    {"own-series", own_series, 3, {0, 1, -1}, 80, "phase 3 of 3 lacks slice 4 of 8", 7},
    {"two-series", two_series, 3, {0, 2, -1}, 100, "phase 2 of 3 lacks slice 4 of 8", 7},
    {"counted", counted, 4, {0, 2, 3}, 180, "numbered anew from 1 to 3", 7},
};

static guint count_says(const GPtrArray *texts, const char *part)
{
    guint n = 0;
    for (guint i = 0; i < texts->len; i++)
        n += strstr(texts->pdata[i], part) != NULL;
    return n;
}

static void assert_left(const Row *row, const DkmStudies *studies, const DkmPhases *dce)
{
    guint n = 0;
    for (; n < G_N_ELEMENTS(row->left) && row->left[n] >= 0; n++)
        for (int z = 0; z < SLICES; z++)
            g_assert_cmpuint(dce->phases[n].frames[z], ==,
                             frames_find(studies->table, row->left[n], z));
    g_assert_cmpuint(dce->n_phases, ==, n);
    g_assert_cmpfloat_with_epsilon(dce->phases[n - 1].t_seconds, row->last_t_seconds, 1e-6);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(DkmFrameTable) table = frames_new(row->phases, SLICES, row->fill);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    const DkmStudy *study = studies->studies->pdata[0];
    g_assert_cmpstr(study->dce_problem, ==, NULL);
    assert_left(row, studies, study->dce);
    g_assert_cmpuint(count_says(study->dce->findings, row->says), >, 0);
    g_assert_cmpuint(studies->notes->len, ==, row->n_files);
    assert_says(g_array_index(studies->notes, DkmFileNote, 0).reason, "not used: phase");
    g_autofree char *words = dkm_phases_aside_words(study->dce);
    assert_says(words, "; not used: phase");
    g_autoptr(DkmPhases) copy = dkm_phases_dup(study->dce);
    g_autofree char *same = dkm_phases_aside_words(copy);
    g_assert_cmpstr(words, ==, same);
}

/* ---- what is left of the time since injection ---------------------------------------------- */

static void test_lead(void)
{
    static const struct {
        FrameFill fill;
        int phases;
        double lead_seconds;
        guint late;
    } leads[] = {
        {soon_after, 5, 180, 2}, /* 360 s: five minutes after the phase that is aside */
        {counted, 8, 60, 5},          {second_lacks_one, 3, 150, 1},
        {last_is_cut_short, 3, 0, 1}, {second_and_third_lack, 3, 0, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(leads); i++) {
        g_autoptr(DkmFrameTable) table = frames_new(leads[i].phases, SLICES, leads[i].fill);
        g_autoptr(DkmStudies) studies = dkm_studies_new(table);
        const DkmStudy *study = studies->studies->pdata[0];
        g_assert_cmpstr(study->dce_problem, ==, NULL);
        g_assert_cmpfloat_with_epsilon(study->dce->lead_seconds, leads[i].lead_seconds, 1e-6);
        g_assert_cmpuint(dkm_phases_nearest(study->dce, 300), ==, leads[i].late);
        g_autoptr(DkmPhases) copy = dkm_phases_dup(study->dce);
        g_assert_cmpfloat(copy->lead_seconds, ==, study->dce->lead_seconds);
    }
}

/* ---- what stays refused ------------------------------------------------------------------ */

/* Two keys tell of different phases. */
static gboolean contradiction(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    f->trigger_time_ms = 1000.0 * (3 - p);
    return !(p == 1 && z == 3);
}

static gboolean numbers_alone(DkmFrame *f, int p, int z)
{
    f->instance_number = p * SLICES + z + 1;
    return !(p == 1 && z == 3);
}

static gboolean gap_everywhere(DkmFrame *f, int p, int z)
{
    clocked(f, p, z);
    return z != 3 && !(p == 1 && z == 5);
}

static void test_refused(void)
{
    static const struct {
        FrameFill fill;
        const char *says;
    } refused[] = {{contradiction, "slice 4 of 8 (at 6.00 mm) has 2 images"},
                   {numbers_alone, "it is missing in a phase"},
                   {gap_everywhere, "1 slice is missing between"}};
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, refused[i].fill);
        g_autoptr(DkmStudies) studies = dkm_studies_new(table);
        const DkmStudy *study = studies->studies->pdata[0];
        g_assert_null(study->dce);
        assert_says(study->dce_problem, refused[i].says);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/incomplete/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/incomplete/lead", test_lead);
    g_test_add_func("/incomplete/refused", test_refused);
    return g_test_run();
}
