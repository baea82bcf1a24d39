/* The weights that leave with the product: found, whole, and for the phases they are named after.
 */
#include "core/model/pipeline.h"

#include <glib.h>

static void check(DkmShippedModel which, const char *ends_in, const char *accepts)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = dkm_model_find(which, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_suffix(path, ends_in));
    g_autoptr(DkmModel) model = dkm_model_open(path, "cpu", 1, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *words = dkm_model_accepted(model);
    g_assert_cmpstr(words, ==, accepts);
}

static void pre_contrast_alone(void)
{
    check(DKM_SHIPPED_PRE, "/default.safetensors", "pre");
}

static void any_phases(void)
{
    check(DKM_SHIPPED_ANY_PHASES, "/any-phases.safetensors",
          "pre, pre early, pre late, pre early late");
}

static void named_by_the_environment(void)
{
    g_setenv("DKM_MODEL", "/elsewhere/mine.safetensors", TRUE);
    g_autofree char *pre = dkm_model_find(DKM_SHIPPED_PRE, NULL);
    g_autofree char *any = dkm_model_find(DKM_SHIPPED_ANY_PHASES, NULL);
    g_assert_cmpstr(pre, ==, "/elsewhere/mine.safetensors");
    g_assert_cmpstr(any, ==, pre);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("DKM_MODEL");
    g_test_add_func("/shipped/pre-contrast-alone", pre_contrast_alone);
    g_test_add_func("/shipped/any-phases", any_phases);
    g_test_add_func("/shipped/named-by-the-environment", named_by_the_environment);
    return g_test_run();
}
