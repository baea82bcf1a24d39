#include "core/series/phases.h"

#include "core/error.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 8 };

/* ---- how vendors tell the phases apart --------------------------------------------------- */

/* ContentTime only; AcquisitionNumber 1, 2, 2 is no partition. */
static gboolean ucsf(DkmFrame *f, int p, int z)
{
    f->content_time_s = 36000 + 137.0 * p;
    f->acquisition_number = p == 0 ? 1 : 2;
    f->instance_number = p * SLICES + z + 1;
    return TRUE;
}

/* A stamp that moves on by a second half-way through a phase. */
static gboolean half_way(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 36000 + 100.0 * p + (p == 1 && z >= SLICES / 2 ? 1 : 0);
    return TRUE;
}

/* One ContentTime for all; milliseconds since the start. */
static gboolean ge(DkmFrame *f, int p, int z)
{
    f->content_time_s = 36000;
    f->trigger_time_ms = 90000.0 * p;
    f->instance_number = p * SLICES + z + 1;
    return TRUE;
}

/* The series that phase P of a Siemens study is; numbers 4, 5, 6. */
static void own_series(DkmFrame *f, int p)
{
    static const char *const uids[] = {"1.2.3.40", "1.2.3.41", "1.2.3.42", "1.2.3.43"};
    f->series_uid = uids[p];
    f->series_number = 4 + p;
}

/* A series a phase, AcquisitionTime of its own a slice, too far apart to be joined. */
static gboolean siemens(DkmFrame *f, int p, int z)
{
    own_series(f, p);
    f->acquisition_time_s = 36000 + 80.0 * p + 9.5 * z;
    return TRUE;
}

/* All phases in one series, slice after slice. */
static gboolean siemens_2d(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = 36000 + 80.0 * p + 9.5 * z;
    return TRUE;
}

static gboolean philips(DkmFrame *f, int p, int z)
{
    (void)z;
    f->acquisition_time_s = f->content_time_s = 50000;
    f->temporal_position = p + 1;
    f->trigger_time_ms = 65000.0 * p;
    return TRUE;
}

/* TriggerTime that the first phase does not have. */
static gboolean philips_trigger(DkmFrame *f, int p, int z)
{
    (void)z;
    f->acquisition_time_s = f->content_time_s = 50000;
    if (p > 0)
        f->trigger_time_ms = 65000.0 * p;
    return TRUE;
}

/* Dynamics of 2.5 s, and of 1.5 s: values pass as they are and must not be joined. */
static gboolean fast(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = 36000 + 2.5 * p;
    return TRUE;
}

static gboolean faster(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = 36000 + 1.5 * p;
    return TRUE;
}

static double of_day(double seconds)
{
    return fmod(seconds, 86400);
}

static gboolean midnight(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = of_day(86250 + 100.0 * p);
    return TRUE;
}

/* Midnight falls into the second phase. */
static gboolean midnight_inside(DkmFrame *f, int p, int z)
{
    f->acquisition_time_s = of_day(86270 + 100.0 * p + 9.5 * z);
    return TRUE;
}

/* A single "pre" series and a "post" series of several phases that counts from one again. */
static gboolean pre_and_post(DkmFrame *f, int p, int z)
{
    own_series(f, p > 0);
    f->acquisition_time_s = p == 0 ? 36000 : 36200;
    f->temporal_position = p == 0 ? 1 : p;
    f->instance_number = (p == 0 ? 0 : p - 1) * SLICES + z + 1;
    return TRUE;
}

static gboolean pre_and_post_trigger(DkmFrame *f, int p, int z)
{
    (void)z;
    own_series(f, p > 0);
    f->acquisition_time_s = p == 0 ? 36000 : 36200;
    f->trigger_time_ms = p == 0 ? 0 : 60000.0 * (p - 1);
    return TRUE;
}

static gboolean instance_number(DkmFrame *f, int p, int z)
{
    f->instance_number = p * SLICES + z + 1;
    return TRUE;
}

/* Slices numbered from one in each phase, phase after phase at each slice. */
static gboolean interleaved(DkmFrame *f, int p, int z)
{
    f->instance_number = z * 3 + p + 1;
    return TRUE;
}

