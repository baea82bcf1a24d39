#include "gui/reading.h"

#include "dicom/dicom.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

enum { PAGE = 4096, A_STUDY = 3 * 20 * 112 * 112 * 2 }; /* bytes: a small study's voxels */

static char *last_message;
static guint changed;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    int permille;
    changed |= what;
    if (what & DKM_CHANGED_DERIVED) /* what is computed leaves the cores to the loading */
        g_assert_false(dkm_reading_is_loading(reading, &permille));
    const DkmReviewCase *on = dkm_reading_case(reading);
    if (on && dkm_review_case_phase(on, 0)) /* a window of nothing shows white noise */
        g_assert_cmpfloat(dkm_reading_look(reading)->sub_window.width, >, 1);
}

static DkmReading *new_reading(void)
{
    DkmReading *reading = dkm_reading_new();
    g_clear_pointer(&last_message, g_free);
    changed = 0;
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    g_signal_connect(reading, "changed", G_CALLBACK(on_changed), NULL);
    return reading;
}

static void run_loop(int ms)
{
    const gint64 end = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;
    do
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(500);
    while (g_get_monotonic_time() < end);
}

static void wait_until_idle(DkmReading *reading)
{
    int permille = 0;
    while (dkm_reading_is_loading(reading, &permille) || dkm_reading_is_exporting(reading)) {
        g_assert_cmpint(permille, >=, 0);
        g_assert_cmpint(permille, <=, 1000);
        run_loop(2);
    }
}

static void nothing_to_do(void)
{
    g_autoptr(DkmReading) reading = new_reading();
    dkm_reading_undo(reading);
    dkm_reading_redo(reading);
    dkm_reading_run(reading);
    dkm_reading_cancel_run(reading);
    dkm_reading_cancel_open(reading);
    dkm_reading_remove_layer(reading);
    dkm_reading_export(reading, "nowhere");
    g_assert_null(dkm_reading_case(reading));
    g_assert_false(dkm_reading_is_unsaved(reading));
    g_assert_null(last_message);
}

static void no_such_study(void)
{
    g_autoptr(DkmReading) reading = new_reading();
    dkm_reading_open(reading, "/nowhere/at/all");
    wait_until_idle(reading);
    g_assert_null(dkm_reading_case(reading));
    g_assert_nonnull(last_message);
}

static gboolean has_map(DkmReading *reading, DkmMapView map)
{
    const DkmScene scene = dkm_reading_scene(reading);
    const DkmMapSource maps = dkm_scene_maps(&scene);
    return dkm_map_is_available(&maps, map);
}

