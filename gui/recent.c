#include "gui/recent.h"

#include "gui/private-file.h"

#include <glib/gstdio.h>

static char *recent_path(void)
{
    return dkm_private_path(g_get_user_state_dir(), "recent.ini");
}

static void recent_free(gpointer data)
{
    DkmRecent *entry = data;
    g_free(entry->path);
    g_free(entry->study_uid);
    g_free(entry->title);
    g_free(entry->detail);
    g_free(entry);
}

static char *text(GKeyFile *file, const char *group, const char *key)
{
    return g_key_file_get_string(file, group, key, NULL);
}

/* A group that somebody has spoilt is left out. */
static GPtrArray *read_entries(void)
{
    g_autofree char *place = recent_path();
    g_autoptr(GKeyFile) file = dkm_private_load(place, NULL);
    GPtrArray *entries = g_ptr_array_new_with_free_func(recent_free);
    g_auto(GStrv) groups = file ? g_key_file_get_groups(file, NULL) : NULL;
    for (guint i = 0; groups && groups[i] && entries->len < DKM_RECENT_MOST; i++) {
        DkmRecent *entry = g_new0(DkmRecent, 1);
        entry->path = text(file, groups[i], "folder");
        entry->study_uid = text(file, groups[i], "study");
        entry->title = text(file, groups[i], "title");
        entry->detail = text(file, groups[i], "detail");
        if (entry->path && entry->title)
            g_ptr_array_add(entries, entry);
        else
            recent_free(entry);
    }
    return entries;
}

GPtrArray *dkm_recent_load(void)
{
    GPtrArray *entries = read_entries();
    for (guint i = 0; i < entries->len; i++) {
        DkmRecent *entry = entries->pdata[i];
        entry->is_there = g_file_test(entry->path, G_FILE_TEST_EXISTS);
    }
    return entries;
}

/* A study is the same wherever it lies; a list is its folder. */
static gboolean is_same(const DkmRecent *a, const DkmRecent *b)
{
    if (a->study_uid || b->study_uid)
        return g_strcmp0(a->study_uid, b->study_uid) == 0;
    return g_strcmp0(a->path, b->path) == 0;
}

static void write_entry(GKeyFile *file, guint number, const DkmRecent *entry)
{
    g_autofree char *group = g_strdup_printf("%u", number);
    g_autofree char *path = g_canonicalize_filename(entry->path, NULL);
    g_key_file_set_string(file, group, "folder", path);
    g_key_file_set_string(file, group, "title", entry->title);
    if (entry->study_uid)
        g_key_file_set_string(file, group, "study", entry->study_uid);
    if (entry->detail)
        g_key_file_set_string(file, group, "detail", entry->detail);
}

gboolean dkm_recent_add(const DkmRecent *entry, GError **error)
{
    g_autoptr(GPtrArray) old = read_entries();
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *place = recent_path();
    guint n = 1;
    write_entry(file, n++, entry);
    for (guint i = 0; i < old->len && n <= DKM_RECENT_MOST; i++)
        if (!is_same(entry, old->pdata[i]))
            write_entry(file, n++, old->pdata[i]);
    return dkm_private_save(file, place, error);
}

void dkm_recent_clear(void)
{
    g_autofree char *place = recent_path();
    g_unlink(place);
}
