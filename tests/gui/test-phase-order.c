/* What a reader does to the order of the phases, and what is kept of it. */
#include "gui/phase-order.h"

#include "core/error.h"
#include "gui/private-file.h"
#include "tests/core/series/frames.h"
#include "tests/gui/state.h"

#include <sys/stat.h>

enum { SLICES = 4, PHASES = 3, VOLUMES = 5 };

/* Three phases, a derived series on their slices, one that lies elsewhere. */
static gboolean fill(DkmFrame *f, int p, int z)
{
    f->content_time_s = 36000 + 150.0 * p;
    if (p < PHASES)
        return TRUE;
    f->series_uid = p == PHASES ? "1.2.3.7" : "1.2.3.8";
    f->series_number = 7 + p - PHASES;
    f->image_type = "DERIVED\\PRIMARY";
    f->position_lps[2] += p == PHASES ? 0 : 1;
    return z >= 0;
}

static gboolean fill_less(DkmFrame *f, int p, int z)
{
    return fill(f, p, z) && p != PHASES;
}

static gboolean fill_other(DkmFrame *f, int p, int z)
{
    const gboolean is_there = fill(f, p, z);
    f->study_uid = "1.2.99";
    return is_there;
}

static DkmPhaseOrder *order_of(FrameFill with, DkmStudies **studies)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(VOLUMES, SLICES, with);
    g_autoptr(DkmStudies) found = dkm_studies_new(table);
    const DkmStudy *study = dkm_studies_only_dce(found, &error);
    g_assert_no_error(error);
    if (studies)
        *studies = dkm_studies_ref(found);
    return dkm_phase_order_new(found, study);
}

/* "213|45": numbers of the phases, then of what is set aside. */
static void assert_rows(const DkmPhaseOrder *order, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint row = 0; row < dkm_phase_order_count(order); row++) {
        guint number;
        dkm_phase_order_get(order, row, &number);
        const gboolean is_phase = row < dkm_phase_order_n_phases(order);
        g_assert_cmpint(dkm_phase_order_place(order, row), ==,
                        is_phase ? (int)row : DKM_PHASE_ASIDE);
        if (row == dkm_phase_order_n_phases(order))
            g_string_append_c(text, '|');
        g_string_append_printf(text, "%u", number);
    }
    g_assert_cmpstr(text->str, ==, expected);
}

static void moves(void)
{
    g_autoptr(DkmPhaseOrder) order = order_of(fill, NULL);
    assert_rows(order, "123|45");
    g_assert_true(dkm_phase_order_is_found(order));
    g_assert_cmpuint(dkm_phase_order_move(order, 0, -1), ==, 0); /* nothing comes before it */
    g_assert_cmpuint(dkm_phase_order_move(order, 0, 1), ==, 1);
    assert_rows(order, "213|45");
    g_assert_false(dkm_phase_order_is_found(order));
    g_assert_cmpuint(dkm_phase_order_move(order, 2, 1), ==, 2); /* set aside, before the others */
    assert_rows(order, "21|345");
    g_assert_cmpuint(dkm_phase_order_move(order, 4, 1), ==, 4); /* it is the last */
    g_assert_cmpuint(dkm_phase_order_move(order, 4, -1), ==, 2);
    assert_rows(order, "215|34");
    dkm_phase_order_reset(order);
    assert_rows(order, "123|45");
    g_assert_true(dkm_phase_order_is_found(order));
}

static void places(void)
{
    g_autoptr(DkmPhaseOrder) order = order_of(fill, NULL);
    g_assert_cmpuint(dkm_phase_order_set_place(order, 2, 0), ==, 0);
    assert_rows(order, "312|45");
    g_assert_cmpuint(dkm_phase_order_set_place(order, 0, DKM_PHASE_ASIDE), ==, 2);
    assert_rows(order, "12|345");
    g_assert_cmpuint(dkm_phase_order_set_place(order, 3, 1), ==, 1);
    assert_rows(order, "142|35");
    g_assert_cmpuint(dkm_phase_order_set_place(order, 4, 99), ==, 3); /* no gaps */
    assert_rows(order, "1425|3");
    for (int i = 0; i < 4; i++)
        dkm_phase_order_set_place(order, 0, DKM_PHASE_ASIDE);
    assert_rows(order, "|12345");
}

