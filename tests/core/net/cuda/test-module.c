/* The real module, on a machine without a driver: loaded, refused with the driver's reason, and
 * nothing else changes. */
#include "core/error.h"
#include "core/net/backend.h"

#include <string.h>

static const DkmBackend *module_backend(void)
{
    const DkmBackend *best = dkm_backends()[0];
    g_assert_cmpstr(best->name, ==, "cuda");
    return best;
}

static void says_why_not(void)
{
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) refused = g_string_new(NULL);
    if (module_backend()->probe(&why)) {
        g_test_skip("there is a device");
        return;
    }
    g_test_message("%s", why);
    g_assert_nonnull(strstr(why, "CUDA"));
    g_assert_true(dkm_backend_find("auto", refused, &error) == &dkm_backend_cpu);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(refused->str, why));
    g_assert_null(dkm_backend_find("cuda", NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    g_assert_nonnull(strstr(error->message, why));
}

/* Whoever opens it all the same gets an error, again and again. */
static void fails_to_open(void)
{
    g_autofree char *why = NULL;
    if (module_backend()->probe(&why)) {
        g_test_skip("there is a device");
        return;
    }
    for (int i = 0; i < 3; i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(module_backend()->open(NULL, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda-module/says-why-not", says_why_not);
    g_test_add_func("/cuda-module/fails-to-open", fails_to_open);
    return g_test_run();
}
