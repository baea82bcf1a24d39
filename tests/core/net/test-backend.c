/* The registry, and the police: a back end that breaks its contract is told so. */
#include "core/net/backend.h"

#include "core/error.h"

#include <string.h>

static void finds_by_name(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_backend_find("reference", NULL, &error) == &dkm_backend_reference);
    g_assert_no_error(error);
}

/* "auto" takes the first usable one and says why better ones were not (main() hides modules). */
static void finds_the_best(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) refused = g_string_new(NULL);
    const DkmBackend *best = dkm_backend_find("auto", refused, &error);
    g_assert_no_error(error);
    g_assert_true(best == dkm_backends()[0]);
    g_assert_cmpstr(refused->str, ==, "cuda: no module /nowhere/dkm-cuda.so is installed\n");
}

/* Every name is taken, and what is there has one of them. */
static void lists_names(void)
{
    for (gsize i = 0; dkm_backend_names()[i]; i++) {
        g_autoptr(GError) error = NULL;
        if (!dkm_backend_find(dkm_backend_names()[i], NULL, &error))
            g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    }
    for (gsize i = 0; dkm_backends()[i]; i++)
        g_assert_true(g_strv_contains(dkm_backend_names(), dkm_backends()[i]->name));
}

static void names_what_is_absent(void)
{
    g_autoptr(GError) absent = NULL;
    g_autoptr(GError) unknown = NULL;
    g_assert_null(dkm_backend_find("cuda", NULL, &absent));
    g_assert_error(absent, DKM_ERROR, DKM_ERROR_DEVICE);
    g_assert_nonnull(strstr(absent->message, "cuda cannot be used: no module /nowhere/"));
    g_assert_null(dkm_backend_find("abacus", NULL, &unknown));
    g_assert_error(unknown, DKM_ERROR, DKM_ERROR_USAGE);
}

static gboolean lies(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "smoke");
    return TRUE;
}

static gboolean sulks(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    return FALSE;
}

static gboolean fails(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "out of fuel");
    return FALSE;
}

static gboolean works(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    return TRUE;
}

typedef struct {
    const char *name;
    gboolean (*run)(DkmDevice *device, const DkmOpCall *call, GError **error);
    int in_c, out_c; /* the call: ReLU of IN_C channels into OUT_C */
    int code;        /* expected; -1: success */
    const char *words;
} Row;

static const Row rows[] = {
    {"works", works, 2, 2, -1, NULL},
    {"fails", fails, 2, 2, DKM_ERROR_DEVICE, "out of fuel"},
    {"error-with-success", lies, 2, 2, DKM_ERROR_INTERNAL, "fake, act: smoke"},
    {"failure-without-error", sulks, 2, 2, DKM_ERROR_INTERNAL, "fake, act: failed without"},
    {"wrong-output", works, 2, 3, DKM_ERROR_INTERNAL, "outputs are not those"},
    {"wrong-input", works, 0, 0, DKM_ERROR_INTERNAL, "an input has an empty side"},
};

static void polices(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GError) error = NULL;
    float memory[8] = {0};
    const DkmBackend fake = {.abi = DKM_BACKEND_ABI, .name = "fake", .run = row->run};
    const DkmOpParams p = {.act = DKM_ACT_RELU};
    const DkmOpCall call = {.kind = DKM_OP_ACT,
                            .p = &p,
                            .in = {{memory, {1, 1, 1, row->in_c}, DKM_F32}},
                            .out = {{memory, {1, 1, 1, row->out_c}, DKM_F32}},
                            .n_in = 1,
                            .n_out = 1};
    g_assert_cmpint(dkm_backend_run(&fake, NULL, &call, &error), ==, row->code < 0);
    if (row->code < 0) {
        g_assert_no_error(error);
        return;
    }
    g_assert_error(error, DKM_ERROR, row->code);
    g_assert_nonnull(strstr(error->message, row->words));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("DKM_MODULE_PATH", "/nowhere", TRUE);
    g_test_add_func("/backend/finds-by-name", finds_by_name);
    g_test_add_func("/backend/finds-the-best", finds_the_best);
    g_test_add_func("/backend/lists-names", lists_names);
    g_test_add_func("/backend/names-what-is-absent", names_what_is_absent);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/backend/polices/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], polices);
    }
    return g_test_run();
}
