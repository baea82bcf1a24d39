#include "plugin/bench/read-peers.h"

#include "core/error.h"
#include "core/own-file.h"

#include <json-glib/json-glib.h>

static const double goal_ratio = 5; /* times as fast */

static DkmBenchRow *add_row(DkmBench *bench, char *name, char *note)
{
    return dkm_bench_add(bench, "read", name, note);
}

static const char *find_python(const DkmBench *bench)
{
    const char *given = g_getenv("DKM_PEERS_PYTHON");
    return bench->python ? bench->python : given && *given ? given : "python3";
}

/* What the script prints, or NULL with the reason in *WHY; cancelling ends it. */
static char *ask(const DkmBench *bench, const DkmReadRace *race, char **why)
{
    static const char *const places[] = {"tests/bench/peers/read.py", NULL};
    g_autofree char *script = dkm_own_file_find(places), *out = NULL;
    g_autoptr(GError) error = NULL;
    if (!script) {
        *why = g_strdup("tests/bench/peers/read.py is in no folder above this program");
        return NULL;
    }
    g_autoptr(GSubprocess) process = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
        find_python(bench), script, race->pixels[0], race->headers, race->pixels[1], NULL);
    if (!process ||
        !g_subprocess_communicate_utf8(process, NULL, bench->cancel, &out, NULL, &error)) {
        if (process)
            g_subprocess_force_exit(process);
        *why = g_strdup(error->message);
        return NULL;
    }
    if (!g_subprocess_get_successful(process) || !out) {
        *why = g_strdup_printf("%s ended without an answer", find_python(bench));
        return NULL;
    }
    return g_steal_pointer(&out);
}

/* SECONDS of a library, and how many times as long as ours that is. */
static void add_time(DkmBench *bench, char *name, double seconds, double ours)
{
    dkm_bench_figure(add_row(bench, name, NULL), &(DkmBenchFigure){.what = "CPU time",
                                                                   .value = seconds * 1e3,
                                                                   .unit = "ms",
                                                                   .ratio = seconds / ours,
                                                                   .ratio_of = "x ours",
                                                                   .goal_ratio = goal_ratio});
}

static void add_library(DkmBench *bench, const DkmReadRace *race, const char *name,
                        JsonObject *answer)
{
    if (!answer) {
        add_row(bench, g_strdup_printf("%s is not installed", name), NULL);
        return;
    }
    const char *version = json_object_get_string_member_with_default(answer, "version", "");
    JsonArray *pixels = json_object_get_array_member(answer, "pixels");
    for (guint i = 0; pixels && i < MIN(json_array_get_length(pixels), DKM_READ_FOLDERS); i++)
        add_time(bench, g_strdup_printf("%s %s: %s", name, version, race->what[i]),
                 json_array_get_double_element(pixels, i), race->pixel_seconds[i]);
    add_time(bench, g_strdup_printf("%s %s: 5000 headers", name, version),
             json_object_get_double_member_with_default(answer, "headers", NAN),
             race->header_seconds);
}

gboolean dkm_bench_read_peers(DkmBench *bench, const DkmReadRace *race, GError **error)
{
    static const char *const names[] = {"pydicom", "SimpleITK"};
    g_autofree char *why = NULL;
    g_autofree char *text = ask(bench, race, &why);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root = NULL;
    if (g_cancellable_is_cancelled(bench->cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return FALSE;
    }
    if (text && json_parser_load_from_data(parser, text, -1, NULL))
        root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        add_row(bench, g_strdup_printf("no peers: %s", why ? why : "no answer"), NULL);
        return TRUE;
    }
    JsonObject *found = json_node_get_object(root);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        JsonNode *node = json_object_get_member(found, names[i]);
        add_library(bench, race, names[i],
                    node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL);
    }
    return TRUE;
}
