#include "core/atomic-file.h"
#include "core/error.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static guint count_files(const char *folder)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void replaces_whole(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-XXXXXX", NULL),
                    *path = g_build_filename(folder, "a", NULL);
    g_autofree char *text = NULL;
    g_assert_true(dkm_atomic_write(path, "old", 3, NULL));
    g_assert_true(dkm_atomic_write(path, "newer", 5, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "newer");
    g_assert_cmpuint(count_files(folder), ==, 1);
    g_unlink(path);
    g_rmdir(folder);
}

static void failure_names_the_file(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_atomic_write("/proc/no-such-folder/result.dcm", "x", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_nonnull(g_strstr_len(error->message, -1, "result.dcm"));
}

/* The target is a folder: the rename fails, and the temporary file must not stay. */
static void nothing_is_left(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-XXXXXX", NULL),
                    *path = g_build_filename(folder, "a", NULL);
    g_autoptr(GError) error = NULL;
    g_mkdir(path, 0700);
    g_assert_false(dkm_atomic_write(path, "x", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_cmpuint(count_files(folder), ==, 1);
    g_rmdir(path);
    g_rmdir(folder);
}

static mode_t kind(const char *path)
{
    struct stat there;
    g_assert_cmpint(g_lstat(path, &there), ==, 0);
    return there.st_mode & S_IFMT;
}

static void refuses(const char *path, const char *word)
{
    g_autoptr(GError) error = NULL;
    const mode_t before = kind(path);
    g_assert_false(dkm_atomic_write(path, "x", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_nonnull(g_strstr_len(error->message, -1, word));
    g_assert_cmpuint(kind(path), ==, before);
}

/* A root's "-o /dev/null" must not make a file of it; nor is a FIFO, or a link to nothing, one. */
static void replaces_only_files(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-XXXXXX", NULL),
                    *fifo = g_build_filename(folder, "fifo", NULL),
                    *device = g_build_filename(folder, "device", NULL),
                    *dangling = g_build_filename(folder, "dangling", NULL);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(symlink("/dev/null", device), ==, 0);
    g_assert_cmpint(symlink("nowhere", dangling), ==, 0);
    refuses(fifo, "no regular file");
    refuses(device, "no regular file");
    refuses(dangling, "leads to no file");
    g_assert_cmpuint(count_files(folder), ==, 3);
    g_unlink(fifo);
    g_unlink(device);
    g_unlink(dangling);
    g_rmdir(folder);
}

static void writes_through_links(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-XXXXXX", NULL),
                    *path = g_build_filename(folder, "a", NULL),
                    *link = g_build_filename(folder, "link", NULL);
    g_autofree char *text = NULL;
    g_assert_true(dkm_atomic_write(path, "old", 3, NULL));
    g_assert_cmpint(symlink("a", link), ==, 0);
    g_assert_true(dkm_atomic_write(link, "newer", 5, NULL));
    g_assert_cmpuint(kind(link), ==, S_IFLNK);
    g_assert_cmpuint(kind(path), ==, S_IFREG);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "newer");
    g_assert_cmpuint(count_files(folder), ==, 2);
    g_unlink(link);
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/atomic-file/replaces-whole", replaces_whole);
    g_test_add_func("/atomic-file/failure-names-the-file", failure_names_the_file);
    g_test_add_func("/atomic-file/nothing-is-left", nothing_is_left);
    g_test_add_func("/atomic-file/replaces-only-files", replaces_only_files);
    g_test_add_func("/atomic-file/writes-through-links", writes_through_links);
    return g_test_run();
}
