/* dkm devices [--json]: which compute devices this machine offers, and why others are not used. */
#include "plugin/commands.h"
#include "plugin/options.h"

#include "core/net/backend.h"

typedef struct {
    const char *name;
    gboolean usable, automatic; /* what "auto" takes */
    char *words;                /* what it is, or why it is not usable */
    GPtrArray *precisions;
} Row;

static const char *const dtypes[] = {[DKM_F32] = "f32", [DKM_BF16] = "bf16"};

static void add_precisions(GPtrArray *precisions, const DkmBackend *backend, DkmDevice *device)
{
    for (guint i = 0; i < G_N_ELEMENTS(dtypes); i++)
        if (!backend->has_dtype || backend->has_dtype(device, (DkmDtype)i))
            g_ptr_array_add(precisions, (gpointer)dtypes[i]);
    if (backend->has_int8 && backend->has_int8(device))
        g_ptr_array_add(precisions, (gpointer) "int8");
}

static void row_init(Row *row, const char *name)
{
    g_autoptr(GError) error = NULL;
    *row = (Row){.name = name, .precisions = g_ptr_array_new()};
    const DkmBackend *backend = dkm_backend_probe(name, &row->words);
    DkmDevice *device = backend ? backend->open(NULL, &error) : NULL;
    row->usable = device != NULL;
    if (!backend)
        return;
    row->words = g_strdup(device ? backend->describe(device) : error->message);
    if (!device)
        return;
    add_precisions(row->precisions, backend, device);
    backend->close(device);
}

static void row_clear(Row *row)
{
    g_free(row->words);
    g_ptr_array_unref(row->precisions);
}

static void row_print(const Row *row)
{
    if (!row->usable) {
        g_print("%-10s not usable: %s\n", row->name, row->words);
        return;
    }
    g_print("%-10s usable%s: %s; ", row->name, row->automatic ? " (auto)" : "", row->words);
    for (guint i = 0; i < row->precisions->len; i++)
        g_print("%s%s", i ? ", " : "", (const char *)row->precisions->pdata[i]);
    g_print("\n");
}

static void add_flag(JsonBuilder *json, const char *name, gboolean value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_boolean_value(json, value);
}

static void row_add_json(const Row *row, JsonBuilder *json)
{
    json_builder_begin_object(json);
    dkm_json_text(json, "name", row->name);
    add_flag(json, "usable", row->usable);
    add_flag(json, "auto", row->automatic);
    dkm_json_text(json, "description", row->words);
    json_builder_set_member_name(json, "precisions");
    json_builder_begin_array(json);
    for (guint i = 0; i < row->precisions->len; i++)
        json_builder_add_string_value(json, row->precisions->pdata[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static void print_all(JsonBuilder *json)
{
    gboolean has_auto = FALSE;
    for (const char *const *name = dkm_backend_names(); *name; name++) {
        Row row;
        row_init(&row, *name);
        row.automatic = row.usable && !has_auto;
        has_auto |= row.usable;
        if (json)
            row_add_json(&row, json);
        else
            row_print(&row);
        row_clear(&row);
    }
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
    if (json)
        json_builder_begin_array(json);
    print_all(json);
    if (json) {
        json_builder_end_array(json);
        dkm_print_json(json);
    }
    return TRUE;
}