static void drops(void)
{
    g_autoptr(DkmPhaseOrder) order = order_of(fill, NULL);
    g_assert_cmpuint(dkm_phase_order_drop(order, 0, 2, TRUE), ==, 2);
    assert_rows(order, "231|45");
    g_assert_cmpuint(dkm_phase_order_drop(order, 2, 0, FALSE), ==, 0);
    assert_rows(order, "123|45");
    g_assert_cmpuint(dkm_phase_order_drop(order, 0, 2, FALSE), ==, 1);
    assert_rows(order, "213|45");
    g_assert_cmpuint(dkm_phase_order_drop(order, 1, 1, TRUE), ==, 1);
    g_assert_cmpuint(dkm_phase_order_drop(order, 4, 2, TRUE), ==, 3); /* the last phase */
    assert_rows(order, "2135|4");
    g_assert_cmpuint(dkm_phase_order_drop(order, 0, 4, FALSE), ==, 3); /* set aside */
    assert_rows(order, "135|24");
}

static void applies(void)
{
    const DkmStudy *study = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) found = NULL;
    g_autoptr(DkmPhaseOrder) order = order_of(fill, &found);
    g_autoptr(DkmStudies) same = dkm_phase_order_apply(order, &study, &error);
    g_assert_true(same == found && study->dce->order_given == NULL);
    dkm_phase_order_set_place(order, 3, 0);
    g_autoptr(DkmStudies) other = dkm_phase_order_apply(order, &study, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(study->dce->order_given, ==, "4,1,2,3");
    dkm_phase_order_set_place(order, 4, 0);
    g_assert_null(dkm_phase_order_apply(order, &study, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_clear_error(&error);
    while (dkm_phase_order_n_phases(order) > 0)
        dkm_phase_order_set_place(order, 0, DKM_PHASE_ASIDE);
    g_assert_null(dkm_phase_order_apply(order, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

static void takes_what_was_given(void)
{
    g_autoptr(DkmPhaseOrder) order = order_of(fill, NULL);
    dkm_phase_order_take_given(order, "4,1");
    assert_rows(order, "41|235");
    dkm_phase_order_take_given(order, NULL);
    assert_rows(order, "123|45");
    dkm_phase_order_take_given(order, "1,2,77"); /* of another study */
    assert_rows(order, "123|45");
}

static gboolean fill_derived(DkmFrame *f, int p, int z)
{
    const gboolean is_there = fill(f, p, z);
    f->image_type = "DERIVED\\PRIMARY";
    return is_there;
}

/* Nothing is a phase until somebody says so. */
static void nothing_found(void)
{
    const DkmStudy *study = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = frames_new(VOLUMES, SLICES, fill_derived);
    g_autoptr(DkmStudies) found = dkm_studies_new(table);
    study = g_ptr_array_index(found->studies, 0);
    g_assert_null(study->dce);
    g_autoptr(DkmPhaseOrder) order = dkm_phase_order_new(found, study);
    assert_rows(order, "|12345");
    g_assert_null(dkm_phase_order_apply(order, &study, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_clear_error(&error);
    dkm_phase_order_set_place(order, 1, 0);
    dkm_phase_order_move(order, 1, -1);
    assert_rows(order, "21|345");
    g_autoptr(DkmStudies) studies = dkm_phase_order_apply(order, &study, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(study->dce->order_given, ==, "2,1");
    dkm_phase_order_reset(order);
    assert_rows(order, "|12345");
}

static char *kept_file(void)
{
    return dkm_private_path(g_get_user_state_dir(), "phases.ini");
}

static gboolean is_recalled(FrameFill with, const char *rows)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmPhaseOrder) order = order_of(with, NULL);
    const gboolean is = dkm_phase_order_recall(order, &error);
    g_assert_no_error(error);
    assert_rows(order, rows);
    return is;
}

/* Of one study; nobody else may read it; the rules' own order leaves no trace. */
static void is_kept(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = kept_file(), *text = NULL;
    g_autoptr(DkmPhaseOrder) order = order_of(fill, NULL);
    struct stat found;
    g_assert_true(dkm_phase_order_can_keep(order));
    g_assert_true(dkm_phase_order_keep(order, &error));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_false(is_recalled(fill, "123|45"));
    dkm_phase_order_move(order, 0, 1);
    dkm_phase_order_set_place(order, 3, 2);
    dkm_phase_order_set_place(order, 3, DKM_PHASE_ASIDE);
    g_assert_true(dkm_phase_order_keep(order, &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_assert_true(is_recalled(fill, "214|35"));
    g_assert_false(is_recalled(fill_other, "123|45"));
    dkm_phase_order_reset(order);
    g_assert_true(dkm_phase_order_keep(order, &error));
    g_assert_false(is_recalled(fill, "123|45"));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_null(strstr(text, "1.2.3"));
}

static void recalls_studies(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) found = NULL;
    g_autoptr(DkmPhaseOrder) order = order_of(fill, &found);
    const DkmStudy *study = dkm_studies_only_dce(found, &error), *before = study;
    g_assert_null(dkm_phase_order_recalled(found, &study, &error));
    g_assert_no_error(error);
    g_assert_true(study == before);
    dkm_phase_order_move(order, 0, 1);
    g_assert_true(dkm_phase_order_keep(order, &error));
    g_autoptr(DkmStudies) again = dkm_phase_order_recalled(found, &study, &error);
    g_assert_no_error(error);
    g_assert_true(again != found && study != before);
    g_assert_cmpstr(study->dce->order_given, ==, "2,1,3");
    dkm_phase_order_reset(order);
    dkm_phase_order_keep(order, NULL);
}

/* Images that are gone, a file that a person has touched: said, and nothing is taken of it. */
static void does_not_fit(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = kept_file();
    g_autoptr(DkmStudies) found = NULL;
    g_autoptr(DkmPhaseOrder) order = order_of(fill, &found), less = order_of(fill_less, NULL);
    dkm_phase_order_set_place(order, 3, 0);
    g_assert_true(dkm_phase_order_keep(order, &error));
    g_assert_false(dkm_phase_order_recall(less, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_rows(less, "123|4");
    const char *const texts[] = {"[1.2.3]\n", "[1.2.3]\norder=\n", "[1.2.3]\norder=x;x\n",
                                 "no file of ours"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_clear_error(&error);
        g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
        dkm_phase_order_reset(order);
        g_assert_false(dkm_phase_order_recall(order, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_rows(order, "123|45");
    }
    g_clear_error(&error);
    const DkmStudy *study = dkm_studies_only_dce(found, NULL);
    g_assert_null(dkm_phase_order_recalled(found, &study, &error)); /* it may have named this one */
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_clear_error(&error);
    g_assert_false(dkm_phase_order_keep(order, &error)); /* what may be a person's is left alone */
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    g_test_add_func("/phase-order/moves", moves);
    g_test_add_func("/phase-order/places", places);
    g_test_add_func("/phase-order/drops", drops);
    g_test_add_func("/phase-order/applies", applies);
    g_test_add_func("/phase-order/takes-what-was-given", takes_what_was_given);
    g_test_add_func("/phase-order/nothing-found", nothing_found);
    g_test_add_func("/phase-order/is-kept", is_kept);
    g_test_add_func("/phase-order/recalls-studies", recalls_studies);
    g_test_add_func("/phase-order/does-not-fit", does_not_fit);
    const int failed = g_test_run();
    state_free(state);
    return failed;
}
