#include "core/error.h"
#include "core/learn/cases.h"
#include "synthetic.h"
#include "tests/support/test-data.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

/* An 8-bit multi-page TIFF of PAGES 8x6 pages whose samples count up. */
static void write_stack(const char *folder, const char *name, int pages, int samples)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    TIFF *tiff = TIFFOpen(path, "w");
    g_assert_nonnull(tiff);
    for (int page = 0; page < pages; page++) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 8);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 6);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
        TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
        TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
                     samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
        for (guint y = 0; y < 6; y++) {
            guint8 row[24];
            for (int x = 0; x < 8 * samples; x++)
                row[x] = samples == 3 ? (guint8)(10 * page + 20 * y + x) : y < 2 ? 255 : 0;
            TIFFWriteScanline(tiff, row, y, 0);
        }
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
}

static void free_case(gpointer c)
{
    dkm_case_free(c);
}

/* A folder with one case "p1" whose list is CSV; loads it. */
static GPtrArray *load(const char *csv, int pages, GError **error)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-cases-XXXXXX", NULL);
    g_autofree char *list = g_build_filename(folder, "cases.csv", NULL);
    g_autofree char *images = g_build_filename(folder, "p1.tif", NULL);
    g_autofree char *labels = g_build_filename(folder, "p1-mask.tif", NULL);
    GPtrArray *cases = g_ptr_array_new_with_free_func(free_case);
    write_stack(folder, "p1.tif", pages, 3);
    write_stack(folder, "p1-mask.tif", pages, 1);
    g_assert_true(g_file_set_contents(list, csv, -1, NULL));
    dkm_cases_load_stacks(folder, DKM_NORMALISE_FOREGROUND, cases, error);
    g_unlink(list);
    g_unlink(images);
    g_unlink(labels);
    g_rmdir(folder);
    return cases;
}

static void test_stack(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) cases =
        load("case,extra,slices,pixel_mm,slice_mm\np1,x,2,0.7,2.0\n\n", 2, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(cases->len, ==, 1);
    const DkmCase *c = g_ptr_array_index(cases, 0);
    g_assert_cmpstr(c->name, ==, "p1");
    const DkmGrid *grid = dkm_mask_grid(c->mask);
    g_assert_cmpint(grid->n[0], ==, 2);
    g_assert_cmpint(grid->n[1], ==, 6);
    g_assert_cmpint(grid->n[2], ==, 8);
    g_assert_cmpfloat_with_epsilon(grid->spacing_mm[1], 0.7, 1e-9);
    /* page 1, row 2, column 3: samples 59, 60, 61 */
    for (int phase = 0; phase < DKM_PHASE_KINDS; phase++)
        g_assert_cmpfloat(dkm_volume_value(c->phase[phase], 1, 2, 3), ==, 59 + phase);
    g_assert_cmpuint(dkm_mask_count(c->mask), ==, 2 * 2 * 8);
}

static void test_bad_lists(void)
{
    static const char *const lists[] = {
        "",                                               /* no header */
        "case,slices,pixel_mm\np1,2,0.7\n",               /* a column is missing */
        "case,slices,pixel_mm,slice_mm\n\n",              /* no row */
        "case,slices,pixel_mm,slice_mm\np1,3,0.7,2\n",    /* a page is missing */
        "case,slices,pixel_mm,slice_mm\np1,2\n",          /* a short row */
        "case,slices,pixel_mm,slice_mm\n../p1,2,0.7,2\n", /* out of the folder */
        "case,slices,pixel_mm,slice_mm\np2,2,0.7,2\n",    /* no such file */
        "case,slices,pixel_mm,slice_mm\np1,2,zero,2\n",   /* no number */
    };
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) cases = load(lists[i], 2, &error);
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        g_assert_cmpuint(cases->len, ==, 0);
    }
}

/* A list that is a pipe: refused, not waited for. */
static void test_pipe(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-cases-XXXXXX", NULL);
    g_autofree char *list = g_build_filename(folder, "cases.csv", NULL);
    g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func(free_case);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(mkfifo(list, 0600), ==, 0);
    g_assert_false(dkm_cases_load_stacks(folder, DKM_NORMALISE_FOREGROUND, cases, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "cases.csv: not a regular file"));
    g_unlink(list);
    g_rmdir(folder);
}

/* No patient is on both sides, no slice is lost. */
static void test_samples(void)
{
    const DkmSplit split = {.fold = DKM_NO_FOLD};
    g_autoptr(GPtrArray) cases = synthetic_cases(30, 3, 16);
    g_autoptr(GArray) training = dkm_cases_samples(cases, &split, DKM_SPLIT_TRAINING);
    g_autoptr(GArray) validation = dkm_cases_samples(cases, &split, DKM_SPLIT_VALIDATION);
    g_assert_cmpuint(training->len + validation->len, ==, 90);
    for (guint i = 0; i < validation->len; i++) {
        const DkmSample *sample = &g_array_index(validation, DkmSample, i);
        g_assert_cmpint(dkm_split_role(&split, sample->c->name), ==, DKM_SPLIT_VALIDATION);
    }
    g_autoptr(GArray) few = dkm_cases_validation(cases, &split, 4);
    g_assert_cmpuint(few->len, ==, MIN(4, validation->len));
}

static void test_real(void)
{
    const DkmSplit split = {.fold = DKM_NO_FOLD};
    g_autofree char *folder = dkm_test_data("ispy-slices");
    g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func(free_case);
    g_autoptr(GError) error = NULL;
    if (!folder)
        return;
    dkm_cases_load_stacks(folder, DKM_NORMALISE_FOREGROUND, cases, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) training = dkm_cases_samples(cases, &split, DKM_SPLIT_TRAINING);
    g_autoptr(GArray) validation = dkm_cases_samples(cases, &split, DKM_SPLIT_VALIDATION);
    g_assert_cmpuint(cases->len, ==, 220);
    g_assert_cmpuint(training->len + validation->len, ==, 1758);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cases/stack", test_stack);
    g_test_add_func("/cases/bad-lists", test_bad_lists);
    g_test_add_func("/cases/pipe", test_pipe);
    g_test_add_func("/cases/samples", test_samples);
    g_test_add_func("/cases/real", test_real);
    return g_test_run();
}