static void opens(void)
{
    char *path = study_path();
    g_autoptr(DkmReading) reading = new_reading();
    dkm_reading_open(reading, path);
    wait_until_idle(reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    g_assert_nonnull(on);
    g_assert_cmpuint(dkm_review_case_n_phases(on), >=, 3);
    for (guint i = 0; i < dkm_review_case_n_phases(on); i++)
        g_assert_nonnull(dkm_review_case_phase(on, i));
    g_assert_cmpuint(on->early, ==, 1);
    g_assert_cmpuint(on->late, ==, 2);
    g_assert_cmpuint(changed & DKM_CHANGED_PHASES, !=, 0);
    g_assert_true(has_map(reading, DKM_MAP_VIEW_PE));
    g_assert_false(has_map(reading, DKM_MAP_VIEW_CODE));
    const DkmWindowLevel *window = &dkm_reading_look(reading)->window;
    g_assert_cmpfloat(window->width, >, 1);
    g_assert_cmpfloat_with_epsilon(window->centre, window->width / 2, window->width / 4);
    g_assert_cmpfloat(dkm_reading_look(reading)->sub_window.width, >, window->width / 10);
    g_assert_false(dkm_reading_is_unsaved(reading));
    for (int i = 0;
         i < 3000 && !(dkm_reading_scene(reading).mip && dkm_reading_scene(reading).enhancing); i++)
        run_loop(10);
    g_assert_cmpint(dkm_volume_grid(dkm_reading_scene(reading).mip)->n[0], ==, DKM_ANGLES);
    g_assert_cmpuint(dkm_mask_count(dkm_reading_scene(reading).enhancing), >, 0);
    g_assert_cmpfloat(dkm_reading_look(reading)->sub_window.width, >, 1);
    for (int i = 0; i < 3000 && !dkm_reading_scene(reading).motion; i++)
        run_loop(10);
    g_test_message("motion of up to %.2f mm", dkm_reading_scene(reading).motion->worst_mm);
    g_assert_null(dkm_reading_scene(reading).corrected); /* only when asked for */
    dkm_reading_toggle_correction(reading);
    for (int i = 0; i < 3000 && !dkm_reading_scene(reading).corrected; i++)
        run_loop(10);
    const DkmPaneSpec subtraction = {.image = DKM_IMAGE_SUBTRACTION, .phase = on->early};
    const DkmScene corrected = dkm_reading_scene(reading);
    g_assert_true(dkm_pane_is_corrected(&subtraction, &corrected));
    dkm_reading_toggle_correction(reading);
    g_assert_null(dkm_reading_scene(reading).corrected);
    g_assert_null(last_message);
    study_path_free(path);
}

static gboolean file_holds(const char *path, const char *text)
{
    g_autofree char *bytes = NULL;
    gsize n = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &n, NULL));
    return memmem(bytes, n, text, strlen(text)) != NULL;
}

/* A new version needs a file of its own: it names FILE, and the lesion is the same one. */
static void assert_next_version(DkmReading *reading, const char *folder, const char *file)
{
    g_autofree char *next = g_build_filename(folder, "next.dcm", NULL);
    g_autofree char *kept = NULL, *still = NULL;
    gsize n_kept = 0, n_still = 0;
    g_assert_true(g_file_get_contents(file, &kept, &n_kept, NULL));
    g_clear_pointer(&last_message, g_free);
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_nonnull(strstr(last_message, "choose another name"));
    g_assert_true(g_file_get_contents(file, &still, &n_still, NULL));
    g_assert_cmpmem(kept, n_kept, still, n_still);
    dkm_reading_export(reading, next);
    wait_until_idle(reading);
    g_autoptr(DkmSeg) first = dkm_dicom_read_seg(file, NULL, 0, NULL);
    g_autoptr(DkmSeg) second = dkm_dicom_read_seg(next, NULL, 0, NULL);
    const DkmSegReadSegment *before = g_ptr_array_index(first->segments, 0);
    const DkmSegReadSegment *after = g_ptr_array_index(second->segments, 0);
    g_assert_cmpstr(after->tracking_uid, ==, before->tracking_uid);
    g_assert_cmpstr(second->sop_instance_uid, !=, first->sop_instance_uid);
    g_assert_true(file_holds(next, "PREDECESSOR"));
    g_assert_true(file_holds(next, first->sop_instance_uid));
    g_remove(next);
}

static void exports_what_was_painted(void)
{
    char *path = study_path();
    g_autoptr(DkmReading) reading = new_reading();
    dkm_reading_open(reading, path);
    wait_until_idle(reading);
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    dkm_layers_stroke_begin(layers, 0, &(DkmBrush){8, DKM_BRUSH_BALL, FALSE},
                            (double[]){20, 100, 100}, NULL);
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading);
    g_assert_true(dkm_reading_is_unsaved(reading));

    g_autofree char *folder = g_dir_make_tmp("dkm-reading-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "out.dcm", NULL);
    dkm_reading_export(reading, "/nowhere/at/all/out.dcm");
    wait_until_idle(reading);
    g_assert_true(dkm_reading_is_unsaved(reading));
    g_assert_nonnull(last_message);
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_true(g_str_has_prefix(last_message, "Saved as out.dcm"));
    g_assert_true(file_holds(file, "DKM segmentation, not accepted"));
    g_remove(file); /* gone: its name is free again */
    dkm_reading_accept(reading, "Ada Reader");
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_null(strstr(last_message, "not accepted"));
    g_assert_false(file_holds(file, "not accepted"));
    g_remove(file);
    dkm_reading_undo(reading);
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_false(dkm_reading_is_unsaved(reading));
    assert_next_version(reading, folder, file);
    dkm_reading_undo(reading);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    g_remove(file);
    g_rmdir(folder);
    study_path_free(path);
}

