#include "core/error.h"
#include "dicom/preflight.h"
#include "tests/dicom/fixture.h"

#include <math.h>
#include <string.h>

typedef struct {
    Fixture study;
    float *values;
    DkmMapRequest request;
    char *folder, *path;
} Case;

static void case_init(Case *c, const char *layout, const DkmGrid *grid)
{
    *c = (Case){.folder = fixture_folder()};
    c->path = g_build_filename(c->folder, "map.dcm", NULL);
    fixture_write(&c->study, layout, 2, grid);
    const gsize n = dkm_grid_voxels(grid);
    GRand *rand = g_rand_new_with_seed(1);
    c->values = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        c->values[i] = (float)g_rand_double_range(rand, -100, 300);
    g_rand_free(rand);
    c->values[1] = NAN; /* what divides by nothing */
    c->values[2] = INFINITY;
    c->values[3] = -0.0f;
    c->request = (DkmMapRequest){.table = c->study.table,
                                 .phases = &c->study.phases,
                                 .quantity = DKM_QUANTITY_PE,
                                 .values = c->values,
                                 .uid_seed = "seed"};
}

static void case_clear(Case *c)
{
    fixture_clear(&c->study);
    fixture_remove(c->folder);
    g_free(c->values);
    g_free(c->folder);
    g_free(c->path);
}

/* The values stand at the end of the file, as they came. */
static void assert_values(const Case *c)
{
    gsize size;
    g_autofree char *bytes = NULL;
    const gsize length = dkm_grid_voxels(&c->study.phases.grid) * sizeof(float);
    g_assert_true(g_file_get_contents(c->path, &bytes, &size, NULL));
    g_assert_cmpuint(size, >, length);
    g_assert_cmpmem(bytes + size - length, length, c->values, length);
}

static void test_table(void)
{
    static const struct {
        const char *layout;
        Lattice lattice;
        int slices, rows, columns;
    } rows[] = {{"ge", LATTICE_AXIAL, 3, 9, 7},
                {"ucsf", LATTICE_SAGITTAL_REVERSED, 4, 251, 253},
                {"enhanced", LATTICE_OBLIQUE, 5, 11, 13}};
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++)
        for (int q = DKM_QUANTITY_PROBABILITY; q <= DKM_QUANTITY_SER; q++) {
            Case c;
            DkmPreflight found;
            g_autoptr(GError) error = NULL;
            const DkmGrid grid =
                fixture_grid(rows[r].lattice, rows[r].slices, rows[r].rows, rows[r].columns);
            case_init(&c, rows[r].layout, &grid);
            c.request.quantity = (DkmQuantity)q;
            g_assert_true(dkm_dicom_write_map(&c.request, c.path, NULL, &error));
            assert_values(&c);
            g_assert_true(dkm_preflight_file(c.path, &found, NULL));
            g_assert_cmpint(found.frames, ==, rows[r].slices);
            g_assert_cmpint(found.rows, ==, rows[r].rows);
            g_assert_cmpint(found.columns, ==, rows[r].columns);
            g_assert_cmpint(found.bits_allocated, ==, 32);
            case_clear(&c);
        }
}

/* A folder that holds a map is read as before: the map is set aside by its class, whatever its
 * modality says. */
static void test_set_aside(void)
{
    Case c;
    g_autoptr(GError) error = NULL;
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 9, 7);
    case_init(&c, "ge", &grid);
    g_autofree char *inside = g_build_filename(c.study.folder, "map.dcm", NULL);
    g_assert_true(dkm_dicom_write_map(&c.request, inside, NULL, &error));
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(c.study.folder, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(table->frames->len, ==, 6);
    g_assert_cmpuint(table->notes->len, ==, 1);
    const DkmFileNote *note = &g_array_index(table->notes, DkmFileNote, 0);
    g_assert_cmpint(note->fate, ==, DKM_FILE_SET_ASIDE);
    g_assert_nonnull(strstr(note->reason, "parametric map"));
    case_clear(&c);
}

static void test_failures(void)
{
    Case c;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 9, 7);
    case_init(&c, "ge", &grid);
    g_cancellable_cancel(cancel);
    g_assert_false(dkm_dicom_write_map(&c.request, c.path, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_clear_error(&error);
    g_unlink(dkm_frame_table_get(c.study.table, 0)->path);
    g_assert_false(dkm_dicom_write_map(&c.request, c.path, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_autoptr(GDir) dir = g_dir_open(c.folder, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
    case_clear(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/map-write/table", test_table);
    g_test_add_func("/map-write/set-aside", test_set_aside);
    g_test_add_func("/map-write/failures", test_failures);
    return g_test_run();
}
