#include "plugin/bench/peer-worker.h"

#include "core/error.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { PROTOCOL = 1, QUOTED = 120 }; /* characters of a wrong answer that are shown */

struct _DkmPeerWorker {
    GSubprocess *process;
    GDataInputStream *answers;
    char *name, *words; /* the program; the file of what it says on standard error */
    JsonObject *hello;
};

/* Between fork and exec. The worker leaves our group: Ctrl-C is ours, and we end it with all that
 * it started. */
static void prepare_child(gpointer data)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
}

static void end_group(GSubprocess *process)
{
    const char *id = g_subprocess_get_identifier(process); /* NULL once it has ended */
    const gint64 group = id ? g_ascii_strtoll(id, NULL, 10) : 0;
    if (group > 1)
        kill((pid_t)-group, SIGKILL);
    g_subprocess_force_exit(process);
    g_subprocess_wait(process, NULL, NULL);
}

void dkm_peer_worker_stop(DkmPeerWorker *worker)
{
    if (!worker)
        return;
    if (worker->process)
        end_group(worker->process);
    g_clear_object(&worker->answers);
    g_clear_object(&worker->process);
    g_clear_pointer(&worker->hello, json_object_unref);
    g_free(worker->name);
    g_free(worker->words);
    g_free(worker);
}

/* The last line on standard error that says something, or how it ended. */
static char *last_words(const DkmPeerWorker *worker)
{
    g_autofree char *text = NULL;
    g_subprocess_wait(worker->process, NULL, NULL);
    if (g_file_get_contents(worker->words, &text, NULL, NULL) && *g_strchomp(text)) {
        const char *line = strrchr(text, '\n');
        return g_utf8_make_valid(line ? line + 1 : text, -1);
    }
    if (g_subprocess_get_if_exited(worker->process))
        return g_strdup_printf("exit status %d", g_subprocess_get_exit_status(worker->process));
    return g_strdup_printf("signal %d", g_subprocess_get_term_sig(worker->process));
}

static gboolean was_cancelled(GCancellable *cancel, GError **error)
{
    if (!g_cancellable_is_cancelled(cancel))
        return FALSE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    return TRUE;
}

static JsonObject *refuse_answer(const DkmPeerWorker *worker, const char *line, GError **error)
{
    g_autofree char *valid = g_utf8_make_valid(line, -1);
    g_autofree char *start = g_utf8_substring(valid, 0, MIN(QUOTED, g_utf8_strlen(valid, -1)));
    g_autofree char *shown = g_strescape(start, NULL);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "the peers' worker (%s) answers \"%s\", which is no answer of protocol %d",
                worker->name, shown, PROTOCOL);
    return NULL;
}

static JsonObject *parse(const DkmPeerWorker *worker, const char *line, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!json_parser_load_from_data(parser, line, -1, NULL) || !json_parser_get_root(parser) ||
        !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return refuse_answer(worker, line, error);
    return json_object_ref(json_node_get_object(json_parser_get_root(parser)));
}

/* The next line; NULL without an error at the end, or where reading failed as at the end. */
static char *read_line(DkmPeerWorker *worker, GCancellable *cancel, GError **error)
{
    char *line = g_data_input_stream_read_line(worker->answers, NULL, cancel, NULL);
    if (was_cancelled(cancel, error))
        g_clear_pointer(&line, g_free);
    return line;
}

static gboolean spawn(DkmPeerWorker *worker, const DkmPeerSetup *setup, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_autofree char *threads = g_strdup_printf("%d", setup->threads);
    g_autofree char *program = strchr(setup->python, '/')
                                   ? g_canonicalize_filename(setup->python, NULL)
                                   : g_strdup(setup->python);
    g_autofree char *script = g_canonicalize_filename(setup->script, NULL);
    g_subprocess_launcher_set_cwd(launcher, setup->folder);
    g_subprocess_launcher_set_stderr_file_path(launcher, worker->words);
    g_subprocess_launcher_set_child_setup(launcher, prepare_child, NULL, NULL);
    worker->process = g_subprocess_launcher_spawn(launcher, error, program, script, "--threads",
                                                  threads, "--device", setup->device, NULL);
    if (worker->process)
        worker->answers = g_data_input_stream_new(g_subprocess_get_stdout_pipe(worker->process));
    return worker->process != NULL;
}

static gboolean is_array(JsonObject *object, const char *member)
{
    JsonNode *node = json_object_get_member(object, member);
    return node && JSON_NODE_HOLDS_ARRAY(node);
}

static gboolean has_text(JsonObject *object, const char *member)
{
    JsonNode *node = json_object_get_member(object, member);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
}

static gboolean is_hello(JsonObject *hello)
{
    if (json_object_get_int_member_with_default(hello, "protocol", 0) != PROTOCOL ||
        !is_array(hello, "engines") || !is_array(hello, "absent"))
        return FALSE;
    JsonArray *engines = json_object_get_array_member(hello, "engines");
    for (guint i = 0; i < json_array_get_length(engines); i++) {
        JsonNode *node = json_array_get_element(engines, i);
        if (!JSON_NODE_HOLDS_OBJECT(node) || !has_text(json_node_get_object(node), "name") ||
            !has_text(json_node_get_object(node), "dtype"))
            return FALSE;
    }
    return TRUE;
}

DkmPeerWorker *dkm_peer_worker_start(const DkmPeerSetup *setup, char **why, GCancellable *cancel,
                                     GError **error)
{
    g_autoptr(DkmPeerWorker) worker = g_new0(DkmPeerWorker, 1);
    g_autoptr(GError) cause = NULL;
    *why = NULL;
    worker->name = g_strdup(setup->python);
    worker->words = g_build_filename(setup->folder, "peers.stderr", NULL);
    if (!spawn(worker, setup, &cause)) {
        *why = g_strdup_printf("%s does not start: %s", setup->python, cause->message);
        return NULL;
    }
    g_autofree char *line = read_line(worker, cancel, error);
    if (!line) {
        g_autofree char *words = g_cancellable_is_cancelled(cancel) ? NULL : last_words(worker);
        *why =
            words ? g_strdup_printf("%s ended without an answer: %s", setup->python, words) : NULL;
        return NULL;
    }
    worker->hello = parse(worker, line, error);
    if (!worker->hello)
        return NULL;
    if (is_hello(worker->hello))
        return g_steal_pointer(&worker);
    refuse_answer(worker, line, error);
    return NULL;
}

JsonObject *dkm_peer_worker_hello(const DkmPeerWorker *worker)
{
    return worker->hello;
}

JsonObject *dkm_peer_worker_ask(DkmPeerWorker *worker, GCancellable *cancel, GError **error,
                                const char *format, ...)
{
    va_list words;
    va_start(words, format);
    g_autofree char *request = g_strdup_vprintf(format, words);
    va_end(words);
    g_autofree char *sent = g_strconcat(request, "\n", NULL);
    GOutputStream *pipe = g_subprocess_get_stdin_pipe(worker->process);
    const gboolean asked =
        g_output_stream_write_all(pipe, sent, strlen(sent), NULL, cancel, NULL) &&
        g_output_stream_flush(pipe, cancel, NULL);
    g_autofree char *line = asked ? read_line(worker, cancel, error) : NULL;
    if (line)
        return parse(worker, line, error);
    if (g_cancellable_is_cancelled(cancel)) {
        if (error && !*error)
            was_cancelled(cancel, error);
        return NULL;
    }
    g_autofree char *last = last_words(worker);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "the peers' worker (%s) ended when asked \"%s\": %s", worker->name, request, last);
    return NULL;
}