static DkmReading *open_small(char **path)
{
    DkmReading *reading = new_reading();
    *path = study_path_small();
    dkm_reading_open(reading, *path);
    wait_until_idle(reading);
    return reading;
}

static void paint_ball(DkmReading *reading, guint layer, int z)
{
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    dkm_layers_stroke_begin(layers, layer, &(DkmBrush){6, DKM_BRUSH_BALL, FALSE},
                            (double[]){z, 60, 60}, NULL);
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading);
}

static void steps_from_mask_to_mask(void)
{
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    dkm_reading_step_layer(reading, 1); /* none: nothing happens */
    g_assert_null(dkm_reading_not_accepted(reading));
    paint_ball(reading, 0, 5);
    paint_ball(reading, 0, 15);
    const DkmLook *look = dkm_reading_look(reading);
    dkm_reading_step_layer(reading, 1);
    g_assert_cmpint(look->slice, ==, 15);
    dkm_reading_step_layer(reading, 1);
    g_assert_cmpint(look->slice, ==, 5);
    dkm_reading_step_layer(reading, -1);
    g_assert_cmpint(look->slice, ==, 15);
    dkm_reading_step_layer(reading, -1);
    dkm_reading_accept(reading, "Ada Reader");
    g_autofree char *left = dkm_reading_not_accepted(reading);
    g_assert_cmpstr(left, ==, "Lesion 2");
    study_path_free(path);
}

/* In use, in all threads; what the C library keeps for later is nobody's. */
static gsize bytes_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* The engine may be reading a model for a reading that is gone: until a second brings no change. */
static gsize bytes_at_rest(void)
{
    gsize before = 0, now = bytes_in_use();
    for (int i = 0; i < 60 && MAX(before, now) - MIN(before, now) > PAGE; i++) {
        run_loop(1000);
        before = now;
        now = bytes_in_use();
    }
    return now;
}

static void open_and_paint(const char *path)
{
    DkmReading *reading = new_reading();
    dkm_reading_open(reading, path);
    wait_until_idle(reading);
    paint_ball(reading, 0, 10);
    g_object_unref(reading);
    run_loop(20);
}

/* Memory that a study took is back when it is closed. The sanitizer counts nothing, and looks for
 * leaks itself. */
static void gives_memory_back(void)
{
    char *path = study_path_small();
    for (int i = 0; i < 20; i++)
        open_and_paint(path);
    const gsize start = bytes_at_rest();
    for (int i = 0; i < 40; i++)
        open_and_paint(path);
    const gsize end = bytes_at_rest();
    g_test_message("bytes: %zu after twenty studies, %zu after sixty", start, end);
    if (!g_getenv("ASAN_OPTIONS"))
        g_assert_cmpuint(end, <=, start + A_STUDY); /* one lost of forty is found */
    study_path_free(path);
}

/* --- one mask from the pre-contrast phase alone, one from all that is measured
 * --------------------
 */

static void use_model(const char *folder, const char *input)
{
    g_autofree char *path = g_strdup_printf("%s/%s.safetensors", folder, input);
    g_autoptr(GPtrArray) meta = g_ptr_array_new();
    for (const char *const *m = random_model_meta; *m; m += 2)
        if (strcmp(m[0], "input") != 0) {
            g_ptr_array_add(meta, (char *)m[0]);
            g_ptr_array_add(meta, (char *)m[1]);
        }
    g_ptr_array_add(meta, (char *)"input");
    g_ptr_array_add(meta, (char *)input);
    g_ptr_array_add(meta, NULL);
    random_model_write(path, (const char *const *)meta->pdata);
    g_setenv("DKM_MODEL", path, TRUE);
}

