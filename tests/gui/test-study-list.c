/* The list of a folder's studies and going from one to the other, without a widget. */
#include "gui/study-list.h"

#include "gui/private-file.h"
#include "gui/reading.h"
#include "gui/study-marks.h"
#include "tests/gui/studies.h"

#include <sys/stat.h>

static char *root, *last_message;
static guint changed;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    changed |= what;
}

static void wait_until_idle(DkmReading *reading)
{
    int permille;
    while (dkm_reading_is_loading(reading, &permille) || dkm_reading_is_exporting(reading))
        g_main_context_iteration(NULL, TRUE);
}

static DkmReading *open_root(void)
{
    DkmReading *reading = dkm_reading_new();
    g_clear_pointer(&last_message, g_free);
    changed = 0;
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    g_signal_connect(reading, "changed", G_CALLBACK(on_changed), NULL);
    dkm_reading_open(reading, root);
    wait_until_idle(reading);
    return reading;
}

static guint row_of(DkmStudyList *list, const char *name)
{
    for (guint i = 0; i < dkm_study_list_count(list); i++)
        if (strcmp(dkm_study_list_get(list, i)->summary->patient_name, name) == 0)
            return i;
    g_assert_not_reached();
}

static const DkmStudySummary *summary(DkmStudyList *list, guint row)
{
    return dkm_study_list_get(list, row)->summary;
}

/* A folder of several opens none of them: nothing says which. */
static void lists(void)
{
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    g_assert_null(dkm_reading_case(reading));
    g_assert_null(last_message);
    g_assert_true(changed & DKM_CHANGED_STUDIES);
    g_assert_cmpuint(dkm_study_list_count(list), ==, STUDIES);
    g_assert_cmpuint(dkm_study_list_count_patients(list), ==, STUDIES_PATIENTS);
    const guint cleo = row_of(list, "Moore, Cleo"), eve = row_of(list, "Adams, Eve");
    g_assert_cmpuint(summary(list, cleo)->n_phases, ==, 0);
    g_assert_cmpuint(summary(list, eve)->n_phases, ==, 1);
    g_autofree char *odd = dkm_study_row_findings(dkm_study_list_get(list, cleo), "; ");
    g_assert_nonnull(strstr(odd, "slice"));
    const guint ann = row_of(list, "Young, Ann");
    g_assert_cmpstr(summary(list, ann)->study_date, ==, "2001-06-11");
    g_assert_cmpstr(summary(list, ann + 1)->study_date, ==, "2001-01-02");
    g_assert_cmpint(dkm_study_list_find(list, summary(list, ann)->study->study_uid), ==, ann);
    g_assert_cmpint(dkm_study_list_find(list, "1.2.3"), ==, -1);
}

/* Everything of the study before is gone, and the new one is the one that was asked for. */
static void switches(void)
{
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    for (guint i = 0; i < 3 * STUDIES; i++) {
        const guint row = i * 5 % STUDIES;
        const char *before =
            dkm_reading_case(reading) ? dkm_reading_case(reading)->study->study_uid : NULL;
        const gboolean ok = dkm_reading_open_study(reading, row);
        g_assert_true(dkm_reading_studies(reading) == list);
        g_assert_cmpint(ok, ==, summary(list, row)->n_phases > 0);
        if (i % 2 == 0)
            wait_until_idle(reading);
        const DkmReviewCase *on = dkm_reading_case(reading);
        g_assert_cmpstr(on ? on->study->study_uid : NULL, ==,
                        ok ? summary(list, row)->study->study_uid : before);
        for (guint p = 0; on && i % 2 == 0 && p < dkm_review_case_n_phases(on); p++)
            g_assert_nonnull(dkm_review_case_phase(on, p));
    }
    g_assert_false(dkm_reading_open_study(reading, STUDIES));
    wait_until_idle(reading);
    dkm_reading_open_study(reading, row_of(list, "Moore, Cleo"));
    g_assert_nonnull(strstr(last_message, "cannot be read"));
    g_assert_nonnull(dkm_reading_case(reading)); /* the one before stays */
}

static DkmMask *small_mask(const DkmGrid *grid)
{
    DkmMask *mask = dkm_mask_new(grid, NULL);
    dkm_mask_slice(mask, 2)[40] = 1;
    return mask;
}

