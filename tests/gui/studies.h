/* A folder of several small studies, written here: two of one patient, one before contrast only,
 * one that lacks a slice, and two patients' files in one folder. */
#pragma once

#include "dicom/dicom.h"

#include <glib/gstdio.h>
#include <string.h>

enum { STUDIES = 6, STUDIES_READABLE = 5, STUDIES_PATIENTS = 5 };

/* A ball that takes up contrast. */
static inline DkmVolume *studies_volume(const DkmGrid *grid, guint phase, double radius)
{
    gint16 *samples = g_new(gint16, dkm_grid_voxels(grid)), *at = samples;
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                const double dz = z - grid->n[0] / 2, dy = y - 20, dx = x - 14;
                const gboolean is_in = dz * dz * 4 + dy * dy + dx * dx < radius * radius;
                *at++ = (gint16)(is_in ? 200 + 300 * (phase > 0) : 40 + x + y);
            }
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

/* Of the same length: another date in every file of FOLDER. */
static inline void studies_redate(const char *folder, const char *old, const char *date)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *bytes = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
        for (gsize i = 0; i + 8 <= size; i++)
            if (memcmp(bytes + i, old, 8) == 0)
                memcpy(bytes + i, date, 8);
        g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    }
}

typedef struct {
    const char *place, *id, *name, *description, *defect, *date;
    guint phases;
} StudiesSpec;

static inline void studies_write(const char *root, const StudiesSpec *spec, guint64 seed)
{
    static const double t_seconds[] = {0, 150, 450};
    const DkmGrid grid = {.n = {8, 40, 32},
                          .spacing_mm = {3, 1.5, 1.5},
                          .origin_lps = {30, -30, 30},
                          .axis_lps = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
    g_autofree char *path = g_build_filename(root, spec->place, NULL);
    DkmVolume *volumes[3] = {NULL};
    for (guint i = 0; i < spec->phases; i++)
        volumes[i] = studies_volume(&grid, i, 4 + (double)seed);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = spec->phases,
                                  .t_seconds = t_seconds,
                                  .layout = "ucsf",
                                  .patient_id = spec->id,
                                  .patient_name = spec->name,
                                  .study_description = spec->description,
                                  .defect = spec->defect,
                                  .seed = seed};
    g_autoptr(GError) error = NULL;
    dkm_dicom_write_mr(&request, path, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, NULL, NULL, &error);
    g_assert_no_error(error);
    studies_redate(path, dkm_frame_table_get(table, 0)->study_date, spec->date);
    for (guint i = 0; i < spec->phases; i++)
        dkm_volume_unref(volumes[i]);
}

static inline char *studies_new(void)
{
    static const StudiesSpec specs[STUDIES] = {
        {"ann-1", "A-1", "Young^Ann", "MR breast left", NULL, "20010102", 3},
        {"ann-2", "A-1", "Young^Ann", "MR breast left, follow-up", NULL, "20010611", 3},
        {"ben", "B-2", "Adams^Eve", "MR breast, native", NULL, "20010320", 1},
        {"cleo", "C-3", "Moore^Cleo", "MR breast right", "uneven", "20010321", 3},
        {"shared/one", "D-4", "Reed^Dora", "MR breast", NULL, "20010322", 2},
        {"shared/two", "E-5", "Stone^Ella", "MR breast", NULL, "20010323", 2},
    };
    char *root = g_dir_make_tmp("dkm-studies-XXXXXX", NULL);
    g_autofree char *shared = g_build_filename(root, "shared", NULL);
    g_mkdir(shared, 0700);
    for (guint i = 0; i < STUDIES; i++)
        studies_write(root, &specs[i], i + 1);
    for (guint i = 0; i < 2; i++) { /* both into the one folder */
        g_autofree char *from = g_build_filename(shared, i ? "two" : "one", NULL);
        g_autoptr(GDir) dir = g_dir_open(from, 0, NULL);
        for (const char *name; (name = g_dir_read_name(dir));) {
            g_autofree char *old = g_build_filename(from, name, NULL);
            g_autofree char *new = g_strdup_printf("%s/%u-%s", shared, i, name);
            g_assert_cmpint(g_rename(old, new), ==, 0);
        }
        g_rmdir(from);
    }
    return root;
}

static inline void studies_remove(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        studies_remove(inside);
    }
    g_remove(path);
}

static inline void studies_free(char *root)
{
    studies_remove(root);
    g_free(root);
}
