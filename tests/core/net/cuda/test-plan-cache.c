#include "core/net/cuda/plan-cache.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };

typedef struct {
    char *base, *folder;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->base = g_dir_make_tmp("dkm-plans-XXXXXX", NULL);
    f->folder = g_build_filename(f->base, "below", "plans", NULL);
}

/* The only entry. */
static char *entry_of(const Fixture *f)
{
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    g_assert_nonnull(dir);
    return g_build_filename(f->folder, g_dir_read_name(dir), NULL);
}

static guint count_entries(const Fixture *f)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(f->folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_autofree char *below = g_path_get_dirname(f->folder);
    g_rmdir(f->folder);
    g_rmdir(below);
    g_rmdir(f->base);
    g_free(f->folder);
    g_free(f->base);
}

static void expect(DkmPlanCache *cache, const char *key, const char *text)
{
    g_autofree char *got = dkm_plan_cache_get(cache, key);
    g_assert_cmpstr(got, ==, text);
}

static void keeps(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_open(f->folder, ROOM);
    struct stat s;
    expect(cache, "conv k3", NULL);
    dkm_plan_cache_put(cache, "conv k3", "{\"a\":1}\n\nb");
    dkm_plan_cache_put(cache, "conv k1", "");
    g_autoptr(DkmPlanCache) again = dkm_plan_cache_open(f->folder, ROOM);
    expect(again, "conv k3", "{\"a\":1}\n\nb");
    expect(again, "conv k1", "");
    dkm_plan_cache_put(again, "conv k1", "other");
    expect(cache, "conv k1", "other");
    expect(cache, "conv", NULL);
    g_assert_cmpint(g_stat(f->folder, &s), ==, 0);
    g_assert_cmpint(s.st_mode & 0777, ==, 0700);
}

/* Cut, changed, of another key, a link, writable by others: as if it were not there. */
static void distrusts(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_open(f->folder, ROOM);
    g_autofree char *good = NULL;
    gsize length;
    dkm_plan_cache_put(cache, "key", "text of a plan");
    g_autofree char *path = entry_of(f), *aside = g_strconcat(path, ".aside", NULL);
    g_assert_true(g_file_get_contents(path, &good, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        g_assert_true(g_file_set_contents(path, good, (gssize)i, NULL));
        expect(cache, "key", NULL);
        g_autofree char *flipped = g_memdup2(good, length);
        flipped[i] ^= 1;
        g_assert_true(g_file_set_contents(path, flipped, (gssize)length, NULL));
        expect(cache, "key", NULL);
    }
    g_assert_true(g_file_set_contents(path, good, (gssize)length, NULL));
    expect(cache, "key", "text of a plan");
    g_assert_cmpint(g_chmod(path, 0666), ==, 0);
    expect(cache, "key", NULL);
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    g_assert_cmpint(g_rename(path, aside), ==, 0);
    g_assert_cmpint(symlink(aside, path), ==, 0);
    expect(cache, "key", NULL);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    expect(cache, "key", NULL);
}

static void bounded(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_open(f->folder, 4000);
    g_autofree char *text = g_strnfill(850, 'x');
    for (int i = 0; i < 10; i++) {
        g_autofree char *key = g_strdup_printf("key %d", i);
        dkm_plan_cache_put(cache, key, text);
        expect(cache, key, text);
        g_usleep(2000); /* ages differ */
    }
    g_assert_cmpuint(count_entries(f), ==, 4);
    expect(cache, "key 5", NULL);
    expect(cache, "key 6", text);
}

/* A folder that others may write in, or that cannot be: nothing is kept, nothing fails. */
static void no_place(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmPlanCache) first = dkm_plan_cache_open(f->folder, ROOM);
    g_assert_cmpint(g_chmod(f->folder, 0777), ==, 0);
    g_autoptr(DkmPlanCache) open = dkm_plan_cache_open(f->folder, ROOM);
    dkm_plan_cache_put(open, "key", "text");
    expect(open, "key", NULL);
    g_autoptr(DkmPlanCache) nowhere = dkm_plan_cache_open("/dev/null/plans", ROOM);
    dkm_plan_cache_put(nowhere, "key", "text");
    expect(nowhere, "key", NULL);
    g_assert_cmpuint(count_entries(f), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)
    ADD("/plan-cache/keeps", keeps);
    ADD("/plan-cache/distrusts", distrusts);
    ADD("/plan-cache/bounded", bounded);
    ADD("/plan-cache/no-place", no_place);
    return g_test_run();
}
