#include "tests/gui/study.h"

#include "dicom/dicom.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { SLICES = 20, SIDE = 112 };

/* --- where there is neither real data nor a phantom: a half ball of fat with a mass in it -------
 */

static double sample(int phase, double z, double y, double x, GRand *noise)
{
    static const double mass[] = {260, 620, 520}, gland[] = {300, 350, 380};
    const double skin = hypot(hypot(z, y), x * 0.8), deep = hypot(hypot(z, y + 0.1), x - 0.3);
    const double lump = hypot(hypot(z - 0.1, y - 0.2), x - 0.35);
    double value = 12;
    if (skin < 0.9)
        value = lump < 0.14 ? mass[phase] : deep < 0.35 ? gland[phase] : 430;
    return value + g_rand_double_range(noise, -10, 10);
}

static DkmVolume *volume(const DkmGrid *grid, int phase, GRand *noise)
{
    gint16 *samples = g_new(gint16, dkm_grid_voxels(grid)), *at = samples;
    for (int z = 0; z < SLICES; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                *at++ = (gint16)sample(phase, z * 2.0 / SLICES - 1, y * 2.0 / SIDE - 1,
                                       x * 1.2 / SIDE - 0.1, noise);
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

static char *write_made_up(guint n_phases, guint32 seed)
{
    static const double t_seconds[] = {0, 150, 450};
    const DkmGrid grid = {.n = {SLICES, SIDE, SIDE},
                          .spacing_mm = {3, 1.2, 1.2},
                          .origin_lps = {30, -67, 67},
                          .axis_lps = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
    g_autoptr(GRand) noise = g_rand_new_with_seed(seed);
    DkmVolume *volumes[G_N_ELEMENTS(t_seconds)] = {NULL};
    for (guint i = 0; i < n_phases; i++)
        volumes[i] = volume(&grid, (int)i, noise);
    g_autofree char *folder = g_dir_make_tmp("dkm-study-XXXXXX", NULL);
    char *path = g_build_filename(folder, "study", NULL);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = n_phases,
                                  .t_seconds = t_seconds,
                                  .layout = "ucsf",
                                  .patient_id = seed == 1 ? "TEST-1" : "TEST-2",
                                  .patient_name = seed == 1 ? "Example^One" : "Example^Two",
                                  .study_description = "Made up for tests",
                                  .seed = seed};
    g_autoptr(GError) error = NULL;
    dkm_dicom_write_mr(&request, path, NULL, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < n_phases; i++)
        dkm_volume_unref(volumes[i]);
    return path;
}

/* --- as large as they come ----------------------------------------------------------------------
 */

char *study_path_large(void)
{
    static const double t_seconds[] = {0, 90, 180, 270, 360, 450};
    const DkmGrid grid = {.n = {180, 448, 448},
                          .spacing_mm = {1, 0.75, 0.75},
                          .origin_lps = {-168, -168, -90},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    DkmVolume *volumes[G_N_ELEMENTS(t_seconds)];
    for (guint i = 0; i < G_N_ELEMENTS(volumes); i++) {
        gint16 *samples = g_new(gint16, dkm_grid_voxels(&grid));
        for (gsize at = 0; at < dkm_grid_voxels(&grid); at++) /* no two slices alike */
            samples[at] = (gint16)(100 + at % 449 + (at * 7 % 13) * (i + 1));
        volumes[i] = dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
    }
    g_autofree char *folder = g_dir_make_tmp("dkm-study-XXXXXX", NULL);
    char *path = g_build_filename(folder, "study", NULL);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = G_N_ELEMENTS(volumes),
                                  .t_seconds = t_seconds,
                                  .layout = "siemens",
                                  .patient_id = "TEST-3",
                                  .patient_name = "Example^Three",
                                  .study_description = "Made up for tests",
                                  .seed = 3};
    g_autoptr(GError) error = NULL;
    dkm_dicom_write_mr(&request, path, NULL, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(volumes); i++)
        dkm_volume_unref(volumes[i]);
    return path;
}

/* --- two visits of one patient ------------------------------------------------------------------
 */

static const DkmGrid lattice = {.n = {SLICES, SIDE, SIDE},
                                .spacing_mm = {3, 1.2, 1.2},
                                .origin_lps = {30, -67, 67},
                                .axis_lps = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};

static void write_visit(const char *path, DkmMrRequest request)
{
    static const double t_seconds[] = {0, 150, 450};
    g_autoptr(GRand) noise = g_rand_new_with_seed((guint32)request.seed);
    DkmVolume *volumes[G_N_ELEMENTS(t_seconds)];
    for (guint i = 0; i < G_N_ELEMENTS(t_seconds); i++)
        volumes[i] = volume(&lattice, (int)i, noise);
    request.volumes = (const DkmVolume *const *)volumes;
    request.n_phases = G_N_ELEMENTS(t_seconds);
    request.t_seconds = t_seconds;
    g_autoptr(GError) error = NULL;
    dkm_dicom_write_mr(&request, path, NULL, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < G_N_ELEMENTS(t_seconds); i++)
        dkm_volume_unref(volumes[i]);
}

/* Half as many slices of larger pixels, brighter to the right. */
static void write_t2(const char *path, DkmMrRequest request)
{
    static const double t_seconds[] = {0};
    DkmGrid grid = lattice;
    grid.n[0] = SLICES / 2;
    grid.n[1] = grid.n[2] = SIDE / 2;
    for (int k = 0; k < 3; k++)
        grid.spacing_mm[k] *= 2;
    gint16 *samples = g_new(gint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = (gint16)(100 + 10 * (i % (gsize)grid.n[2]));
    g_autoptr(DkmVolume) made = dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
    const DkmVolume *volumes[] = {made};
    request.volumes = volumes;
    request.n_phases = 1;
    request.t_seconds = t_seconds;
    request.layout = "philips";
    request.seed += 50;
    g_autoptr(GError) error = NULL;
    dkm_dicom_write_mr(&request, path, NULL, &error);
    g_assert_no_error(error);
}

static void write_mask(const char *study, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(study, NULL, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    const DkmStudy *only = dkm_studies_only_dce(studies, &error);
    g_autoptr(DkmMask) mask = dkm_mask_new(&only->dce->grid, &error);
    g_assert_no_error(error);
    for (int z = 8; z < 12; z++)
        memset(dkm_mask_slice(mask, z) + (gsize)SIDE * 60, 1, SIDE * 4);
    const DkmSegSegment segment = {.mask = mask, .label = "Lesion", .algorithm = DKM_SEG_MANUAL};
    const DkmSegRequest request = {.table = table,
                                   .phases = only->dce,
                                   .segments = &segment,
                                   .n_segments = 1,
                                   .uid_seed = "mask of the first visit"};
    dkm_dicom_write_seg(&request, path, NULL, &error);
    g_assert_no_error(error);
}

char *study_path_followed(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-study-XXXXXX", NULL);
    char *path = g_build_filename(folder, "study", NULL);
    g_autofree char *now = g_build_filename(path, "now", NULL);
    g_autofree char *t2 = g_build_filename(path, "t2", NULL);
    g_autofree char *then = g_build_filename(path, "then", NULL);
    g_autofree char *mask = g_build_filename(path, "mask.dcm", NULL);
    DkmMrRequest request = {.layout = "ucsf",
                            .patient_id = "TEST-1",
                            .patient_name = "Example^One",
                            .study_description = "Made up for tests",
                            .seed = 1};
    g_mkdir(path, 0700);
    write_visit(then, request);
    write_mask(then, mask);
    request.study_date = "20010203";
    request.study_uid = "2.25.1";
    request.frame_of_reference_uid = "2.25.2";
    write_visit(now, request);
    write_t2(t2, request);
    return path;
}

/* --- which one ----------------------------------------------------------------------------------
 */

static char *real(const char *name)
{
    const char *root = g_getenv("DKM_TEST_DATA");
    g_autofree char *path = root && *root ? g_build_filename(root, name, NULL) : NULL;
    return path && g_file_test(path, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&path) : NULL;
}

static char *phantom(const char *seed)
{
    const char *command = g_getenv("DKM_COMMAND");
    if (!command || !*command)
        return NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-study-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "study", NULL);
    const char *const argv[] = {command, "phantom", "-o", path, "--seed", seed, NULL};
    int status = -1;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                 NULL, NULL, NULL, NULL, &status, NULL);
    if (status == 0)
        return g_steal_pointer(&path);
    g_rmdir(folder);
    return NULL;
}

static char *made(const char *seed)
{
    char *path = phantom(seed);
    return path ? path : write_made_up(3, (guint32)g_ascii_strtoull(seed, NULL, 10));
}

char *study_path(void)
{
    char *path = real("nact-br06");
    return path ? path : made("1");
}

char *study_path_second(void)
{
    char *path = real("phases/kidney-dce-siemens-3phases");
    return path ? path : made("2");
}

char *study_path_small(void)
{
    return write_made_up(3, 1);
}

/* In every file of FOLDER; of the same length. */
static void rewrite(const char *folder, const char *old, const char *word)
{
    const gsize n = strlen(old);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *bytes = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
        for (gsize i = 0; i + n <= size; i++)
            if (memcmp(bytes + i, old, n) == 0)
                memcpy(bytes + i, word, n);
        g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    }
}

char *study_path_derived(void)
{
    char *path = study_path_small();
    rewrite(path, "ORIGINAL", "DERIVED_");
    return path;
}

char *study_path_pre_only(void)
{
    return write_made_up(1, 1);
}

/* --- away with it -------------------------------------------------------------------------------
 */

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_tree(inside);
    }
    g_remove(path);
}

void study_path_free(char *path)
{
    g_autofree char *folder = path ? g_path_get_dirname(path) : NULL;
    g_autofree char *name = folder ? g_path_get_basename(folder) : NULL;
    if (name && g_str_has_prefix(name, "dkm-study-")) /* ours, not the real data */
        remove_tree(folder);
    g_free(path);
}