/* Two clocks that give different orders. */
static gboolean contradiction(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = 36000 + 100.0 * p;
    f->temporal_position = 4 - p;
    return TRUE;
}

static gboolean enhanced(DkmFrame *f, int p, int z)
{
    (void)z;
    f->path = f->sop_instance_uid = "1.2.3.4.99"; /* all in one file: found by frame number */
    f->frame = p * SLICES + z;
    f->acquisition_datetime_s = 1e9 + 75.0 * p;
    f->temporal_position = p + 1;
    return TRUE;
}

typedef struct {
    const char *name;
    FrameFill fill;
    const char *key, *clock;
    DkmConfidence confidence;
    double t_seconds[3];
} Row;

static const Row rows[] = {
    {"ucsf", ucsf, "ContentTime", "ContentTime", DKM_CONFIDENCE_HIGH, {0, 137, 274}},
    {"half-way",
     half_way,
     "AcquisitionTime",
     "AcquisitionTime",
     DKM_CONFIDENCE_MEDIUM,
     {0, 100, 200}},
    {"ge", ge, "TriggerTime", "TriggerTime", DKM_CONFIDENCE_HIGH, {0, 90, 180}},
    {"siemens", siemens, "SeriesInstanceUID", "AcquisitionTime", DKM_CONFIDENCE_HIGH, {0, 80, 160}},
    {"siemens-2d",
     siemens_2d,
     "AcquisitionTime",
     "AcquisitionTime",
     DKM_CONFIDENCE_MEDIUM,
     {0, 80, 160}},
    {"philips",
     philips,
     "TemporalPositionIdentifier",
     "TriggerTime",
     DKM_CONFIDENCE_HIGH,
     {0, 65, 130}},
    {"philips-trigger",
     philips_trigger,
     "TriggerTime",
     "TriggerTime",
     DKM_CONFIDENCE_MEDIUM,
     {0, 65, 130}},
    {"fast", fast, "ContentTime", "ContentTime", DKM_CONFIDENCE_MEDIUM, {0, 2.5, 5}},
    {"faster", faster, "ContentTime", "ContentTime", DKM_CONFIDENCE_MEDIUM, {0, 1.5, 3}},
    {"midnight", midnight, "ContentTime", "ContentTime", DKM_CONFIDENCE_MEDIUM, {0, 100, 200}},
    {"midnight-inside",
     midnight_inside,
     "AcquisitionTime",
     "AcquisitionTime",
     DKM_CONFIDENCE_MEDIUM,
     {0, 100, 200}},
    {"pre-and-post",
     pre_and_post,
     "TemporalPositionIdentifier",
     NULL,
     DKM_CONFIDENCE_HIGH,
     {0, NAN, NAN}},
    {"pre-and-post-trigger",
     pre_and_post_trigger,
     "TriggerTime",
     NULL,
     DKM_CONFIDENCE_MEDIUM,
     {0, NAN, NAN}},
    {"instance-number", instance_number, "InstanceNumber", NULL, DKM_CONFIDENCE_LOW, {0, NAN, NAN}},
    {"interleaved", interleaved, "InstanceNumber", NULL, DKM_CONFIDENCE_LOW, {0, NAN, NAN}},
};

static DkmPhases *find(const DkmFrameTable *table, GError **error)
{
    g_autofree guint *all = frames_all(table);
    return dkm_phases_find(table, all, table->frames->len, error);
}

static void assert_cells(const DkmFrameTable *table, const DkmPhases *phases)
{
    for (guint p = 0; p < phases->n_phases; p++)
        for (int z = 0; z < phases->grid.n[0]; z++)
            g_assert_cmpuint(phases->phases[p].frames[z], ==, frames_find(table, (int)p, z));
}

