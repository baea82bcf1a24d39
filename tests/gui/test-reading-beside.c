/* What hangs beside the study: loaded when asked for, linked, never the study itself. */
#include "core/series/beside.h"
#include "gui/beside.h"
#include "gui/hanging.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#include <math.h>

#define PATIENCE_US (120 * G_TIME_SPAN_SECOND)

static void wait_while(gboolean (*busy)(DkmReading *), DkmReading *reading)
{
    const gint64 end = g_get_monotonic_time() + PATIENCE_US;
    while (g_get_monotonic_time() < end && busy(reading))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(busy(reading));
}

static gboolean is_loading(DkmReading *reading)
{
    int permille;
    return dkm_reading_is_loading(reading, &permille);
}

static gboolean is_loading_beside(DkmReading *reading)
{
    return dkm_reading_is_loading_beside(reading, DKM_BESIDE_PRIOR) ||
           dkm_reading_is_loading_beside(reading, DKM_BESIDE_OTHER);
}

static void take_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_test_message("said: %s", text);
    ++*(guint *)user;
}

static guint n_messages;

static DkmReading *open_study(const char *study)
{
    DkmReading *reading = dkm_reading_new();
    n_messages = 0;
    g_signal_connect(reading, "message", G_CALLBACK(take_message), &n_messages);
    dkm_reading_open(reading, study);
    wait_while(is_loading, reading);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static void close_study(DkmReading *reading, char *study)
{
    dkm_reading_discard_kept(reading);
    g_object_unref(reading);
    study_path_free(study);
}

static void the_earlier_study_comes_when_asked_for(void)
{
    char *study = study_path_followed();
    g_autoptr(DkmReading) reading = g_object_ref(open_study(study));
    const DkmReviewCase *on = dkm_reading_case(reading);
    g_assert_cmpstr(on->study_date, ==, "2001-02-03"); /* the later one is read */
    g_assert_null(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on);
    dkm_reading_load_prior(reading);
    g_assert_nonnull(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on); /* its words at once */
    wait_while(is_loading_beside, reading);
    const DkmScene scene = dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR);
    g_assert_cmpstr(scene.on->study_date, ==, "2000-01-01");
    g_assert_cmpstr(scene.on->patient_id, ==, on->patient_id);
    g_assert_nonnull(dkm_review_case_phase(scene.on, 0));
    g_assert_nonnull(dkm_review_case_phase(scene.on, scene.on->early));
    g_assert_nonnull(dkm_review_case_phase(scene.on, scene.on->late));
    g_assert_false(scene.link->by_position);
    g_assert_cmpuint(dkm_review_phase_like(on, 0, scene.on), ==, 0);
    g_assert_cmpuint(dkm_review_phase_like(on, on->early, scene.on), ==, scene.on->early);
    g_assert_cmpuint(dkm_review_phase_like(on, on->late, scene.on), ==, scene.on->late);
    g_assert_cmpuint(dkm_layers_count(scene.on->layers), ==, 1); /* its mask, */
    g_assert_cmpuint(dkm_layers_count(on->layers), ==, 0);       /* and not ours */
    g_assert_false(dkm_reading_is_unsaved(reading));
    g_assert_cmpfloat(dkm_reading_look(reading)->prior_sub_window.width, >, 50);
    g_assert_cmpuint(n_messages, ==, 0);
    close_study(reading, study);
}

static void both_hang_side_by_side(void)
{
    char *study = study_path_followed(), *alone = study_path_small();
    g_autoptr(DkmReading) reading = g_object_ref(open_study(study));
    const DkmReviewCase *on = dkm_reading_case(reading);
    DkmHanging hanging;
    g_assert_true(dkm_hanging_stage(on, DKM_STAGE_PRIOR, &hanging, NULL));
    g_assert_cmpuint(hanging.n, ==, 4);
    for (guint i = 0; i < hanging.n; i++) {
        const DkmPaneSpec *now = &hanging.panes[i & ~1u], *at = &hanging.panes[i];
        g_assert_cmpint(at->beside, ==, i % 2 ? DKM_BESIDE_PRIOR : DKM_BESIDE_NONE);
        g_assert_cmpint(at->image, ==, now->image);
        g_assert_cmpint(at->cut, ==, DKM_CUT_SAGITTAL);
        g_assert_true(at->shows_date);
    }
    dkm_reading_open(reading, alone); /* nothing of the last study hangs beside the next one */
    g_assert_null(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on);
    wait_while(is_loading, reading);
    const char *why = NULL;
    g_assert_false(dkm_hanging_stage(dkm_reading_case(reading), DKM_STAGE_PRIOR, &hanging, &why));
    g_assert_nonnull(why);
    study_path_free(alone);
    close_study(reading, study);
}

static void a_switch_drops_what_hangs_beside(void)
{
    char *study = study_path_followed(), *alone = study_path_small();
    g_autoptr(DkmReading) reading = g_object_ref(open_study(study));
    dkm_reading_load_prior(reading);
    dkm_reading_open(reading, alone); /* while it is on its way */
    g_assert_null(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on);
    g_assert_false(is_loading_beside(reading));
    wait_while(is_loading, reading);
    g_assert_null(dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR).on);
    study_path_free(alone);
    close_study(reading, study);
}

