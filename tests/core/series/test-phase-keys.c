#include "core/series/phase-keys.h"

#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 6 };

typedef struct {
    DkmFrameTable *table;
    guint *all;
    DkmStack stack;
    GArray *keys;
} Judged;

static void judge(Judged *j, int phases, FrameFill fill)
{
    *j = (Judged){.table = frames_new(phases, SLICES, fill)};
    j->all = frames_all(j->table);
    g_assert_true(dkm_stack_init(&j->stack, j->table, j->all, j->table->frames->len, NULL));
    j->keys = dkm_phase_keys_judge(&j->stack, (guint)phases);
}

static void judged_clear(Judged *j)
{
    g_array_unref(j->keys);
    dkm_stack_clear(&j->stack);
    g_free(j->all);
    dkm_frame_table_unref(j->table);
}

static const DkmPhaseKey *key_named(const Judged *j, const char *name)
{
    for (guint i = 0; i < j->keys->len; i++) {
        const DkmPhaseKey *key = &g_array_index(j->keys, DkmPhaseKey, i);
        if (strcmp(key->key, name) == 0)
            return key;
    }
    return NULL;
}

/* ---- one key ------------------------------------------------------------------------------- */

static gboolean temporal(DkmFrame *f, int p, int z)
{
    (void)z;
    f->temporal_position = 10 * p;
    return TRUE;
}

static gboolean temporal_gap(DkmFrame *f, int p, int z)
{
    temporal(f, p, z);
    if (p == 1 && z == 2)
        f->temporal_position = DKM_ABSENT_INT;
    return TRUE;
}

static gboolean temporal_same(DkmFrame *f, int p, int z)
{
    (void)p, (void)z;
    f->temporal_position = 1;
    return TRUE;
}

static gboolean numbers_1_2_2(DkmFrame *f, int p, int z)
{
    (void)z;
    f->acquisition_number = MIN(p + 1, 2);
    return TRUE;
}

/* Right count of values, but two of them changed places at one slice with a neighbour's. */
static gboolean twice_at_a_slice(DkmFrame *f, int p, int z)
{
    f->acquisition_number = p;
    if (z == 0 && p == 0)
        f->acquisition_number = 1;
    if (z == 1 && p == 1)
        f->acquisition_number = 0;
    return TRUE;
}

static gboolean trigger_after_the_first(DkmFrame *f, int p, int z)
{
    (void)z;
    if (p > 0)
        f->trigger_time_ms = 70000.0 * p;
    return TRUE;
}

static gboolean clock_exact(DkmFrame *f, int p, int z)
{
    (void)z;
    f->acquisition_time_s = 100 + 1.9 * p;
    return TRUE;
}

static gboolean clock_half_way(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 100 + 60.0 * p + (z > 2 ? 1.99 : 0);
    return TRUE;
}

static gboolean clock_half_way_far(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 100 + 60.0 * p + (z > 2 ? 2.01 : 0);
    return TRUE;
}

static gboolean trigger_half_way(DkmFrame *f, int p, int z)
{
    f->trigger_time_ms = 60000.0 * p + (z > 2 ? 900 : 0);
    return TRUE;
}

static gboolean clock_a_slice(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 100 + 60.0 * p + 7.0 * z;
    return TRUE;
}

/* The same time twice at one slice: no rank. */
static gboolean clock_no_rank(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 100 + 60.0 * MIN(p, 1) + 7.0 * z;
    return TRUE;
}

static gboolean pre_and_post(DkmFrame *f, int p, int z)
{
    f->series_uid = p == 0 ? "1.2.3.40" : "1.2.3.41";
    f->series_number = p > 0;
    f->temporal_position = p == 0 ? 1 : p;
    f->instance_number = (p == 0 ? 0 : p - 1) * SLICES + z;
    return TRUE;
}

static gboolean a_series_a_phase(DkmFrame *f, int p, int z)
{
    static const char *const uids[] = {"1.2.3.42", "1.2.3.41", "1.2.3.40"};
    f->series_uid = uids[p]; /* the order of the numbers, not of the UIDs, counts */
    f->series_number = 5 + p;
    f->instance_number = z + 1;
    return TRUE;
}

static gboolean instances(DkmFrame *f, int p, int z)
{
    f->instance_number = 1000 - p * SLICES - z; /* counted down */
    return TRUE;
}

