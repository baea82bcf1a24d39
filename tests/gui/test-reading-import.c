/* Masks that go out as a DICOM SEG and come back: whose they are stays known. */
#include "gui/reading.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#define PATIENCE_US (120 * G_TIME_SPAN_SECOND)

static char *study, *file;

static gboolean is_busy(DkmReading *reading)
{
    int permille;
    return dkm_reading_is_loading(reading, &permille) || dkm_reading_is_importing(reading) ||
           dkm_reading_is_exporting(reading);
}

static void wait(DkmReading *reading)
{
    for (const gint64 end = g_get_monotonic_time() + PATIENCE_US;
         g_get_monotonic_time() < end && is_busy(reading);)
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(is_busy(reading));
}

static DkmReading *open_study(void)
{
    DkmReading *reading = dkm_reading_new();
    dkm_reading_open(reading, study);
    wait(reading);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static void put_away(DkmReading *reading)
{
    dkm_reading_discard_kept(reading);
    g_object_unref(reading);
}

typedef struct {
    DkmOrigin origin;
    gboolean touched;
    const char *algorithm;
    DkmMade made; /* what a program reads of it, here or elsewhere */
} Row;

static const Row rows[] = {
    {DKM_ORIGIN_PERSON, TRUE, NULL, DKM_MADE_MANUAL},
    {DKM_ORIGIN_NETWORK, FALSE, NULL, DKM_MADE_AUTOMATIC},
    {DKM_ORIGIN_NETWORK, TRUE, NULL, DKM_MADE_SEMIAUTOMATIC},
    {DKM_ORIGIN_FOREIGN, FALSE, "BreastVendor 3", DKM_MADE_AUTOMATIC},
    {DKM_ORIGIN_FOREIGN, TRUE, "Other Tool", DKM_MADE_SEMIAUTOMATIC},
};

static void add_rows(DkmReading *reading)
{
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_layers_grid(layers), NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        dkm_mask_slice(mask, 5)[i] = 1;
        const DkmLayerInfo info = {.present = TRUE,
                                   .origin = rows[i].origin,
                                   .touched = rows[i].touched,
                                   .review = DKM_REVIEW_UNREVIEWED,
                                   .algorithm = (char *)rows[i].algorithm};
        g_assert_cmpuint(dkm_layers_add_described(layers, &info, mask, NULL), ==, i + 1);
    }
}

static void check_rows(DkmReading *reading, DkmReview manual, DkmReview automatic)
{
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    DkmDifference difference;
    g_assert_cmpuint(dkm_layers_count(layers), ==, G_N_ELEMENTS(rows));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        g_assert_cmpint(layer->info.origin, ==, rows[i].origin);
        g_assert_cmpstr(layer->info.algorithm, ==, rows[i].algorithm);
        g_assert_cmpint(dkm_layer_made(layer), ==, rows[i].made);
        g_assert_cmpint(layer->info.review, ==,
                        rows[i].made == DKM_MADE_AUTOMATIC ? automatic : manual);
        g_assert_cmpint(dkm_layers_compare_original(layers, layer->id, &difference), ==,
                        rows[i].origin == DKM_ORIGIN_NETWORK && !rows[i].touched);
    }
}

static void export_and_put_away(DkmReading *reading)
{
    dkm_reading_layers_changed(reading);
    dkm_reading_export(reading, file);
    wait(reading);
    g_assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
    put_away(reading);
}

static DkmReading *import(void)
{
    DkmReading *reading = open_study();
    dkm_reading_import(reading, file);
    wait(reading);
    return reading;
}

/* Twice around: what we have read leaves as it came. */
static void the_algorithm_stays_known(void)
{
    DkmReading *reading = open_study();
    add_rows(reading);
    for (int round = 0; round < 2; round++) {
        export_and_put_away(reading);
        reading = import();
        check_rows(reading, DKM_REVIEW_EDITED, DKM_REVIEW_UNREVIEWED);
        g_unlink(file);
    }
    put_away(reading);
}

/* Who has accepted all of it is in the file; when, to the export. */
static void who_accepted_stays_known(void)
{
    DkmReading *reading = open_study();
    add_rows(reading);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        dkm_layers_accept(dkm_reading_case(reading)->layers, i + 1, "Doe^Jane", 1, NULL);
    export_and_put_away(reading);
    reading = import();
    check_rows(reading, DKM_REVIEW_ACCEPTED, DKM_REVIEW_ACCEPTED);
    const DkmLayerInfo *info = &dkm_layers_get(dkm_reading_case(reading)->layers, 3)->info;
    g_assert_cmpstr(info->reviewer, ==, "Doe^Jane");
    g_assert_cmpint(ABS(info->reviewed_unix_s - g_get_real_time() / G_USEC_PER_SEC), <, 120);
    put_away(reading);
    g_unlink(file);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    g_autofree char *folder = g_dir_make_tmp("dkm-import-XXXXXX", NULL);
    study = study_path_small();
    file = g_build_filename(folder, "mask.dcm", NULL);
    g_test_add_func("/reading-import/the-algorithm-stays-known", the_algorithm_stays_known);
    g_test_add_func("/reading-import/who-accepted-stays-known", who_accepted_stays_known);
    const int failed = g_test_run();
    study_path_free(study);
    g_free(file);
    g_rmdir(folder);
    state_free(state);
    return failed;
}
