#include "gui/reading.h"

#include "tests/gui/state.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"

static char *study, *last_message;
static guint last_kind;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
    last_kind = kind;
}

static DkmReading *open_study(void)
{
    int permille;
    DkmReading *reading = dkm_reading_new();
    g_clear_pointer(&last_message, g_free);
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    dkm_reading_open(reading, study);
    while (dkm_reading_is_loading(reading, &permille))
        g_main_context_iteration(NULL, TRUE);
    return reading;
}

static void close_study(DkmReading *reading)
{
    dkm_reading_discard_kept(reading);
    g_object_unref(reading);
}

static DkmLayers *layers_of(DkmReading *reading)
{
    return dkm_reading_case(reading)->layers;
}

static void begin_stroke(DkmReading *reading, guint layer)
{
    const DkmBrush brush = {6, DKM_BRUSH_BALL, FALSE};
    dkm_layers_stroke_begin(layers_of(reading), layer, &brush, (double[]){5, 60, 60}, NULL);
    dkm_reading_layers_changed(reading);
}

static void end_stroke(DkmReading *reading)
{
    dkm_layers_stroke_end(layers_of(reading));
    dkm_reading_layers_changed(reading);
}

static void wait_for_run(DkmReading *reading)
{
    int permille;
    double seconds;
    while (dkm_reading_is_running(reading, &permille, &seconds))
        g_main_context_iteration(NULL, TRUE);
}

/* To a place that no mask's middle is at. */
static DkmLook go_elsewhere(DkmReading *reading)
{
    DkmLook look = *dkm_reading_look(reading);
    look.slice = 1;
    look.row = look.column = 2;
    dkm_reading_set_look(reading, &look);
    return look;
}

static void assert_same_place(DkmReading *reading, const DkmLook *before)
{
    const DkmLook *now = dkm_reading_look(reading);
    g_assert_cmpint(now->slice, ==, before->slice);
    g_assert_cmpint(now->row, ==, before->row);
    g_assert_cmpint(now->column, ==, before->column);
    g_assert_cmpint(now->map, ==, before->map);
}

static void assert_ready_is_said(DkmReading *reading)
{
    g_assert_cmpuint(last_kind, ==, DKM_MESSAGE_RESULT);
    g_assert_cmpstr(last_message, ==, "Network, pre-contrast is ready.");
    dkm_reading_show_result(reading);
    const DkmLook *look = dkm_reading_look(reading);
    g_assert_cmpuint(look->layer, ==, dkm_reading_case(reading)->result_layer);
    g_assert_cmpint(look->map, ==, DKM_MAP_VIEW_CODE);
    g_assert_cmpint(look->column, !=, 2);
}

static void first_mask_is_shown(void)
{
    DkmReading *reading = open_study();
    dkm_reading_run(reading);
    wait_for_run(reading);
    const DkmLook *look = dkm_reading_look(reading);
    g_assert_cmpuint(look->layer, ==, dkm_reading_case(reading)->result_layer);
    g_assert_cmpuint(look->layer, >, 0);
    g_assert_cmpint(look->map, ==, DKM_MAP_VIEW_CODE);
    g_assert_null(last_message);
    close_study(reading);
}

/* Selected, as there is no other; the slice is the person's. */
static void moved_meanwhile(void)
{
    DkmReading *reading = open_study();
    dkm_reading_run(reading);
    const DkmLook before = go_elsewhere(reading);
    wait_for_run(reading);
    assert_same_place(reading, &before);
    g_assert_cmpuint(dkm_reading_look(reading)->layer, ==, dkm_reading_case(reading)->result_layer);
    assert_ready_is_said(reading);
    close_study(reading);
}

/* The next stroke goes where the last one went. */
static void selected_mask_stays(void)
{
    DkmReading *reading = open_study();
    begin_stroke(reading, 0);
    end_stroke(reading);
    const DkmLook before = go_elsewhere(reading);
    g_assert_cmpuint(before.layer, >, 0);
    dkm_reading_run(reading);
    wait_for_run(reading);
    assert_same_place(reading, &before);
    g_assert_cmpuint(dkm_reading_look(reading)->layer, ==, before.layer);
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 2);
    dkm_reading_undo(reading); /* the run was one step */
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 1);
    dkm_reading_redo(reading);
    assert_ready_is_said(reading);
    close_study(reading);
}

/* A brush taken up since the run began is about to paint a first lesion. */
static void brush_taken_up_meanwhile(void)
{
    DkmReading *reading = open_study();
    dkm_reading_run(reading);
    DkmLook look = *dkm_reading_look(reading);
    look.armed = DKM_ARMED_BRUSH;
    dkm_reading_set_look(reading, &look);
    wait_for_run(reading);
    g_assert_cmpuint(dkm_reading_look(reading)->layer, ==, 0);
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 1);
    close_study(reading);
}

/* The layer comes when the stroke has ended, and the stroke stays whole. */
static void stroke_goes_on(gboolean is_cancelled)
{
    DkmReading *reading = open_study();
    DkmLayers *layers = layers_of(reading);
    dkm_reading_run(reading);
    begin_stroke(reading, 0);
    wait_for_run(reading);
    g_assert_true(dkm_layers_is_stroking(layers));
    g_assert_cmpuint(dkm_layers_count(layers), ==, 1);
    dkm_reading_run(reading); /* not before the last one's mask is there */
    dkm_layers_stroke_to(layers, (double[]){5, 60, 75});
    dkm_reading_layers_changed(reading);
    const DkmLook before = *dkm_reading_look(reading);
    if (is_cancelled)
        dkm_layers_stroke_cancel(layers);
    end_stroke(reading);
    wait_for_run(reading);
    g_assert_cmpuint(dkm_layers_count(layers), ==, is_cancelled ? 1 : 2);
    g_assert_cmpuint(dkm_reading_case(reading)->result_layer, ==, is_cancelled ? 1 : 2);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, before.slice);
    if (!is_cancelled) {
        g_assert_cmpuint(dkm_reading_look(reading)->layer, ==, before.layer);
        dkm_reading_undo(reading);
        dkm_reading_undo(reading); /* the stroke is one step */
        g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    }
    close_study(reading);
}

static void stroke_ends_first(void)
{
    stroke_goes_on(FALSE);
    stroke_goes_on(TRUE);
}

/* It waits for the end of a stroke, and another study is opened: it never arrives. */
static void waits_for_nobody(void)
{
    DkmReading *reading = open_study();
    dkm_reading_run(reading);
    begin_stroke(reading, 0);
    wait_for_run(reading);
    dkm_reading_open(reading, study);
    int permille;
    while (dkm_reading_is_loading(reading, &permille))
        g_main_context_iteration(NULL, TRUE);
    dkm_reading_layers_changed(reading);
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 0);
    dkm_reading_show_result(reading); /* there is none */
    close_study(reading);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    study = study_path_small();
    random_model_start();
    g_test_add_func("/reading-result/first-mask-is-shown", first_mask_is_shown);
    g_test_add_func("/reading-result/moved-meanwhile", moved_meanwhile);
    g_test_add_func("/reading-result/selected-mask-stays", selected_mask_stays);
    g_test_add_func("/reading-result/brush-taken-up-meanwhile", brush_taken_up_meanwhile);
    g_test_add_func("/reading-result/stroke-ends-first", stroke_ends_first);
    g_test_add_func("/reading-result/waits-for-nobody", waits_for_nobody);
    const int failed = g_test_run();
    random_model_stop();
    study_path_free(study);
    state_free(state);
    return failed;
}
