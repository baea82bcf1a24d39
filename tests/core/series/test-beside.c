/* What hangs beside a study: the earlier one of the same patient, and series that are no phase. */
#include "core/series/beside.h"

#include "core/error.h"
#include "tests/core/series/frames.h"

enum { SLICES = 8 };

typedef struct {
    const char *uid, *date, *id, *name, *born;
} Who;

/* One study of two phases. */
static void add_study(DkmFrameTable *table, const Who *who)
{
    for (int p = 0; p < 2; p++)
        for (int z = 0; z < SLICES; z++) {
            DkmFrame frame;
            frame_of(&frame, table, p, z);
            g_autofree char *path = g_strdup_printf("/%s/p%d-s%02d.dcm", who->uid, p, z);
            g_autofree char *uid = g_strdup_printf("%s.9.%d.%d", who->uid, p + 1, z + 1);
            frame.path = dkm_frame_table_intern(table, path);
            frame.sop_instance_uid = dkm_frame_table_intern(table, uid);
            frame.study_uid = frame.series_uid = who->uid;
            frame.study_date = who->date;
            frame.patient_id = who->id;
            frame.patient_name = who->name;
            frame.patient_birth_date = who->born;
            frame.content_time_s = 36000 + 100.0 * p;
            dkm_frame_table_add(table, &frame);
        }
}

static DkmStudies *studies_of(const Who *who, guint n)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    for (guint i = 0; i < n; i++)
        add_study(table, &who[i]);
    return dkm_studies_new(table);
}

static void opens_the_latest_of_one_patient(void)
{
    static const Who who[] = {{"1.1", "20250103", "A1", "Doe^Jane", NULL},
                              {"1.3", "20251201", "A1", "Doe^Jane^^", "19700101"},
                              {"1.2", "20240202", "A1", "DOE^JANE", NULL}};
    g_autoptr(DkmStudies) studies = studies_of(who, 3);
    g_autoptr(GError) error = NULL;
    const DkmStudy *latest = dkm_studies_latest(studies, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(latest->study_uid, ==, "1.3");
    const DkmStudy *prior = dkm_studies_prior(studies, latest);
    g_assert_nonnull(prior);
    g_assert_cmpstr(prior->study_uid, ==, "1.1"); /* the later of the earlier ones */
    prior = dkm_studies_prior(studies, prior);
    g_assert_cmpstr(prior->study_uid, ==, "1.2");
    g_assert_null(dkm_studies_prior(studies, prior));
}

/* Nobody else's study, whatever is missing, is taken for this patient's. */
static void another_patient_is_no_prior(void)
{
    static const Who now = {"1.2", "20251201", "A1", "Doe^Jane", "19700101"};
    static const Who others[] = {
        {"1.1", "20250103", "A2", "Doe^Jane", "19700101"}, /* another ID */
        {"1.1", "20250103", "A1", "Doe^Joan", "19700101"}, /* another name */
        {"1.1", "20250103", "A1", "Doe^Jane", "19700102"}, /* born on another day */
        {"1.1", "20250103", NULL, "Doe^Jane", "19700101"},
        {"1.1", "20250103", "A1", NULL, "19700101"},
        {"1.1", "20250103", "", "", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        const Who both[] = {others[i], now};
        g_autoptr(DkmStudies) studies = studies_of(both, 2);
        g_autoptr(GError) error = NULL;
        g_assert_null(dkm_studies_latest(studies, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        g_assert_null(dkm_studies_prior(studies, g_ptr_array_index(studies->studies, 1)));
    }
}

static void one_day_is_no_order(void)
{
    static const Who who[] = {{"1.1", "20250103", "A1", "Doe^Jane", NULL},
                              {"1.2", "20250103", "A1", "Doe^Jane", NULL}};
    static const Who undated[] = {{"1.1", NULL, "A1", "Doe^Jane", NULL},
                                  {"1.2", "20250103", "A1", "Doe^Jane", NULL}};
    const Who *const both[] = {who, undated};
    for (guint i = 0; i < G_N_ELEMENTS(both); i++) {
        g_autoptr(DkmStudies) studies = studies_of(both[i], 2);
        g_assert_null(dkm_studies_latest(studies, NULL));
        g_assert_null(dkm_studies_prior(studies, g_ptr_array_index(studies->studies, 1)));
    }
}

/* --- other series ------------------------------------------------------------------------------
 */

/* PER_PLACE images of each of five slices, 3 mm apart; of the last slice one alone. */
static void add_series(DkmFrameTable *table, const char *description, int number, int per_place)
{
    for (int p = 0; p < per_place; p++)
        for (int z = 0; z < 5; z++) {
            DkmFrame frame;
            if (p > 0 && z == 4)
                continue;
            frame_of(&frame, table, number * 10 + p, z);
            frame.series_uid = description;
            frame.series_description = description;
            frame.series_number = number;
            frame.instance_number = p * 5 + z + 1;
            frame.position_lps[2] = 3.0 * z;
            frame.rows = 64;
            frame.scanning_sequence = "SE";
            dkm_frame_table_add(table, &frame);
        }
}

static gboolean dynamic(DkmFrame *frame, int phase, int slice)
{
    (void)slice;
    frame->content_time_s = 36000 + 100.0 * phase;
    return TRUE;
}

static void other_series_are_stacks_of_their_own(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, dynamic);
    add_series(table, "AX T2", 4, 1);
    add_series(table, "AX DWI", 5, 2);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_autoptr(GError) error = NULL;
    const DkmStudy *study = dkm_studies_latest(studies, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(study->dce->n_phases, ==, 3);
    g_autoptr(GPtrArray) others = dkm_study_others(studies, study);
    g_assert_cmpuint(others->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const DkmSeries *series = others->pdata[i];
        g_autoptr(DkmStudies) one = dkm_studies_of_series(studies, study, series, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(one->studies->len, ==, 1);
        const DkmStudy *only = g_ptr_array_index(one->studies, 0);
        g_assert_cmpuint(only->dce->n_phases, ==, 1);
        g_assert_cmpint(only->dce->grid.n[0], ==, 5);
        g_assert_cmpint(only->dce->grid.n[1], ==, 64);
        g_assert_cmpuint(only->findings->len, ==, i); /* of the second: the first of each place */
        for (int z = 0; z < 5; z++)
            g_assert_cmpint(
                dkm_frame_table_get(table, only->dce->phases[0].frames[z])->instance_number, <=, 5);
    }
}

static gboolean also_ct(DkmFrame *frame, int phase, int slice)
{
    dynamic(frame, phase, slice);
    if (phase == 2) {
        frame->series_uid = "1.9";
        frame->modality = "CT";
    }
    return TRUE;
}

static void what_is_no_mr_is_not_offered(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(3, SLICES, also_ct);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    const DkmStudy *study = g_ptr_array_index(studies->studies, 0);
    g_autoptr(GPtrArray) others = dkm_study_others(studies, study);
    g_assert_cmpuint(others->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/beside/opens-the-latest-of-one-patient", opens_the_latest_of_one_patient);
    g_test_add_func("/beside/another-patient-is-no-prior", another_patient_is_no_prior);
    g_test_add_func("/beside/one-day-is-no-order", one_day_is_no_order);
    g_test_add_func("/beside/other-series-are-stacks-of-their-own",
                    other_series_are_stacks_of_their_own);
    g_test_add_func("/beside/what-is-no-mr-is-not-offered", what_is_no_mr_is_not_offered);
    return g_test_run();
}
