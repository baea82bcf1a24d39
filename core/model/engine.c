#include "core/model/engine.h"

static gboolean open_named(DkmEngine *engine, const char *name, const DkmDeviceOptions *options,
                           GError **error)
{
    *engine = (DkmEngine){0};
    const DkmBackend *backend = dkm_backend_find(name, NULL, error);
    if (!backend)
        return FALSE;
    engine->device = backend->open(options, error);
    if (!engine->device)
        return FALSE;
    engine->backend = backend;
    return TRUE;
}

/* Reasons go into records that travel: the folder of a module stays at home. */
static char *without_folders(const char *reason)
{
    g_autoptr(GRegex) module = g_regex_new("\\S*/(\\S+\\.so)", 0, 0, NULL);
    return g_regex_replace(module, reason, -1, 0, "\\1", 0, NULL);
}

/* The error of the last one is the one that counts: it runs everywhere. */
static gboolean open_best(DkmEngine *engine, const DkmDeviceOptions *options, GError **error)
{
    g_autoptr(GStrvBuilder) refused = g_strv_builder_new();
    const char *const *name = dkm_backend_names();
    gboolean opened = FALSE;
    for (; name[1] && !opened; name++) {
        g_autoptr(GError) why = NULL;
        opened = open_named(engine, *name, options, &why);
        g_autofree char *reason = opened ? NULL : without_folders(why->message);
        if (reason)
            g_strv_builder_add(refused, reason);
    }
    if (!opened && !open_named(engine, *name, options, error))
        return FALSE;
    engine->refused = g_strv_builder_end(refused);
    return TRUE;
}

gboolean dkm_engine_open_with(DkmEngine *engine, const char *name, const DkmDeviceOptions *options,
                              GError **error)
{
    return g_str_equal(name, "auto") ? open_best(engine, options, error)
                                     : open_named(engine, name, options, error);
}

gboolean dkm_engine_open(DkmEngine *engine, const char *name, int threads, GError **error)
{
    return dkm_engine_open_with(engine, name, &(DkmDeviceOptions){.threads = threads}, error);
}

void dkm_engine_close(DkmEngine *engine)
{
    if (engine->device)
        engine->backend->close(engine->device);
    g_strfreev(engine->refused);
    *engine = (DkmEngine){0};
}

gboolean dkm_engine_is_cpu(const DkmEngine *engine)
{
    return engine->backend == &dkm_backend_cpu || engine->backend == &dkm_backend_reference;
}

char *dkm_engine_describe(const DkmEngine *engine)
{
    return g_strdup_printf("%s: %s", engine->backend->name,
                           engine->backend->describe(engine->device));
}
