/* The corpus of one target without a fuzzer: every file of the folders and every file in ARGV. TAP.
 */
#include "tests/fuzz/fuzz.h"

#include <gio/gio.h>
#include <unistd.h>

static void replay(gconstpointer data)
{
    const char *path = data;
    g_autofree char *bytes = NULL;
    gsize size;
    GError *error = NULL;
    g_file_get_contents(path, &bytes, &size, &error);
    g_assert_no_error(error);
    alarm(60); /* of the wall's time: a wait for ever is a hang too */
    LLVMFuzzerTestOneInput((const guint8 *)bytes, size);
    alarm(0);
    g_test_message("%" G_GSIZE_FORMAT " bytes took %" G_GSIZE_FORMAT, size, fuzz_peak());
}

static void add(GPtrArray *kept, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    if (!dir) {
        g_autofree char *base = g_path_get_basename(path);
        g_autofree char *name = g_strconcat("/replay/", base, NULL);
        char *copy = g_strdup(path);
        g_ptr_array_add(kept, copy);
        g_test_add_data_func(name, copy, replay);
        return;
    }
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        add(kept, below);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    g_test_init(&argc, &argv, NULL);
    for (int i = 1; i < argc; i++)
        add(kept, argv[i]);
    g_assert_cmpuint(kept->len, >, 0);
    return g_test_run();
}
