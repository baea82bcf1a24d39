/* What is computed from the images and from what the network predicts: their windows. */
#include "gui/reading-private.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

static void wait_until_idle(DkmReading *reading)
{
    int permille = 0;
    while (dkm_reading_is_loading(reading, &permille) || reading->fitting)
        g_main_context_iteration(NULL, TRUE);
}

/* A ramp from LOW to HIGH, as a network might predict one. */
static DkmVolume *ramp(const DkmGrid *grid, gint16 low, gint16 high)
{
    const gsize n = dkm_grid_voxels(grid);
    gint16 *samples = g_new(gint16, n);
    for (gsize i = 0; i < n; i++)
        samples[i] = (gint16)(low + (high - low) * (double)i / (double)(n - 1));
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

static DkmResult *new_result(const DkmGrid *grid)
{
    DkmResult *result = g_new0(DkmResult, 1);
    g_atomic_ref_count_init(&result->refs);
    result->grid = *grid;
    result->mask = dkm_mask_new(grid, NULL);
    result->probability = g_malloc0(dkm_grid_voxels(grid));
    result->kinetic = g_malloc0(dkm_grid_voxels(grid));
    result->phases_used = "pre-contrast";
    result->n_predicted = 2;
    result->predicted[0] = ramp(grid, 0, 3000);
    result->predicted[1] = ramp(grid, 1000, 9000);
    return result;
}

/* Brighter by far than the pre-contrast phase: in that one's window it would be white. */
static void predicted_phases_have_their_window(void)
{
    char *study = study_path_pre_only();
    g_autoptr(DkmReading) reading = dkm_reading_new();
    dkm_reading_open(reading, study);
    wait_until_idle(reading);
    DkmReviewCase *on = dkm_reading_case(reading);
    g_assert_nonnull(on);
    const DkmWindowLevel phases = dkm_reading_look(reading)->window;
    const DkmPaneSpec spec = {.image = DKM_IMAGE_PREDICTED, .phase = 1};
    DkmLook look = *dkm_reading_look(reading);
    const DkmWindowLevel *window = dkm_look_window(&look, dkm_pane_group(&spec));
    g_assert_cmpfloat(window->width, ==, phases.width); /* nothing is predicted yet */

    g_autoptr(DkmResult) result = new_result(dkm_review_case_grid(on));
    g_assert_true(dkm_review_case_set_result(on, result, NULL));
    dkm_reading_changed(reading, DKM_CHANGED_RESULT);
    wait_until_idle(reading);
    look = *dkm_reading_look(reading);
    const double low = window->centre - window->width / 2,
                 high = window->centre + window->width / 2;
    g_assert_cmpfloat_with_epsilon(low, 30, 20);
    g_assert_cmpfloat_with_epsilon(high, 8984, 20);
    g_assert_cmpfloat(look.window.width, ==, phases.width);

    look.predicted_window.width = 12; /* a person's, and back */
    dkm_reading_set_look(reading, &look);
    dkm_reading_reset_look(reading);
    g_assert_cmpfloat_with_epsilon(dkm_reading_look(reading)->predicted_window.width, high - low,
                                   1e-9);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

int main(int argc, char **argv)
{
    char *state = state_new();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reading-derive/predicted-window", predicted_phases_have_their_window);
    const int status = g_test_run();
    state_free(state);
    return status;
}
