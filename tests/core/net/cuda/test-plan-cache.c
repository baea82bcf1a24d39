/* What is kept comes back, whole or not at all, within its bound, and the first choice stands. */
#include "core/net/cuda/plan-cache.h"
#include "tests/core/net/cuda/folder.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utime.h>

static const gsize much = 1 << 20;

typedef struct {
    char *top, *folder; /* FOLDER is not made yet */
} Place;

static void setup(Place *place, gconstpointer unused)
{
    place->top = g_dir_make_tmp("dkm-plans-XXXXXX", NULL);
    place->folder = g_build_filename(place->top, "dkm", "plans", NULL);
}

static void teardown(Place *place, gconstpointer unused)
{
    remove_all(place->top);
    g_free(place->top);
    g_free(place->folder);
}

static void must_keep(DkmPlanCache *cache, const char *key, const char *text)
{
    g_autofree char *there = dkm_plan_cache_keep(cache, key, text);
    g_assert_cmpstr(there, ==, text);
}

static void must_hold(DkmPlanCache *cache, const char *key, const char *text)
{
    g_autofree char *there = dkm_plan_cache_load(cache, key);
    g_assert_cmpstr(there, ==, text);
}

/* The files in FOLDER; the last one's path in *PATH where wanted. */
static guint count_files(const char *folder, gsize *bytes, char **path)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; dir && (name = g_dir_read_name(dir)); n++) {
        struct stat there;
        g_autofree char *each = g_build_filename(folder, name, NULL);
        g_assert_cmpint(g_stat(each, &there), ==, 0);
        if (bytes)
            *bytes += (gsize)there.st_size;
        if (path) {
            g_free(*path);
            *path = g_steal_pointer(&each);
        }
    }
    return n;
}

static void comes_back(Place *place, gconstpointer unused)
{
    struct stat there;
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu\n9.0", much);
    g_autoptr(DkmPlanCache) again = dkm_plan_cache_new(place->folder, "gpu\n9.0", much);
    must_hold(cache, "a", NULL);
    g_assert_true(dkm_plan_cache_is_usable(cache));
    must_keep(cache, "a", "{\"one\":\n1}\n");
    must_keep(cache, "b", "");
    must_hold(again, "a", "{\"one\":\n1}\n");
    must_hold(again, "b", "");
    must_hold(again, "c", NULL);
    g_assert_cmpint(g_stat(place->folder, &there), ==, 0);
    g_assert_cmpint(there.st_mode & 0777, ==, 0700);
    g_assert_cmpuint(count_files(place->folder, NULL, NULL), ==, 2); /* and nothing half-written */
    dkm_plan_cache_remove(cache, "a");
    must_hold(again, "a", NULL);
    must_hold(again, "b", "");
}

static void is_of_one_target(Place *place, gconstpointer unused)
{
    g_autoptr(DkmPlanCache) old = dkm_plan_cache_new(place->folder, "gpu, cuDNN 9.1", much);
    g_autoptr(DkmPlanCache) new = dkm_plan_cache_new(place->folder, "gpu, cuDNN 9.2", much);
    must_keep(old, "a", "old");
    must_hold(new, "a", NULL);
    must_keep(new, "a", "new");
    must_hold(old, "a", "old");
}

static void first_choice_stands(Place *place, gconstpointer unused)
{
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    must_keep(cache, "a", "first");
    g_autofree char *there = dkm_plan_cache_keep(cache, "a", "second");
    g_assert_cmpstr(there, ==, "first");
    must_hold(cache, "a", "first");
}

/* Processes that begin together all go on with one of their choices. */
static void processes_agree(Place *place, gconstpointer unused)
{
    enum { PROCESSES = 8 };
    pid_t children[PROCESSES];
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            g_autofree char *mine = g_strdup_printf("choice %d", i);
            g_autofree char *there = dkm_plan_cache_keep(cache, "a", mine);
            _exit(there ? there[strlen("choice ")] - '0' : 99);
        }
    }
    g_autofree char *there = NULL;
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        if (!there)
            there = dkm_plan_cache_load(cache, "a");
        g_assert_nonnull(there);
        g_assert_cmpint(WEXITSTATUS(status), ==, there[strlen("choice ")] - '0');
    }
}

static void set_content(const char *path, const char *content, gsize length)
{
    g_assert_true(g_file_set_contents(path, content, (gssize)length, NULL));
}

