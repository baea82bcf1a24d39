#include "tests/dicom/fixture.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

static const char *const layouts[] = {"ucsf", "ge", "siemens", "philips", "enhanced"};

static void assert_same_voxels(const DkmVolume *a, const DkmVolume *b)
{
    const DkmGrid *grid = dkm_volume_grid(a);
    const gsize bytes = (gsize)grid->n[1] * (gsize)grid->n[2] * 2;
    for (int z = 0; z < grid->n[0]; z++) {
        g_assert_cmpmem(dkm_volume_slice(a, z), bytes, dkm_volume_slice(b, z), bytes);
        g_assert_cmpfloat(dkm_volume_slope(a, z), ==, dkm_volume_slope(b, z));
        g_assert_cmpfloat(dkm_volume_intercept(a, z), ==, dkm_volume_intercept(b, z));
    }
    g_assert_cmpint(dkm_volume_is_signed(a), ==, dkm_volume_is_signed(b));
}

static void test_voxels(gconstpointer layout)
{
    for (int lattice = 0; lattice <= LATTICE_OBLIQUE; lattice++) {
        Fixture f;
        GError *error = NULL;
        const DkmGrid grid = fixture_grid((Lattice)lattice, 3, 10, 7);
        fixture_write(&f, layout, 3, &grid);
        for (guint p = 0; p < 3; p++) {
            g_autoptr(DkmVolume) read =
                dkm_dicom_load_phase(f.table, &f.phases, p, NULL, NULL, &error);
            g_assert_no_error(error);
            assert_same_voxels(read, f.volumes[p]);
        }
        fixture_clear(&f);
    }
}

static void test_geometry(gconstpointer layout)
{
    Fixture f;
    const DkmGrid grid = fixture_grid(LATTICE_OBLIQUE, 4, 10, 7);
    fixture_write(&f, layout, 2, &grid);
    for (guint i = 0; i < f.table->frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(f.table, i);
        double lps[3];
        dkm_grid_to_lps(&grid, (double[]){i % 4, 0, 0}, lps);
        for (int k = 0; k < 3; k++) {
            g_assert_cmpfloat_with_epsilon(frame->position_lps[k], lps[k], 1e-6);
            g_assert_cmpfloat_with_epsilon(frame->row_lps[k], grid.axis_lps[2][k], 1e-9);
            g_assert_cmpfloat_with_epsilon(frame->column_lps[k], grid.axis_lps[1][k], 1e-9);
        }
        g_assert_cmpfloat(frame->spacing_mm[0], ==, grid.spacing_mm[1]);
    }
    fixture_clear(&f);
}

/* Which attribute tells phase 1 from phase 0, and which stands still. */
static void test_clocks(void)
{
    static const struct {
        const char *layout;
        double content, trigger, acquisition;
        int temporal, series;
    } rows[] = {
        {"ucsf", 137, NAN, NAN, 0, 0},
        {"ge", 0, 137000, 0, 0, 0},
        {"siemens", 137, NAN, 137, 0, 1},
        {"philips", 0, 137000, 0, 1, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Fixture f;
        const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 4, 4);
        fixture_write(&f, rows[i].layout, 2, &grid);
        const DkmFrame *a = dkm_frame_table_get(f.table, 0), *b = dkm_frame_table_get(f.table, 2);
        g_assert_cmpfloat_with_epsilon(b->content_time_s - a->content_time_s, rows[i].content,
                                       1e-3);
        g_assert_cmpint(isnan(b->trigger_time_ms), ==, isnan(rows[i].trigger));
        if (!isnan(rows[i].trigger))
            g_assert_cmpfloat(b->trigger_time_ms - a->trigger_time_ms, ==, rows[i].trigger);
        g_assert_cmpint(isnan(b->acquisition_time_s), ==, isnan(rows[i].acquisition));
        if (!isnan(rows[i].acquisition))
            g_assert_cmpfloat_with_epsilon(b->acquisition_time_s - a->acquisition_time_s,
                                           rows[i].acquisition, 1e-3);
        g_assert_cmpint(b->series_number - a->series_number, ==, rows[i].series);
        g_assert_cmpint((b->temporal_position != DKM_ABSENT_INT), ==, rows[i].temporal);
        fixture_clear(&f);
    }
}

static void test_enhanced_clocks(void)
{
    Fixture f;
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 4, 4);
    fixture_write(&f, "enhanced", 3, &grid);
    for (guint i = 0; i < f.table->frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(f.table, i);
        g_assert_cmpint(frame->frame, ==, (int)i);
        g_assert_cmpint(frame->temporal_position, ==, (int)i / 2 + 1);
        g_assert_cmpfloat_with_epsilon(frame->acquisition_datetime_s -
                                           dkm_frame_table_get(f.table, 0)->acquisition_datetime_s,
                                       fixture_t_seconds[i / 2], 1e-3);
    }
    fixture_clear(&f);
}

