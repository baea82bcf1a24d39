/* A viewer that is killed in the middle of its work: what was painted is there at the next opening
 * of the study. The killed one is this program itself, started again with a study to paint in. */
#include "dicom/dicom.h"
#include "gui/reading.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_US (120 * G_TIME_SPAN_SECOND)

static DkmReading *open_study(const char *study)
{
    DkmReading *reading = dkm_reading_new();
    int permille;
    dkm_reading_open(reading, study);
    for (const gint64 end = g_get_monotonic_time() + PATIENCE_US;
         g_get_monotonic_time() < end && dkm_reading_is_loading(reading, &permille);)
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static DkmLayers *layers_of(DkmReading *reading)
{
    return dkm_reading_case(reading)->layers;
}

static void stroke(DkmReading *reading, int i)
{
    const DkmGrid *grid = dkm_review_case_grid(dkm_reading_case(reading));
    const DkmBrush brush = {2 + i % 3, DKM_BRUSH_BALL, i % 4 == 3, NULL};
    const double at[3] = {i % grid->n[0], (7 * i) % grid->n[1], (11 * i) % grid->n[2]};
    DkmLayers *layers = layers_of(reading);
    const guint id = dkm_layers_count(layers) ? dkm_layers_get(layers, 0)->id : 0;
    dkm_layers_stroke_begin(layers, id, &brush, at, NULL);
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading);
}

static char *hash_of(DkmReading *reading)
{
    return dkm_layers_count(layers_of(reading))
               ? dkm_mask_sha256(dkm_layers_get(layers_of(reading), 0)->mask)
               : g_strdup("nothing");
}

/* The killed one: says after each stroke what there is now. */
static int paint_for_ever(const char *study)
{
    DkmReading *reading = open_study(study);
    dkm_reading_recover(reading);
    for (int i = 0;; i++) {
        stroke(reading, i);
        g_autofree char *hash = hash_of(reading);
        g_print("%s\n", hash);
        while (g_main_context_iteration(NULL, FALSE))
            ;
    }
    return 0;
}

/* The last whole line that a painter said before it was killed; after LINES of them. */
static char *kill_painter(const char *program, const char *study, int lines)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) painter =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "paint", study, NULL);
    g_assert_no_error(error);
    g_autoptr(GDataInputStream) out =
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(painter));
    char *last = NULL;
    for (int i = 0; i < lines; i++) {
        g_free(last);
        last = g_data_input_stream_read_line(out, NULL, NULL, NULL);
        g_assert_nonnull(last);
    }
    g_subprocess_send_signal(painter, SIGKILL);
    for (char *line; (line = g_data_input_stream_read_line(out, NULL, NULL, NULL));) {
        if (strlen(line) == 64) {
            g_free(last);
            last = line;
        } else
            g_free(line);
    }
    g_subprocess_wait(painter, NULL, NULL);
    return last;
}

static const char *program;

static void killed_and_recovered(void)
{
    char *study = study_path_small();
    for (int round = 0; round < 6; round++) {
        g_autofree char *said = kill_painter(program, study, 3 + 17 * round);
        g_autoptr(DkmReading) reading = open_study(study);
        DkmJournalState state;
        g_assert_true(dkm_reading_get_kept(reading, &state));
        g_assert_false(state.saved);
        g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 0); /* nobody was asked yet */
        dkm_reading_recover(reading);
        g_assert_true(dkm_reading_is_unsaved(reading));
        g_autofree char *found = hash_of(reading);
        if (g_strcmp0(found, said) != 0) /* one stroke more had been written, and not said */
            g_assert_true(dkm_layers_undo(layers_of(reading), NULL));
        g_autofree char *hash = hash_of(reading);
        g_assert_cmpstr(hash, ==, said);
    }
    g_autoptr(DkmReading) reading = open_study(study);
    DkmJournalState state;
    g_assert_true(dkm_reading_get_kept(reading, &state));
    dkm_reading_discard_kept(reading);
    g_clear_object(&reading);
    reading = open_study(study);
    g_assert_false(dkm_reading_get_kept(reading, &state));
    study_path_free(study);
}

/* A study that was only looked at leaves nothing behind, nor does one whose masks are all undone
 * ... but one that was painted in does. */
static void left_without_a_question(void)
{
    char *study = study_path_small();
    DkmJournalState state;
    for (int round = 0; round < 2; round++) {
        g_autoptr(DkmReading) reading = open_study(study);
        g_assert_false(dkm_reading_get_kept(reading, &state));
        if (round == 1)
            stroke(reading, 5);
    }
    g_autoptr(DkmReading) reading = open_study(study);
    g_assert_true(dkm_reading_get_kept(reading, &state));
    dkm_reading_discard_kept(reading);
    stroke(reading, 5); /* and from here on it is kept anew */
    g_clear_object(&reading);
    reading = open_study(study);
    g_assert_true(dkm_reading_get_kept(reading, &state));
    g_assert_cmpuint(state.records, ==, 1);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

/* A mask that was removed, by a slip perhaps, is work too: it comes back with a step of undo. */
static void removed_is_kept(void)
{
    char *study = study_path_small();
    DkmJournalState state;
    g_autoptr(DkmReading) reading = open_study(study);
    stroke(reading, 5);
    g_autofree char *hash = hash_of(reading);
    dkm_reading_remove_layer(reading);
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 0);
    g_assert_true(dkm_reading_is_unsaved(reading));
    g_clear_object(&reading);
    reading = open_study(study);
    g_assert_true(dkm_reading_get_kept(reading, &state));
    dkm_reading_recover(reading);
    g_assert_true(dkm_layers_undo(layers_of(reading), NULL));
    g_autofree char *found = hash_of(reading);
    g_assert_cmpstr(found, ==, hash);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    char **last = user;
    g_free(*last);
    *last = g_strdup(text);
}

