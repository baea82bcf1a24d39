#include "core/error.h"
#include "dicom/preflight.h"
#include "tests/dicom/fixture.h"

#include <string.h>

typedef struct {
    Fixture study;
    guint8 *rgb;
    DkmCaptureRequest request;
    char *folder, *path;
} Case;

/* A picture with a gap of five bytes behind each row. */
static void case_init(Case *c, const char *layout, int rows, int columns)
{
    *c = (Case){.folder = fixture_folder()};
    c->path = g_build_filename(c->folder, "view.dcm", NULL);
    const DkmGrid grid = fixture_grid(LATTICE_OBLIQUE, 3, 9, 7);
    fixture_write(&c->study, layout, 2, &grid);
    const gsize stride = (gsize)columns * 3 + 5, n = stride * (gsize)rows;
    c->rgb = g_malloc(n);
    for (gsize i = 0; i < n; i++)
        c->rgb[i] = (guint8)(i * 7);
    c->request = (DkmCaptureRequest){.table = c->study.table,
                                     .phases = &c->study.phases,
                                     .phase = 1,
                                     .slice = 2,
                                     .rgb = c->rgb,
                                     .rows = rows,
                                     .columns = columns,
                                     .stride = stride,
                                     .uid_seed = "seed"};
}

static void case_clear(Case *c)
{
    fixture_clear(&c->study);
    fixture_remove(c->folder);
    g_free(c->rgb);
    g_free(c->folder);
    g_free(c->path);
}

static char *write_and_load(const Case *c, gsize *size)
{
    char *bytes = NULL;
    GError *error = NULL;
    g_assert_true(dkm_dicom_write_capture(&c->request, c->path, NULL, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(c->path, &bytes, size, NULL));
    return bytes;
}

static gboolean holds(const char *bytes, gsize size, const char *text)
{
    return memmem(bytes, size, text, strlen(text)) != NULL;
}

/* The rows without their gaps, at the end of the file. */
static void test_pixels(void)
{
    static const int shapes[][2] = {{1, 1}, {5, 7}, {64, 48}, {301, 457}};
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        Case c;
        gsize size;
        DkmPreflight found;
        case_init(&c, i % 2 ? "enhanced" : "ge", shapes[i][0], shapes[i][1]);
        g_autofree char *bytes = write_and_load(&c, &size);
        const gsize row = (gsize)shapes[i][1] * 3, n = row * (gsize)shapes[i][0];
        const char *pixels = bytes + size - (n + n % 2);
        for (int y = 0; y < shapes[i][0]; y++)
            g_assert_cmpmem(pixels + (gsize)y * row, row, c.rgb + (gsize)y * c.request.stride, row);
        g_assert_true(dkm_preflight_file(c.path, &found, NULL));
        g_assert_cmpint(found.rows, ==, shapes[i][0]);
        g_assert_cmpint(found.columns, ==, shapes[i][1]);
        g_assert_cmpint(found.samples, ==, 3);
        case_clear(&c);
    }
}

/* Whose it is, of which image, what it is for, and whether it shows the patient. */
static void test_words(void)
{
    for (int shows = 0; shows < 2; shows++) {
        Case c;
        gsize size;
        case_init(&c, "ge", 4, 6);
        c.request.shows_patient = shows;
        c.request.description = "axial, L\303\244sion 1";
        c.request.reviewer = "Reader^One";
        g_autofree char *bytes = write_and_load(&c, &size);
        const DkmFrame *image =
            dkm_frame_table_get(c.study.table, c.study.phases.phases[1].frames[2]);
        g_assert_true(holds(bytes, size, image->study_uid));
        g_assert_true(holds(bytes, size, image->patient_id));
        g_assert_true(holds(bytes, size, image->sop_instance_uid));
        g_assert_false(holds(bytes, size, image->frame_of_reference_uid));
        g_assert_true(holds(bytes, size, "Research use only"));
        g_assert_true(holds(bytes, size, "RESEARCH USE ONLY"));
        g_assert_true(holds(bytes, size, "L\303\244sion 1"));
        g_assert_true(holds(bytes, size, "ISO_IR 192"));
        g_assert_true(holds(bytes, size, "Reader^One"));
        const char *flag = memmem(bytes, size,
                                  "\x28\x00\x01\x03"
                                  "CS",
                                  6);
        g_assert_nonnull(flag);
        g_assert_cmpint(strncmp(flag + 8, shows ? "YES" : "NO", shows ? 3 : 2), ==, 0);
        case_clear(&c);
    }
}

static void assert_refused(const Case *c, GCancellable *cancel, int code)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_dicom_write_capture(&c->request, c->path, cancel, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_false(g_file_test(c->path, G_FILE_TEST_EXISTS));
}

static void test_refused(void)
{
    Case c;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    case_init(&c, "ge", 4, 6);
    const DkmCaptureRequest sound = c.request;
    c.request.rows = 0;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request = sound;
    c.request.columns = 20000;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request = sound;
    c.request.stride = 17;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request = sound;
    c.request.slice = 3;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request.slice = -1;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request = sound;
    c.request.phase = 2;
    assert_refused(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request = sound;
    g_cancellable_cancel(cancel);
    assert_refused(&c, cancel, DKM_ERROR_CANCELLED);
    case_clear(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture-write/pixels", test_pixels);
    g_test_add_func("/capture-write/words", test_words);
    g_test_add_func("/capture-write/refused", test_refused);
    return g_test_run();
}