static void add_mask(DkmReading *reading)
{
    g_autoptr(GError) error = NULL;
    DkmReviewCase *on = dkm_reading_case(reading);
    g_autoptr(DkmMask) mask = small_mask(dkm_review_case_grid(on));
    const guint id = dkm_layers_add(on->layers, DKM_ORIGIN_PERSON, NULL, mask, &error);
    g_assert_no_error(error);
    DkmLook look = *dkm_reading_look(reading);
    look.layer = id;
    dkm_reading_set_look(reading, &look);
    dkm_reading_layers_changed(reading);
}

static DkmStudyState state(DkmReading *reading, guint row)
{
    DkmStudyList *list = dkm_reading_studies(reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    dkm_study_list_refresh(list, on ? on->study->study_uid : NULL, dkm_reading_is_unsaved(reading));
    return dkm_study_list_get(list, row)->state;
}

/* Unread; with edits on disk; accepted and saved; and the file gone again. */
static void states(void)
{
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    const guint dora = row_of(list, "Reed, Dora"), ann = row_of(list, "Young, Ann");
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_UNREAD);
    g_assert_true(dkm_reading_open_study(reading, dora));
    wait_until_idle(reading);
    add_mask(reading);
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_BEGUN);
    dkm_reading_open_study(reading, ann); /* its edits wait on disk */
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_BEGUN);
    wait_until_idle(reading);
    dkm_reading_open_study(reading, dora);
    wait_until_idle(reading);
    dkm_reading_recover(reading);
    g_autofree char *path = dkm_reading_new_path(reading, "seg");
    dkm_reading_export(reading, path);
    wait_until_idle(reading);
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_BEGUN); /* nobody stands behind it */
    dkm_reading_accept(reading, "Test Reader");
    g_autofree char *second = dkm_reading_new_path(reading, "seg");
    dkm_reading_export(reading, second);
    wait_until_idle(reading);
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_ACCEPTED);
    dkm_reading_open_study(reading, ann);
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_ACCEPTED);
    g_assert_cmpint(state(reading, ann), ==, DKM_STUDY_UNREAD);
    g_remove(second);
    g_assert_cmpint(state(reading, dora), ==, DKM_STUDY_UNREAD);
    g_remove(path);
}

