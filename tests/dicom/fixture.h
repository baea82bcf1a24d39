/* Small made-up studies for the tests of dicom/: volumes of noise on any lattice, written by
 * dkm_dicom_write_mr into a temporary folder and scanned again. */
#pragma once

#include "dicom/dicom.h"

#include <glib/gstdio.h>

/* Lattices that differ in how the slices lie. */
typedef enum { LATTICE_AXIAL, LATTICE_SAGITTAL_REVERSED, LATTICE_OBLIQUE } Lattice;

static inline DkmGrid fixture_grid(Lattice lattice, int slices, int rows, int columns)
{
    const double c = 0.8, s = 0.6; /* a turn about x */
    DkmGrid grid = {.n = {slices, rows, columns},
                    .spacing_mm = {2, 0.703125, 0.703125},
                    .origin_lps = {-90, -106.699997, 78}};
    static const double axes[][3][3] = {
        {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}},
        {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}, /* row x column = -x: slices run against the normal */
    };
    const double oblique[3][3] = {{0, -s, c}, {0, c, s}, {1, 0, 0}};
    memcpy(grid.axis_lps, lattice == LATTICE_OBLIQUE ? oblique : axes[lattice], sizeof oblique);
    return grid;
}

static inline DkmVolume *fixture_volume(const DkmGrid *grid, gboolean is_signed, guint64 seed)
{
    const gsize n = dkm_grid_voxels(grid);
    guint16 *samples = g_new(guint16, n);
    GRand *noise = g_rand_new_with_seed((guint32)seed);
    for (gsize i = 0; i < n; i++)
        samples[i] = (guint16)g_rand_int(noise);
    g_rand_free(noise);
    return dkm_volume_new_take(grid, samples, is_signed, NULL, NULL);
}

typedef struct {
    char *folder;
    DkmVolume *volumes[8];
    DkmMrRequest request;
    DkmFrameTable *table;
    DkmPhases phases;
} Fixture;

static const double fixture_t_seconds[8] = {0, 137, 491, 600, 700, 800, 900, 1000};

static inline void fixture_remove(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            fixture_remove(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}

static inline char *fixture_folder(void)
{
    GError *error = NULL;
    char *folder = g_dir_make_tmp("dkm-dicom-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

/* The frame of phase P and slice Z: frames are in the table in the order of writing. */
static inline void fixture_find_phases(Fixture *f)
{
    const DkmGrid *grid = dkm_volume_grid(f->volumes[0]);
    f->phases = (DkmPhases){.grid = *grid, .n_phases = f->request.n_phases, .key = "test"};
    f->phases.phases = g_new0(DkmPhase, f->request.n_phases);
    for (guint p = 0; p < f->request.n_phases; p++) {
        f->phases.phases[p].frames = g_new(guint, (gsize)grid->n[0]);
        f->phases.phases[p].t_seconds = fixture_t_seconds[p];
        for (int z = 0; z < grid->n[0]; z++)
            f->phases.phases[p].frames[z] = p * (guint)grid->n[0] + (guint)z;
    }
}

static inline void fixture_write(Fixture *f, const char *layout, guint phases, const DkmGrid *grid)
{
    GError *error = NULL;
    *f = (Fixture){.folder = fixture_folder()};
    for (guint p = 0; p < phases; p++)
        f->volumes[p] = fixture_volume(grid, TRUE, 100 + p);
    f->request = (DkmMrRequest){.volumes = (const DkmVolume *const *)f->volumes,
                                .n_phases = phases,
                                .t_seconds = fixture_t_seconds,
                                .layout = layout,
                                .seed = 7};
    g_assert_true(dkm_dicom_write_mr(&f->request, f->folder, NULL, &error));
    g_assert_no_error(error);
    f->table = dkm_dicom_scan(f->folder, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(f->table->frames->len, ==, phases * (guint)grid->n[0]);
    fixture_find_phases(f);
}

static inline void fixture_clear(Fixture *f)
{
    for (guint p = 0; p < f->request.n_phases; p++) {
        dkm_volume_unref(f->volumes[p]);
        g_free(f->phases.phases[p].frames);
    }
    g_free(f->phases.phases);
    dkm_frame_table_unref(f->table);
    fixture_remove(f->folder);
    g_free(f->folder);
}