/* As a window does: another study on the desk, and what was said is put away. */
static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (what & DKM_CHANGED_CASE)
        g_clear_pointer((char **)user, g_free);
}

/* Where edits are not kept, that is said when the study opens, and stays in sight. */
static void not_kept_is_said(void)
{
    char *study = study_path_small();
    g_autofree char *said = NULL;
    int permille;
    g_autoptr(DkmReading) first = open_study(study);
    stroke(first, 5); /* it has the journal now */
    g_autoptr(DkmReading) second = dkm_reading_new();
    g_signal_connect(second, "message", G_CALLBACK(on_message), &said);
    g_signal_connect(second, "changed", G_CALLBACK(on_changed), &said);
    dkm_reading_open(second, study);
    while (dkm_reading_is_loading(second, &permille))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(dkm_reading_is_kept(second));
    g_assert_nonnull(said);
    g_assert_nonnull(strstr(said, "another window"));
    dkm_reading_discard_kept(first);
    study_path_free(study);
}

/* What another lattice of the same study has kept, such as one with more slices. */
static void keep_of_other_images(DkmReading *reading)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    DkmGrid grid = *dkm_review_case_grid(on);
    g_autofree char *folder = dkm_journal_folder(NULL);
    grid.n[0]++;
    DkmJournal *journal = dkm_journal_open(folder, on->study->first->study_uid, &grid, NULL);
    g_assert_nonnull(journal);
    g_assert_true(dkm_journal_append(journal, (const guint8 *)"edit", 4, NULL));
    dkm_journal_close(journal);
}

/* What cannot be brought back stays on disk, and a person knows that nothing is added to it. */
static void not_recovered_stays(void)
{
    char *study = study_path_small();
    g_autofree char *said = NULL;
    DkmJournalState state;
    g_autoptr(DkmReading) reading = open_study(study);
    keep_of_other_images(reading);
    for (int round = 0; round < 2; round++) {
        g_clear_object(&reading);
        reading = open_study(study);
        g_assert_true(dkm_reading_get_kept(reading, &state));
        g_signal_connect(reading, "message", G_CALLBACK(on_message), &said);
        dkm_reading_recover(reading);
        g_assert_false(dkm_reading_is_kept(reading));
        g_assert_nonnull(strstr(said, "other images"));
        g_assert_nonnull(strstr(said, "not being kept"));
    }
    g_clear_object(&reading);
    reading = open_study(study);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

static DkmSeg *export(DkmReading *reading, const char *path)
{
    g_autoptr(GError) error = NULL;
    dkm_reading_export(reading, path);
    while (dkm_reading_is_exporting(reading))
        g_main_context_iteration(NULL, TRUE);
    DkmSeg *seg = dkm_dicom_read_seg(path, NULL, 0.5, &error);
    g_assert_no_error(error);
    return seg;
}

static gboolean holds(const char *path, const char *text)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

/* The next export of what came back names the last one, while it is there, and its lesions are the
 * same ones. */
static void exports_go_on(void)
{
    char *study = study_path_small();
    g_autofree char *folder = g_dir_make_tmp("dkm-exports-XXXXXX", NULL);
    g_autoptr(DkmSeg) before = NULL;
    g_autofree char *last = NULL;
    DkmReading *reading = open_study(study);
    for (int round = 0; round < 4; round++) {
        g_autofree char *name = g_strdup_printf("Ma\303\237e %d.dcm", round);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (round == 0) {
            stroke(reading, 5);
        } else {
            reading = open_study(study);
            dkm_reading_recover(reading);
        }
        DkmSeg *seg = export(reading, path);
        if (before) {
            const DkmSegReadSegment *then = before->segments->pdata[0],
                                    *now = seg->segments->pdata[0];
            g_assert_cmpstr(now->tracking_uid, ==, then->tracking_uid);
            g_assert_cmpint(holds(path, before->sop_instance_uid), ==, round < 3);
            g_unlink(last);
        }
        stroke(reading, 6 + round);
        if (round == 3)
            dkm_reading_discard_kept(reading);
        g_clear_object(&reading); /* as if it had died: there is a stroke since */
        if (round >= 2)
            g_unlink(path); /* nothing is there that the next one could name */
        dkm_seg_unref(before);
        before = seg;
        g_free(last);
        last = g_steal_pointer(&path);
    }
    g_rmdir(folder);
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (argc == 3 && g_str_equal(argv[1], "paint"))
        return paint_for_ever(argv[2]);
    g_test_init(&argc, &argv, NULL);
    program = argv[0];
    char *state = state_new();
    g_test_add_func("/reading-journal/killed-and-recovered", killed_and_recovered);
    g_test_add_func("/reading-journal/left-without-a-question", left_without_a_question);
    g_test_add_func("/reading-journal/not-kept-is-said", not_kept_is_said);
    g_test_add_func("/reading-journal/not-recovered-stays", not_recovered_stays);
    g_test_add_func("/reading-journal/removed-is-kept", removed_is_kept);
    g_test_add_func("/reading-journal/exports-go-on", exports_go_on);
    const int failed = g_test_run();
    state_free(state);
    return failed;
}
