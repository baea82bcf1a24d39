#include "core/error.h"
#include "core/image/tiff-stack.h"
#include "tests/support/test-data.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

static const DkmGrid grid = {
    {3, 5, 4}, {2, 0.7, 0.7}, {1, 2, 3}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

typedef struct {
    char *folder, *path;
} Place;

static void setup(Place *place, gconstpointer data)
{
    place->folder = g_dir_make_tmp("dkm-XXXXXX", NULL);
    place->path = g_build_filename(place->folder, "stack.tif", NULL);
}

static void teardown(Place *place, gconstpointer data)
{
    g_autofree char *sidecar = g_strconcat(place->path, ".json", NULL);
    g_unlink(sidecar);
    g_unlink(place->path);
    g_assert_cmpint(g_rmdir(place->folder), ==, 0); /* nothing else may be left */
    g_free(place->folder);
    g_free(place->path);
}

static void labels_round_trip(Place *place, gconstpointer data)
{
    guint8 voxels[60];
    for (int i = 0; i < 60; i++)
        voxels[i] = (guint8)(i * 37);
    g_assert_true(dkm_tiff_write_u8(place->path, &grid, voxels, "research use only", NULL));
    g_auto(DkmTiffStack) stack = {0};
    g_autoptr(GError) error = NULL;
    dkm_tiff_stack_read(place->path, &stack, &error);
    g_assert_no_error(error);
    g_assert_cmpint(stack.pages, ==, 3);
    g_assert_cmpint(stack.height, ==, 5);
    g_assert_cmpint(stack.width, ==, 4);
    g_assert_cmpmem(stack.data, 60, voxels, 60);
    g_autofree char *sidecar = g_strconcat(place->path, ".json", NULL), *text = NULL;
    g_assert_true(g_file_get_contents(sidecar, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "spacing_zyx_mm"));
}

/* Bits are kept (NaN and infinity too), and the caller's buffer is not touched by the predictor. */
static void floats_keep_their_bits(Place *place, gconstpointer data)
{
    float voxels[60], before[60], back[4];
    for (int i = 0; i < 60; i++)
        voxels[i] = (float)i / 7;
    voxels[1] = NAN;
    voxels[2] = INFINITY;
    memcpy(before, voxels, sizeof voxels);
    g_assert_true(dkm_tiff_write_f32(place->path, &grid, voxels, "research use only", NULL));
    g_assert_cmpmem(voxels, sizeof voxels, before, sizeof before);
    TIFF *tiff = TIFFOpen(place->path, "r");
    for (int z = 0; z < 3; z++) {
        g_assert_true(TIFFSetDirectory(tiff, (tdir_t)z));
        for (int y = 0; y < 5; y++) {
            g_assert_cmpint(TIFFReadScanline(tiff, back, (guint32)y, 0), ==, 1);
            g_assert_cmpmem(back, sizeof back, before + z * 20 + y * 4, sizeof back);
        }
    }
    TIFFClose(tiff);
}

/* Written as classic TIFF and, by a limit under its size, as BigTIFF: the same voxels both times.
 */
static void big_tiff_above_the_limit(Place *place, gconstpointer data)
{
    float voxels[60];
    for (int i = 0; i < 60; i++)
        voxels[i] = (float)sin(i) * 1e-30f;
    for (guint64 limit = 239; limit <= 240; limit++) {
        const DkmTiffPages pages = {&grid, voxels, 32, "research use only", limit};
        g_autoptr(GError) error = NULL;
        g_assert_true(dkm_tiff_write(place->path, &pages, &error));
        g_autofree char *bytes = NULL;
        g_assert_true(g_file_get_contents(place->path, &bytes, NULL, &error));
        g_assert_cmpint(bytes[2], ==, limit < 240 ? 43 : 42);
        g_auto(DkmTiffStack) stack = {0};
        g_assert_true(dkm_tiff_stack_read_any(place->path, &stack, &error));
        g_assert_no_error(error);
        g_assert_cmpint(stack.bits, ==, 32);
        g_assert_cmpmem(stack.data, 240, voxels, 240);
    }
}

/* ImageJ's own reader knows predictors of LZW alone, and takes the slices' distance from the
 * description. */
static void imagej_can_read_it(Place *place, gconstpointer data)
{
    const guint8 voxels[60] = {0};
    g_assert_true(dkm_tiff_write_u8(place->path, &grid, voxels, "research use only", NULL));
    TIFF *tiff = TIFFOpen(place->path, "r");
    guint16 predictor = 1;
    const char *description = NULL;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PREDICTOR, &predictor);
    g_assert_cmpint(predictor, ==, PREDICTOR_NONE);
    g_assert_cmpint(TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description), ==, 1);
    g_assert_true(g_str_has_prefix(description, "ImageJ="));
    g_assert_nonnull(strstr(description, "unit=cm\nspacing=0.2\n"));
    g_assert_nonnull(strstr(description, "research use only"));
    TIFFClose(tiff);
}

