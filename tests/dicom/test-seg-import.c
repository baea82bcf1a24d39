#include "core/error.h"
#include "tests/dicom/craft-seg.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"
#include "tests/support/test-data.h"

#include <string.h>

static const char *const PATIENT = "P1", *const STUDY = "1.2.3.4.5", *const FRAME = "1.2.3.4.6",
                         *const IMAGE = "1.2.3.9";

/* A study without files: what an import asks of it. */
typedef struct {
    DkmFrameTable *table;
    guint frames[1];
    DkmPhase phase;
    DkmPhases phases;
    DkmSegImport import;
} Images;

static void images_init(Images *images, const DkmGrid *grid)
{
    DkmFrame frame;
    dkm_frame_init(&frame);
    *images = (Images){.table = dkm_frame_table_new()};
    frame.patient_id = dkm_frame_table_intern(images->table, PATIENT);
    frame.study_uid = dkm_frame_table_intern(images->table, STUDY);
    frame.frame_of_reference_uid = dkm_frame_table_intern(images->table, FRAME);
    frame.sop_instance_uid = dkm_frame_table_intern(images->table, IMAGE);
    dkm_frame_table_add(images->table, &frame);
    images->phase.frames = images->frames;
    images->phases = (DkmPhases){.grid = *grid, .n_phases = 1, .phases = &images->phase};
    images->import =
        (DkmSegImport){.table = images->table, .phases = &images->phases, .threshold = 0.5};
}

/* Six slices of 2 mm, 8 x 12 pixels of 1 mm. */
static DkmGrid images_grid(void)
{
    DkmGrid grid = fixture_grid(LATTICE_AXIAL, 6, 8, 12);
    grid.spacing_mm[1] = grid.spacing_mm[2] = 1;
    memcpy(grid.origin_lps, (const double[3]){0.5, 0.5, 1}, sizeof grid.origin_lps);
    return grid;
}

/* Set where the centre lies in the block of patient space that starts at FROM: 4 mm a side, cut at
 * borders of the images' voxels. */
static DkmMask *block(const DkmGrid *grid, const double from[3])
{
    DkmMask *mask = dkm_mask_new(grid, NULL);
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                double lps[3];
                gboolean inside = TRUE;
                dkm_grid_to_lps(grid, (const double[]){z, y, x}, lps);
                for (int k = 0; k < 3; k++)
                    inside = inside && lps[k] > from[k] && lps[k] < from[k] + 4;
                dkm_mask_slice(mask, z)[y * grid->n[2] + x] = inside;
            }
    return mask;
}

static const double FIRST[3] = {2, 2, 4}, SECOND[3] = {8, 2, 4};

static void assert_same_mask(const DkmMask *a, const DkmMask *b)
{
    const gsize n = dkm_grid_voxels(dkm_mask_grid(a));
    g_assert_cmpmem(dkm_mask_peek_slice(a, 0), n, dkm_mask_peek_slice(b, 0), n);
}

static const DkmSegReadSegment *segment_at(const DkmSeg *seg, guint i)
{
    g_assert_cmpuint(i, <, seg->segments->len);
    return g_ptr_array_index(seg->segments, i);
}

/* ---- what others write ----------------------------------------------------------------------- */

typedef struct {
    const char *name, *type;
    int bits, padding;
    enum { AS_THE_IMAGES, FINER, COARSER, MIRRORED, SAGITTAL, PARTLY_OUTSIDE } lattice;
    gboolean is_reversed, is_rle, is_deflated, has_deflated_frames, has_empty, lacks_spacing,
        lacks_references;
    double off_mm;
    gboolean is_resampled;
    const char *assumed[4]; /* how each starts, in order */
} Row;

