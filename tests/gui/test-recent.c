#include "gui/recent.h"

#include "gui/private-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *state;

static char *place(void)
{
    return dkm_private_path(state, "recent.ini");
}

static void add(const char *path, const char *uid, const char *title)
{
    g_autoptr(GError) error = NULL;
    const DkmRecent entry = {(char *)path, (char *)uid, (char *)title, (char *)"2001-02-28", FALSE};
    g_assert_true(dkm_recent_add(&entry, &error));
    g_assert_no_error(error);
}

static const DkmRecent *at(const GPtrArray *entries, guint i)
{
    return entries->pdata[i];
}

static void nothing_yet(void)
{
    dkm_recent_clear();
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    g_assert_cmpuint(entries->len, ==, 0);
}

static void newest_first(void)
{
    dkm_recent_clear();
    add(state, "1.2.3", "Doe, Jane");
    add("/nowhere/at/all", "1.2.4", "Grün, Änne = [1]\n#2");
    add(state, NULL, "Two studies");
    add("/elsewhere", "1.2.3", "Doe, Jane"); /* the same study, moved */
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    g_assert_cmpuint(entries->len, ==, 3);
    g_assert_cmpstr(at(entries, 0)->title, ==, "Doe, Jane");
    g_assert_cmpstr(at(entries, 0)->path, ==, "/elsewhere");
    g_assert_false(at(entries, 0)->is_there);
    g_assert_null(at(entries, 1)->study_uid);
    g_assert_true(at(entries, 1)->is_there);
    g_assert_cmpstr(at(entries, 2)->title, ==, "Grün, Änne = [1]\n#2");
    g_assert_cmpstr(at(entries, 2)->detail, ==, "2001-02-28");
}

static void keeps_so_many(void)
{
    dkm_recent_clear();
    for (guint i = 0; i < 3 * DKM_RECENT_MOST; i++) {
        g_autofree char *uid = g_strdup_printf("1.%u", i);
        add(state, uid, uid);
    }
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    g_assert_cmpuint(entries->len, ==, DKM_RECENT_MOST);
    g_assert_cmpstr(at(entries, 0)->study_uid, ==, "1.35");
}

/* Only its owner reads it, no file is called after anybody, and clearing leaves no name. */
static void is_private(void)
{
    g_autofree char *path = place(), *folder = g_path_get_dirname(path);
    GStatBuf found;
    add(state, "1.2.3", "Doe, Jane");
    g_assert_cmpint(g_stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_assert_cmpstr(name, ==, "recent.ini");
    dkm_recent_clear();
    g_assert_cmpint(g_stat(path, &found), !=, 0);
}

static void spoilt(void)
{
    static const char *const texts[] = {"nonsense",
                                        "[1]\ntitle=Only\n[2]\nfolder=/a\ntitle=Whole\n"};
    g_autofree char *path = place();
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
        g_autoptr(GPtrArray) entries = dkm_recent_load();
        g_assert_cmpuint(entries->len, ==, i);
    }
    add(state, "1.2.3", "Doe, Jane");
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    g_assert_cmpuint(entries->len, ==, 2);
    dkm_recent_clear();
}

int main(int argc, char **argv)
{
    state = g_dir_make_tmp("dkm-state-XXXXXX", NULL);
    g_setenv("XDG_STATE_HOME", state, TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recent/nothing-yet", nothing_yet);
    g_test_add_func("/recent/newest-first", newest_first);
    g_test_add_func("/recent/keeps-so-many", keeps_so_many);
    g_test_add_func("/recent/is-private", is_private);
    g_test_add_func("/recent/spoilt", spoilt);
    const int failed = g_test_run();
    g_autofree char *path = place(), *folder = g_path_get_dirname(path);
    g_rmdir(folder);
    g_rmdir(state);
    g_free(state);
    return failed;
}