static void test_layout(gconstpointer data)
{
    const Row *row = data;
    GError *error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, row->fill);
    g_autoptr(DkmPhases) phases = find(table, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(phases->n_phases, ==, 3);
    g_assert_cmpint(phases->grid.n[0], ==, SLICES);
    assert_cells(table, phases);
    g_assert_cmpstr(phases->key, ==, row->key);
    g_assert_cmpstr(phases->clock, ==, row->clock);
    g_assert_cmpint(phases->confidence, ==, row->confidence);
    for (int p = 0; p < 3; p++) {
        g_assert_cmpint(isnan(phases->phases[p].t_seconds), ==, isnan(row->t_seconds[p]));
        if (!isnan(row->t_seconds[p]))
            g_assert_cmpfloat_with_epsilon(phases->phases[p].t_seconds, row->t_seconds[p], 1e-6);
    }
    g_assert_cmpuint(phases->evidence->len, >=, 7);
}

static gboolean any_says(const GPtrArray *texts, const char *part)
{
    for (guint i = 0; i < texts->len; i++)
        if (strstr(g_ptr_array_index(texts, i), part))
            return TRUE;
    return FALSE;
}

static gboolean inverted_slice(DkmFrame *f, int p, int z)
{
    f->photometric = z == 2 ? "MONOCHROME1" : "MONOCHROME2";
    return ucsf(f, p, z);
}

static gboolean no_slope(DkmFrame *f, int p, int z)
{
    f->rescale_is_replaced = p == 0;
    return ucsf(f, p, z);
}

static gboolean philips_scaled(DkmFrame *f, int p, int z)
{
    f->rescale_slope = 1 + p;
    f->philips_scale = 0.5 / (1 + p);
    return ucsf(f, p, z);
}

static gboolean philips_rescaled(DkmFrame *f, int p, int z)
{
    f->philips_scale = p == 2 ? 0.006 : 0.005;
    return ucsf(f, p, z);
}

static gboolean padded(DkmFrame *f, int p, int z)
{
    f->is_padded = p == 1 && z == 0;
    return ucsf(f, p, z);
}

/* What a person is told where something is odd. */
static void test_findings(void)
{
    static const struct {
        FrameFill fill;
        int phases;
        const char *part;
    } odd[] = {
        {ucsf, 2, "only two phases"},
        {fast, 3, "unusual"},
        {contradiction, 3, "would give other phases"},
        {instance_number, 3, "no clock"},
        {siemens_2d, 3, "no attribute covers every slice once per value"},
        {inverted_slice, 3, "3 of 24 images are MONOCHROME1"},
        {philips_scaled, 3,
         "24 of 24 images have Philips' private scale slope, which is not "
         "applied: it is the same for all"},
        {philips_rescaled, 3, "numbers of two phases may not be comparable"},
        {padded, 3, "1 of 24 images have bytes behind their pixels"},
        {no_slope, 3, "8 of 24 images have a rescale slope of 0"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(odd); i++) {
        GError *error = NULL;
        g_autoptr(DkmFrameTable) table = frames_new(odd[i].phases, SLICES, odd[i].fill);
        g_autoptr(DkmPhases) phases = find(table, &error);
        g_assert_no_error(error);
        g_assert_true(any_says(phases->findings, odd[i].part));
    }
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, ucsf);
    g_autoptr(DkmPhases) phases = find(table, NULL);
    g_assert_cmpuint(phases->findings->len, ==, 0);
}

static void test_contradiction_is_low(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, contradiction);
    g_autoptr(DkmPhases) phases = find(table, NULL);
    g_assert_nonnull(phases);
    g_assert_cmpint(phases->confidence, ==, DKM_CONFIDENCE_LOW);
}

static void test_evidence(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, ucsf);
    g_autoptr(DkmPhases) phases = find(table, NULL);
    static const struct {
        const char *key;
        DkmVerdict verdict;
    } expected[] = {{"TemporalPositionIdentifier", DKM_VERDICT_ABSENT},
                    {"TriggerTime", DKM_VERDICT_ABSENT},
                    {"AcquisitionNumber", DKM_VERDICT_FAILS},
                    {"AcquisitionTime", DKM_VERDICT_ABSENT},
                    {"ContentTime", DKM_VERDICT_CHOSEN},
                    {"AcquisitionDateTime", DKM_VERDICT_ABSENT},
                    {"InstanceNumber", DKM_VERDICT_AGREES}};
    g_assert_cmpuint(phases->evidence->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const DkmKeyEvidence *e = &g_array_index(phases->evidence, DkmKeyEvidence, i);
        g_assert_cmpstr(e->key, ==, expected[i].key);
        g_assert_cmpint(e->verdict, ==, expected[i].verdict);
        g_assert_true(e->detail && *e->detail);
    }
    assert_says(g_array_index(phases->evidence, DkmKeyEvidence, 2).detail,
                "2 stands in 16 images, a phase has 8");
}

