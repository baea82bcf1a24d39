#include "core/series/phase-choice.h"

#include "core/error.h"
#include "core/series/phase-override.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 4, PHASES = 3 };

/* Three phases of one series; series 7 lies on their slices and calls itself derived, series 8 lies
 * elsewhere, series 9 is no picture. */
enum { DERIVED = PHASES, ELSEWHERE, OTHER_KIND, VOLUMES };

static gboolean fill(DkmFrame *f, int p, int z)
{
    static const char *const series[] = {"1.2.3.7", "1.2.3.8", "1.2.3.9"};
    f->content_time_s = 36000 + 150.0 * p;
    if (p < PHASES)
        return TRUE;
    f->series_uid = series[p - PHASES];
    f->series_number = 7 + p - PHASES;
    f->image_type = "DERIVED\\PRIMARY";
    f->series_description = "late one";
    f->position_lps[2] += p == ELSEWHERE ? 1 : 0;
    if (p == OTHER_KIND)
        f->modality = "SEG";
    return z >= 0;
}

typedef struct {
    DkmFrameTable *table;
    DkmStudies *studies;
    const DkmStudy *study;
    GPtrArray *list;
} Found;

static void found_clear(Found *found)
{
    g_ptr_array_unref(found->list);
    dkm_studies_unref(found->studies);
    dkm_frame_table_unref(found->table);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

static void find(Found *found, FrameFill with)
{
    g_autoptr(GError) error = NULL;
    found->table = frames_new(VOLUMES, SLICES, with);
    found->studies = dkm_studies_new(found->table);
    found->study = dkm_studies_only_dce(found->studies, &error);
    g_assert_no_error(error);
    found->list = dkm_phase_candidates_new(found->studies, found->study);
}

static const DkmPhaseCandidate *at(const Found *found, guint i)
{
    return g_ptr_array_index(found->list, i);
}

static void test_list(void)
{
    g_auto(Found) found = {0};
    find(&found, fill);
    g_assert_cmpuint(found.list->len, ==, VOLUMES);
    for (guint p = 0; p < PHASES; p++) {
        g_assert_true(at(&found, p)->is_found);
        g_assert_null(at(&found, p)->reason);
        g_assert_null(at(&found, p)->problem);
        g_assert_cmpfloat(at(&found, p)->t_seconds, ==, 150.0 * p);
        g_assert_cmpuint(at(&found, p)->frames->len, ==, SLICES);
    }
    g_assert_cmpint(at(&found, DERIVED)->first->series_number, ==, 7);
    g_assert_false(at(&found, DERIVED)->is_found);
    g_assert_nonnull(strstr(at(&found, DERIVED)->reason, "derived"));
    g_assert_null(at(&found, DERIVED)->problem);
    g_assert_cmpfloat(at(&found, DERIVED)->t_seconds, ==, 450);
    g_assert_null(at(&found, ELSEWHERE)->problem); /* a stack of its own */
    g_assert_nonnull(at(&found, OTHER_KIND)->problem);
}

/* Names hold for the next scan, whatever order it finds the files in, and are one's own. */
static void test_names(void)
{
    g_auto(Found) found = {0}, again = {0};
    find(&found, fill);
    find(&again, fill);
    for (guint a = 0; a < VOLUMES; a++)
        for (guint b = 0; b < VOLUMES; b++)
            g_assert_cmpint(strcmp(at(&found, a)->id, at(&again, b)->id) == 0, ==, a == b);
    g_assert_null(strstr(at(&found, 0)->id, "1.2.3"));
}

static const DkmPhases *phases_of(const DkmStudies *studies)
{
    g_autoptr(GError) error = NULL;
    const DkmStudy *study = dkm_studies_only_dce(studies, &error);
    g_assert_no_error(error);
    return study->dce;
}

static gboolean has_finding(const DkmPhases *phases, const char *says)
{
    for (guint i = 0; i < phases->findings->len; i++)
        if (strstr(phases->findings->pdata[i], says))
            return TRUE;
    return FALSE;
}

/* The phases as found in another order: what the command line's override makes of it. */
static void test_order(void)
{
    static const guint chosen[] = {1, 0, 2};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {0};
    find(&found, fill);
    g_autoptr(DkmStudies) mine =
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 3, &error);
    g_assert_no_error(error);
    const DkmPhaseOverride override = {.order = chosen, .n_order = 3};
    g_autoptr(DkmStudies) theirs = dkm_studies_override(found.studies, NULL, &override, &error);
    g_assert_no_error(error);
    const DkmPhases *a = phases_of(mine), *b = phases_of(theirs);
    g_assert_cmpstr(a->order_given, ==, "2,1,3");
    g_assert_cmpstr(a->order_given, ==, b->order_given);
    g_assert_cmpstr(a->contradiction, ==, b->contradiction);
    g_assert_cmpuint(a->phases[0].frames[0], ==, frames_find(found.table, 1, 0));
    for (guint p = 0; p < 3; p++)
        g_assert_cmpmem(a->phases[p].frames, SLICES * sizeof(guint), b->phases[p].frames,
                        SLICES * sizeof(guint));
    g_assert_null(phases_of(found.studies)->order_given);
}