static void refuse(const char *path, const char *words)
{
    g_auto(DkmTiffStack) stack = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_tiff_stack_read(path, &stack, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_nonnull(strstr(error->message, "stack.tif"));
    g_assert_null(stack.data);
}

static void bad_files_are_refused(Place *place, gconstpointer data)
{
    refuse(place->path, "cannot be opened: No such file");
    g_assert_cmpint(mkfifo(place->path, 0600), ==, 0);
    refuse(place->path, "not a regular file"); /* and not waited for */
    g_unlink(place->path);
    g_assert_true(g_file_set_contents(place->path, "II*\0 and no more", 16, NULL));
    refuse(place->path, "not a readable TIFF");
    float voxels[60] = {0};
    g_assert_true(dkm_tiff_write_f32(place->path, &grid, voxels, "research use only", NULL));
    refuse(place->path, "not 8-bit");
}

/* Cut anywhere: an error, or whole pages with the right voxels. (Cut inside the link to the next
 * page, libtiff takes the page for the last one: callers that know the count compare it.) */
static void cut_files_are_refused(Place *place, gconstpointer data)
{
    guint8 voxels[60] = {1, 2, 3};
    g_assert_true(dkm_tiff_write_u8(place->path, &grid, voxels, "research use only", NULL));
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(place->path, &bytes, &length, NULL));
    guint refused = 0;
    for (gsize cut = 0; cut < length; cut += 7) {
        g_assert_true(g_file_set_contents(place->path, bytes, (gssize)cut, NULL));
        g_auto(DkmTiffStack) stack = {0};
        g_autoptr(GError) error = NULL;
        if (dkm_tiff_stack_read(place->path, &stack, &error))
            g_assert_cmpmem(stack.data, 20 * (gsize)stack.pages, voxels, 20 * (gsize)stack.pages);
        else
            g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        refused += error != NULL;
    }
    g_assert_cmpuint(refused, >, 20);
}

static void no_permission(void)
{
    const guint8 voxels[60] = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_tiff_write_u8("/proc/none/mask.tif", &grid, voxels, "x", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_nonnull(strstr(error->message, "mask.tif"));
}

static void real_crops(void)
{
    g_autofree char *path = dkm_test_data("ispy-slices/ACRIN-6698-102212.tif");
    if (!path)
        return;
    g_auto(DkmTiffStack) stack = {0};
    g_autoptr(GError) error = NULL;
    dkm_tiff_stack_read(path, &stack, &error);
    g_assert_no_error(error);
    g_assert_cmpint(stack.pages, ==, 8);
    g_assert_cmpint(stack.width, ==, 112);
    g_assert_cmpint(stack.samples, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add("/tiff-stack/" path, Place, NULL, setup, func, teardown)
    ADD("labels-round-trip", labels_round_trip);
    ADD("floats-keep-their-bits", floats_keep_their_bits);
    ADD("big-tiff-above-the-limit", big_tiff_above_the_limit);
    ADD("imagej-can-read-it", imagej_can_read_it);
    ADD("bad-files-are-refused", bad_files_are_refused);
    ADD("cut-files-are-refused", cut_files_are_refused);
    g_test_add_func("/tiff-stack/no-permission", no_permission);
    g_test_add_func("/tiff-stack/real-crops", real_crops);
    return g_test_run();
}