static void assert_same_files(const char *a, const char *b)
{
    g_autoptr(GDir) dir = g_dir_open(a, 0, NULL);
    const char *name;
    guint n = 0;
    for (; (name = g_dir_read_name(dir)); n++) {
        g_autofree char *path_a = g_build_filename(a, name, NULL);
        g_autofree char *path_b = g_build_filename(b, name, NULL);
        g_autofree char *bytes_a = NULL, *bytes_b = NULL;
        gsize size_a, size_b;
        g_assert_true(g_file_get_contents(path_a, &bytes_a, &size_a, NULL));
        g_assert_true(g_file_get_contents(path_b, &bytes_b, &size_b, NULL));
        g_assert_cmpmem(bytes_a, size_a, bytes_b, size_b);
    }
    g_assert_cmpuint(n, >, 0);
}

static void test_same_bytes(gconstpointer layout)
{
    Fixture a, b;
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 4, 4);
    fixture_write(&a, layout, 2, &grid);
    fixture_write(&b, layout, 2, &grid);
    assert_same_files(a.folder, b.folder);
    fixture_clear(&a);
    fixture_clear(&b);
}

/* Another day is another examination of the same patient. */
static void test_date(gconstpointer layout)
{
    GError *error = NULL;
    Fixture first, later;
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 4, 4);
    fixture_write(&first, layout, 2, &grid);
    fixture_write(&later, layout, 2, &grid);
    g_autofree char *folder = g_build_filename(later.folder, "later", NULL);
    later.request.study_date = "20010203";
    g_assert_true(dkm_dicom_write_mr(&later.request, folder, NULL, &error));
    g_assert_no_error(error);
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(folder, NULL, NULL, &error);
    g_assert_no_error(error);
    const DkmFrame *a = dkm_frame_table_get(first.table, 0), *b = dkm_frame_table_get(table, 0);
    g_assert_cmpstr(a->study_date, ==, "20000101");
    g_assert_cmpstr(b->study_date, ==, "20010203");
    g_assert_cmpstr(a->patient_id, ==, b->patient_id);
    g_assert_cmpstr(a->study_uid, !=, b->study_uid);
    g_assert_cmpstr(a->series_uid, !=, b->series_uid);
    g_assert_cmpstr(a->sop_instance_uid, !=, b->sop_instance_uid);
    g_assert_cmpstr(a->frame_of_reference_uid, !=, b->frame_of_reference_uid);
    fixture_clear(&first);
    fixture_clear(&later);
}

static void test_rescale(gconstpointer layout)
{
    GError *error = NULL;
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 4, 4);
    float *slope = g_new(float, 2), *intercept = g_new0(float, 2);
    slope[0] = 0.5f, slope[1] = 0.25f, intercept[1] = -3;
    g_autoptr(DkmVolume) volume =
        dkm_volume_new_take(&grid, g_new0(guint16, 32), FALSE, slope, intercept);
    Fixture f = {.folder = fixture_folder(), .volumes = {dkm_volume_ref(volume)}};
    f.request = (DkmMrRequest){.volumes = (const DkmVolume *const *)f.volumes,
                               .n_phases = 1,
                               .t_seconds = fixture_t_seconds,
                               .layout = layout};
    g_assert_true(dkm_dicom_write_mr(&f.request, f.folder, NULL, &error));
    f.table = dkm_dicom_scan(f.folder, NULL, NULL, &error);
    g_assert_no_error(error);
    fixture_find_phases(&f);
    g_autoptr(DkmVolume) read = dkm_dicom_load_phase(f.table, &f.phases, 0, NULL, NULL, &error);
    g_assert_no_error(error);
    assert_same_voxels(read, volume);
    fixture_clear(&f);
}

static void test_refusals(void)
{
    Fixture f;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 4, 4);
    fixture_write(&f, "ucsf", 1, &grid);
    g_assert_false(dkm_dicom_write_mr(&f.request, f.folder, NULL, &error)); /* not empty */
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_clear_error(&error);
    f.request.layout = "toshiba";
    g_assert_false(dkm_dicom_write_mr(&f.request, f.folder, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_clear_error(&error);
    f.request.layout = "ge";
    g_autofree char *fresh = g_build_filename(f.folder, "fresh", NULL);
    g_cancellable_cancel(cancel);
    g_assert_false(dkm_dicom_write_mr(&f.request, fresh, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_assert_false(g_file_test(fresh, G_FILE_TEST_EXISTS));
    fixture_clear(&f);
}

static void add(const char *name, const char *layout, GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("/write-mr/%s/%s", name, layout);
    g_test_add_data_func(path, layout, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        add("voxels", layouts[i], test_voxels);
        add("geometry", layouts[i], test_geometry);
        add("same-bytes", layouts[i], test_same_bytes);
        add("rescale", layouts[i], test_rescale);
        add("date", layouts[i], test_date);
    }
    g_test_add_func("/write-mr/clocks", test_clocks);
    g_test_add_func("/write-mr/clocks/enhanced", test_enhanced_clocks);
    g_test_add_func("/write-mr/refusals", test_refusals);
    return g_test_run();
}