static const struct {
    const char *name;
    FrameFill fill;
    const char *key;
    DkmSplit split;
    gboolean absent;
    guint n_values;
    const char *problem;
} rows[] = {
    {"temporal", temporal, "TemporalPositionIdentifier", DKM_SPLIT_EXACT, FALSE, 3, NULL},
    {"temporal-gap", temporal_gap, "TemporalPositionIdentifier", DKM_SPLIT_NONE, TRUE, 3,
     "missing in 1 of 18 images"},
    {"temporal-same", temporal_same, "TemporalPositionIdentifier", DKM_SPLIT_NONE, TRUE, 1,
     "the same in all images"},
    {"no-trigger", temporal, "TriggerTime", DKM_SPLIT_NONE, TRUE, 0, "no image has it"},
    {"1-2-2", numbers_1_2_2, "AcquisitionNumber", DKM_SPLIT_NONE, FALSE, 2,
     "2 stands in 12 images, a phase has 6"},
    {"twice-at-a-slice", twice_at_a_slice, "AcquisitionNumber", DKM_SPLIT_NONE, FALSE, 3,
     "a value comes twice at one slice"},
    {"trigger-after-the-first", trigger_after_the_first, "TriggerTime", DKM_SPLIT_EXACT, FALSE, 2,
     NULL},
    {"exact-1.9-s", clock_exact, "AcquisitionTime", DKM_SPLIT_EXACT, FALSE, 3, NULL},
    {"merged-1.99-s", clock_half_way, "AcquisitionTime", DKM_SPLIT_MERGED, FALSE, 6, NULL},
    {"not-merged-2.01-s", clock_half_way_far, "AcquisitionTime", DKM_SPLIT_RANKED, FALSE, 6,
     "00:01:40 stands in 3 images, a phase has 6"},
    {"merged-trigger", trigger_half_way, "TriggerTime", DKM_SPLIT_MERGED, FALSE, 6, NULL},
    {"ranked", clock_a_slice, "AcquisitionTime", DKM_SPLIT_RANKED, FALSE, 18, "stands in 1 images"},
    {"no-rank", clock_no_rank, "AcquisitionTime", DKM_SPLIT_NONE, FALSE, 12, "stands in"},
    {"within-series", pre_and_post, "TemporalPositionIdentifier", DKM_SPLIT_WITHIN_SERIES, FALSE, 2,
     NULL},
    {"series", a_series_a_phase, "SeriesInstanceUID", DKM_SPLIT_EXACT, FALSE, 3, NULL},
    {"no-series", temporal, "SeriesInstanceUID", DKM_SPLIT_NONE, FALSE, 0, NULL},
};

static void test_row(gconstpointer data)
{
    const guint i = GPOINTER_TO_UINT(data);
    Judged j;
    judge(&j, 3, rows[i].fill);
    const DkmPhaseKey *key = key_named(&j, rows[i].key);
    if (strcmp(rows[i].name, "no-series") == 0) {
        g_assert_null(key); /* one series tells nothing: not even asked */
        judged_clear(&j);
        return;
    }
    g_assert_nonnull(key);
    g_assert_cmpint(key->split, ==, rows[i].split);
    g_assert_cmpint(key->absent, ==, rows[i].absent);
    g_assert_cmpuint(key->n_values, ==, rows[i].n_values);
    if (rows[i].problem)
        assert_says(key->problem, rows[i].problem);
    else
        g_assert_cmpstr(key->problem, ==, NULL);
    g_assert_cmpint(key->phase != NULL, ==, rows[i].split != DKM_SPLIT_NONE);
    for (guint k = 0; key->phase && k < j.stack.n_frames; k++) {
        const char *path = dkm_stack_frame(&j.stack, k)->path; /* "/study/pP-..." */
        g_assert_cmpuint(key->phase[k], ==, (guint)(path[8] - '0'));
    }
    judged_clear(&j);
}

static void test_counted_down(void)
{
    Judged j;
    judge(&j, 3, instances);
    const DkmPhaseKey *key = key_named(&j, "InstanceNumber");
    g_assert_cmpint(key->split, ==, DKM_SPLIT_RANKED);
    const guint first = frames_find(j.table, 0, 0), last = frames_find(j.table, 2, 0);
    g_assert_cmpuint(key->phase[first], ==, 2);
    g_assert_cmpuint(key->phase[last], ==, 0);
    judged_clear(&j);
}

/* ---- the choice ---------------------------------------------------------------------------- */

/* TemporalPositionIdentifier runs backwards, two clocks forwards. */
static gboolean two_against_one(DkmFrame *f, int p, int z)
{
    (void)z;
    f->temporal_position = 9 - p;
    f->trigger_time_ms = 60000.0 * p;
    f->content_time_s = 100 + 60.0 * p;
    return TRUE;
}

static gboolean one_against_one(DkmFrame *f, int p, int z)
{
    (void)z;
    f->temporal_position = 9 - p;
    f->content_time_s = 100 + 60.0 * p;
    return TRUE;
}

