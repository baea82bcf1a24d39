/* A measurement report from a SEG; what it says is looked at by others in check-report.py. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "tests/dicom/fixture.h"

#include <string.h>

typedef struct {
    Fixture study;
    char *seg, *report; /* in a folder of their own */
    char *folder;
    DkmMask *mask;
    DkmLesionMeasures measures;
    DkmReportLesion lesion;
    DkmReportRequest request;
} Report;

static void write_seg(const Report *r, const char *creator)
{
    g_autoptr(GError) error = NULL;
    const DkmSegSegment segment = {
        .mask = r->mask, .label = "Lesion 1", .tracking_id = "Tracked", .tracking_uid = "1.2.3.77"};
    const DkmSegRequest request = {.table = r->study.table,
                                   .phases = &r->study.phases,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .content_creator = creator,
                                   .uid_seed = "seg"};
    g_assert_true(dkm_dicom_write_seg(&request, r->seg, NULL, &error));
    g_assert_no_error(error);
}

static void setup(Report *r, gconstpointer layout)
{
    const DkmGrid grid = fixture_grid(LATTICE_OBLIQUE, 5, 12, 10);
    g_autoptr(GError) error = NULL;
    *r = (Report){.folder = fixture_folder(), .mask = dkm_mask_new(&grid, &error)};
    fixture_write(&r->study, layout ? layout : "ge", 3, &grid);
    r->seg = g_build_filename(r->folder, "seg.dcm", NULL);
    r->report = g_build_filename(r->folder, "report.dcm", NULL);
    for (int y = 3; y < 8; y++)
        memset(dkm_mask_slice(r->mask, 2) + (gsize)y * 10 + 2, 1, 5);
    write_seg(r, NULL);
    r->measures = (DkmLesionMeasures){.voxels = 25,
                                      .volume_ml = 1.25,
                                      .in_space.mm = 33.5,
                                      .in_plane.mm = 22.25,
                                      .has_curve = TRUE,
                                      .mean.pe_percent = 87.5,
                                      .has_worst = TRUE,
                                      .worst.pe_percent = 190.125,
                                      .has_late = TRUE,
                                      .curve = DKM_CURVE_PLATEAU,
                                      .ftv_ml = 0.875};
    r->lesion = (DkmReportLesion){1, &r->measures};
    r->request = (DkmReportRequest){.table = r->study.table,
                                    .phases = &r->study.phases,
                                    .early = 1,
                                    .late = 2,
                                    .seg_path = r->seg,
                                    .lesions = &r->lesion,
                                    .n_lesions = 1,
                                    .rule = "by a test",
                                    .software_version = "0.1.0",
                                    .uid_seed = "report"};
}

static void teardown(Report *r, gconstpointer data)
{
    dkm_mask_unref(r->mask);
    fixture_remove(r->folder);
    fixture_clear(&r->study);
    g_free(r->seg);
    g_free(r->report);
    g_free(r->folder);
}

/* The bytes of the report that REQUEST gives. */
static GBytes *write_report(const Report *r)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_dicom_write_report(&r->request, r->report, NULL, &error));
    g_assert_no_error(error);
    char *text = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(r->report, &text, &length, &error));
    return g_bytes_new_take(text, length);
}

static gboolean holds(GBytes *bytes, const char *text)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return memmem(data, length, text, strlen(text)) != NULL;
}

static void says_what_was_measured(Report *r, gconstpointer data)
{
    g_autoptr(GBytes) bytes = write_report(r);
    const char *const expected[] = {"1250",      "33.5",       "22.25",  "87.5",
                                    "190.125",   "875",        "130598", "1.2.3.77",
                                    "by a test", "UNVERIFIED", "Tracked"};
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_test_message("%s", expected[i]);
        g_assert_true(holds(bytes, expected[i]));
    }
    for (guint i = 0; i < r->study.table->frames->len; i++) /* every source image is evidence */
        g_assert_true(holds(bytes, dkm_frame_table_get(r->study.table, i)->sop_instance_uid));
    g_autoptr(GBytes) again = write_report(r);
    g_assert_true(g_bytes_equal(bytes, again));
}

