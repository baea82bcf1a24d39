/* A reader orders the phases of the open study: it is read anew so, at every opening too, and no
 * mask is lost by it; what a run saw before is outdated. */
#include "gui/beside.h"
#include "gui/ordering.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"
#include "tests/support/says.h"

#define PATIENCE_US (300 * G_TIME_SPAN_SECOND)

typedef gboolean (*Busy)(DkmReading *reading);

static gboolean is_loading(DkmReading *reading)
{
    int permille;
    return dkm_reading_is_loading(reading, &permille);
}

static gboolean is_running(DkmReading *reading)
{
    int permille;
    double seconds;
    return dkm_reading_is_running(reading, &permille, &seconds);
}

static gboolean is_unasked(DkmReading *reading)
{
    return !dkm_reading_unlike(reading);
}

static void wait_while(Busy busy, DkmReading *reading)
{
    for (const gint64 end = g_get_monotonic_time() + PATIENCE_US;
         g_get_monotonic_time() < end && busy(reading);)
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(busy(reading));
}

static char *said;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(said);
    said = g_strdup(text);
}

static DkmReading *open_study(const char *study)
{
    DkmReading *reading = dkm_reading_new();
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    g_clear_pointer(&said, g_free);
    dkm_reading_open(reading, study);
    wait_while(is_loading, reading);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static const DkmPhases *phases_of(DkmReading *reading)
{
    return dkm_reading_case(reading)->study->dce;
}

/* The phase NUMBER (from 1, as found) becomes PLACE. */
static void set(DkmReading *reading, guint number, int place)
{
    g_autoptr(DkmPhaseOrder) order = dkm_reading_order(reading);
    g_assert_nonnull(order);
    for (guint row = 0, found; row < dkm_phase_order_count(order); row++) {
        dkm_phase_order_get(order, row, &found);
        if (found == number) {
            dkm_phase_order_set_place(order, row, place);
            break;
        }
    }
    g_assert_true(dkm_reading_set_order(reading, order));
    wait_while(is_loading, reading);
}

static void go_back(DkmReading *reading)
{
    g_autoptr(DkmPhaseOrder) order = dkm_reading_order(reading);
    dkm_phase_order_reset(order);
    g_assert_true(dkm_reading_set_order(reading, order));
    wait_while(is_loading, reading);
}

static double middle(DkmReading *reading, guint phase)
{
    DkmVolume *volume = dkm_review_case_phase(dkm_reading_case(reading), phase);
    g_assert_nonnull(volume);
    return (double)dkm_volume_quantile(volume, 0.99, -G_MAXFLOAT);
}

static void is_read_so(void)
{
    char *study = study_path_small();
    g_autoptr(DkmReading) reading = open_study(study);
    const double bright[] = {middle(reading, 0), middle(reading, 1), middle(reading, 2)};
    g_autofree char *path = g_strdup(dkm_reading_path(reading));
    g_assert_cmpfloat(bright[0], !=, bright[1]);
    g_assert_false(dkm_reading_is_ordered(reading));
    set(reading, 1, 1);
    g_assert_true(dkm_reading_is_ordered(reading));
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "2,1,3");
    g_assert_cmpfloat(middle(reading, 0), ==, bright[1]);
    g_assert_cmpfloat(middle(reading, 1), ==, bright[0]);
    g_assert_cmpstr(dkm_reading_path(reading), ==, path);
    g_clear_object(&reading);
    reading = open_study(study); /* remembered */
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "2,1,3");
    g_assert_cmpfloat(middle(reading, 0), ==, bright[1]);
    set(reading, 3, DKM_PHASE_ASIDE); /* goes on from there */
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "2,1");
    g_assert_cmpuint(dkm_review_case_n_phases(dkm_reading_case(reading)), ==, 2);
    go_back(reading);
    g_assert_false(dkm_reading_is_ordered(reading));
    g_assert_cmpfloat(middle(reading, 2), ==, bright[2]);
    g_clear_object(&reading);
    reading = open_study(study);
    g_assert_false(dkm_reading_is_ordered(reading));
    g_assert_null(said);
    study_path_free(study);
}

/* --- masks ------------------------------------------------------------------------------------ */

static DkmLayers *layers_of(DkmReading *reading)
{
    return dkm_reading_case(reading)->layers;
}

static void stroke(DkmReading *reading, int slice)
{
    const DkmBrush brush = {6, DKM_BRUSH_BALL, FALSE, NULL};
    const double at[3] = {slice, 50, 40};
    DkmLayers *layers = layers_of(reading);
    const guint id = dkm_layers_count(layers) ? dkm_layers_get(layers, 0)->id : 0;
    g_assert_true(dkm_layers_stroke_begin(layers, id, &brush, at, NULL));
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading);
}

