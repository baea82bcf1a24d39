/* Small Segmentation objects that would make large masks. The source under test is seg-read.cc. */
#include "core/error.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

#include <string.h>

/* A segmentation of two slices of 256 x 256, written into the study's folder. */
static char *write_seg(Fixture *f, const DkmGrid *grid)
{
    GError *error = NULL;
    fixture_write(f, "ucsf", 1, grid);
    g_autoptr(DkmMask) mask = dkm_mask_new(grid, &error);
    g_assert_no_error(error);
    dkm_mask_slice(mask, 0)[9] = dkm_mask_slice(mask, 1)[10] = 1;
    const DkmSegSegment segment = {.mask = mask};
    const DkmSegRequest request = {
        .table = f->table, .phases = &f->phases, .segments = &segment, .n_segments = 1};
    char *path = g_build_filename(f->folder, "seg.dcm", NULL);
    g_assert_true(dkm_dicom_write_seg(&request, path, NULL, &error));
    g_assert_no_error(error);
    return path;
}

/* Every OLD in the file becomes NEW, of the same length. */
static void replace(const char *path, const char *old, const char *new)
{
    GError *error = NULL;
    g_autofree char *bytes = NULL;
    gsize size, n = strlen(old);
    guint found = 0;
    g_assert_cmpuint(strlen(new), ==, n);
    g_assert_true(g_file_get_contents(path, &bytes, &size, &error));
    for (gsize i = 0; i + n <= size; i++)
        if (memcmp(bytes + i, old, n) == 0) {
            memcpy(bytes + i, new, n);
            found++;
        }
    g_assert_cmpuint(found, >, 0);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, &error));
}

/* Two frames six metres apart: the lattice between them would be 197 MB. */
static void test_far_apart(void)
{
    Fixture f;
    DkmGrid grid = fixture_grid(LATTICE_AXIAL, 2, 256, 256);
    grid.origin_lps[2] = 1100.5;
    g_autofree char *path = write_seg(&f, &grid);
    g_autoptr(GError) error = NULL;
    DkmSeg *seg = dkm_dicom_read_seg(path, NULL, 0, &error);
    g_assert_no_error(error);
    dkm_seg_unref(seg);
    replace(path, "1102.5", "7102.5");
    g_assert_null(dkm_dicom_read_seg(path, NULL, 0, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, "3002 slices");
    fixture_clear(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seg-hostile/far-apart", test_far_apart);
    return g_test_run();
}
