#include "core/net/cuda/plan-cache.h"

#include "core/atomic-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0700, MOST_ENTRY = 16 << 20 };
static const char *const suffix = ".plan";

struct _DkmPlanCache {
    char *folder; /* NULL: nothing is kept */
    gsize most_bytes;
};

/* Ours, and nobody else may write in it: a plan is code that a GPU runs. */
static gboolean is_private(const struct stat *s)
{
    return s->st_uid == geteuid() && (s->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

DkmPlanCache *dkm_plan_cache_open(const char *folder, gsize most_bytes)
{
    DkmPlanCache *cache = g_new0(DkmPlanCache, 1);
    g_autofree char *path =
        folder ? g_strdup(folder)
               : g_build_filename(g_get_user_cache_dir(), "dkm", "cudnn-plans", NULL);
    struct stat s;
    cache->most_bytes = most_bytes;
    if (g_mkdir_with_parents(path, FOLDER_MODE) == 0 && g_lstat(path, &s) == 0 &&
        S_ISDIR(s.st_mode) && is_private(&s))
        cache->folder = g_steal_pointer(&path);
    return cache;
}

void dkm_plan_cache_close(DkmPlanCache *cache)
{
    if (!cache)
        return;
    g_free(cache->folder);
    g_free(cache);
}

static char *path_of(const DkmPlanCache *cache, const char *key)
{
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
    g_autofree char *name = g_strconcat(hash, suffix, NULL);
    return g_build_filename(cache->folder, name, NULL);
}

/* A file's head: the key, so that it is never taken for another one's, and the text's checksum. */
static char *head_of(const char *key, const char *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return g_strdup_printf("dkm-plan 1\n%s\n%s\n", key, sum);
}

/* A whole regular file of ours; NULL where it is not. */
static char *read_private(const char *path)
{
    struct stat s;
    const int fd = g_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    if (fd < 0)
        return NULL;
    g_autofree char *text = NULL;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && is_private(&s) && s.st_size <= MOST_ENTRY) {
        gsize done = 0;
        const gsize size = (gsize)s.st_size;
        text = g_malloc(size + 1);
        for (gssize n; done < size && (n = read(fd, text + done, size - done)) > 0;)
            done += (gsize)n;
        text[done] = 0;
    }
    close(fd);
    return g_steal_pointer(&text);
}

char *dkm_plan_cache_get(DkmPlanCache *cache, const char *key)
{
    if (!cache->folder)
        return NULL;
    g_autofree char *path = path_of(cache, key);
    g_autofree char *all = read_private(path);
    const char *text = all;
    for (int line = 0; text && line < 3; line++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    g_autofree char *head = text ? head_of(key, text) : NULL;
    if (!head || strncmp(all, head, strlen(head)) != 0 || all + strlen(head) != text)
        return NULL;
    return g_strdup(text);
}

typedef struct {
    char *path;
    gint64 written;
    gsize bytes;
} Entry;

static void entry_clear(gpointer data)
{
    g_free(((Entry *)data)->path);
}

static int by_age(gconstpointer a, gconstpointer b)
{
    const Entry *one = a, *two = b;
    return (one->written > two->written) - (one->written < two->written);
}

static GArray *list_entries(const DkmPlanCache *cache)
{
    g_autoptr(GDir) dir = g_dir_open(cache->folder, 0, NULL);
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(entries, entry_clear);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        struct stat s;
        g_autofree char *path = g_build_filename(cache->folder, name, NULL);
        if (g_str_has_suffix(name, suffix) && g_lstat(path, &s) == 0 && S_ISREG(s.st_mode))
            g_array_append_val(entries, ((Entry){g_steal_pointer(&path),
                                                 (gint64)s.st_mtim.tv_sec * G_USEC_PER_SEC +
                                                     s.st_mtim.tv_nsec / 1000,
                                                 (gsize)s.st_size}));
    }
    return entries;
}

static void remove_oldest(const DkmPlanCache *cache)
{
    g_autoptr(GArray) entries = list_entries(cache);
    gsize bytes = 0;
    for (guint i = 0; i < entries->len; i++)
        bytes += g_array_index(entries, Entry, i).bytes;
    g_array_sort(entries, by_age);
    for (guint i = 0; i < entries->len && bytes > cache->most_bytes; i++) {
        const Entry *entry = &g_array_index(entries, Entry, i);
        g_unlink(entry->path);
        bytes -= entry->bytes;
    }
}

void dkm_plan_cache_put(DkmPlanCache *cache, const char *key, const char *text)
{
    if (!cache->folder || strchr(key, '\n') || strlen(text) > MOST_ENTRY / 2)
        return;
    g_autofree char *path = path_of(cache, key), *head = head_of(key, text);
    g_autofree char *all = g_strconcat(head, text, NULL);
    if (dkm_atomic_write(path, all, strlen(all), NULL))
        remove_oldest(cache);
}
