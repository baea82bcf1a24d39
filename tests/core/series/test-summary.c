#include "core/series/summary.h"

#include "tests/core/series/frames.h"

/* Of the study that is being added. */
static const char *uid, *name, *id, *birth, *date;
static int left_out = -1;

static gboolean fill(DkmFrame *frame, int phase, int slice)
{
    static GStringChunk *texts;
    if (!texts)
        texts = g_string_chunk_new(4096);
    g_autofree char *path = g_strdup_printf("/%s%s", uid, frame->path);
    g_autofree char *series = g_strdup_printf("%s.1", uid);
    g_autofree char *instance = g_strdup_printf("%s.1.%d.%d", uid, phase + 1, slice + 1);
    frame->path = g_string_chunk_insert_const(texts, path);
    frame->series_uid = g_string_chunk_insert_const(texts, series);
    frame->sop_instance_uid = g_string_chunk_insert_const(texts, instance);
    frame->study_uid = uid;
    frame->patient_name = name;
    frame->patient_id = id;
    frame->patient_birth_date = birth;
    frame->study_date = date;
    frame->acquisition_number = phase + 1;
    frame->content_time_s = 36000 + 100.0 * phase;
    return !(phase == 0 && slice == left_out);
}

static void add(DkmFrameTable *table, int phases, const char *of, const char *who)
{
    uid = of;
    name = who;
    frames_add(table, phases, 6, fill);
}

static const DkmStudySummary *at(const GPtrArray *list, guint i)
{
    return list->pdata[i];
}

static gboolean finds(const DkmStudySummary *summary, const char *text)
{
    for (guint i = 0; i < summary->findings->len; i++)
        if (strstr(summary->findings->pdata[i], text))
            return TRUE;
    return FALSE;
}

/* A patient's studies stand together, the newest first, whatever the order of the files. */
static void groups_patients(void)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    id = "B", birth = "19600102", date = "20010101";
    add(table, 3, "1.1", "Young^Ann");
    id = "A", birth = NULL, date = "20020202";
    add(table, 1, "1.2", "Adams^Eve");
    id = "B", birth = "19600102", date = "20030303";
    add(table, 5, "1.3", "YOUNG^ANN^^");
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_autoptr(GPtrArray) list = dkm_studies_summarise(studies);
    g_assert_cmpuint(list->len, ==, 3);
    g_assert_cmpstr(at(list, 0)->patient_name, ==, "Adams, Eve");
    g_assert_cmpstr(at(list, 0)->birth_date, ==, "(no date)");
    g_assert_cmpstr(at(list, 0)->phases, ==, "1: pre");
    g_assert_true(finds(at(list, 0), "pre-contrast only"));
    g_assert_cmpuint(at(list, 0)->n_files, ==, 6);
    g_assert_cmpuint(at(list, 0)->patient, ==, 0);
    for (guint i = 1; i < 3; i++) {
        g_assert_cmpstr(at(list, i)->patient_id, ==, "B");
        g_assert_cmpstr(at(list, i)->birth_date, ==, "1960-01-02");
        g_assert_false(finds(at(list, i), "same ID"));
    }
    g_assert_cmpuint(at(list, 1)->patient, ==, 1);
    g_assert_cmpuint(at(list, 2)->patient, ==, 1);
    g_assert_cmpstr(at(list, 1)->study_date, ==, "2003-03-03");
}

/* Notes are files too, where they say of which study. */
static void counts_files(void)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    id = "B", birth = "19600102", date = "20010101";
    add(table, 3, "1.1", "Young^Ann");
    date = "20030303";
    add(table, 5, "1.3", "Young^Ann");
    dkm_frame_table_note(table, DKM_FILE_SET_ASIDE, "/seg", "1.3", "1.3.9", "SEG");
    dkm_frame_table_note(table, DKM_FILE_REFUSED, "/other", NULL, NULL, "damaged");
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_autoptr(GPtrArray) list = dkm_studies_summarise(studies);
    g_assert_cmpstr(at(list, 0)->study_date, ==, "2003-03-03");
    g_assert_cmpstr(at(list, 1)->study_date, ==, "2001-01-01");
    g_assert_cmpuint(at(list, 0)->patient, ==, at(list, 1)->patient);
    g_assert_cmpuint(at(list, 0)->n_files, ==, 31);
    g_assert_cmpuint(at(list, 1)->n_files, ==, 18);
    g_assert_cmpstr(at(list, 0)->phases, ==, "5: pre, early, late, 2 more");
    g_assert_cmpstr(at(list, 1)->phases, ==, "3: pre, early, late");
}

/* A slice of the pre-contrast phase is missing: the study stays in the list and says so. */
static void says_what_is_odd(void)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    id = "B", birth = "19600102", date = "20010101";
    add(table, 3, "1.1", "Young^Ann");
    left_out = 3;
    add(table, 3, "1.2", "Other^Name");
    left_out = -1;
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_autoptr(GPtrArray) list = dkm_studies_summarise(studies);
    g_assert_cmpstr(at(list, 0)->patient_name, ==, "Other, Name");
    g_assert_cmpuint(at(list, 0)->n_phases, ==, 0);
    g_assert_cmpstr(at(list, 0)->phases, ==, "none");
    g_test_message("%s", (char *)at(list, 0)->findings->pdata[0]);
    g_assert_nonnull(strstr(at(list, 0)->findings->pdata[0], "slice"));
    g_assert_true(finds(at(list, 0), "same ID"));
    g_assert_true(finds(at(list, 1), "same ID"));
    g_assert_cmpuint(at(list, 0)->patient, !=, at(list, 1)->patient);
}

static void nothing(void)
{
    g_autoptr(DkmFrameTable) table = dkm_frame_table_new();
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_autoptr(GPtrArray) list = dkm_studies_summarise(studies);
    g_assert_cmpuint(list->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/summary/groups-patients", groups_patients);
    g_test_add_func("/summary/counts-files", counts_files);
    g_test_add_func("/summary/says-what-is-odd", says_what_is_odd);
    g_test_add_func("/summary/nothing", nothing);
    return g_test_run();
}
