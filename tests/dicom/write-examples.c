/* For the checks by other programs: writes into the folder ARGV[1] one study in every layout, and
 * segmentations of many shapes, each with its mask beside it (NAME.dcm, NAME.raw: one byte a voxel,
 * segment by segment). */
#include "tests/dicom/fixture.h"

#include <string.h>

static void must(gboolean done, GError *error)
{
    g_assert_no_error(error);
    g_assert_true(done);
}

/* A ball a segment, with an empty gap of slices between the two. */
static DkmMask *ball(const DkmGrid *grid, double z, double y, double x)
{
    GError *error = NULL;
    DkmMask *mask = dkm_mask_new(grid, &error);
    must(mask != NULL, error);
    const double radius = grid->n[1] / 5.0;
    for (int k = 0; k < grid->n[0]; k++)
        for (int j = 0; j < grid->n[1]; j++)
            for (int i = 0; i < grid->n[2]; i++) {
                const double dz = (k - z) * 3, dy = j - y, dx = i - x;
                dkm_mask_slice(mask, k)[j * grid->n[2] + i] =
                    dz * dz + dy * dy + dx * dx < radius * radius;
            }
    return mask;
}

static void write_raw(const DkmSegRequest *request, const char *stem)
{
    g_autofree char *path = g_strconcat(stem, ".raw", NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint s = 0; s < request->n_segments; s++) {
        const DkmSegSegment *segment = &request->segments[s];
        const guint8 *voxels = request->type == DKM_SEG_FRACTIONAL
                                   ? segment->probability
                                   : dkm_mask_peek_slice(segment->mask, 0);
        g_byte_array_append(bytes, voxels, (guint)dkm_grid_voxels(dkm_mask_grid(segment->mask)));
    }
    GError *error = NULL;
    must(g_file_set_contents(path, (const char *)bytes->data, bytes->len, &error), error);
}

/* Where and from what a segmentation is written. */
typedef struct {
    const char *folder, *name, *layout;
    DkmGrid grid;
    DkmSegType type;
} Example;

static void write_seg(const Example *example, DkmSegSegment *segments, guint n_segments)
{
    Fixture f;
    GError *error = NULL;
    fixture_write(&f, example->layout, 2, &example->grid);
    const DkmSegRequest request = {.type = example->type,
                                   .table = f.table,
                                   .phases = &f.phases,
                                   .phase = 1,
                                   .segments = segments,
                                   .n_segments = n_segments,
                                   .algorithm_name = "DKM small",
                                   .algorithm_version = "0.1.0",
                                   .algorithm_parameters = "weights 0123, threshold 0.5",
                                   .content_creator = "Reader^One"};
    g_autofree char *stem = g_build_filename(example->folder, example->name, NULL);
    g_autofree char *path = g_strconcat(stem, ".dcm", NULL);
    must(dkm_dicom_write_seg(&request, path, NULL, &error), error);
    write_raw(&request, stem);
    fixture_clear(&f);
}

static void write_two_balls(const Example *example)
{
    const DkmGrid *grid = &example->grid;
    g_autoptr(DkmMask) a = ball(grid, 1, grid->n[1] / 3.0, grid->n[2] / 3.0);
    g_autoptr(DkmMask) b = ball(grid, grid->n[0] - 2, grid->n[1] / 1.5, grid->n[2] / 1.5);
    DkmSegSegment segments[] = {{.mask = a, .label = "Lesion 1"},
                                {.mask = b, .algorithm = DKM_SEG_SEMIAUTOMATIC}};
    guint8 *values[G_N_ELEMENTS(segments)]; /* falling from slice to slice */
    const int plane = grid->n[1] * grid->n[2];
    for (guint s = 0; s < G_N_ELEMENTS(segments); s++) {
        segments[s].probability = values[s] = g_malloc(dkm_grid_voxels(grid));
        for (gsize i = 0; i < dkm_grid_voxels(grid); i++)
            values[s][i] = dkm_mask_peek_slice(segments[s].mask, 0)[i] *
                           (guint8)(255 - 20 * (i / (gsize)plane));
    }
    write_seg(example, segments, G_N_ELEMENTS(segments));
    for (guint s = 0; s < G_N_ELEMENTS(segments); s++)
        g_free(values[s]);
}

/* Nothing found; and overlapping lesions of which one is empty and one drawn by hand, with a name
 * that is not ASCII. */
