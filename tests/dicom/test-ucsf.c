/* UCSF's numbers from UCSF's headers alone: their pixels are wiped before anything is read. */
#include "core/image/kinetics.h"
#include "dicom/dicom.h"
#include "tests/dicom/fixture.h"
#include "tests/support/test-data.h"

#include <math.h>
#include <string.h>

static const char *const derived[] = {"mask", "image_dce_ser", "image_dce_pe1"};

/* Copies FROM into TO/NAME, with the last SHARE of each file, all of it pixels, set to one. */
static guint copy_folder(const char *study, const char *to, const char *name, double share)
{
    g_autofree char *from = g_build_filename(study, name, NULL);
    g_autofree char *folder = g_build_filename(to, name, NULL);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(from, 0, &error);
    g_assert_no_error(error);
    guint files = 0;
    for (const char *file; (file = g_dir_read_name(dir)); files++) {
        g_autofree char *source = g_build_filename(from, file, NULL);
        g_autofree char *target = g_build_filename(folder, file, NULL);
        g_autofree char *bytes = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(source, &bytes, &length, &error));
        const gsize pixels = (gsize)((double)length * share);
        memset(bytes + length - pixels, 1, pixels);
        g_assert_true(g_file_set_contents(target, bytes, (gssize)length, &error));
    }
    return files;
}

static DkmVolume *load(const DkmStudies *studies, const DkmPhases *dce, guint phase)
{
    g_autoptr(GError) error = NULL;
    DkmVolume *volume = dkm_dicom_load_phase(studies->table, dce, phase, NULL, NULL, &error);
    g_assert_no_error(error);
    return volume;
}

static void check_volume(const DkmStudies *studies, const DkmStudy *study)
{
    g_autoptr(GError) error = NULL;
    DkmUcsfParameters ucsf;
    g_assert_true(dkm_dicom_find_ucsf(studies, study, &ucsf, &error));
    g_assert_no_error(error);
    g_assert_true(ucsf.has_voi);
    g_assert_cmpfloat(ucsf.pre_contrast_threshold, ==, 35);
    g_assert_cmpfloat(ucsf.pe_threshold, ==, 70);
    g_assert_cmpint(ucsf.minimum_neighbour_count, ==, 4);
    DkmFtvParameters rule = dkm_ftv_ispy;
    rule.pre_contrast_threshold = ucsf.pre_contrast_threshold;
    rule.pe_threshold = ucsf.pe_threshold;
    rule.minimum_neighbours = ucsf.minimum_neighbour_count;
    g_autoptr(DkmVolume) pre = load(studies, study->dce, 0);
    g_autoptr(DkmVolume) early = load(studies, study->dce, 1);
    g_autoptr(DkmVolume) late = load(studies, study->dce, 2);
    const DkmKineticSource source = {pre, early, late};
    g_auto(DkmFtv) ftv = {0};
    g_assert_true(dkm_ftv_compute(&source, &ucsf.voi, &rule, &ftv, NULL, &error));
    g_assert_cmpuint(ftv.pe_voxels, ==, 41105);
    g_assert_cmpfloat(ucsf.stored_voxels, ==, 41105);
    g_assert_cmpfloat(round(ftv.pe_ml * 1000), ==, 40643);
    g_assert_cmpfloat_with_epsilon(ftv.pe_ml, ucsf.stored_ml, 1e-5);
    g_assert_cmpuint(ftv.ser_voxels, ==, 30513);
    g_assert_cmpfloat(ucsf.stored_ser_voxels, ==, 30513);
    g_assert_cmpfloat_with_epsilon(ftv.ser_ml, ucsf.stored_ser_ml, 1e-5);
}

static void numbers_without_their_pixels(void)
{
    g_autofree char *real = dkm_test_data("nact-br06");
    if (!real)
        return;
    g_autofree char *folder = fixture_folder();
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(copy_folder(real, folder, "image_dce_3dfgre_orig", 0), ==, 180);
    for (guint i = 0; i < G_N_ELEMENTS(derived); i++)
        g_assert_cmpuint(copy_folder(real, folder, derived[i], 0.9), >, 0);
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(folder, NULL, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    g_assert_cmpuint(studies->studies->len, ==, 1);
    check_volume(studies, studies->studies->pdata[0]);
    fixture_remove(folder);
}

static void silent_where_there_is_nothing(void)
{
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 4, 8, 8);
    g_autoptr(GError) error = NULL;
    Fixture f;
    fixture_write(&f, "ge", 3, &grid);
    g_autoptr(DkmStudies) studies = dkm_studies_new(f.table);
    DkmUcsfParameters ucsf;
    g_assert_false(dkm_dicom_find_ucsf(studies, studies->studies->pdata[0], &ucsf, &error));
    g_assert_no_error(error);
    g_assert_false(ucsf.has_voi);
    g_assert_true(isnan(ucsf.stored_voxels) && isnan(ucsf.stored_ser_voxels));
    fixture_clear(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ucsf/numbers-without-their-pixels", numbers_without_their_pixels);
    g_test_add_func("/ucsf/silent-where-there-is-nothing", silent_where_there_is_nothing);
    return g_test_run();
}
