#include "core/error.h"
#include "core/image/tiff-mask.h"
#include "core/image/tiff-stack.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>

static const DkmGrid grid = {
    {3, 5, 4}, {2, 0.7, 0.6}, {1, 2, 3}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

typedef struct {
    char *folder, *path, *sidecar;
} Place;

static void setup(Place *place, gconstpointer data)
{
    place->folder = g_dir_make_tmp("dkm-XXXXXX", NULL);
    place->path = g_build_filename(place->folder, "mask.tif", NULL);
    place->sidecar = g_strconcat(place->path, ".json", NULL);
}

static void teardown(Place *place, gconstpointer data)
{
    g_unlink(place->sidecar);
    g_unlink(place->path);
    g_assert_cmpint(g_rmdir(place->folder), ==, 0);
    g_free(place->folder);
    g_free(place->path);
    g_free(place->sidecar);
}

static DkmMask *read_mask(const Place *place, int label, gboolean expect_geometry)
{
    g_autoptr(GError) error = NULL;
    gboolean has_geometry = !expect_geometry;
    DkmMask *mask = dkm_tiff_mask_read(place->path, &grid, label, &has_geometry, &error);
    g_assert_no_error(error);
    g_assert_cmpint(has_geometry, ==, expect_geometry);
    return mask;
}

static void labels_come_back(Place *place, gconstpointer data)
{
    guint8 voxels[60];
    for (int i = 0; i < 60; i++)
        voxels[i] = (guint8)(i % 4);
    g_assert_true(dkm_tiff_write_u8(place->path, &grid, voxels, "research use only", NULL));
    g_autoptr(DkmMask) any = read_mask(place, 0, TRUE), two = read_mask(place, 2, TRUE);
    for (int i = 0; i < 60; i++) {
        g_assert_cmpint(dkm_mask_peek_slice(any, 0)[i], ==, i % 4 != 0);
        g_assert_cmpint(dkm_mask_peek_slice(two, 0)[i], ==, i % 4 == 2);
    }
    g_unlink(place->sidecar);
    g_autoptr(DkmMask) bare = read_mask(place, 0, FALSE);
    g_assert_cmpuint(dkm_mask_count(bare), ==, 45);
}

/* Of fractions nearly every voxel is other than 0. */
static void refuses_a_map(const Place *place, const char *words)
{
    g_autoptr(GError) error = NULL;
    gboolean has_geometry;
    g_assert_null(dkm_tiff_mask_read(place->path, &grid, 0, &has_geometry, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, words));
}

static void floats_and_16_bit(Place *place, gconstpointer data)
{
    float voxels[60] = {[7] = 0.25f, [8] = -1, [9] = NAN, [59] = 300};
    g_assert_true(dkm_tiff_write_f32(place->path, &grid, voxels, "research use only", NULL));
    g_autoptr(DkmMask) label = read_mask(place, 300, TRUE);
    g_assert_cmpuint(dkm_mask_count(label), ==, 1);
    refuses_a_map(place, "holds 0.25");
    voxels[7] = 1;
    g_assert_true(dkm_tiff_write_f32(place->path, &grid, voxels, "research use only", NULL));
    refuses_a_map(place, "holds nan");
    voxels[9] = 0;
    g_assert_true(dkm_tiff_write_f32(place->path, &grid, voxels, "research use only", NULL));
    g_autoptr(DkmMask) any = read_mask(place, 0, TRUE);
    g_assert_cmpuint(dkm_mask_count(any), ==, 3);
    TIFF *tiff = TIFFOpen(place->path, "wb"); /* the other byte order */
    for (int z = 0; z < 3; z++) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 4);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 5);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        for (guint32 y = 0; y < 5; y++) {
            guint16 row[4] = {0, 0, y == 2 ? 300 : 0, 0};
            g_assert_cmpint(TIFFWriteScanline(tiff, row, y, 0), ==, 1);
        }
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
    g_autoptr(DkmMask) counts = read_mask(place, 300, TRUE);
    g_assert_cmpuint(dkm_mask_count(counts), ==, 3);
    g_assert_true(dkm_mask_get(counts, 1, 2, 2));
}

static void refuse(const Place *place, const DkmGrid *on, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    gboolean has_geometry;
    g_assert_null(dkm_tiff_mask_read(place->path, on, 0, &has_geometry, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_nonnull(strstr(error->message, words));
}

static void what_does_not_fit_is_refused(Place *place, gconstpointer data)
{
    const guint8 voxels[60] = {1};
    g_assert_true(dkm_tiff_write_u8(place->path, &grid, voxels, "research use only", NULL));
    DkmGrid other = grid;
    other.n[0] = 4;
    refuse(place, &other, DKM_ERROR_GEOMETRY, "3 pages of 5 x 4");
    other = grid;
    other.origin_lps[1] += 0.5;
    refuse(place, &other, DKM_ERROR_GEOMETRY, "another lattice");
    static const char *const broken[] = {"", "[]", "{\"size_zyx\": [3, 5]}",
                                         "{\"size_zyx\": [[3], 5, 4]}"};
    for (guint i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_assert_true(g_file_set_contents(place->sidecar, broken[i], -1, NULL));
        refuse(place, &grid, DKM_ERROR_INPUT, "mask.tif.json does not hold");
    }
    g_unlink(place->path);
    refuse(place, &grid, DKM_ERROR_INPUT, "cannot be opened");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add("/tiff-mask/" path, Place, NULL, setup, func, teardown)
    ADD("labels-come-back", labels_come_back);
    ADD("floats-and-16-bit", floats_and_16_bit);
    ADD("what-does-not-fit-is-refused", what_does_not_fit_is_refused);
    return g_test_run();
}
