/* Journals of a folder of the test's own, for the tests of the journal. */
#pragma once

#include "core/edit/journal.h"
#include "tests/core/edit/actions.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define STUDY "1.2.826.0.1.3680043.8.498.1"

/* Where they lie. */
static char *folder;

static void write_record(gpointer journal, const guint8 *record, gsize length)
{
    g_assert_true(dkm_journal_append(journal, record, length, NULL));
}

static inline DkmJournal *open_journal(void)
{
    g_autoptr(GError) error = NULL;
    DkmJournal *journal = dkm_journal_open(folder, STUDY, &actions_grid, &error);
    g_assert_no_error(error);
    return journal;
}

static guint n_records(const DkmJournal *journal)
{
    DkmJournalState state;
    dkm_journal_get_state(journal, &state);
    return state.records;
}

/* The one file beside the salt; g_free. */
static inline char *file_path(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    char *path = NULL;
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".edits")) {
            g_assert_null(path);
            path = g_build_filename(folder, name, NULL);
        }
    return path;
}

static guint n_damaged(gboolean removes)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint n = 0;
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".damaged")) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            struct stat found;
            g_assert_cmpint(stat(path, &found), ==, 0);
            g_assert_cmpint(found.st_mode & 0777, ==, 0600);
            g_assert_null(strstr(name, STUDY));
            if (removes)
                g_unlink(path);
            n++;
        }
    return n;
}

static void start_over(void)
{
    n_damaged(TRUE);
    g_autoptr(DkmJournal) journal = open_journal();
    dkm_journal_discard(journal);
}

/* A session of some random actions, closed in good order; its last picture. */
static inline char *session(guint32 seed, int actions)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_assert_true(dkm_journal_recover(journal, layers, NULL));
    dkm_layers_set_observer(layers, write_record, journal);
    for (int i = 0; i < actions; i++)
        actions_random(layers, rand);
    return actions_picture(layers);
}

/* No file of this program grows over BYTES: a full disk. */
static inline void limit_files(rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static inline void begin_in_a_folder(void)
{
    folder = g_dir_make_tmp("dkm-journal-XXXXXX", NULL);
}

static inline void remove_folder(void)
{
    start_over();
    g_autofree char *salt = g_build_filename(folder, "salt", NULL);
    g_unlink(salt);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
}
