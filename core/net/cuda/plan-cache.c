/* A file: four lines (format, target, key, SHA-256 of the text), then the text. It is named after
 * target and key. */
#include "core/net/cuda/plan-cache.h"

#include "core/atomic-file.h"
#include "core/regular-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* To be raised where plans that were acceptable are no longer. */
static const char format[] = "dkm-cudnn-plan-1";
static const gsize most_entry = 16u << 20;

struct _DkmPlanCache {
    char *folder, *target;
    gsize most;
};

DkmPlanCache *dkm_plan_cache_new(const char *folder, const char *target, gsize most_bytes)
{
    DkmPlanCache *cache = g_new0(DkmPlanCache, 1);
    cache->folder = g_strdup(folder);
    cache->target = g_strdelimit(g_strdup(target), "\n", ' ');
    cache->most = most_bytes;
    return cache;
}

void dkm_plan_cache_free(DkmPlanCache *cache)
{
    if (!cache)
        return;
    g_free(cache->folder);
    g_free(cache->target);
    g_free(cache);
}

/* Plans hold code that a device runs: nobody else may have put them there. */
static gboolean is_ours(const char *folder)
{
    struct stat there;
    return g_stat(folder, &there) == 0 && S_ISDIR(there.st_mode) && there.st_uid == geteuid() &&
           (there.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

gboolean dkm_plan_cache_is_usable(DkmPlanCache *cache)
{
    return g_mkdir_with_parents(cache->folder, 0700) == 0 && is_ours(cache->folder) &&
           g_access(cache->folder, R_OK | W_OK | X_OK) == 0;
}

static char *head_of(const DkmPlanCache *cache, const char *key)
{
    return g_strdup_printf("%s\n%s\n%s\n", format, cache->target, key);
}

static char *path_of(const DkmPlanCache *cache, const char *key)
{
    g_autofree char *head = head_of(cache, key);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, head, -1);
    g_autofree char *name = g_strconcat(digest, ".plan", NULL);
    return g_build_filename(cache->folder, name, NULL);
}

/* The text of an entry that is whole and of this key. */
static char *text_of(const DkmPlanCache *cache, const char *key, const char *entry)
{
    g_autofree char *head = head_of(cache, key);
    if (!entry || !g_str_has_prefix(entry, head))
        return NULL;
    const char *digest = entry + strlen(head), *text = strchr(digest, '\n');
    if (!text)
        return NULL;
    g_autofree char *stated = g_strndup(digest, (gsize)(text++ - digest));
    g_autofree char *true_one = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return g_str_equal(stated, true_one) ? g_strdup(text) : NULL;
}

char *dkm_plan_cache_load(DkmPlanCache *cache, const char *key)
{
    g_autofree char *path = path_of(cache, key);
    struct stat there;
    if (!is_ours(cache->folder) || g_lstat(path, &there) != 0 || !S_ISREG(there.st_mode))
        return NULL;
    g_autofree char *entry = dkm_regular_file_read(path, most_entry, DKM_ERROR_INPUT, NULL);
    char *text = text_of(cache, key, entry);
    if (text)
        utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW); /* used now: it goes last */
    return text;
}

void dkm_plan_cache_remove(DkmPlanCache *cache, const char *key)
{
    g_autofree char *path = path_of(cache, key);
    if (is_ours(cache->folder))
        g_unlink(path);
}

/* One writer at a time, or -1: whoever holds the folder for so long keeps nothing of ours out. */
static int lock_folder(const char *folder)
{
    enum { TRIES = 50, WAIT_US = 20000 };
    const int fd = g_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    for (int i = 0; fd >= 0 && i < TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        g_usleep(WAIT_US);
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

typedef struct {
    char *path;
    gsize bytes;
    gint64 used_ns;
} Entry;

static void entry_clear(gpointer data)
{
    g_free(((Entry *)data)->path);
}

static int compare_used(gconstpointer a, gconstpointer b)
{
    const Entry *first = a, *second = b;
    return (first->used_ns > second->used_ns) - (first->used_ns < second->used_ns);
}

/* What this cache wrote, half-written files of a process that ended as well. */
static GArray *list_entries(const char *folder)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(entries, entry_clear);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
        struct stat there;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (!strstr(name, ".plan") || g_lstat(path, &there) != 0 || !S_ISREG(there.st_mode))
            continue;
        const gint64 used = (gint64)there.st_mtim.tv_sec * 1000000000 + there.st_mtim.tv_nsec;
        const Entry entry = {g_steal_pointer(&path), (gsize)there.st_size, used};
        g_array_append_val(entries, entry);
    }
    return entries;
}

/* Removes what was not used for longest until NEEDED bytes more fit. */
static void make_room(const DkmPlanCache *cache, gsize needed)
{
    g_autoptr(GArray) entries = list_entries(cache->folder);
    gsize sum = needed;
    for (guint i = 0; i < entries->len; i++)
        sum += g_array_index(entries, Entry, i).bytes;
    g_array_sort(entries, compare_used);
    for (guint i = 0; i < entries->len && sum > cache->most; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        if (g_unlink(entry->path) == 0)
            sum -= entry->bytes;
    }
}

static gboolean write_entry(const DkmPlanCache *cache, const char *key, const char *text)
{
    g_autofree char *path = path_of(cache, key), *head = head_of(cache, key);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    g_autofree char *entry = g_strconcat(head, digest, "\n", text, NULL);
    const gsize bytes = strlen(entry);
    if (bytes > MIN(cache->most, most_entry))
        return FALSE;
    g_unlink(path); /* a damaged one, or what a link leads to, is not to be written over */
    make_room(cache, bytes);
    return dkm_atomic_write(path, entry, bytes, NULL);
}

char *dkm_plan_cache_keep(DkmPlanCache *cache, const char *key, const char *text)
{
    const int lock = dkm_plan_cache_is_usable(cache) ? lock_folder(cache->folder) : -1;
    if (lock < 0)
        return NULL;
    char *there = dkm_plan_cache_load(cache, key);
    if (!there && write_entry(cache, key, text))
        there = g_strdup(text);
    close(lock);
    return there;
}
