#include "gui/private-file.h"

#include "core/error.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static char *place(const char *name)
{
    return dkm_private_path(folder, name);
}

/* Made with its folder, for this user's eyes only, even where a careless one was there before. */
static void is_private(void)
{
    g_autofree char *path = place("some.ini"), *program = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < 2; i++) {
        g_autoptr(GKeyFile) file = dkm_private_load(path, &error);
        GStatBuf found;
        g_assert_no_error(error);
        g_key_file_set_string(file, "one", "two", i ? "three" : "Grüße");
        g_assert_true(dkm_private_save(file, path, &error));
        g_assert_no_error(error);
        g_assert_cmpint(g_stat(path, &found), ==, 0);
        g_assert_cmpint(found.st_mode & 0777, ==, 0600);
        g_assert_cmpint(g_stat(program, &found), ==, 0);
        g_assert_cmpint(found.st_mode & 0777, ==, 0700);
        g_chmod(path, 0644);
    }
    g_autoptr(GKeyFile) file = dkm_private_load(path, &error);
    g_autofree char *value = g_key_file_get_string(file, "one", "two", NULL);
    g_assert_cmpstr(value, ==, "three");
    g_unlink(path);
}

static void names_the_line(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {{"[a]\nb=1\nnonsense\n", "line 3"},
                {"b=1\n", "line 1"},
                {"[a]\n# fine\n\n=2\n", "line 4"},
                {"[a]\nb=\xff\xfe\n", "line 2"}};
    g_autofree char *path = place("bad.ini");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(path, rows[i].text, -1, NULL));
        g_assert_null(dkm_private_load(path, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(error->message, rows[i].says);
        assert_says(error->message, "bad.ini");
    }
    g_unlink(path);
}

static void none_is_empty(void)
{
    g_autofree char *path = place("none.ini");
    g_autoptr(GError) error = NULL;
    g_autoptr(GKeyFile) file = dkm_private_load(path, &error);
    gsize n = 1;
    g_assert_no_error(error);
    g_strfreev(g_key_file_get_groups(file, &n));
    g_assert_cmpuint(n, ==, 0);
}

static void fails_in_words(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_assert_false(dkm_private_save(file, "/dev/null/nowhere/a.ini", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_clear_error(&error);
    g_assert_null(dkm_private_load("/dev/null", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("dkm-private-XXXXXX", NULL);
    g_autofree char *path = place("x"), *program = g_path_get_dirname(path);
    g_mkdir(program, 0700);
    g_test_add_func("/private-file/is-private", is_private);
    g_test_add_func("/private-file/names-the-line", names_the_line);
    g_test_add_func("/private-file/none-is-empty", none_is_empty);
    g_test_add_func("/private-file/fails-in-words", fails_in_words);
    const int failed = g_test_run();
    g_rmdir(program);
    g_rmdir(folder);
    g_free(folder);
    return failed;
}