/* Cut anywhere, or with any byte changed, an entry is none, and is written anew. */
static void damage_is_no_entry(Place *place, gconstpointer unused)
{
    gsize length = 0;
    g_autofree char *path = NULL, *content = NULL;
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    must_keep(cache, "a", "a plan");
    count_files(place->folder, NULL, &path);
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        set_content(path, content, i);
        must_hold(cache, "a", NULL);
        content[i] ^= 4;
        set_content(path, content, length);
        must_hold(cache, "a", NULL);
        content[i] ^= 4;
    }
    must_keep(cache, "a", "another");
    must_hold(cache, "a", "another");
}

/* Only a regular file is an entry, and a link's target is left alone. */
static void foreign_is_no_entry(Place *place, gconstpointer unused)
{
    gsize length = 0;
    g_autofree char *path = NULL, *content = NULL, *other = NULL, *left = NULL;
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    must_keep(cache, "a", "a plan");
    count_files(place->folder, NULL, &path);
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    other = g_build_filename(place->top, "other", NULL);
    set_content(other, content, length);
    g_unlink(path);
    g_assert_cmpint(symlink(other, path), ==, 0);
    must_hold(cache, "a", NULL);
    must_keep(cache, "a", "another");
    g_assert_true(g_file_get_contents(other, &left, NULL, NULL));
    g_assert_cmpstr(left, ==, content);
    g_unlink(path);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    must_hold(cache, "a", NULL);
}

static void others_may_not_write(Place *place, gconstpointer unused)
{
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    must_keep(cache, "a", "a plan");
    g_chmod(place->folder, 0777);
    must_hold(cache, "a", NULL);
    g_assert_false(dkm_plan_cache_is_usable(cache));
    g_assert_null(dkm_plan_cache_keep(cache, "b", "a plan"));
    g_chmod(place->folder, 0700);
    must_hold(cache, "a", "a plan");
}

/* A file where the folder should be: nothing is kept, nothing breaks. */
static void no_folder(Place *place, gconstpointer unused)
{
    g_autofree char *parent = g_build_filename(place->top, "dkm", NULL);
    set_content(parent, "", 0);
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", much);
    g_assert_false(dkm_plan_cache_is_usable(cache));
    g_assert_null(dkm_plan_cache_keep(cache, "a", "a plan"));
    must_hold(cache, "a", NULL);
}

/* Makes everything in FOLDER SECONDS older than it is. */
static void age(const char *folder, int seconds)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = NULL; (name = g_dir_read_name(dir));) {
        struct stat there;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_assert_cmpint(g_stat(path, &there), ==, 0);
        const struct utimbuf times = {there.st_atime - seconds, there.st_mtime - seconds};
        g_assert_cmpint(g_utime(path, (struct utimbuf *)&times), ==, 0);
    }
}

/* Twenty plans of 1 kB in 4 kB: the newest and the one that is used all along are there. */
static void is_bounded(Place *place, gconstpointer unused)
{
    enum { PLANS = 20, BYTES = 1000, MOST = 4096 };
    g_autofree char *plan = g_strnfill(BYTES, 'x');
    g_autoptr(DkmPlanCache) cache = dkm_plan_cache_new(place->folder, "gpu", MOST);
    must_keep(cache, "used", plan);
    for (int i = 0; i < PLANS; i++) {
        gsize bytes = 0;
        g_autofree char *key = g_strdup_printf("%d", i);
        must_keep(cache, key, plan);
        must_hold(cache, "used", plan);
        g_assert_cmpuint(count_files(place->folder, &bytes, NULL), <=, 3);
        g_assert_cmpuint(bytes, <=, MOST);
        age(place->folder, 10);
        must_hold(cache, "used", plan);
    }
    must_hold(cache, "0", NULL);
    must_hold(cache, "19", plan);
    g_autofree char *big = g_strnfill(MOST, 'x');
    g_assert_null(dkm_plan_cache_keep(cache, "big", big));
    must_hold(cache, "used", plan);
}

typedef void (*Test)(Place *place, gconstpointer unused);

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        Test test;
    } tests[] = {{"comes-back", comes_back},
                 {"is-of-one-target", is_of_one_target},
                 {"first-choice-stands", first_choice_stands},
                 {"processes-agree", processes_agree},
                 {"damage-is-no-entry", damage_is_no_entry},
                 {"foreign-is-no-entry", foreign_is_no_entry},
                 {"others-may-not-write", others_may_not_write},
                 {"no-folder", no_folder},
                 {"is-bounded", is_bounded}};
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/plan-cache/", tests[i].name, NULL);
        g_test_add(path, Place, NULL, setup, tests[i].test, teardown);
    }
    return g_test_run();
}