/* What could not be measured is left out, not written as nought. */
static void leaves_out_what_is_unknown(Report *r, gconstpointer data)
{
    r->measures.has_late = r->measures.has_worst = FALSE;
    r->request.late = 0;
    g_autoptr(GBytes) bytes = write_report(r);
    g_assert_true(holds(bytes, "PE-MEAN"));
    g_assert_false(holds(bytes, "FTV ") || holds(bytes, "PE-WORST") || holds(bytes, "13059"));
}

static void reviewer_verifies(Report *r, gconstpointer data)
{
    r->request.reviewer = "M\303\274ller^Eva";
    r->request.reviewed_unix_s = 1767225600;
    g_autoptr(GBytes) bytes = write_report(r);
    g_assert_true(holds(bytes, "M\303\274ller^Eva"));
    g_assert_true(holds(bytes, "COMPLETE"));
    g_assert_true(holds(bytes, "ISO_IR 192"));
    g_assert_false(holds(bytes, "UNVERIFIED"));
}

/* A SEG of ours that someone reviewed says who; its software as creator is nobody. */
static void reviewer_of_the_seg_is_taken(Report *r, gconstpointer data)
{
    write_seg(r, "Reader^One");
    g_autoptr(GBytes) bytes = write_report(r);
    g_assert_true(holds(bytes, "Reader^One"));
    g_assert_false(holds(bytes, "UNVERIFIED"));
}

static void wrong_segment_and_study_are_refused(Report *r, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    r->lesion.segment_number = 2;
    g_assert_false(dkm_dicom_write_report(&r->request, r->report, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "no segment 2"));
    g_clear_error(&error);
    r->lesion.segment_number = 1;
    Report other;
    setup(&other, NULL);
    other.study.request.seed = 99;
    g_autofree char *elsewhere = g_build_filename(other.folder, "study", NULL);
    other.study.request.study_uid = "1.2.3.4";
    g_assert_true(dkm_dicom_write_mr(&other.study.request, elsewhere, NULL, &error));
    dkm_frame_table_unref(other.study.table);
    other.study.table = dkm_dicom_scan(elsewhere, NULL, NULL, &error);
    g_assert_no_error(error);
    other.request.table = other.study.table;
    g_assert_false(dkm_dicom_write_report(&other.request, other.report, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "another study"));
    g_assert_false(g_file_test(other.report, G_FILE_TEST_EXISTS));
    teardown(&other, NULL);
}

/* A tracking UID that is none does not go on: neither into the report nor to the next version. */
static void tracking_uid_that_is_none_is_replaced(Report *r, gconstpointer data)
{
    static const char good[] = "1.2.3.77", bad[] = "lesion-7";
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(r->seg, &bytes, &size, &error));
    char *at = memmem(bytes, size, good, strlen(good));
    g_assert_nonnull(at);
    memcpy(at, bad, strlen(bad));
    g_assert_true(g_file_set_contents(r->seg, bytes, (gssize)size, &error));
    g_autoptr(GBytes) report = write_report(r);
    g_assert_false(holds(report, bad));
    g_assert_true(holds(report, "112040"));
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(r->seg, &r->study.phases.grid, 0.5, &error);
    g_assert_no_error(error);
    g_assert_null(((const DkmSegReadSegment *)seg->segments->pdata[0])->tracking_uid);
    gboolean said = FALSE;
    for (guint i = 0; i < seg->assumed->len; i++)
        said |= strstr(seg->assumed->pdata[i], "segment 1: its tracking UID is none") != NULL;
    g_assert_true(said);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, layout, func) g_test_add("/report/" path, Report, layout, setup, func, teardown)
    ADD("says-what-was-measured", "ge", says_what_was_measured);
    ADD("says-what-was-measured-enhanced", "enhanced", says_what_was_measured);
    ADD("leaves-out-what-is-unknown", "ge", leaves_out_what_is_unknown);
    ADD("reviewer-verifies", "ge", reviewer_verifies);
    ADD("reviewer-of-the-seg-is-taken", "ge", reviewer_of_the_seg_is_taken);
    ADD("tracking-uid-that-is-none-is-replaced", "ge", tracking_uid_that_is_none_is_replaced);
    ADD("wrong-segment-and-study-are-refused", "ge", wrong_segment_and_study_are_refused);
    return g_test_run();
}
