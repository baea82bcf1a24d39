/* The program looks for its own files from where it lies, upwards. */
#include "core/own-file.h"

static void test_find(void)
{
    g_autofree char *own = dkm_own_path(), *folder = g_path_get_dirname(own);
    g_autofree char *name = g_path_get_basename(own), *parent = g_path_get_basename(folder);
    g_autofree char *from_above = g_build_filename(parent, name, NULL);
    g_autofree char *beside = dkm_own_file_find((const char *const[]){"no such file", name, NULL});
    g_autofree char *above = dkm_own_file_find((const char *const[]){from_above, NULL});
    g_autofree char *none = dkm_own_file_find((const char *const[]){"no such file", NULL});
    g_assert_cmpstr(beside, ==, own);
    g_assert_cmpstr(above, ==, own);
    g_assert_null(none);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/own-file/find", test_find);
    return g_test_run();
}
