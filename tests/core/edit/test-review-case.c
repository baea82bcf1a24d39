#include "core/edit/review-case.h"
#include "core/error.h"
#include "tests/support/dce-table.h"

static DkmReviewCase *new_case(int phases, const char *name, const char *date)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) studies = dce_studies(6, phases, name, date);
    const DkmStudy *study = dkm_studies_only_dce(studies, &error);
    g_assert_no_error(error);
    return dkm_review_case_new(studies, study);
}

static void says_who_it_is(void)
{
    const struct {
        const char *dicom_name, *dicom_date, *name, *date;
    } rows[] = {
        {"Doe^Jane", "20010228", "Doe, Jane", "2001-02-28"},
        {"Doe^Jane^Mary^Dr", "20010228", "Doe, Jane Mary", "2001-02-28"},
        {"Doe", NULL, "Doe", "(no date)"},
        {"Yamada^Tarou=\xe5\xb1\xb1=x", "1999", "Yamada, Tarou", "1999"},
        {NULL, "", "(no name)", "(no date)"},
        {"^^", "20010228", "(no name)", "2001-02-28"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DkmReviewCase) on = new_case(3, rows[i].dicom_name, rows[i].dicom_date);
        g_assert_cmpstr(on->patient_name, ==, rows[i].name);
        g_assert_cmpstr(on->study_date, ==, rows[i].date);
        g_assert_cmpstr(on->patient_id, ==, "(no ID)");
    }
}

static void names_its_phases(void)
{
    const struct {
        int phases;
        const char *names[3];
    } rows[] = {{1, {"Pre-contrast"}},
                {2, {"Pre-contrast", "Post-contrast"}},
                {3, {"Pre-contrast", "Early", "Late"}}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        /* 100 s apart: with three phases the early one is 0 s, the late one 100 s after injection
         */
        g_autoptr(DkmReviewCase) on = new_case(rows[i].phases, "A^B", "20010101");
        g_assert_cmpuint(dkm_review_case_n_phases(on), ==, (guint)rows[i].phases);
        for (int k = 0; k < rows[i].phases; k++) {
            g_autofree char *name = dkm_review_case_phase_name(on, (guint)k);
            g_assert_cmpstr(name, ==, rows[i].names[k]);
        }
        g_assert_cmpuint(on->early, <=, on->late);
        g_assert_cmpint(on->early > 0, ==, rows[i].phases > 1);
    }
}

static void refuses_another_lattice(void)
{
    g_autoptr(DkmReviewCase) on = new_case(2, "A^B", "20010101");
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) right = dce_volume(dkm_review_case_grid(on), 7);
    g_assert_true(dkm_review_case_set_phase(on, 1, right, &error));
    g_assert_true(dkm_review_case_phase(on, 1) == right);
    g_assert_null(dkm_review_case_phase(on, 0));
    g_assert_null(dkm_review_case_phase(on, 2));

    DkmGrid moved = *dkm_review_case_grid(on);
    moved.origin_lps[2] += 1;
    g_autoptr(DkmVolume) wrong = dce_volume(&moved, 7);
    g_assert_false(dkm_review_case_set_phase(on, 0, wrong, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_null(dkm_review_case_phase(on, 0));
}

static DkmResult *new_result(const DkmGrid *grid)
{
    DkmResult *result = g_new0(DkmResult, 1);
    g_atomic_ref_count_init(&result->refs);
    result->grid = *grid;
    result->mask = dkm_mask_new(grid, NULL);
    dkm_mask_slice(result->mask, 2)[100] = 1;
    return result;
}

/* A second run is a new layer beside the first and beside what a person drew. */
static void result_is_a_layer(void)
{
    g_autoptr(DkmReviewCase) on = new_case(2, "A^B", "20010101");
    g_autoptr(GError) error = NULL;
    dkm_layers_add(on->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error);
    for (guint run = 1; run <= 2; run++) {
        g_autoptr(DkmResult) result = new_result(dkm_review_case_grid(on));
        g_assert_true(dkm_review_case_set_result(on, result, &error));
        g_assert_true(on->result == result);
        g_assert_cmpuint(dkm_layers_count(on->layers), ==, 1 + run);
        g_assert_cmpuint(dkm_layers_find(on->layers, on->result_layer)->voxels, ==, 1);
    }
    g_assert_true(dkm_layers_undo(on->layers, &error));
    g_assert_cmpuint(dkm_layers_count(on->layers), ==, 2);

    DkmGrid moved = *dkm_review_case_grid(on);
    moved.spacing_mm[1] *= 2;
    g_autoptr(DkmResult) foreign = new_result(&moved);
    g_assert_false(dkm_review_case_set_result(on, foreign, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

static void result_in_a_box(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmReviewCase) on = new_case(2, "A^B", "20010101");
    const DkmGrid *grid = dkm_review_case_grid(on);
    g_autoptr(DkmResult) result = new_result(grid); /* one voxel, in slice 2 */
    const DkmBox with = {{1, 0, 0}, {3, grid->n[1], grid->n[2]}};
    const DkmBox without = {{0, 0, 0}, {2, grid->n[1], grid->n[2]}};
    const DkmBox outside = {{0, 0, 0}, {99, 1, 1}};
    g_assert_true(dkm_review_case_set_result_in_box(on, result, &with, &error));
    g_assert_cmpuint(dkm_layers_find(on->layers, on->result_layer)->voxels, ==, 1);
    g_assert_true(dkm_review_case_set_result_in_box(on, result, &without, &error));
    g_assert_cmpuint(dkm_layers_find(on->layers, on->result_layer)->voxels, ==, 0);
    g_assert_cmpuint(dkm_mask_count(result->mask), ==, 1); /* the result itself stays whole */
    g_assert_false(dkm_review_case_set_result_in_box(on, result, &outside, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_cmpuint(dkm_layers_count(on->layers), ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/review-case/says-who-it-is", says_who_it_is);
    g_test_add_func("/review-case/names-its-phases", names_its_phases);
    g_test_add_func("/review-case/refuses-another-lattice", refuses_another_lattice);
    g_test_add_func("/review-case/result-is-a-layer", result_is_a_layer);
    g_test_add_func("/review-case/result-in-a-box", result_in_a_box);
    return g_test_run();
}
