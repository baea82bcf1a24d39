/* The scope of de-identification; what it does to every object is in check-deidentify.py. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "tests/dicom/fixture.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
    Fixture study;
    DkmMask *mask;
    char *folder, *path;
} Seg;

static void setup(Seg *s, gconstpointer data)
{
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 8, 8);
    g_autoptr(GError) error = NULL;
    *s = (Seg){.folder = fixture_folder(), .mask = dkm_mask_new(&grid, &error)};
    fixture_write(&s->study, "ge", 2, &grid);
    dkm_mask_slice(s->mask, 1)[9] = 1;
    s->path = g_build_filename(s->folder, "seg.dcm", NULL);
}

static void teardown(Seg *s, gconstpointer data)
{
    fixture_remove(s->folder);
    fixture_clear(&s->study);
    dkm_mask_unref(s->mask);
    g_free(s->folder);
    g_free(s->path);
}

static GBytes *write_seg(const Seg *s)
{
    g_autoptr(GError) error = NULL;
    const DkmSegSegment segment = {.mask = s->mask,
                                   .label = "Lesion 1",
                                   .tracking_id = "Near the scar",
                                   .tracking_uid = "1.2.3.77"};
    const DkmSegRequest request = {.table = s->study.table,
                                   .phases = &s->study.phases,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .content_creator = "Reader^One",
                                   .uid_seed = "seg"};
    g_assert_true(dkm_dicom_write_seg(&request, s->path, NULL, &error));
    g_assert_no_error(error);
    char *text = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(s->path, &text, &length, &error));
    return g_bytes_new_take(text, length);
}

static GBytes *write_within(const Seg *s, const char *key, char ***removed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) secret = g_bytes_new_static(key, strlen(key));
    g_assert_true(dkm_dicom_deidentify_begin(secret, &error));
    g_assert_no_error(error);
    GBytes *bytes = write_seg(s);
    g_auto(GStrv) lines = dkm_dicom_deidentify_end();
    if (removed)
        *removed = g_steal_pointer(&lines);
    return bytes;
}

static gboolean holds(GBytes *bytes, const char *text)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    return memmem(data, length, text, strlen(text)) != NULL;
}

/* What stands in the pixels cannot be removed: such a picture does not leave. */
static gboolean write_picture(const Seg *s, const char *path, gboolean shows_patient,
                              GError **error)
{
    static const guint8 rgb[4 * 3 * 4];
    const DkmCaptureRequest request = {.table = s->study.table,
                                       .phases = &s->study.phases,
                                       .rgb = rgb,
                                       .rows = 4,
                                       .columns = 4,
                                       .stride = 12,
                                       .shows_patient = shows_patient,
                                       .uid_seed = "picture"};
    return dkm_dicom_write_capture(&request, path, NULL, error);
}

