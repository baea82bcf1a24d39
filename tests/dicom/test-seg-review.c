/* Whose a SEG is, and whether a person stands for it. */
#include "tests/dicom/fixture.h"

static char *write_seg(Fixture *f, const char *creator, const char *label)
{
    GError *error = NULL;
    g_autoptr(DkmMask) mask = dkm_mask_new(&f->phases.grid, &error);
    g_assert_no_error(error);
    dkm_mask_slice(mask, 1)[3] = 1;
    const DkmSegSegment segment = {.mask = mask, .label = "Lesion 1"};
    const DkmSegRequest request = {.table = f->table,
                                   .phases = &f->phases,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .content_creator = creator,
                                   .content_label = label};
    char *path = g_build_filename(f->folder, "seg.dcm", NULL);
    g_unlink(path);
    g_assert_true(dkm_dicom_write_seg(&request, path, NULL, &error));
    g_assert_no_error(error);
    return path;
}

static void ours(void)
{
    static const struct {
        const char *creator, *label;
        DkmSegReview review;
    } rows[] = {{"Doe^Jane", NULL, DKM_SEG_REVIEWED},
                {"J\303\244ger^Ann", NULL, DKM_SEG_REVIEWED},
                {NULL, NULL, DKM_SEG_NOT_REVIEWED},
                {NULL, "NOT ACCEPTED", DKM_SEG_NOT_REVIEWED},
                {"Doe^Jane", "NOT ACCEPTED", DKM_SEG_NOT_REVIEWED}};
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 16, 24);
    Fixture f;
    fixture_write(&f, "ucsf", 1, &grid);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_seg(&f, rows[i].creator, rows[i].label);
        g_assert_cmpint(dkm_dicom_seg_review(path), ==, rows[i].review);
        gint64 when = 0;
        g_autofree char *reviewer = dkm_dicom_seg_reviewer(path, &when);
        const gboolean is_reviewed = rows[i].review == DKM_SEG_REVIEWED;
        g_assert_cmpstr(reviewer, ==, is_reviewed ? rows[i].creator : NULL);
        g_assert_true(!is_reviewed || ABS(when - g_get_real_time() / G_USEC_PER_SEC) < 100);
    }
    fixture_clear(&f);
}

/* An image of ours, a file that is none, and nothing at all. */
static void not_ours(void)
{
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 16, 24);
    Fixture f;
    fixture_write(&f, "ucsf", 1, &grid);
    g_autofree char *text = g_build_filename(f.folder, "text", NULL);
    g_assert_true(g_file_set_contents(text, "DKM Workstation", -1, NULL));
    g_assert_cmpint(dkm_dicom_seg_review(dkm_frame_table_get(f.table, 0)->path), ==,
                    DKM_SEG_NOT_OURS);
    g_assert_cmpint(dkm_dicom_seg_review(text), ==, DKM_SEG_NOT_OURS);
    g_assert_cmpint(dkm_dicom_seg_review(f.folder), ==, DKM_SEG_NOT_OURS);
    g_assert_cmpint(dkm_dicom_seg_review("/nowhere/at/all"), ==, DKM_SEG_NOT_OURS);
    fixture_clear(&f);
}

/* Other programs' segmentations are not counted as reviewed here. */
static void of_others(void)
{
    const char *root = g_getenv("DKM_TEST_DATA");
    g_autofree char *folder = root ? g_build_filename(root, "nact-br06", "mask", NULL) : NULL;
    g_autoptr(GDir) dir = folder ? g_dir_open(folder, 0, NULL) : NULL;
    guint n = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir)); n++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_assert_cmpint(dkm_dicom_seg_review(path), ==, DKM_SEG_NOT_OURS);
    }
    if (n == 0)
        g_test_skip("no real data");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seg-review/ours", ours);
    g_test_add_func("/seg-review/not-ours", not_ours);
    g_test_add_func("/seg-review/of-others", of_others);
    return g_test_run();
}
