/* The list of back ends, the choice among them, and the police at their single call site. */
#include "core/net/backend.h"

#include "core/error.h"
#include "core/net/backend-module.h"

/* Best first. What has no table here comes as a module. */
static const struct {
    const char *name;
    const DkmBackend *built_in;
} known[] = {
    {"cuda", NULL},
    {"cpu", &dkm_backend_cpu},
    {"reference", &dkm_backend_reference},
};

const char *const *dkm_backend_names(void)
{
    static const char *const names[] = {"cuda", "cpu", "reference", NULL};
    G_STATIC_ASSERT(G_N_ELEMENTS(names) == G_N_ELEMENTS(known) + 1);
    return names;
}

static const DkmBackend *get(gsize i, char **why)
{
    return known[i].built_in ? known[i].built_in : dkm_backend_module_get(known[i].name, why);
}

const DkmBackend *const *dkm_backends(void)
{
    static const DkmBackend *all[G_N_ELEMENTS(known) + 1];
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        gsize n = 0;
        for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
            g_autofree char *why = NULL;
            const DkmBackend *backend = get(i, &why);
            if (backend)
                all[n++] = backend;
        }
        g_once_init_leave(&ready, 1);
    }
    return all;
}

static const DkmBackend *probe(gsize i, char **why)
{
    const DkmBackend *backend = get(i, why);
    if (backend && backend->probe(why))
        return backend;
    if (!*why)
        *why = g_strdup("it gave no reason");
    g_strdelimit(*why, "\n", ' ');
    return NULL;
}

/* Its place in the list, or -1. */
static int find_known(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(name, known[i].name))
            return (int)i;
    return -1;
}

const DkmBackend *dkm_backend_probe(const char *name, char **why)
{
    const int i = find_known(name);
    *why = i < 0 ? g_strdup("no device has this name") : NULL;
    return i < 0 ? NULL : probe((gsize)i, why);
}

static void note_refused(GString *refused, const char *name, const char *why)
{
    if (refused)
        g_string_append_printf(refused, "%s: %s\n", name, why);
}

static const DkmBackend *find_best(GString *refused, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        g_autofree char *why = NULL;
        const DkmBackend *backend = probe(i, &why);
        if (backend)
            return backend;
        note_refused(refused, known[i].name, why);
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "no compute device can be used");
    return NULL;
}

const DkmBackend *dkm_backend_find(const char *name, GString *refused, GError **error)
{
    if (g_str_equal(name, "auto"))
        return find_best(refused, error);
    if (find_known(name) < 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    "no compute device is called '%s': auto, cpu, cuda or reference", name);
        return NULL;
    }
    g_autofree char *why = NULL;
    const DkmBackend *backend = dkm_backend_probe(name, &why);
    if (backend)
        return backend;
    note_refused(refused, name, why);
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "%s cannot be used: %s", name, why);
    return NULL;
}

static gboolean bug(const DkmBackend *backend, const DkmOpCall *call, const char *what,
                    GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "%s, %s: %s", backend->name,
                dkm_op_def(call->kind)->name, what);
    return FALSE;
}

static gboolean outputs_fit(const DkmOpCall *call, const DkmTensor *expected)
{
    const int n = dkm_op_def(call->kind)->n_out;
    for (int i = 0; i < n; i++)
        if (!call->out[i].data || call->out[i].dtype != expected[i].dtype ||
            !dkm_shape_equal(call->out[i].shape, expected[i].shape))
            return FALSE;
    return call->n_out == n;
}

gboolean dkm_backend_run(const DkmBackend *backend, DkmDevice *device, const DkmOpCall *call,
                         GError **error)
{
    const char *why = NULL;
    DkmTensor expected[DKM_OP_MAX_OUT] = {0};
    if ((guint)call->kind >= DKM_OP_COUNT) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "%s: no op %d", backend->name,
                    (int)call->kind);
        return FALSE;
    }
    if (!dkm_op_infer(call->kind, call->p, call->in, call->n_in, expected, &why))
        return bug(backend, call, why, error);
    if (!outputs_fit(call, expected))
        return bug(backend, call, "the outputs are not those that the inputs tell", error);

    GError *failure = NULL;
    const gboolean done = backend->run(device, call, &failure);
    if (done && !failure)
        return TRUE;
    if (done) {
        bug(backend, call, failure->message, error);
        g_error_free(failure);
        return FALSE;
    }
    if (!failure)
        return bug(backend, call, "failed without a reason", error);
    g_propagate_error(error, failure);
    return FALSE;
}