static char *hash_of(DkmReading *reading)
{
    g_assert_cmpuint(dkm_layers_count(layers_of(reading)), ==, 1);
    return dkm_mask_sha256(dkm_layers_get(layers_of(reading), 0)->mask);
}

static gboolean holds(const char *path, const char *text)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

static void export(DkmReading *reading, const char *path)
{
    dkm_reading_export(reading, path);
    wait_while(dkm_reading_is_exporting, reading);
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
}

/* Painted, not exported: there with every step, unsaved, and nobody is asked. */
static void keeps_masks(void)
{
    char *study = study_path_small();
    DkmJournalState state;
    g_autoptr(DkmReading) reading = open_study(study);
    stroke(reading, 5);
    g_autofree char *one = hash_of(reading);
    stroke(reading, 9);
    g_autofree char *two = hash_of(reading);
    DkmLook look = *dkm_reading_look(reading);
    look.slice = 3;
    dkm_reading_set_look(reading, &look);
    set(reading, 1, 1);
    g_autofree char *after = hash_of(reading);
    g_assert_cmpstr(after, ==, two);
    g_assert_true(dkm_reading_is_unsaved(reading));
    g_assert_true(dkm_reading_is_kept(reading));
    g_assert_false(dkm_reading_get_kept(reading, &state));
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, 3);
    dkm_reading_undo(reading);
    g_autofree char *undone = hash_of(reading);
    g_assert_cmpstr(undone, ==, one);
    g_clear_object(&reading); /* and goes on to be kept */
    reading = open_study(study);
    g_assert_true(dkm_reading_get_kept(reading, &state));
    dkm_reading_recover(reading);
    g_autofree char *recovered = hash_of(reading);
    g_assert_cmpstr(recovered, ==, one);
    go_back(reading);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

/* An exported mask stays, with what makes the next export the next version of this one. */
static void keeps_exports(void)
{
    char *study = study_path_small();
    g_autofree char *folder = g_dir_make_tmp("dkm-order-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "one.dcm", NULL);
    g_autoptr(DkmReading) reading = open_study(study);
    stroke(reading, 5);
    export(reading, file);
    g_autofree char *before = hash_of(reading);
    set(reading, 1, 1);
    g_autofree char *after = hash_of(reading);
    g_assert_cmpstr(after, ==, before);
    g_assert_false(dkm_reading_is_unsaved(reading));
    dkm_reading_export(reading, file);
    assert_says(said, "last version");
    go_back(reading);
    g_unlink(file);
    g_rmdir(folder);
    study_path_free(study);
}

/* --- runs ------------------------------------------------------------------------------------- */

static char *stale_of(DkmReading *reading, guint layer)
{
    const DkmRunRecord *record = dkm_reading_run_of(reading, layer);
    g_assert_nonnull(record);
    return dkm_run_record_stale(record, dkm_reading_case(reading), dkm_reading_look(reading));
}

static guint run(DkmReading *reading)
{
    wait_while(is_unasked, reading);
    dkm_reading_run(reading);
    wait_while(is_running, reading);
    return dkm_reading_case(reading)->result_layer;
}

static void outdates_runs(void)
{
    char *study = study_path_small();
    g_autofree char *folder = g_dir_make_tmp("dkm-order-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "two.dcm", NULL);
    g_autoptr(DkmReading) reading = open_study(study);
    const guint layer = run(reading);
    g_assert_null(stale_of(reading, layer));
    set(reading, 2, 2); /* what it saw, the pre-contrast phase, is the same one */
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "1,3,2");
    g_assert_null(stale_of(reading, layer));
    set(reading, 1, 1);
    g_autofree char *stale = stale_of(reading, layer);
    assert_says(stale, "from other phases");
    const guint again = run(reading);
    g_assert_cmpuint(again, !=, layer);
    g_assert_null(stale_of(reading, again));
    const DkmRunRecord *record = dkm_reading_run_of(reading, again);
    g_autofree char *text = dkm_run_record_text(record);
    assert_says(text, "Order of phases set by reader: 3,1,2");
    g_autofree char *saved = dkm_run_record_save(record);
    g_autoptr(DkmRunRecord) loaded = dkm_run_record_load(saved);
    g_assert_cmpstr(loaded->order_given, ==, "3,1,2");
    g_assert_cmpstr(loaded->inputs, ==, record->inputs);
    export(reading, file);
    g_assert_true(holds(file, "order of phases given by a person 3,1,2"));
    go_back(reading);
    g_assert_null(stale_of(reading, layer));
    g_autofree char *other = stale_of(reading, again);
    assert_says(other, "from other phases");
    g_unlink(file);
    g_rmdir(folder);
    study_path_free(study);
}

/* --- where it cannot be ------------------------------------------------------------------------
 */

/* Another lattice keeps no masks; one that is none changes nothing. */
static void other_lattice(void)
{
    char *study = study_path_followed();
    g_autoptr(DkmReading) reading = open_study(study);
    g_autoptr(DkmPhaseOrder) order = dkm_reading_order(reading);
    g_assert_true(dkm_reading_order_keeps_masks(reading, order));
    g_assert_cmpuint(dkm_phase_order_count(order), ==, 4);
    dkm_phase_order_set_place(order, 3, 0);
    g_assert_false(dkm_reading_set_order(reading, order));
    assert_says(said, "mixed geometry");
    g_assert_false(dkm_reading_is_ordered(reading));
    while (dkm_phase_order_n_phases(order) > 1)
        dkm_phase_order_set_place(order, 1, DKM_PHASE_ASIDE);
    g_assert_false(dkm_reading_order_keeps_masks(reading, order));
    g_assert_true(dkm_reading_set_order(reading, order));
    wait_while(is_loading, reading);
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "4");
    go_back(reading);
    study_path_free(study);
}