static void wait_for_run(DkmReading *reading)
{
    int permille;
    double seconds;
    while (dkm_reading_is_running(reading, &permille, &seconds))
        run_loop(5);
}

/* Until the model has said what it accepts. */
static char *why_not_available(DkmReading *reading)
{
    char *why = NULL;
    for (int i = 0; i < 6000; i++) {
        g_free(why);
        why = dkm_reading_why_not_available(reading);
        if (!why || !strstr(why, "not read yet"))
            return why;
        run_loop(10);
    }
    return why;
}

/* The made-up study has a field strength, pixels and fat like no training study's. */
static gboolean says(const GPtrArray *sentences, const char *word)
{
    for (guint i = 0; sentences && i < sentences->len; i++)
        if (strstr(sentences->pdata[i], word))
            return TRUE;
    return FALSE;
}

/* Said before the run and kept with its mask; another box makes the mask outdated. */
static void says_what_is_unlike(void)
{
    g_autofree char *before = g_strdup(g_getenv("DKM_MODEL"));
    g_autofree char *folder = g_dir_make_tmp("dkm-model-XXXXXX", NULL);
    use_model(folder, "any");
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    for (int i = 0; i < 6000 && !dkm_reading_unlike(reading); i++)
        run_loop(10);
    g_assert_true(says(dkm_reading_unlike(reading), "mm"));
    g_assert_false(says(dkm_reading_unlike(reading), "On available")); /* nothing new in those */
    dkm_reading_run_available(reading);
    wait_for_run(reading);
    DkmReviewCase *on = dkm_reading_case(reading);
    const DkmRunRecord *record = dkm_reading_run_of(reading, on->result_layer);
    g_assert_nonnull(record);
    g_assert_null(dkm_reading_run_of(reading, on->result_layer + 1));
    g_assert_true(says(record->unlike, "pixels|")); /* in no language */
    g_autofree char *text = dkm_run_record_text(record);
    g_autofree char *hash = g_strndup(on->result->weights_sha256, 8);
    g_assert_nonnull(strstr(text, hash));
    g_assert_nonnull(strstr(text, on->result->device));
    g_assert_nonnull(strstr(text, on->result->phases_used));

    DkmLook look = *dkm_reading_look(reading);
    g_assert_null(dkm_run_record_stale(record, on, &look));
    look.has_box = TRUE;
    look.box = dkm_box_whole(dkm_review_case_grid(on));
    g_autofree char *boxed = dkm_run_record_stale(record, on, &look);
    g_assert_nonnull(strstr(boxed, "before the box"));
    look.has_box = FALSE;
    on->early = on->late;
    g_autofree char *reordered = dkm_run_record_stale(record, on, &look);
    g_assert_nonnull(strstr(reordered, "other phases"));
    dkm_reading_open(reading, path);
    g_assert_null(dkm_reading_unlike(reading));
    study_path_free(path);
    if (before)
        g_setenv("DKM_MODEL", before, TRUE);
    else
        g_unsetenv("DKM_MODEL");
}

