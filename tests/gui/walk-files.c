#include "tests/gui/walk.h"

#include "dicom/dicom.h"
#include "gui/reading.h"

#include <glib/gstdio.h>

#define MOST_MS 120000

/* --- what is on disk stays as the program left it: looking at it must not change it -------------
 */

static char *edits_folder(void)
{
    return g_build_filename(g_getenv("XDG_STATE_HOME"), "dkm-workstation", "edits", NULL);
}

/* From path to GBytes. */
static GHashTable *copy_edits(void)
{
    GHashTable *files =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    g_autofree char *folder = edits_folder();
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        char *text;
        gsize length;
        g_assert_true(g_file_get_contents(path, &text, &length, NULL));
        g_hash_table_insert(files, g_steal_pointer(&path), g_bytes_new_take(text, length));
    }
    return files;
}

static void put_back(GHashTable *files)
{
    GHashTableIter at;
    gpointer path, bytes;
    g_hash_table_iter_init(&at, files);
    while (g_hash_table_iter_next(&at, &path, &bytes)) {
        gsize length;
        const char *text = g_bytes_get_data(bytes, &length);
        g_assert_true(g_file_set_contents_full(path, text, (gssize)length,
                                               G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    }
}

/* --- masks ------------------------------------------------------------------------------------ */

static gboolean has_kept(gpointer reading)
{
    DkmJournalState state;
    return dkm_reading_get_kept(reading, &state);
}

static gboolean is_loaded(gpointer reading)
{
    int permille;
    return dkm_reading_case(reading) && !dkm_reading_is_loading(reading, &permille);
}

static char *all_masks(const DkmLayers *layers)
{
    const DkmGrid *grid = dkm_layers_grid(layers);
    g_autoptr(DkmMask) all = dkm_mask_new(grid, NULL);
    for (guint i = 0; i < dkm_layers_count(layers); i++)
        for (int z = 0; z < grid->n[0]; z++) {
            const guint8 *from = dkm_mask_peek_slice(dkm_layers_get(layers, i)->mask, z);
            guint8 *to = dkm_mask_slice(all, z);
            for (int v = 0; from && v < grid->n[1] * grid->n[2]; v++)
                to[v] |= from[v];
        }
    return dkm_mask_sha256(all);
}

static gsize voxels(const DkmLayers *layers)
{
    gsize sum = 0;
    for (guint i = 0; i < dkm_layers_count(layers); i++)
        sum += dkm_layers_get(layers, i)->voxels;
    return sum;
}

static void undo_all(DkmLayers *layers, const GArray *signs)
{
    for (guint i = signs->len; i-- > 0;) {
        const Sign sign = g_array_index(signs, Sign, i);
        const gsize after = voxels(layers);
        g_assert_true(dkm_layers_undo(layers, NULL));
        const gsize before = voxels(layers);
        g_test_message("step %u: %zu voxels, then %zu", i, before, after);
        if (sign != UNKNOWN)
            g_assert_cmpint(sign, ==, (after > before) - (after < before));
    }
    g_assert_false(dkm_layers_can_undo(layers));
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
}

static char *recover(const Walk *walk, const char *study, DkmGrid *grid)
{
    g_autoptr(DkmReading) reading = dkm_reading_new();
    dkm_reading_open(reading, study);
    g_assert_true(display_wait_for(has_kept, reading, MOST_MS));
    g_assert_true(display_wait_for(is_loaded, reading, MOST_MS));
    dkm_reading_recover(reading);
    const DkmReviewCase *on = dkm_reading_case(reading);
    *grid = *dkm_review_case_grid(on);
    char *digest = all_masks(on->layers);
    undo_all(on->layers, walk->signs);
    while (dkm_layers_can_redo(on->layers))
        g_assert_true(dkm_layers_redo(on->layers, NULL));
    g_autofree char *again = all_masks(on->layers);
    g_assert_cmpstr(again, ==, digest);
    return digest;
}

char *walk_left_on_disk(const Walk *walk, const char *study, DkmGrid *grid)
{
    g_autoptr(GHashTable) files = copy_edits();
    char *digest = recover(walk, study, grid);
    put_back(files);
    return digest;
}

char *walk_exported(const char *path, const DkmGrid *grid)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, grid, 0.5, &error);
    g_assert_no_error(error);
    g_autoptr(DkmMask) mask = dkm_seg_union(seg, &error);
    g_assert_no_error(error);
    return dkm_mask_sha256(mask);
}