static gboolean ranks_only(DkmFrame *f, int p, int z)
{
    clock_a_slice(f, p, z);
    f->instance_number = p * SLICES + z;
    return TRUE;
}

/* A rank never beats a partition. */
static gboolean ranks_and_late_partition(DkmFrame *f, int p, int z)
{
    clock_a_slice(f, p, z);
    f->content_time_s = 100 + 60.0 * p;
    return TRUE;
}

static void test_choice(void)
{
    static const struct {
        FrameFill fill;
        const char *key;
        DkmVerdict temporal; /* TemporalPositionIdentifier's verdict */
    } choices[] = {
        {two_against_one, "TriggerTime", DKM_VERDICT_DISAGREES},
        {one_against_one, "TemporalPositionIdentifier", DKM_VERDICT_CHOSEN},
        {ranks_only, "AcquisitionTime", DKM_VERDICT_ABSENT},
        {ranks_and_late_partition, "ContentTime", DKM_VERDICT_ABSENT},
        {temporal_same, NULL, DKM_VERDICT_ABSENT},
    };
    for (guint i = 0; i < G_N_ELEMENTS(choices); i++) {
        Judged j;
        judge(&j, 3, choices[i].fill);
        const DkmPhaseKey *chosen = dkm_phase_keys_choose(j.keys, j.stack.n_frames);
        g_assert_cmpstr(chosen ? chosen->key : NULL, ==, choices[i].key);
        const DkmPhaseKey *key = key_named(&j, "TemporalPositionIdentifier");
        const DkmKeyEvidence evidence = dkm_phase_key_evidence(key, chosen, j.stack.n_frames);
        g_assert_cmpint(evidence.verdict, ==, choices[i].temporal);
        g_assert_cmpstr(evidence.key, ==, "TemporalPositionIdentifier");
        g_assert_true(evidence.detail && *evidence.detail);
        g_free(evidence.detail);
        judged_clear(&j);
    }
}

/* ---- blame --------------------------------------------------------------------------------- */

static gboolean lacks_2_4(DkmFrame *f, int p, int z)
{
    clock_exact(f, p, z);
    return !(p == 2 && z == 4);
}

static gboolean doubles_1_3(DkmFrame *f, int p, int z)
{
    clock_exact(f, p == 3 ? 1 : p, z);
    return p < 3 || z == 3;
}

static gboolean lacks_untold(DkmFrame *f, int p, int z)
{
    (void)f;
    return !(p == 2 && z == 4);
}

static guint blame(int phases, FrameFill fill, guint slice, gboolean surplus)
{
    g_autoptr(DkmFrameTable) table = frames_new(phases, SLICES, fill);
    g_autofree guint *all = frames_all(table);
    g_auto(DkmStack) stack = {0};
    g_assert_true(dkm_stack_init(&stack, table, all, table->frames->len, NULL));
    return dkm_phase_keys_blame(&stack, 3, slice, surplus);
}

static void test_blame(void)
{
    g_assert_cmpuint(blame(3, lacks_2_4, 4, FALSE), ==, 3);
    g_assert_cmpuint(blame(4, doubles_1_3, 3, TRUE), ==, 2);
    g_assert_cmpuint(blame(3, lacks_untold, 4, FALSE), ==, 0);
}

/* ---- midnight ------------------------------------------------------------------------------ */

static void test_midnight(void)
{
    static const struct {
        double seconds[3], expected[3];
    } days[] = {
        {{100, 200, 300}, {100, 200, 300}},
        {{86300, 50, 150}, {86300, 86450, 86550}},
        {{0, 86399, 1}, {86400, 86399, 86401}},
        {{20000, 60000, NAN}, {20000, 60000, NAN}}, /* eleven hours: one long day */
        {{86300, NAN, 10}, {86300, NAN, 86410}},
        {{NAN, NAN, NAN}, {NAN, NAN, NAN}},
    };
    for (guint i = 0; i < G_N_ELEMENTS(days); i++) {
        double seconds[3];
        memcpy(seconds, days[i].seconds, sizeof seconds);
        dkm_unwrap_midnight(seconds, 3);
        for (int k = 0; k < 3; k++)
            if (isnan(days[i].expected[k]))
                g_assert_true(isnan(seconds[k]));
            else
                g_assert_cmpfloat(seconds[k], ==, days[i].expected[k]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/phase-keys/key/", rows[i].name, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_row);
    }
    g_test_add_func("/phase-keys/counted-down", test_counted_down);
    g_test_add_func("/phase-keys/choice", test_choice);
    g_test_add_func("/phase-keys/blame", test_blame);
    g_test_add_func("/phase-keys/midnight", test_midnight);
    return g_test_run();
}
