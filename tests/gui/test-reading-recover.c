/* A viewer that ends with a mask of the network's unsaved: at the next opening the mask comes back
 * with what it was made with, for a person and for the exported object. */
#include "gui/reading.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"
#include "tests/support/random-model.h"

#include <string.h>

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

static DkmReading *open_study(const char *study)
{
    DkmReading *reading = dkm_reading_new();
    dkm_reading_open(reading, study);
    wait_while(is_loading, reading);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

/* In a box, so that it is kept too. */
static char *run_and_leave(const char *study, char **parameters, char **hash)
{
    g_autoptr(DkmReading) reading = open_study(study);
    wait_while(is_unasked, reading);
    DkmLook look = *dkm_reading_look(reading);
    look.has_box = TRUE;
    look.box = (DkmBox){{2, 10, 20}, {18, 90, 100}};
    dkm_reading_set_look(reading, &look);
    dkm_reading_run(reading);
    wait_while(is_running, reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    const DkmRunRecord *record = dkm_reading_run_of(reading, on->result_layer);
    g_assert_nonnull(record);
    g_assert_cmpuint(record->unlike->len, >, 0);
    *hash = g_strdup(record->weights_sha256);
    *parameters = dkm_run_record_parameters(record);
    return dkm_run_record_text(record);
}

static gboolean holds(const char *path, const char *text)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

static void check_export(DkmReading *reading, const char *parameters)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-recover-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "out.dcm", NULL);
    dkm_reading_export(reading, file);
    wait_while(dkm_reading_is_exporting, reading);
    g_assert_true(holds(file, parameters));
    g_unlink(file);
    g_rmdir(folder);
}

static void comes_back_with_its_run(void)
{
    char *study = study_path_small();
    g_autofree char *parameters = NULL, *hash = NULL;
    g_autofree char *before = run_and_leave(study, &parameters, &hash);
    g_autoptr(DkmReading) reading = open_study(study);
    dkm_reading_recover(reading);
    const DkmLayers *layers = dkm_reading_case(reading)->layers;
    g_assert_cmpuint(dkm_layers_count(layers), ==, 1);
    const guint id = dkm_layers_get(layers, 0)->id;
    const DkmRunRecord *record = dkm_reading_run_of(reading, id);
    g_assert_nonnull(record);
    g_autofree char *text = dkm_run_record_text(record);
    g_assert_cmpstr(text, ==, before);
    g_assert_cmpstr(record->weights_sha256, ==, hash);
    g_assert_cmpuint(record->unlike->len, >, 0);
    g_assert_true(record->has_box);
    g_assert_cmpint(record->box.end[2], ==, 100);
    g_autofree char *stale =
        dkm_run_record_stale(record, dkm_reading_case(reading), dkm_reading_look(reading));
    g_assert_nonnull(strstr(stale, "a box that is gone")); /* the box itself is not kept */
    check_export(reading, parameters);
    dkm_reading_discard_kept(reading);
    study_path_free(study);
}

/* What a damaged file says is no record. */
static void refuses_no_record(void)
{
    const char *const texts[] = {"", "run", "[run]\nlayer=1\n",
                                 "[run]\nphases=a\nweights=b\ndevice=c",
                                 "[other]\nlayer=1\nphases=a\nweights=b\ndevice=c"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_null(dkm_run_record_load(texts[i]));
    g_autoptr(DkmRunRecord) least =
        dkm_run_record_load("[run]\nlayer=1\nphases=a\nweights=b\ndevice=c\nbox=1;2\n");
    g_assert_nonnull(least);
    g_assert_false(least->has_box);
    g_assert_cmpuint(least->unlike->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    random_model_start();
    g_test_add_func("/reading-recover/comes-back-with-its-run", comes_back_with_its_run);
    g_test_add_func("/reading-recover/refuses-no-record", refuses_no_record);
    const int failed = g_test_run();
    random_model_stop();
    state_free(state);
    return failed;
}