/* The earlier study that hangs beside has an order of its own. */
static void holds_beside(void)
{
    char *study = study_path_followed();
    g_autofree char *then = g_build_filename(study, "then", NULL);
    g_autoptr(DkmReading) reading = open_study(then);
    set(reading, 1, 1);
    g_clear_object(&reading);
    reading = open_study(study);
    g_assert_false(dkm_reading_is_ordered(reading));
    dkm_reading_load_prior(reading);
    const DkmScene prior = dkm_reading_scene_of(reading, DKM_BESIDE_PRIOR);
    g_assert_cmpstr(prior.on->study->dce->order_given, ==, "2,1,3");
    g_clear_object(&reading);
    reading = open_study(then);
    go_back(reading);
    study_path_free(study);
}

static void read_path(DkmReading *reading, const char *path)
{
    dkm_reading_open(reading, path);
    wait_while(is_loading, reading);
}

/* The rules read nothing of it; a reader says how, and it opens so from then on. */
static void reads_what_the_rules_do_not(void)
{
    char *study = study_path_derived();
    g_autoptr(DkmReading) reading = dkm_reading_new();
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    read_path(reading, study);
    g_assert_null(dkm_reading_case(reading));
    assert_says(said, "can be given an order all the same");
    g_autoptr(DkmPhaseOrder) order = dkm_reading_order(reading);
    g_assert_cmpuint(dkm_phase_order_count(order), ==, 3);
    g_assert_cmpuint(dkm_phase_order_n_phases(order), ==, 0);
    for (guint i = 0; i < 3; i++)
        dkm_phase_order_set_place(order, i, (int)i);
    g_assert_true(dkm_reading_set_order(reading, order));
    wait_while(is_loading, reading);
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "1,2,3");
    g_assert_cmpstr(dkm_reading_path(reading), ==, study);
    g_clear_pointer(&said, g_free);
    read_path(reading, study);
    g_assert_null(said);
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "1,2,3");
    set(reading, 3, DKM_PHASE_ASIDE);
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "1,2");
    g_assert_true(dkm_reading_open_study(reading, 0)); /* from the list */
    wait_while(is_loading, reading);
    g_assert_cmpstr(phases_of(reading)->order_given, ==, "1,2");
    study_path_free(study);
}

/* Said, and the rules hold. */
static void does_not_fit(void)
{
    char *study = study_path_small();
    g_autofree char *path =
        g_build_filename(g_get_user_state_dir(), "dkm-workstation", "phases.ini", NULL);
    g_autoptr(DkmReading) reading = open_study(study);
    g_autofree char *text =
        g_strdup_printf("[%s]\norder=abc\n", dkm_reading_case(reading)->study->study_uid);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_clear_object(&reading);
    reading = open_study(study);
    assert_says(said, "is not used");
    g_assert_false(dkm_reading_is_ordered(reading));
    g_unlink(path);
    study_path_free(study);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    random_model_start();
    g_test_add_func("/reading-order/is-read-so", is_read_so);
    g_test_add_func("/reading-order/keeps-masks", keeps_masks);
    g_test_add_func("/reading-order/keeps-exports", keeps_exports);
    g_test_add_func("/reading-order/outdates-runs", outdates_runs);
    g_test_add_func("/reading-order/other-lattice", other_lattice);
    g_test_add_func("/reading-order/holds-beside", holds_beside);
    g_test_add_func("/reading-order/reads-what-the-rules-do-not", reads_what_the_rules_do_not);
    g_test_add_func("/reading-order/does-not-fit", does_not_fit);
    const int failed = g_test_run();
    g_free(said);
    random_model_stop();
    state_free(state);
    return failed;
}
