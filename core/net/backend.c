/* The list of back ends, the choice among them, and the police at their single call site. */
#include "core/net/backend.h"

#include "core/error.h"

static const DkmBackend *const backends[] = {
    &dkm_backend_cpu,
    &dkm_backend_reference,
    NULL,
};

/* Names that are known but not built in, and why; a module that is loaded at run time has its place
 * here. */
static const struct {
    const char *name, *why;
} absent[] = {
    {"cuda", "this build has no CUDA module"},
};

const DkmBackend *const *dkm_backends(void)
{
    return backends;
}

static void note_refused(GString *refused, const char *name, const char *why)
{
    if (refused)
        g_string_append_printf(refused, "%s: %s\n", name, why);
}

static gboolean is_usable(const DkmBackend *backend, GString *refused, char **why)
{
    g_autofree char *reason = NULL;
    if (backend->abi != DKM_BACKEND_ABI)
        reason = g_strdup_printf("built for interface %d, not %d", backend->abi, DKM_BACKEND_ABI);
    else if (backend->probe(&reason))
        return TRUE;
    note_refused(refused, backend->name, reason);
    *why = g_steal_pointer(&reason);
    return FALSE;
}

static const DkmBackend *find_best(GString *refused, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
        note_refused(refused, absent[i].name, absent[i].why);
    for (gsize i = 0; backends[i]; i++) {
        g_autofree char *why = NULL;
        if (is_usable(backends[i], refused, &why))
            return backends[i];
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "no compute device can be used");
    return NULL;
}

static const DkmBackend *refuse(const char *name, const char *why, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "%s cannot be used: %s", name, why);
    return NULL;
}

const DkmBackend *dkm_backend_find(const char *name, GString *refused, GError **error)
{
    if (g_str_equal(name, "auto"))
        return find_best(refused, error);
    for (gsize i = 0; backends[i]; i++) {
        g_autofree char *why = NULL;
        if (!g_str_equal(name, backends[i]->name))
            continue;
        return is_usable(backends[i], refused, &why) ? backends[i] : refuse(name, why, error);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
        if (g_str_equal(name, absent[i].name)) {
            note_refused(refused, name, absent[i].why);
            return refuse(name, absent[i].why, error);
        }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "no compute device is called '%s': auto, cpu, cuda or reference", name);
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
