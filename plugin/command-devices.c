/* dkm devices [--json]: which compute devices this machine offers, and why others are not used. */
#include "plugin/commands.h"
#include "plugin/options.h"

#include "core/net/backend.h"

static void describe(const DkmBackend *backend, JsonBuilder *json)
{
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    DkmDevice *device = backend->probe(&why) ? backend->open(NULL, &error) : NULL;
    const char *words = device ? backend->describe(device) : error ? error->message : why;
    if (json) {
        json_builder_begin_object(json);
        dkm_json_text(json, "name", backend->name);
        json_builder_set_member_name(json, "usable");
        json_builder_add_boolean_value(json, device != NULL);
        dkm_json_text(json, "description", words);
        json_builder_end_object(json);
    } else {
        g_print("%-10s %s: %s\n", backend->name, device ? "usable" : "not usable", words);
    }
    if (device)
        backend->close(device);
}

gboolean dkm_command_devices(int argc, char **argv, GCancellable *cancel, GError **error)
{
    gboolean as_json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
                                    G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"[--json]", "The compute devices of this machine, best first.", entries,
                            0, 0};
    g_auto(GStrv) rest = NULL;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error))
        return FALSE;
    g_autoptr(JsonBuilder) json = as_json ? json_builder_new() : NULL;
    g_autoptr(GString) refused = g_string_new(NULL);
    if (json)
        json_builder_begin_array(json);
    for (gsize i = 0; dkm_backends()[i]; i++)
        describe(dkm_backends()[i], json);
    if (json) {
        json_builder_end_array(json);
        dkm_print_json(json);
    } else if (dkm_backend_find("auto", refused, NULL)) {
        g_print("%s", refused->str);
    }
    return TRUE;
}
