/* Only regular files are opened, and nothing is waited for. */
#include "core/regular-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_text(const char *path, gsize max_bytes, const char *words)
{
    g_autoptr(GError) error = NULL;
    char *text = dkm_regular_file_read(path, max_bytes, DKM_ERROR_MODEL, &error);
    if (!words) {
        g_assert_no_error(error);
        return text;
    }
    g_assert_null(text);
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(error->message, words));
    return NULL;
}

static void test_kinds(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-regular-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autofree char *link = g_build_filename(folder, "link", NULL);
    g_autofree char *pipe = g_build_filename(folder, "pipe", NULL);
    g_assert_true(g_file_set_contents(path, "a\0b", 3, NULL));
    g_assert_cmpint(symlink("file", link), ==, 0);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_autofree char *direct = read_text(path, 3, NULL), *linked = read_text(link, 9, NULL);
    g_assert_cmpstr(direct, ==, "a");
    g_assert_cmpstr(linked, ==, "a");
    read_text(path, 2, "too long");
    read_text(pipe, 9, "not a regular file");
    read_text(folder, 9, "not a regular file");
    read_text("/dev/zero", 9, "not a regular file");
    g_unlink(path);
    read_text(path, 9, "No such file");
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    g_autofree char *empty = read_text(path, 0, NULL);
    g_assert_cmpstr(empty, ==, "");
    g_unlink(path);
    g_unlink(link);
    g_unlink(pipe);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regular-file/kinds", test_kinds);
    return g_test_run();
}