static const Row rows[] = {
    {.name = "as ours", .type = "BINARY", .bits = 1},
    {.name = "frames reversed", .type = "BINARY", .bits = 1, .is_reversed = TRUE},
    {.name = "every slice", .type = "BINARY", .bits = 1, .has_empty = TRUE, .lacks_spacing = TRUE},
    {.name = "no references",
     .type = "BINARY",
     .bits = 1,
     .lacks_references = TRUE,
     .assumed = {"no referenced series"}},
    {.name = "fractional", .type = "FRACTIONAL", .bits = 8, .assumed = {"fractional: values over"}},
    {.name = "label map", .type = "LABELMAP", .bits = 8, .padding = -1},
    {.name = "label map, padded", .type = "LABELMAP", .bits = 8, .padding = 5, .has_empty = TRUE},
    {.name = "label map of 16 bits", .type = "LABELMAP", .bits = 16, .padding = 0},
    {.name = "label map reversed", .type = "LABELMAP", .bits = 8, .is_reversed = TRUE},
    {.name = "fractional, RLE",
     .type = "FRACTIONAL",
     .bits = 8,
     .is_rle = TRUE,
     .assumed = {"fractional"}},
    {.name = "label map, RLE", .type = "LABELMAP", .bits = 8, .is_rle = TRUE, .padding = -1},
    {.name = "label map of 16 bits, RLE", .type = "LABELMAP", .bits = 16, .is_rle = TRUE},
    {.name = "deflated, as dcmqi", .type = "BINARY", .bits = 1, .is_deflated = TRUE},
    {.name = "label map deflated",
     .type = "LABELMAP",
     .bits = 8,
     .padding = -1,
     .is_deflated = TRUE},
    {.name = "deflated frames", .type = "BINARY", .bits = 1, .has_deflated_frames = TRUE},
    {.name = "label map, deflated frames",
     .type = "LABELMAP",
     .bits = 16,
     .padding = -1,
     .has_deflated_frames = TRUE},
    {.name = "half a pixel off",
     .type = "BINARY",
     .bits = 1,
     .off_mm = 0.5,
     .assumed = {"planes lie up to 0.500 mm off"}},
    {.name = "finer",
     .type = "BINARY",
     .bits = 1,
     .lattice = FINER,
     .is_resampled = TRUE,
     .assumed = {"resampled, nearest voxel, from 8 x 32 x 48 voxels of 0.5 x 0.25 x 0.25 mm"}},
    {.name = "finer, fractional, no references",
     .type = "FRACTIONAL",
     .bits = 8,
     .lattice = FINER,
     .has_empty = TRUE,
     .lacks_references = TRUE,
     .is_resampled = TRUE,
     .assumed = {"no referenced series", "fractional", "resampled"}},
    {.name = "coarser",
     .type = "LABELMAP",
     .bits = 8,
     .lattice = COARSER,
     .is_resampled = TRUE,
     .assumed = {"resampled"}},
    {.name = "mirrored",
     .type = "BINARY",
     .bits = 1,
     .lattice = MIRRORED,
     .is_resampled = TRUE,
     .assumed = {"resampled"}},
    {.name = "sagittal, reversed",
     .type = "BINARY",
     .bits = 1,
     .lattice = SAGITTAL,
     .is_reversed = TRUE,
     .is_resampled = TRUE,
     .assumed = {"resampled"}},
    {.name = "partly outside",
     .type = "BINARY",
     .bits = 1,
     .lattice = PARTLY_OUTSIDE,
     .has_empty = TRUE,
     .is_resampled = TRUE,
     .assumed = {"resampled", "16 of its 64 voxels lie outside"}},
};

static DkmGrid lattice_of(const Row *row)
{
    DkmGrid grid = images_grid();
    const double sagittal[3][3] = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}};
    switch (row->lattice) {
    case FINER:
        grid.spacing_mm[0] = 0.5;
        grid.spacing_mm[1] = grid.spacing_mm[2] = 0.25;
        memcpy(grid.n, (const int[3]){24, 32, 48}, sizeof grid.n);
        memcpy(grid.origin_lps, (const double[3]){0.125, 0.125, 0.25}, sizeof grid.origin_lps);
        break;
    case COARSER:
        grid.spacing_mm[1] = grid.spacing_mm[2] = 2;
        memcpy(grid.n, (const int[3]){6, 4, 6}, sizeof grid.n);
        memcpy(grid.origin_lps, (const double[3]){1, 1, 1}, sizeof grid.origin_lps);
        break;
    case MIRRORED: /* columns from the patient's left to the right, slices downwards */
        grid.axis_lps[2][0] = -1;
        grid.axis_lps[0][2] = -1;
        memcpy(grid.origin_lps, (const double[3]){11.5, 0.5, 11}, sizeof grid.origin_lps);
        break;
    case SAGITTAL:
        memcpy(grid.n, (const int[3]){12, 12, 8}, sizeof grid.n);
        grid.spacing_mm[0] = 1;
        memcpy(grid.axis_lps, sagittal, sizeof sagittal);
        memcpy(grid.origin_lps, (const double[3]){0.5, 0.5, 11.5}, sizeof grid.origin_lps);
        break;
    case PARTLY_OUTSIDE: /* also the slice above the images, which the block reaches */
        grid.origin_lps[2] += 2;
        break;
    case AS_THE_IMAGES:
        break;
    }
    return grid;
}