static void write_odd(const char *folder)
{
    GError *error = NULL;
    const Example nothing = {folder, "seg-empty", "ge", fixture_grid(LATTICE_AXIAL, 5, 9, 7),
                             DKM_SEG_BINARY};
    const Example four = {folder, "seg-four", "ucsf", fixture_grid(LATTICE_OBLIQUE, 7, 13, 11),
                          DKM_SEG_BINARY};
    g_autoptr(DkmMask) none = dkm_mask_new(&nothing.grid, &error);
    must(none != NULL, error);
    DkmSegSegment segment = {.mask = none};
    write_seg(&nothing, &segment, 1);
    g_autoptr(DkmMask) a = ball(&four.grid, 2, 5, 5);
    g_autoptr(DkmMask) b = ball(&four.grid, 3, 6, 6);
    g_autoptr(DkmMask) c = dkm_mask_new(&four.grid, &error);
    g_autoptr(DkmMask) d = ball(&four.grid, 5, 9, 3);
    must(c != NULL, error);
    DkmSegSegment segments[] = {{.mask = a},
                                {.mask = b, .label = "L\303\244sion", .algorithm = DKM_SEG_MANUAL},
                                {.mask = c},
                                {.mask = d, .tracking_id = "Ours", .tracking_uid = "1.2.3.99"}};
    write_seg(&four, segments, G_N_ELEMENTS(segments));
}

/* Pictures of a view: plain, and with the patient's name and words that are not ASCII. */
static void write_captures(const char *folder)
{
    static guint8 rgb[40 * 50 * 3];
    for (guint i = 0; i < sizeof rgb; i++)
        rgb[i] = (guint8)(i % 251);
    for (int shows = 0; shows < 2; shows++) {
        Fixture f;
        GError *error = NULL;
        const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 20, 24);
        fixture_write(&f, shows ? "enhanced" : "ge", 2, &grid);
        const DkmCaptureRequest request = {.table = f.table,
                                           .phases = &f.phases,
                                           .phase = 1,
                                           .slice = 1,
                                           .rgb = rgb,
                                           .rows = 40,
                                           .columns = 50,
                                           .stride = 150,
                                           .shows_patient = shows,
                                           .description = shows ? "L\303\244sion" : NULL,
                                           .reviewer = shows ? "Reader^One" : NULL,
                                           .software_version = "0.1.0"};
        g_autofree char *name = g_strdup_printf("capture-%d.dcm", shows);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        must(dkm_dicom_write_capture(&request, path, NULL, &error), error);
        fixture_clear(&f);
    }
}

static void write_study(const char *folder, const char *layout)
{
    GError *error = NULL;
    const DkmGrid grid = fixture_grid(LATTICE_SAGITTAL_REVERSED, 3, 20, 24);
    DkmVolume *volumes[3];
    for (guint p = 0; p < 3; p++)
        volumes[p] = fixture_volume(&grid, p != 3, p);
    g_autofree char *dir = g_build_filename(folder, layout, NULL);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = 3,
                                  .t_seconds = fixture_t_seconds,
                                  .layout = layout,
                                  .seed = 1};
    must(dkm_dicom_write_mr(&request, dir, NULL, &error), error);
    for (guint p = 0; p < 3; p++)
        dkm_volume_unref(volumes[p]);
}

int main(int argc, char **argv)
{
    static const char *const layouts[] = {"ucsf", "ge", "siemens", "philips", "enhanced"};
    static const int shapes[][2] = {{16, 16}, {9, 17},    {14, 19}, {251, 253}, {11, 12},
                                    {15, 15}, {447, 449}, {17, 15}, {23, 38}};
    if (argc != 2)
        return 2;
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++)
        write_study(argv[1], layouts[i]);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
        for (int type = DKM_SEG_BINARY; type <= DKM_SEG_LABELMAP; type++) {
            static const char *const kinds[] = {"seg", "fractional", "labelmap"};
            g_autofree char *name =
                g_strdup_printf("%s-%dx%d", kinds[type], shapes[i][0], shapes[i][1]);
            const Example example = {argv[1], name, layouts[i % G_N_ELEMENTS(layouts)],
                                     fixture_grid((Lattice)(i % 3), 7, shapes[i][0], shapes[i][1]),
                                     (DkmSegType)type};
            write_two_balls(&example);
        }
    write_odd(argv[1]);
    write_captures(argv[1]);
    return 0;
}