/* A phase that the rules took is set aside, a series that they set aside is a phase. */
static void test_other_set(void)
{
    static const guint chosen[] = {0, 1, DERIVED};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {0};
    find(&found, fill);
    g_autoptr(DkmStudies) mine =
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 3, &error);
    g_assert_no_error(error);
    const DkmPhases *phases = phases_of(mine);
    g_assert_cmpuint(phases->n_phases, ==, 3);
    g_assert_cmpstr(phases->order_given, ==, "1,2,4");
    g_assert_cmpstr(phases->clock, ==, "ContentTime");
    g_assert_cmpfloat(phases->phases[2].t_seconds, ==, 450);
    for (int z = 0; z < SLICES; z++)
        g_assert_cmpuint(phases->phases[2].frames[z], ==, frames_find(found.table, DERIVED, z));
    g_assert_true(has_finding(phases, "chosen by a person: 1,2,4"));
    g_assert_null(phases->contradiction);
    /* Each file is used, or a note says why it is not. */
    g_assert_cmpuint(mine->used->len, ==, 3 * SLICES);
    g_assert_cmpuint(mine->notes->len, ==, 3 * SLICES);
    guint aside = 0;
    for (guint i = 0; i < mine->notes->len; i++)
        aside += g_strcmp0(g_array_index(mine->notes, DkmFileNote, i).reason,
                           "set aside by a person") == 0;
    g_assert_cmpuint(aside, ==, SLICES);
}

static void test_against_the_clock(void)
{
    static const guint chosen[] = {DERIVED, 0};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {0};
    find(&found, fill);
    g_autoptr(DkmStudies) mine =
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 2, &error);
    g_assert_no_error(error);
    const DkmPhases *phases = phases_of(mine);
    g_assert_null(phases->clock);
    g_assert_nonnull(phases->contradiction);
    g_assert_nonnull(strstr(phases->contradiction, "(4,1) contradicts ContentTime"));
    g_assert_nonnull(strstr(phases->contradiction, "0, -450 s"));
    g_assert_true(isnan(phases->phases[1].t_seconds));
}

static void test_single(void)
{
    static const guint chosen[] = {1};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {0};
    find(&found, fill);
    g_autoptr(DkmStudies) mine =
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(phases_of(mine)->n_phases, ==, 1);
    g_assert_null(phases_of(mine)->contradiction);
    g_assert_cmpuint(phases_of(mine)->phases[0].frames[0], ==, frames_find(found.table, 1, 0));
}

static void test_refused(void)
{
    static const struct {
        guint chosen[3], n;
        int code;
        const char *says;
    } refused[] = {
        {{0}, 0, DKM_ERROR_USAGE, "no pre-contrast phase"},
        {{0, 1, 1}, 3, DKM_ERROR_USAGE, "phase 3"},
        {{0, 99}, 2, DKM_ERROR_USAGE, "phase 2"},
        {{0, OTHER_KIND}, 2, DKM_ERROR_USAGE, "series 9 cannot be phase 2"},
        {{0, 1, ELSEWHERE}, 3, DKM_ERROR_GEOMETRY, "phase 1 has no image of slice 2 of 8"},
    };
    g_auto(Found) found = {0};
    find(&found, fill);
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dkm_phase_candidates_choose(found.studies, found.study, found.list,
                                                  refused[i].chosen, refused[i].n, &error));
        g_assert_error(error, DKM_ERROR, refused[i].code);
        assert_says(error->message, refused[i].says);
    }
}

