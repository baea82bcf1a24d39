/* Which device a job gets when the best one is there but does not open. */
#include "core/model/engine.h"

#include "core/error.h"

#include <glib/gstdio.h>
#include <string.h>

/* A folder with a module whose device never has memory enough (tests/core/net/modules). */
static char *new_folder(void)
{
    g_autofree char *fake = g_strdup_printf("%s/fake-full.so", g_getenv("DKM_TEST_MODULES"));
    g_autofree char *content = NULL;
    gsize length = 0;
    char *folder = g_dir_make_tmp("dkm-engine-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "dkm-cuda.so", NULL);
    g_assert_true(g_file_get_contents(fake, &content, &length, NULL));
    g_assert_true(g_file_set_contents_full(path, content, (gssize)length, G_FILE_SET_CONTENTS_NONE,
                                           0755, NULL));
    return folder;
}

static void passes_over_a_full_device(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmEngine) engine = {0};
    g_assert_true(dkm_engine_open(&engine, "auto", 1, &error));
    g_assert_no_error(error);
    g_autofree char *words = dkm_engine_describe(&engine);
    g_assert_true(g_str_has_prefix(words, "cpu: 1 thread"));
}

static void tells_of_a_full_device(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmEngine) engine = {0};
    g_assert_false(dkm_engine_open(&engine, "cuda", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY);
    g_assert_null(engine.device);
}

static void refuses_an_unknown_name(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmEngine) engine = {0};
    g_assert_false(dkm_engine_open(&engine, "abacus", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *folder = new_folder();
    g_setenv("DKM_MODULE_PATH", folder, TRUE);
    g_test_add_func("/engine/passes-over-a-full-device", passes_over_a_full_device);
    g_test_add_func("/engine/tells-of-a-full-device", tells_of_a_full_device);
    g_test_add_func("/engine/refuses-an-unknown-name", refuses_an_unknown_name);
    const int status = g_test_run();
    g_autofree char *path = g_build_filename(folder, "dkm-cuda.so", NULL);
    g_unlink(path);
    g_rmdir(folder);
    g_free(folder);
    return status;
}