static void another_series_is_linked_by_position(void)
{
    char *study = study_path_followed();
    g_autoptr(DkmReading) reading = g_object_ref(open_study(study));
    g_autoptr(GPtrArray) others = dkm_reading_others(reading);
    g_assert_cmpuint(others->len, ==, 1);
    dkm_reading_show_other(reading, others->pdata[0]);
    wait_while(is_loading_beside, reading);
    g_assert_cmpuint(n_messages, ==, 0);
    g_assert_true(dkm_reading_other(reading) == others->pdata[0]);
    DkmLook look = *dkm_reading_look(reading);
    look.slice = 12;
    look.row = 60;
    look.column = 40;
    dkm_reading_set_look(reading, &look);
    const DkmScene scene = dkm_reading_scene_of(reading, DKM_BESIDE_OTHER);
    g_assert_true(scene.link->by_position);
    g_assert_cmpint(scene.look->slice, ==, 6); /* twice as thick */
    g_assert_cmpint(scene.look->row, ==, 30);
    g_assert_cmpint(scene.look->column, ==, 20);
    const DkmPaneSpec spec = {.beside = DKM_BESIDE_OTHER, .cut = DKM_CUT_SAGITTAL};
    const DkmVolume *pre, *volume = dkm_pane_volume(&spec, &scene, &pre);
    g_assert_nonnull(volume);
    g_assert_cmpfloat(dkm_volume_value(volume, 6, 30, 20), ==, 300);
    /* Its own window; never a phase of the study. */
    g_assert_cmpint(dkm_pane_group(&spec), ==, DKM_GROUP_OTHER);
    g_assert_cmpuint(dkm_review_case_n_phases(dkm_reading_case(reading)), ==, 3);
    dkm_reading_show_other(reading, NULL);
    g_assert_null(dkm_reading_scene_of(reading, DKM_BESIDE_OTHER).on);
    close_study(reading, study);
}

/* Where the other lattice ends, nothing is shown: not its last slice again. */
static void outside_the_other_stack_is_no_picture(void)
{
    DkmGrid here = {
        .n = {40, 8, 8}, .spacing_mm = {1, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    DkmGrid there = here;
    there.n[0] = 10;
    there.origin_lps[2] = 20;
    const DkmLink link = dkm_link_new(&here, "1", &there, "1");
    guint outside;
    DkmLook look = {.slice = 25, .row = 4, .column = 4, .aim = {2, 3, 4}, .centre_slice = 30};
    DkmLook out = dkm_look_linked(&look, &link, &outside);
    g_assert_cmpint(out.slice, ==, 5);
    g_assert_cmpuint(outside, ==, 0);
    g_assert_cmpfloat(out.centre_slice, ==, 10);
    g_assert_cmpfloat(out.aim.zoom, ==, 2);
    look.slice = 19;
    out = dkm_look_linked(&look, &link, &outside);
    g_assert_cmpint(out.slice, ==, 0);
    g_assert_cmpuint(outside, ==, 1);
    look.slice = 39;
    out = dkm_look_linked(&look, &link, &outside);
    g_assert_cmpuint(outside, ==, 1);
}

/* A millimetre is as long here as there, and the same place is in the middle. */
static void both_have_one_scale(void)
{
    char *study = study_path_followed();
    g_autoptr(DkmReading) reading = g_object_ref(open_study(study));
    g_autoptr(GPtrArray) others = dkm_reading_others(reading);
    dkm_reading_show_other(reading, others->pdata[0]);
    wait_while(is_loading_beside, reading);
    DkmLook look = *dkm_reading_look(reading);
    look.aim = (DkmAim){3, 50, 70};
    dkm_reading_set_look(reading, &look);
    const DkmPaneSpec own = {.cut = DKM_CUT_SAGITTAL},
                      other = {.beside = DKM_BESIDE_OTHER, .cut = DKM_CUT_SAGITTAL};
    const DkmScene a = dkm_reading_scene(reading),
                   b = dkm_reading_scene_of(reading, DKM_BESIDE_OTHER);
    const DkmViewport va = dkm_pane_viewport(&own, &a, 700, 500),
                      vb = dkm_pane_viewport(&other, &b, 700, 500);
    g_assert_cmpfloat_with_epsilon(va.column_step, 2 * vb.column_step, 1e-9);
    double column[2], row[2];
    dkm_viewport_to_voxel(&va, 100, 50, &column[0], &row[0]);
    dkm_viewport_to_voxel(&vb, 100, 50, &column[1], &row[1]);
    g_assert_cmpfloat_with_epsilon(column[0], 2 * column[1], 1e-6);
    g_assert_cmpfloat_with_epsilon(row[0], 2 * row[1], 1e-6);
    close_study(reading, study);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    g_test_add_func("/reading-beside/the-earlier-study-comes-when-asked-for",
                    the_earlier_study_comes_when_asked_for);
    g_test_add_func("/reading-beside/both-hang-side-by-side", both_hang_side_by_side);
    g_test_add_func("/reading-beside/a-switch-drops-what-hangs-beside",
                    a_switch_drops_what_hangs_beside);
    g_test_add_func("/reading-beside/another-series-is-linked-by-position",
                    another_series_is_linked_by_position);
    g_test_add_func("/reading-beside/outside-the-other-stack-is-no-picture",
                    outside_the_other_stack_is_no_picture);
    g_test_add_func("/reading-beside/both-have-one-scale", both_have_one_scale);
    const int failed = g_test_run();
    state_free(state);
    return failed;
}