static void no_picture_of_the_patients_name(Seg *s, gconstpointer data)
{
    static const char secret[] = "0123456789abcdef0123456789abcdef";
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) key = g_bytes_new_static(secret, sizeof secret - 1);
    g_autofree char *path = g_build_filename(s->folder, "view.dcm", NULL);
    g_assert_true(dkm_dicom_deidentify_begin(key, &error));
    g_assert_false(write_picture(s, path, TRUE, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_nonnull(strstr(error->message, "may show the patient"));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_clear_error(&error);
    g_assert_true(write_picture(s, path, FALSE, &error));
    g_assert_no_error(error);
    g_auto(GStrv) removed = dkm_dicom_deidentify_end();
    g_assert_nonnull(removed[0]);
    g_assert_true(write_picture(s, path, TRUE, &error)); /* outside of the scope it may */
    g_assert_no_error(error);
}

static const char key_a[] = "0123456789abcdef0123456789abcdef",
                  key_b[] = "x123456789abcdef0123456789abcdef";

static void nothing_of_the_patient_stays(Seg *s, gconstpointer data)
{
    const DkmFrame *frame = dkm_frame_table_get(s->study.table, 0);
    const char *const gone[] = {"Reader^One",        "Near the scar",   "1.2.3.77",
                                frame->study_uid,    frame->patient_id, frame->sop_instance_uid,
                                frame->patient_name, frame->series_uid};
    g_autoptr(GBytes) plain = write_seg(s);
    g_auto(GStrv) removed = NULL;
    g_autoptr(GBytes) bytes = write_within(s, key_a, &removed);
    for (guint i = 0; i < G_N_ELEMENTS(gone); i++) {
        if (!gone[i] || strlen(gone[i]) < 4)
            continue;
        g_test_message("%s", gone[i]);
        g_assert_true(holds(plain, gone[i]) || gone[i] == frame->series_uid);
        g_assert_false(holds(bytes, gone[i]));
    }
    g_assert_true(holds(bytes, "Lesion 1")); /* our own word for it */
    g_assert_true(g_strv_contains((const char *const *)removed, "(0010,0020) PatientID: replaced"));
    for (guint i = 0; removed[i]; i++) /* the list tells no values */
        g_assert_null(strstr(removed[i], "Reader"));
}

static void same_key_same_object(Seg *s, gconstpointer data)
{
    g_autoptr(GBytes) a = write_within(s, key_a, NULL), again = write_within(s, key_a, NULL);
    g_autoptr(GBytes) b = write_within(s, key_b, NULL);
    g_assert_true(g_bytes_equal(a, again));
    g_assert_false(g_bytes_equal(a, b));
}

/* ---- versions of versions ------------------------------------------------------------------ */

/* A version of the one at BEFORE, or the first, to s->path; the lesion is known by its label. */
static DkmSeg *write_version(Seg *s, const char *before, const char *key, GError **error)
{
    g_autoptr(GBytes) secret = g_bytes_new_static(key, strlen(key));
    const DkmSegSegment segment = {.mask = s->mask, .label = "By the scar"};
    const DkmSegRequest request = {.table = s->study.table,
                                   .phases = &s->study.phases,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .predecessor = before};
    g_assert_true(dkm_dicom_deidentify_begin(secret, NULL));
    const gboolean is_written = dkm_dicom_write_seg(&request, s->path, NULL, error);
    g_auto(GStrv) removed = dkm_dicom_deidentify_end();
    return is_written ? dkm_dicom_read_seg(s->path, NULL, 0.5, error) : NULL;
}

static const DkmSegReadSegment *only_segment(const DkmSeg *seg)
{
    g_assert_cmpuint(seg->segments->len, ==, 1);
    return seg->segments->pdata[0];
}

/* Each names the one before as that names itself, and the lesion is the same all along. */
static void versions_follow_each_other(Seg *s, gconstpointer data)
{
    enum { VERSIONS = 3 };
    DkmSeg *versions[VERSIONS] = {NULL};
    char *before = NULL;
    for (guint v = 0; v < VERSIONS; v++) {
        g_autoptr(GError) error = NULL;
        g_free(s->path);
        s->path = g_strdup_printf("%s/v%u.dcm", s->folder, v + 1);
        versions[v] = write_version(s, before, key_a, &error);
        g_assert_no_error(error);
        g_free(before);
        before = g_strdup(s->path);
        if (v == 0)
            continue;
        const DkmSegReadSegment *old = only_segment(versions[0]), *now = only_segment(versions[v]);
        g_autofree char *bytes = NULL;
        gsize length;
        g_assert_true(g_file_get_contents(s->path, &bytes, &length, NULL));
        const char *uid = versions[v - 1]->sop_instance_uid;
        g_assert_nonnull(memmem(bytes, length, uid, strlen(uid)));
        g_assert_nonnull(memmem(bytes, length, versions[v - 1]->series_uid,
                                strlen(versions[v - 1]->series_uid)));
        g_assert_cmpstr(now->tracking_uid, ==, old->tracking_uid);
        g_assert_cmpstr(now->tracking_id, ==, old->tracking_id);
        g_assert_cmpstr(now->label, ==, old->label);
        g_assert_null(memmem(bytes, length, "By the scar", strlen("By the scar")));
        g_assert_cmpstr(versions[v]->patient_id, ==, versions[0]->patient_id);
        g_assert_cmpstr(versions[v]->study_uid, ==, versions[0]->study_uid);
    }
    for (guint v = 0; v < VERSIONS; v++)
        dkm_seg_unref(versions[v]);
    g_free(before);
}

/* Another key's names are nobody's here; and without a scope no key's are. */
static void another_keys_version_is_refused(Seg *s, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmSeg) first = write_version(s, NULL, key_a, &error);
    g_assert_no_error(error);
    g_autofree char *before = g_steal_pointer(&s->path);
    s->path = g_build_filename(s->folder, "v2.dcm", NULL);
    g_assert_null(write_version(s, before, key_b, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "another patient"));
    g_clear_error(&error);
    const DkmSegImport import = {s->study.table, &s->study.phases, 0.5, FALSE};
    g_assert_null(dkm_dicom_import_seg(before, &import, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
}

static void scope_ends(Seg *s, gconstpointer data)
{
    g_autoptr(GBytes) inside = write_within(s, key_a, NULL), outside = write_seg(s);
    g_assert_true(holds(outside, "Reader^One"));
    g_autofree char *uid = dkm_dicom_deidentified_uid("1.2.3");
    g_assert_cmpstr(uid, ==, "1.2.3");
    g_auto(GStrv) nothing = dkm_dicom_deidentify_end();
    g_assert_cmpuint(g_strv_length(nothing), ==, 0);
}

static void key_is_made_once_and_kept(Seg *s, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(s->folder, "key", NULL);
    g_autoptr(GBytes) made = dkm_dicom_deidentify_key(path, &error);
    g_assert_no_error(error);
    g_autoptr(GBytes) kept = dkm_dicom_deidentify_key(path, &error);
    g_assert_cmpuint(g_bytes_get_size(made), ==, DKM_DEIDENTIFY_KEY_BYTES);
    g_assert_true(g_bytes_equal(made, kept));
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_true(g_file_set_contents(path, "short", -1, &error));
    g_assert_null(dkm_dicom_deidentify_key(path, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_clear_error(&error);
    g_autoptr(GBytes) weak = g_bytes_new_static("abc", 3);
    g_assert_false(dkm_dicom_deidentify_begin(weak, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add("/deidentify/" path, Seg, NULL, setup, func, teardown)
    ADD("no-picture-of-the-patients-name", no_picture_of_the_patients_name);
    ADD("nothing-of-the-patient-stays", nothing_of_the_patient_stays);
    ADD("same-key-same-object", same_key_same_object);
    ADD("versions-follow-each-other", versions_follow_each_other);
    ADD("another-keys-version-is-refused", another_keys_version_is_refused);
    ADD("scope-ends", scope_ends);
    ADD("key-is-made-once-and-kept", key_is_made_once_and_kept);
    return g_test_run();
}