/* What the command line's --voi gives: inside the box the same, outside it nothing is computed. */
static void box_restricts_the_run(void)
{
    g_autofree char *before = g_strdup(g_getenv("DKM_MODEL"));
    g_autofree char *folder = g_dir_make_tmp("dkm-model-XXXXXX", NULL);
    use_model(folder, "pre");
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    DkmLook look = *dkm_reading_look(reading);
    look.has_box = TRUE;
    look.box = (DkmBox){{8, 30, 40}, {10, 80, 90}};
    dkm_reading_set_look(reading, &look);
    dkm_reading_run(reading);
    wait_for_run(reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    g_autoptr(DkmModel) model = dkm_model_open(g_getenv("DKM_MODEL"), "auto", 0, NULL, NULL);
    const DkmSegmentOptions options = {.voi = &look.box};
    g_autoptr(DkmResult) expected =
        dkm_model_segment(model, dkm_review_case_phase(on, 0), &options, NULL, NULL, NULL);
    const int *n = expected->grid.n;
    const gsize voxels = dkm_grid_voxels(&expected->grid), slice = (gsize)n[1] * (gsize)n[2];
    g_assert_cmpmem(on->result->probability, voxels, expected->probability, voxels);
    g_autofree char *mask = dkm_mask_sha256(dkm_layers_find(on->layers, on->result_layer)->mask);
    g_autofree char *other = dkm_mask_sha256(expected->mask);
    g_assert_cmpstr(mask, ==, other);
    gsize outside = 0, inside = 0;
    for (gsize i = 0; i < voxels; i++)
        *(i / slice < 8 || i / slice >= 10 ? &outside : &inside) += on->result->probability[i] != 0;
    g_assert_cmpuint(outside, ==, 0);
    g_assert_cmpuint(inside, >, 0);
    study_path_free(path);
    if (before)
        g_setenv("DKM_MODEL", before, TRUE);
    else
        g_unsetenv("DKM_MODEL");
}

static void masks_from_both(void)
{
    g_autofree char *before = g_strdup(g_getenv("DKM_MODEL"));
    g_autofree char *folder = g_dir_make_tmp("dkm-model-XXXXXX", NULL);
    use_model(folder, "any");
    char *path;
    g_autoptr(DkmReading) reading = open_small(&path);
    g_autofree char *why = why_not_available(reading);
    g_assert_null(why);
    dkm_reading_run(reading);
    wait_for_run(reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    g_assert_cmpstr(on->result->phases_used, ==, "pre-contrast");
    dkm_reading_run_available(reading);
    wait_for_run(reading);
    g_assert_null(last_message ? strstr(last_message, "accept") : NULL);
    g_assert_cmpuint(dkm_layers_count(on->layers), ==, 2);
    g_assert_cmpstr(dkm_layers_get(on->layers, 0)->info.name, ==, "Network, pre-contrast");
    g_assert_nonnull(strstr(dkm_layers_get(on->layers, 1)->info.name, "late"));
    study_path_free(path);

    use_model(folder, "pre");
    g_autoptr(DkmReading) pre_only = open_small(&path);
    g_autofree char *refused = why_not_available(pre_only);
    g_assert_nonnull(strstr(refused, "they accept: pre"));
    dkm_reading_run_available(pre_only); /* does nothing */
    g_assert_cmpuint(dkm_layers_count(dkm_reading_case(pre_only)->layers), ==, 0);
    study_path_free(path);
    if (before)
        g_setenv("DKM_MODEL", before, TRUE);
    else
        g_unsetenv("DKM_MODEL");
}

/* Writes what is painted on STUDY to FILE. */
static void write_mask_of(const char *study, const char *file)
{
    g_autoptr(DkmReading) reading = new_reading();
    dkm_reading_open(reading, study);
    wait_until_idle(reading);
    paint_ball(reading, 0, 8);
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
}

static guint layers_after_import(DkmReading *reading, const char *study, const char *file)
{
    dkm_reading_open(reading, study);
    wait_until_idle(reading);
    g_clear_pointer(&last_message, g_free);
    dkm_reading_import(reading, file);
    while (dkm_reading_is_importing(reading))
        run_loop(2);
    return dkm_layers_count(dkm_reading_case(reading)->layers);
}

/* A mask finds its own study, and no other patient's. */
static void refuses_another_patients_mask(void)
{
    char *one = study_path(), *two = study_path_second();
    g_autofree char *folder = g_dir_make_tmp("dkm-import-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "one.dcm", NULL);
    write_mask_of(one, file);
    g_autoptr(DkmReading) reading = new_reading();
    g_assert_cmpuint(layers_after_import(reading, one, file), ==, 1);
    g_assert_cmpuint(dkm_layers_get(dkm_reading_case(reading)->layers, 0)->voxels, >, 0);
    g_assert_cmpuint(layers_after_import(reading, two, file), ==, 0);
    g_assert_true(last_message && strstr(last_message, "another patient"));
    /* Asked for on the right study and then switched away: it never arrives. */
    for (int i = 0; i < 20; i++) {
        dkm_reading_open(reading, one);
        wait_until_idle(reading);
        dkm_reading_import(reading, file);
        run_loop(i % 5);
        dkm_reading_open(reading, two);
        wait_until_idle(reading);
        run_loop(20);
        g_assert_cmpuint(dkm_layers_count(dkm_reading_case(reading)->layers), ==, 0);
    }
    g_remove(file);
    g_rmdir(folder);
    study_path_free(one);
    study_path_free(two);
}

/* Images, what was computed from them and what was seen: all of FOLDER or nothing. */
static void check_is_of(DkmReading *reading, const char *folder)
{
    const DkmScene scene = dkm_reading_scene(reading);
    if (scene.on)
        g_assert_true(g_str_has_prefix(scene.on->study->first->path, folder));
    if (!scene.on)
        g_assert_true(!scene.mip && !scene.enhancing && !scene.motion);
    if (scene.mip)
        g_assert_nonnull(dkm_review_case_phase(scene.on, scene.on->early));
    if (scene.enhancing)
        g_assert_true(
            dkm_grid_equal(dkm_mask_grid(scene.enhancing), dkm_review_case_grid(scene.on), 0.01));
}

/* Wherever loading is when another study is asked for, the one before never shows. */
static void switching_never_mixes(void)
{
    char *one = study_path(), *two = study_path_second();
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    g_autoptr(DkmReading) reading = new_reading();
    const char *const folders[] = {one, two};
    const DkmShown shown = {0};
    for (int i = 0; i < 1000; i++) {
        const char *folder = folders[i % 2];
        dkm_coverage_paint(dkm_reading_coverage(reading), reading, &shown, i);
        dkm_reading_open(reading, folder);
        g_assert_null(dkm_reading_case(reading));
        g_assert_cmpint(dkm_coverage_seen(dkm_reading_coverage(reading), &shown, 1), ==, 0);
        check_is_of(reading, folder);
        for (int k = g_rand_int_range(rand, 0, i % 20 ? 8 : 80); k > 0; k--) {
            run_loop(1);
            check_is_of(reading, folder);
        }
    }
    wait_until_idle(reading);
    g_assert_nonnull(dkm_reading_case(reading));
    check_is_of(reading, folders[1]);
    g_assert_null(last_message);
    study_path_free(one);
    study_path_free(two);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    g_test_add_func("/reading/nothing-to-do", nothing_to_do);
    g_test_add_func("/reading/no-such-study", no_such_study);
    g_test_add_func("/reading/opens", opens);
    g_test_add_func("/reading/exports-what-was-painted", exports_what_was_painted);
    g_test_add_func("/reading/steps-from-mask-to-mask", steps_from_mask_to_mask);
    g_test_add_func("/reading/masks-from-both", masks_from_both);
    g_test_add_func("/reading/box-restricts-the-run", box_restricts_the_run);
    g_test_add_func("/reading/says-what-is-unlike", says_what_is_unlike);
    g_test_add_func("/reading/gives-memory-back", gives_memory_back);
    g_test_add_func("/reading/refuses-another-patients-mask", refuses_another_patients_mask);
    g_test_add_func("/reading/switching-never-mixes", switching_never_mixes);
    const int failed = g_test_run();
    state_free(state);
    return failed;
}