static void assert_assumed(const DkmSeg *seg, const char *const *starts, guint most)
{
    guint n = 0;
    for (; n < most && starts[n]; n++) {
        g_assert_cmpuint(n, <, seg->assumed->len);
        const char *words = g_ptr_array_index(seg->assumed, n);
        g_test_message("assumed: %s", words);
        g_assert_true(g_str_has_prefix(words, starts[n]));
    }
    g_assert_cmpuint(seg->assumed->len, ==, n);
}

static void check_row(const Row *row, const char *folder)
{
    Images images;
    GError *error = NULL;
    const DkmGrid grid = images_grid(), own = lattice_of(row);
    const double up = row->lattice == PARTLY_OUTSIDE ? 4 : 0; /* the images end at 12 mm */
    const double first[3] = {FIRST[0], FIRST[1], FIRST[2] + up + (up ? 2 : 0)};
    const double second[3] = {SECOND[0], SECOND[1], SECOND[2] + up};
    g_test_message("%s", row->name);
    images_init(&images, &grid);
    g_autoptr(DkmMask) a = block(&own, first);
    g_autoptr(DkmMask) b = block(&own, second);
    const CraftSeg craft = {.type = row->type,
                            .masks = (const DkmMask *const[]){a, b},
                            .n_segments = 2,
                            .bits = row->bits,
                            .padding = row->padding,
                            .is_reversed = row->is_reversed,
                            .is_rle = row->is_rle,
                            .is_deflated = row->is_deflated,
                            .has_deflated_frames = row->has_deflated_frames,
                            .has_empty = row->has_empty,
                            .lacks_spacing = row->lacks_spacing,
                            .patient_id = PATIENT,
                            .study_uid = STUDY,
                            .frame_of_reference_uid = FRAME,
                            .reference = row->lacks_references ? NULL : IMAGE,
                            .off_mm = row->off_mm};
    g_autofree char *path = craft_seg(&craft, folder);
    g_autoptr(DkmSeg) seg = dkm_dicom_import_seg(path, &images.import, &error);
    g_assert_no_error(error);
    g_autoptr(DkmMask) expected_a = block(&grid, first);
    g_autoptr(DkmMask) expected_b = block(&grid, second);
    g_assert_cmpuint(seg->segments->len, ==, 2);
    assert_same_mask(segment_at(seg, 0)->mask, expected_a);
    assert_same_mask(segment_at(seg, 1)->mask, expected_b);
    g_assert_cmpint(segment_at(seg, 1)->number, ==, 2);
    g_assert_cmpstr(seg->type, ==, row->type);
    g_assert_cmpint(seg->is_resampled, ==, row->is_resampled);
    g_assert_false(seg->is_foreign);
    g_assert_cmpint(segment_at(seg, 0)->values != NULL, ==, seg->fractional && !seg->is_resampled);
    assert_assumed(seg, row->assumed, G_N_ELEMENTS(row->assumed));
    dkm_frame_table_unref(images.table);
}

static void test_others(void)
{
    g_autofree char *folder = fixture_folder();
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++)
        check_row(&rows[r], folder);
    fixture_remove(folder);
}

