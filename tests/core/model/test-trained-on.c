/* What a study's header says, and what a file says of many of them. */
#include "core/model/trained-on.h"

#include <math.h>

static const DkmGrid grid = {
    .n = {2, 40, 50}, .spacing_mm = {2, 0.7, 0.8}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static void test_header(void)
{
    static const struct {
        const char *options;
        double field;
        gboolean suppressed;
        double tesla;
    } rows[] = {{"GRAPH_GEMS \\NPW\\FS ", 15000, TRUE, 1.5},
                {"NPW\\SFS", 3, FALSE, 3},
                {NULL, NAN, FALSE, NAN},
                {"FS", 0, TRUE, NAN}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DkmFrame frame;
        dkm_frame_init(&frame);
        frame.scan_options = rows[i].options;
        frame.field_strength = rows[i].field;
        frame.manufacturer = " Maker \xff";
        const DkmAcquisition a = dkm_acquisition_read(&frame, &grid);
        g_assert_true(a.has_header);
        g_assert_cmpint(a.fat_suppressed, ==, rows[i].suppressed);
        g_assert_true(a.field_tesla == rows[i].tesla ||
                      (isnan(a.field_tesla) && isnan(rows[i].tesla)));
        g_assert_cmpstr(a.vendor, ==, "Maker \xef\xbf\xbd");
        g_assert_cmpfloat(a.pixel_mm[1], ==, 0.8);
        g_assert_cmpint(a.slices, ==, 2);
    }
    g_assert_false(dkm_acquisition_read(NULL, &grid).has_header);
}

/* A name longer than there is room for ends at a character. */
static void test_long_vendor(void)
{
    DkmFrame frame;
    dkm_frame_init(&frame);
    frame.manufacturer = "xéééééééééééééééééééééééééééééé";
    const DkmAcquisition a = dkm_acquisition_read(&frame, &grid);
    g_assert_true(g_utf8_validate(a.vendor, -1, NULL));
    g_assert_true(g_str_has_prefix(a.vendor, "xé"));
}

/* Tissue 100, 101, ... 200 in equal shares beside air. */
static DkmVolume *ramp(int gain)
{
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = i % 4 == 0 ? 0 : (guint16)(100 + gain + i % 101);
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

/* Air does not count, and the later phase is looked at where the first one is tissue. */
static void test_brightness(void)
{
    g_autoptr(DkmVolume) pre = ramp(0), post = ramp(50);
    const DkmNormalisation n = {.mean = 150, .sd = 25, .floor = 20};
    const DkmBrightness a = dkm_brightness_measure(pre, pre, &n);
    const DkmBrightness b = dkm_brightness_measure(pre, post, &n);
    g_assert_cmpfloat_with_epsilon(a.low, -1.96, 0.05);
    g_assert_cmpfloat_with_epsilon(a.high, 1.96, 0.05);
    g_assert_cmpfloat_with_epsilon(b.low, a.low + 2, 0.01);
    const DkmNormalisation nothing = {.mean = 150, .sd = 25, .floor = 1000};
    g_assert_true(isnan(dkm_brightness_measure(pre, pre, &nothing).low));
}

static void add(DkmTrainedOn *trained, double tesla, gboolean suppressed, const char *vendor)
{
    DkmAcquisition a = {.has_header = TRUE,
                        .field_tesla = tesla,
                        .fat_suppressed = suppressed,
                        .pixel_mm = {0.7, 0.7},
                        .slice_mm = tesla,
                        .slices = 60};
    const DkmBrightness brightness[DKM_TRAINED_PHASES] = {{-1, tesla}, {0, 2}, {0, NAN}};
    g_strlcpy(a.vendor, vendor, sizeof a.vendor);
    dkm_trained_on_add(trained, &a, brightness);
}

static void test_text(void)
{
    DkmTrainedOn trained, read;
    dkm_trained_on_init(&trained);
    add(&trained, 1.5, TRUE, "GE");
    add(&trained, 2.89, FALSE, "Siemens");
    add(&trained, 3, FALSE, "siemens");
    trained.patients = 2;
    g_autofree char *text = dkm_trained_on_to_text(&trained);
    g_assert_true(dkm_trained_on_parse(text, &read));
    g_assert_cmpuint(read.patients, ==, 2);
    g_assert_cmpuint(read.studies, ==, 3);
    g_assert_cmpuint(read.slices, ==, 180);
    g_assert_cmpuint(read.headers, ==, 3);
    g_assert_cmpuint(read.fat_suppressed, ==, 1);
    g_assert_cmpuint(read.n_fields, ==, 2);
    g_assert_cmpfloat(read.field_tesla[1], ==, 2.89);
    g_assert_cmpuint(read.n_vendors, ==, 2);
    g_assert_cmpstr(read.vendor[1], ==, "Siemens");
    g_assert_cmpfloat(read.slice_mm.high, ==, 3);
    g_assert_cmpfloat(read.high[DKM_TRAINED_PRE].low, ==, 1.5);
    g_assert_true(dkm_span_is_known(read.low[DKM_TRAINED_LATE]));
    g_assert_false(dkm_span_is_known(read.high[DKM_TRAINED_LATE]));
}

/* Somebody else may have written it. */
static void test_foreign(void)
{
    static const char *const none[] = {
        NULL, "", "[]", "{", "{}", "{\"studies\":\"many\"}", "{\"studies\":-3}"};
    DkmTrainedOn read;
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_false(dkm_trained_on_parse(none[i], &read));
    g_assert_true(dkm_trained_on_parse(
        "{\"studies\":1,\"pixel_mm\":{},\"slice_mm\":[\"a\",[]],\"field_tesla\":[0,-1,null,3],"
        "\"vendors\":[1,\"GE\"],\"z_scores\":{\"pre\":7}}",
        &read));
    g_assert_false(dkm_span_is_known(read.pixel_mm));
    g_assert_false(dkm_span_is_known(read.slice_mm));
    g_assert_cmpuint(read.n_fields, ==, 1);
    g_assert_cmpuint(read.n_vendors, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/trained-on/header", test_header);
    g_test_add_func("/model/trained-on/long-vendor", test_long_vendor);
    g_test_add_func("/model/trained-on/brightness", test_brightness);
    g_test_add_func("/model/trained-on/text", test_text);
    g_test_add_func("/model/trained-on/foreign", test_foreign);
    return g_test_run();
}