static void test_one_file(void)
{
    GError *error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, enhanced);
    g_autoptr(DkmPhases) phases = find(table, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(phases->clock, ==, "AcquisitionDateTime");
    for (guint p = 0; p < 3; p++)
        for (guint z = 0; z < SLICES; z++)
            g_assert_cmpint(dkm_frame_table_get(table, phases->phases[p].frames[z])->frame, ==,
                            (int)(p * SLICES + z));
}

static void test_single_phase(void)
{
    GError *error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(1, SLICES, NULL);
    g_autoptr(DkmPhases) phases = find(table, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(phases->n_phases, ==, 1);
    g_assert_cmpstr(phases->key, ==, "none");
    g_assert_cmpfloat(phases->phases[0].t_seconds, ==, 0);
    assert_cells(table, phases);
}

/* ---- refusals ---------------------------------------------------------------------------- */

static gboolean lacks_one_before(DkmFrame *f, int p, int z)
{
    return ucsf(f, p, z) && !(p == 0 && z == 3);
}

static gboolean lacks_one_everywhere(DkmFrame *f, int p, int z)
{
    return ucsf(f, p, z) && z != 3;
}

static gboolean lacks_two_everywhere(DkmFrame *f, int p, int z)
{
    return ucsf(f, p, z) && z != 4 && z != 3;
}

/* The fourth "phase" is slice 6 of the second one once more. */
static gboolean doubles_one(DkmFrame *f, int p, int z)
{
    return ucsf(f, p == 3 ? 1 : p, z) && (p < 3 || z == 6);
}

/* All in one file. */
static gboolean doubles_a_frame(DkmFrame *f, int p, int z)
{
    f->path = "/study/many.dcm";
    f->frame = p * 8 + z;
    f->number_of_frames = 25;
    return doubles_one(f, p, z);
}

static gboolean uneven(DkmFrame *f, int p, int z)
{
    f->position_lps[2] += z > 4 ? 0.06 : 0;
    return ucsf(f, p, z);
}

static gboolean sheared(DkmFrame *f, int p, int z)
{
    f->position_lps[1] += 0.1 * z;
    return ucsf(f, p, z);
}

static gboolean moved_aside(DkmFrame *f, int p, int z)
{
    f->position_lps[0] += p == 2 ? 1 : 0;
    return ucsf(f, p, z);
}

static gboolean moved_along(DkmFrame *f, int p, int z)
{
    f->position_lps[2] += p == 2 ? 0.5 : 0;
    return ucsf(f, p, z);
}

static gboolean other_size(DkmFrame *f, int p, int z)
{
    f->columns += p == 2;
    return ucsf(f, p, z);
}

static gboolean no_position(DkmFrame *f, int p, int z)
{
    if (p == 1 && z == 5)
        f->position_lps[1] = NAN;
    return ucsf(f, p, z);
}

static gboolean nothing(DkmFrame *f, int p, int z)
{
    (void)f, (void)p, (void)z;
    return TRUE;
}

typedef struct {
    const char *name;
    FrameFill fill;
    int phases;
    const char *says[3];
} Refusal;

static const Refusal refusals[] = {
    {"lacks-one-before",
     lacks_one_before,
     3,
     {"slice 4 of 8 (at 6.00 mm)", "phase 1 lacks it", "p1-s03.dcm"}},
    {"lacks-one-everywhere", lacks_one_everywhere, 3, {"1 slice is missing", "at 4.00 mm", "8.00"}},
    {"lacks-two-everywhere", lacks_two_everywhere, 3, {"2 slices are missing", "slice 3", ""}},
    {"doubles-one", doubles_one, 4, {"slice 7 of 8", "comes twice in phase 2", "p3-s06.dcm"}},
    {"doubles-a-frame",
     doubles_a_frame,
     4,
     {"slice 7 of 8", "many.dcm frame 15, ", "many.dcm frame 31"}},
    {"uneven", uneven, 3, {"uneven slice spacing", "slice 5 and slice 6", "2.06 mm"}},
    {"sheared", sheared, 3, {"sheared", "slice", ".dcm"}},
    {"moved-aside", moved_aside, 3, {"do not share one geometry", "1.00 mm", "slice"}},
    {"moved-along", moved_along, 3, {"slice 2 of 16", "1 image", ""}},
    {"other-size", other_size, 3, {"mixed geometry", "32 x 25", "32 x 24"}},
    {"no-position", no_position, 3, {"p1-s05.dcm", "position", ""}},
    {"nothing-tells", nothing, 3, {"nothing tells the 3 images of each slice apart", "", ""}},
};

static void test_refusal(gconstpointer data)
{
    const Refusal *row = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(row->phases, SLICES, row->fill);
    g_assert_null(find(table, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    for (guint i = 0; i < G_N_ELEMENTS(row->says); i++)
        assert_says(error->message, row->says[i]);
}

/* ---- the phase nearest to a time ----------------------------------------------------------- */

static void test_nearest(void)
{
    static const struct {
        guint n;
        double t[5], seconds;
        guint nearest;
    } times[] = {
        {1, {0}, 120, 0},
        {2, {0, 100}, 450, 1},
        {5, {0, 100, 200, 300, 400}, 0, 1},
        {5, {0, 100, 200, 300, 400}, 149, 2},
        {5, {0, 100, 200, 300, 400}, 151, 3},
        {5, {0, 100, 200, 300, 400}, 9999, 4},
        {5, {0, NAN, NAN, NAN, NAN}, 120, 1},
        {5, {0, NAN, NAN, NAN, NAN}, 450, 4},
    };
    for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
        DkmPhase list[5];
        for (guint p = 0; p < 5; p++)
            list[p] = (DkmPhase){NULL, times[i].t[p]};
        const DkmPhases phases = {.n_phases = times[i].n, .phases = list};
        g_assert_cmpuint(dkm_phases_nearest(&phases, times[i].seconds), ==, times[i].nearest);
    }
}

static void test_posts(void)
{
    static const struct {
        guint n;
        double t[5];
        guint early, late;
    } studies[] = {
        {1, {0}, 0, 0},
        {2, {0, 100}, 1, 0},
        {2, {0, 299}, 1, 0},
        {2, {0, 300}, 0, 1},
        {2, {0, NAN}, 1, 0},
        {3, {0, 150, 450}, 1, 2},
        {3, {0, 60, 120}, 1, 2},
        {5, {0, 100, 200, 300, 400}, 1, 4},
        {5, {0, 100, 250, 410, 900}, 1, 3},
        {5, {0, NAN, NAN, NAN, NAN}, 1, 4},
    };
    for (guint i = 0; i < G_N_ELEMENTS(studies); i++) {
        DkmPhase list[5];
        guint early = 9, late = 9;
        for (guint p = 0; p < 5; p++)
            list[p] = (DkmPhase){NULL, studies[i].t[p]};
        const DkmPhases phases = {.n_phases = studies[i].n, .phases = list};
        dkm_phases_find_posts(&phases, &early, &late);
        g_assert_cmpuint(early, ==, studies[i].early);
        g_assert_cmpuint(late, ==, studies[i].late);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/phases/layout/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_layout);
    }
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/phases/refusal/", refusals[i].name, NULL);
        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
    g_test_add_func("/phases/findings", test_findings);
    g_test_add_func("/phases/contradiction", test_contradiction_is_low);
    g_test_add_func("/phases/evidence", test_evidence);
    g_test_add_func("/phases/one-file", test_one_file);
    g_test_add_func("/phases/single", test_single_phase);
    g_test_add_func("/phases/nearest", test_nearest);
    g_test_add_func("/phases/posts", test_posts);
    return g_test_run();
}