/* Larger pixels: the core's own words. */
static gboolean fill_coarse(DkmFrame *f, int p, int z)
{
    const gboolean is_there = fill(f, p, z);
    if (p == DERIVED)
        f->spacing_mm[0] = f->spacing_mm[1] = 1.4;
    return is_there;
}

static void test_other_lattice(void)
{
    static const guint chosen[] = {0, DERIVED};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {0};
    find(&found, fill_coarse);
    g_assert_null(
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 2, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_nonnull(strstr(error->message, "mixed geometry"));
    g_assert_true(isnan(at(&found, DERIVED)->t_seconds));
}

/* All calls itself derived: the rules find nothing, a person what there is. */
static gboolean fill_derived(DkmFrame *f, int p, int z)
{
    const gboolean is_there = fill(f, p, z);
    f->image_type = "DERIVED\\PRIMARY";
    return is_there;
}

static void test_nothing_found(void)
{
    static const guint chosen[] = {0, 1, 2};
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {.table = frames_new(VOLUMES, SLICES, fill_derived)};
    found.studies = dkm_studies_new(found.table);
    found.study = g_ptr_array_index(found.studies->studies, 0);
    g_assert_null(found.study->dce);
    g_assert_nonnull(found.study->dce_problem);
    found.list = dkm_phase_candidates_new(found.studies, found.study);
    g_assert_cmpuint(found.list->len, ==, VOLUMES);
    g_assert_false(at(&found, 0)->is_found);
    g_assert_true(isnan(at(&found, 0)->t_seconds));
    g_autoptr(DkmStudies) mine =
        dkm_phase_candidates_choose(found.studies, found.study, found.list, chosen, 3, &error);
    g_assert_no_error(error);
    const DkmPhases *phases = phases_of(mine);
    g_assert_cmpuint(phases->n_phases, ==, 3);
    g_assert_cmpfloat(phases->phases[2].t_seconds, ==, 300);
    g_assert_cmpstr(phases->order_given, ==, "1,2,3");
    g_assert_true(has_finding(phases, "the rules found none"));
    g_assert_null(((const DkmStudy *)g_ptr_array_index(mine->studies, 0))->dce_problem);
    g_assert_cmpuint(mine->used->len, ==, 3 * SLICES);
}

static gboolean fill_two_patients(DkmFrame *f, int p, int z)
{
    const gboolean is_there = fill(f, p, z);
    f->patient_id = p == 1 ? "B" : "A";
    return is_there;
}

/* A person's word does not make them one. */
static void test_two_patients(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(Found) found = {.table = frames_new(VOLUMES, SLICES, fill_two_patients)};
    found.studies = dkm_studies_new(found.table);
    found.study = g_ptr_array_index(found.studies->studies, 0);
    g_assert_null(found.study->dce);
    found.list = dkm_phase_candidates_new(found.studies, found.study);
    for (guint i = 0; i < found.list->len; i++) {
        g_clear_error(&error);
        g_assert_null(
            dkm_phase_candidates_choose(found.studies, found.study, found.list, &i, 1, &error));
        g_assert_nonnull(error);
    }
}

static gboolean fill_incomplete(DkmFrame *f, int p, int z)
{
    return fill(f, p, z) && (p != 1 || z != 2);
}

static void test_incomplete(void)
{
    g_auto(Found) found = {0};
    find(&found, fill_incomplete);
    guint n_incomplete = 0;
    for (guint i = 0; i < found.list->len; i++)
        if (at(&found, i)->problem && strstr(at(&found, i)->problem, "lacks slice 3 of 4"))
            n_incomplete++;
    g_assert_cmpuint(n_incomplete, ==, 1);
    g_assert_cmpuint(found.list->len, ==, VOLUMES);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/phase-choice/list", test_list);
    g_test_add_func("/phase-choice/names", test_names);
    g_test_add_func("/phase-choice/order", test_order);
    g_test_add_func("/phase-choice/other-set", test_other_set);
    g_test_add_func("/phase-choice/against-the-clock", test_against_the_clock);
    g_test_add_func("/phase-choice/single", test_single);
    g_test_add_func("/phase-choice/refused", test_refused);
    g_test_add_func("/phase-choice/other-lattice", test_other_lattice);
    g_test_add_func("/phase-choice/nothing-found", test_nothing_found);
    g_test_add_func("/phase-choice/two-patients", test_two_patients);
    g_test_add_func("/phase-choice/incomplete", test_incomplete);
    return g_test_run();
}