/* One bit a pixel in RLE fragments, which the standard does not allow. */
static void test_coded_bits(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = images_grid();
    Images images;
    images_init(&images, &grid);
    g_autoptr(DkmMask) mask = block(&grid, FIRST);
    const CraftSeg craft = {.type = "BINARY",
                            .masks = (const DkmMask *const[]){mask},
                            .n_segments = 1,
                            .bits = 1,
                            .is_rle = TRUE,
                            .patient_id = PATIENT,
                            .study_uid = STUDY,
                            .frame_of_reference_uid = FRAME,
                            .reference = IMAGE};
    g_autofree char *path = craft_seg(&craft, folder);
    g_assert_null(dkm_dicom_import_seg(path, &images.import, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED);
    assert_says(error->message, "one bit a pixel, coded as RLE");
    dkm_frame_table_unref(images.table);
    fixture_remove(folder);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static void test_identity(void)
{
    static const struct {
        const char *patient, *study, *frame, *reference;
        const char *refused; /* what is said, or NULL */
        const char *assumed; /* what it is read with */
    } cases[] = {
        {"P1", "1.2.3.4.5", "1.2.3.4.6", "1.2.3.9", NULL, NULL},
        {"P2", "1.2.3.4.5", "1.2.3.4.6", "1.2.3.9", "it is of another patient than the images",
         "OVERRIDE: it is of another patient than the images"},
        {"P1", "1.2.3.4.7", "1.2.3.4.6", "1.2.3.9", "another study",
         "OVERRIDE: it is of another study"},
        {"P1", "1.2.3.4.5", "1.2.3.4.7", "1.2.3.9", "another frame of reference",
         "OVERRIDE: it is of another frame of reference"},
        {"P2", "1.2.3", "1.2.4", "1.2.3.9", "another patient, another study, another frame of",
         "OVERRIDE: it is of another patient, another study, another frame of reference"},
        {NULL, "1.2.3.4.5", "1.2.3.4.6", "1.2.3.9", NULL, "no patient ID: taken"},
        {"P1", NULL, "1.2.3.4.6", "1.2.3.9", NULL, "no study: taken"},
        {"P1", "1.2.3.4.5", NULL, "1.2.3.9", NULL, "no frame of reference: taken"},
        {"P1", "1.2.3.4.5", "1.2.3.4.6", "1.2.9", NULL, "the images that it refers to are not"},
    };
    Images images;
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = images_grid();
    g_autoptr(DkmMask) mask = block(&grid, FIRST);
    images_init(&images, &grid);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const CraftSeg craft = {.type = "BINARY",
                                .masks = (const DkmMask *const[]){mask},
                                .n_segments = 1,
                                .bits = 1,
                                .patient_id = cases[i].patient,
                                .study_uid = cases[i].study,
                                .frame_of_reference_uid = cases[i].frame,
                                .reference = cases[i].reference};
        g_autofree char *path = craft_seg(&craft, folder);
        g_autoptr(GError) error = NULL;
        images.import.is_override = FALSE;
        g_autoptr(DkmSeg) plain = dkm_dicom_import_seg(path, &images.import, &error);
        g_assert_cmpint(plain == NULL, ==, cases[i].refused != NULL);
        if (!plain) {
            g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
            g_assert_nonnull(strstr(error->message, cases[i].refused));
            g_assert_true(g_str_has_prefix(error->message, "others.dcm: "));
            g_assert_null(strstr(error->message, "P2")); /* no patient in any message */
        }
        images.import.is_override = TRUE;
        g_autoptr(DkmSeg) forced = dkm_dicom_import_seg(path, &images.import, NULL);
        g_assert_cmpint(forced->is_foreign, ==, cases[i].refused != NULL);
        assert_assumed(forced, &cases[i].assumed, 1);
        assert_same_mask(segment_at(forced, 0)->mask, mask);
    }
    dkm_frame_table_unref(images.table);
    fixture_remove(folder);
}

/* ---- what cannot be read --------------------------------------------------------------------- */

static void test_refused(void)
{
    Images images;
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = images_grid();
    g_autoptr(DkmMask) mask = block(&grid, FIRST);
    CraftSeg craft = {.type = "LABELMAP",
                      .masks = (const DkmMask *const[]){mask},
                      .n_segments = 1,
                      .bits = 8,
                      .padding = 7};
    g_autofree char *path = craft_seg(&craft, folder);
    images_init(&images, &grid);
    images.phases.grid.origin_lps[0] = 500;
    g_assert_null(dkm_dicom_import_seg(path, &images.import, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_cmpstr(error->message, ==, "others.dcm: it lies nowhere on the images");
    g_clear_error(&error);
    /* the padding is background only where it is said to be */
    gsize size;
    g_autofree char *bytes = NULL;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    char *padding = memmem(bytes, size, "\x28\x00\x20\x01US", 6);
    g_assert_nonnull(padding);
    padding[8] = 6;
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    images.phases.grid = grid;
    g_assert_null(dkm_dicom_import_seg(path, &images.import, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "a segment that is not described"));
    dkm_frame_table_unref(images.table);
    fixture_remove(folder);
}

/* Planes 2 mm apart without a word on it, and one mask on the images' planes alone. */
static void test_no_spacing(void)
{
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = images_grid();
    g_autoptr(DkmMask) mask = block(&grid, FIRST);
    const CraftSeg craft = {.type = "BINARY",
                            .masks = (const DkmMask *const[]){mask},
                            .n_segments = 1,
                            .bits = 1,
                            .lacks_spacing = TRUE};
    g_autofree char *path = craft_seg(&craft, folder);
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, NULL, 0, NULL);
    g_assert_cmpfloat(dkm_mask_grid(segment_at(seg, 0)->mask)->spacing_mm[0], ==, 2);
    g_assert_cmpint(dkm_mask_grid(segment_at(seg, 0)->mask)->n[0], ==, 2);
    g_assert_nonnull(strstr(g_ptr_array_index(seg->assumed, 1), "no slice spacing"));
    fixture_remove(folder);
}

/* ---- real objects ---------------------------------------------------------------------------- */

/* Of dcmqi, highdicom and UCSF; voxels as pydicom counts them, segment by segment. */
static void test_real(void)
{
    static const struct {
        const char *path, *type;
        guint n_segments;
        gsize voxels[5];
    } objects[] = {
        {"objects/dcmqi/segmentations/liver.dcm", "BINARY", 1, {107098}},
        {"objects/dcmqi/segmentations/23x38x3/seg/label.seg", "BINARY", 1, {322}},
        {"objects/dcmqi/segmentations/24x38x3/seg/label.seg", "BINARY", 1, {315}},
        {"objects/dcmqi/segmentations/sparse-labelmap-noppv.dcm", "LABELMAP", 1, {630}},
        {"objects/dcmqi/segmentations/sparse-labelmap-ppv5.dcm", "LABELMAP", 1, {630}},
        {"objects/dcmqi/sr-example/seg.dcm", "BINARY", 1, {795}},
        {"objects/highdicom/seg_image_ct_binary.dcm", "BINARY", 1, {638}},
        {"objects/highdicom/seg_image_ct_binary_fractional.dcm", "FRACTIONAL", 1, {638}},
        {"objects/highdicom/seg_image_ct_binary_overlap.dcm", "BINARY", 2, {64, 16}},
        {"objects/highdicom/seg_image_ct_binary_single_frame.dcm", "BINARY", 1, {1832}},
        {"objects/highdicom/seg_image_ct_true_fractional.dcm", "FRACTIONAL", 1, {638}},
        {"objects/dcmqi/segmentations/partial_overlaps.dcm",
         "BINARY",
         5,
         {9602, 11888, 10743, 6693, 4713}},
        {"nact-br06/mask/1-1.dcm", "FRACTIONAL", 1, {82527}},
    };
    for (guint i = 0; i < G_N_ELEMENTS(objects); i++) {
        GError *error = NULL;
        g_autofree char *path = dkm_test_data(objects[i].path);
        if (!path)
            return;
        g_test_message("%s", objects[i].path);
        g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, NULL, 0.5, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(seg->type, ==, objects[i].type);
        g_assert_cmpuint(seg->segments->len, ==, objects[i].n_segments);
        for (guint s = 0; s < seg->segments->len; s++)
            g_assert_cmpuint(dkm_mask_count(segment_at(seg, s)->mask), ==, objects[i].voxels[s]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seg-import/coded-bits", test_coded_bits);
    g_test_add_func("/seg-import/others", test_others);
    g_test_add_func("/seg-import/identity", test_identity);
    g_test_add_func("/seg-import/refused", test_refused);
    g_test_add_func("/seg-import/no-spacing", test_no_spacing);
    g_test_add_func("/seg-import/real", test_real);
    return g_test_run();
}