/* What is saved lies in the folder: whoever opens it elsewhere sees that it is read. */
static void finds_segmentations(void)
{
    DkmReading *reading = open_root();
    const guint ann = row_of(dkm_reading_studies(reading), "Young, Ann");
    dkm_reading_open_study(reading, ann);
    wait_until_idle(reading);
    add_mask(reading);
    dkm_reading_accept(reading, "Test Reader");
    g_autofree char *path = dkm_reading_new_path(reading, "seg");
    g_assert_true(g_str_has_prefix(path, root));
    dkm_reading_export(reading, path);
    wait_until_idle(reading);
    g_autofree char *marks = dkm_private_path(g_get_user_state_dir(), "saved.ini");
    GStatBuf found;
    g_assert_cmpint(g_stat(marks, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_remove(marks);
    g_object_unref(reading);
    g_autoptr(DkmReading) again = open_root();
    g_assert_cmpint(state(again, row_of(dkm_reading_studies(again), "Young, Ann")), ==,
                    DKM_STUDY_ACCEPTED);
    g_remove(path);
}

/* Two patients' files in one folder: neither's segmentation takes the folder's name alone. */
static void names_files_apart(void)
{
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    g_autofree char *names[3] = {NULL};
    static const char *const who[] = {"Reed, Dora", "Stone, Ella", "Adams, Eve"};
    for (guint i = 0; i < G_N_ELEMENTS(who); i++) {
        dkm_reading_open_study(reading, row_of(list, who[i]));
        names[i] = dkm_reading_new_path(reading, "seg");
        g_assert_null(strstr(names[i], "Dora"));
    }
    g_assert_cmpstr(names[0], !=, names[1]);
    g_autofree char *shared = g_build_filename(root, "shared-", NULL);
    g_autofree char *own = g_build_filename(root, "ben-seg.dcm", NULL);
    g_assert_true(g_str_has_prefix(names[0], shared));
    g_assert_cmpstr(names[2], ==, own);
    g_free(names[0]);
    g_free(names[1]);
    names[0] = names[1] = NULL;
}

static void on_row(DkmStudyList *list, guint row, gpointer user)
{
    guint *n = user;
    (*n)++;
}

static void makes_pictures(void)
{
    guint n = 0;
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    g_signal_connect(list, "row-changed", G_CALLBACK(on_row), &n);
    for (guint i = 0; i < STUDIES; i++) {
        g_assert_null(dkm_study_list_get(list, i)->picture); /* only when it is wanted */
        dkm_study_list_want(list, i);
        dkm_study_list_want(list, i);
    }
    while (n < STUDIES_READABLE)
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < STUDIES; i++) {
        const DkmStudyRow *row = dkm_study_list_get(list, i);
        g_assert_cmpint(row->picture != NULL, ==, row->summary->n_phases > 0);
        guint32 most = 0;
        for (guint k = 0; row->picture && k < DKM_THUMBNAIL_WIDTH * DKM_THUMBNAIL_HEIGHT; k++)
            most = MAX(most, row->picture[k] & 0xff);
        if (row->picture)
            g_assert_cmpuint(most, >, 200);
    }
    dkm_study_list_want_none(list);
}

/* A list that goes while it draws leaves nothing behind. */
static void goes_while_it_draws(void)
{
    for (guint i = 0; i < 10; i++) {
        g_autoptr(DkmReading) reading = open_root();
        dkm_study_list_want(dkm_reading_studies(reading), i % 3);
        if (i % 2)
            dkm_study_list_want_none(dkm_reading_studies(reading));
    }
    for (guint i = 0; i < 50; i++)
        g_main_context_iteration(NULL, FALSE);
}

static void sorts_and_finds(void)
{
    g_autoptr(DkmReading) reading = open_root();
    DkmStudyList *list = dkm_reading_studies(reading);
    const guint eve = row_of(list, "Adams, Eve"), ella = row_of(list, "Stone, Ella");
    const guint ann = row_of(list, "Young, Ann");
    g_assert_cmpint(dkm_study_list_compare(list, eve, ella, DKM_STUDY_BY_PATIENT), <, 0);
    g_assert_cmpint(dkm_study_list_compare(list, eve, ella, DKM_STUDY_BY_PHASES), <, 0);
    g_assert_cmpint(dkm_study_list_compare(list, ann, eve, DKM_STUDY_BY_DATE), >, 0);
    g_assert_cmpint(dkm_study_list_compare(list, ann, ann, DKM_STUDY_BY_STATE), ==, 0);
    g_assert_cmpint(dkm_study_list_compare(list, eve, ella, DKM_STUDY_BY_ID), ==, -1);
    for (int c = 0; c <= DKM_STUDY_BY_FINDINGS; c++)
        for (guint a = 0; a < STUDIES; a++)
            for (guint b = 0; b < STUDIES; b++)
                g_assert_cmpint(dkm_study_list_compare(list, a, b, (DkmStudyColumn)c), ==,
                                -dkm_study_list_compare(list, b, a, (DkmStudyColumn)c));
    g_assert_true(dkm_study_list_matches(list, eve, "EVE adams"));
    g_assert_true(dkm_study_list_matches(list, eve, "b-2 unread"));
    g_assert_true(dkm_study_list_matches(list, eve, "  "));
    g_assert_false(dkm_study_list_matches(list, eve, "eve young"));
}

/* One study in a folder is opened at once, as ever. */
static void opens_the_only_one(void)
{
    g_autofree char *path = g_build_filename(root, "ann-1", NULL);
    g_autoptr(DkmReading) reading = dkm_reading_new();
    dkm_reading_open(reading, path);
    wait_until_idle(reading);
    g_assert_nonnull(dkm_reading_case(reading));
    g_assert_cmpuint(dkm_study_list_count(dkm_reading_studies(reading)), ==, 1);
    dkm_reading_open(reading, "/nowhere/at/all");
    g_assert_null(dkm_reading_studies(reading));
    wait_until_idle(reading);
}

int main(int argc, char **argv)
{
    g_autofree char *state_folder = g_dir_make_tmp("dkm-state-XXXXXX", NULL);
    g_setenv("XDG_STATE_HOME", state_folder, TRUE);
    g_test_init(&argc, &argv, NULL);
    root = studies_new();
    g_test_add_func("/study-list/lists", lists);
    g_test_add_func("/study-list/switches", switches);
    g_test_add_func("/study-list/states", states);
    g_test_add_func("/study-list/finds-segmentations", finds_segmentations);
    g_test_add_func("/study-list/names-files-apart", names_files_apart);
    g_test_add_func("/study-list/makes-pictures", makes_pictures);
    g_test_add_func("/study-list/goes-while-it-draws", goes_while_it_draws);
    g_test_add_func("/study-list/sorts-and-finds", sorts_and_finds);
    g_test_add_func("/study-list/opens-the-only-one", opens_the_only_one);
    const int failed = g_test_run();
    studies_free(root);
    studies_remove(state_folder);
    return failed;
}
