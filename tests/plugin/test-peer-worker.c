/* A worker is started, asked and ended; one that is not there or talks nonsense is said in words.
 * The workers here are shell scripts. */
#include "plugin/bench/peer-worker.h"

#include "core/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>

#define HELLO                                                                                      \
    "echo '{\"protocol\":1,\"engines\":[{\"name\":\"a\",\"dtype\":\"f32\"}],\"absent\":[]}'\n"

typedef struct {
    char *folder, *script;
} Place;

static void set_up(Place *place, gconstpointer script)
{
    place->folder = g_dir_make_tmp("dkm-peer-XXXXXX", NULL);
    place->script = g_build_filename(place->folder, "worker.sh", NULL);
    g_assert_true(g_file_set_contents(place->script, script, -1, NULL));
}

static void tear_down(Place *place, gconstpointer script)
{
    g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = g_build_filename(place->folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(place->folder);
    g_free(place->folder);
    g_free(place->script);
}

static DkmPeerWorker *start(const Place *place, const char *python, char **why,
                            GCancellable *cancel, GError **error)
{
    const DkmPeerSetup setup = {python, place->script, "cpu", 3, place->folder};
    return dkm_peer_worker_start(&setup, why, cancel, error);
}

static void test_ask(Place *place, gconstpointer script)
{
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmPeerWorker) worker = start(place, "/bin/sh", &why, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(worker);
    JsonArray *engines = json_object_get_array_member(dkm_peer_worker_hello(worker), "engines");
    g_assert_cmpuint(json_array_get_length(engines), ==, 1);
    for (int i = 0; i < 3; i++) {
        JsonObject *answer = dkm_peer_worker_ask(worker, NULL, &error, "double %d", i);
        g_assert_no_error(error);
        g_assert_cmpint(json_object_get_int_member(answer, "twice"), ==, 2 * i);
        g_assert_cmpstr(json_object_get_string_member(answer, "threads"), ==, "3");
        json_object_unref(answer);
    }
}

static void test_nobody(Place *place, gconstpointer script)
{
    static const struct {
        const char *python, *why;
    } rows[] = {{"/bin/false", "/bin/false ended without an answer: exit status 1"},
                {"/bin/sh", "/bin/sh ended without an answer: out of luck"},
                {"/no/such/python", "/no/such/python does not start: *"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *why = NULL;
        g_autoptr(GError) error = NULL;
        g_assert_null(start(place, rows[i].python, &why, NULL, &error));
        g_assert_no_error(error);
        g_assert_true(g_pattern_match_simple(rows[i].why, why));
    }
}

static void test_wrong_hello(Place *place, gconstpointer script)
{
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    g_assert_null(start(place, "/bin/sh", &why, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_null(why);
    g_assert_nonnull(g_strstr_len(error->message, -1, "no answer of protocol 1"));
}

static void test_wrong_answer(Place *place, gconstpointer script)
{
    g_autofree char *why = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmPeerWorker) worker = start(place, "/bin/sh", &why, NULL, &error);
    g_assert_null(dkm_peer_worker_ask(worker, NULL, &error, "run a"));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(g_strstr_len(error->message, -1, "answers \"gibberish"));
    g_clear_error(&error);
    g_assert_null(dkm_peer_worker_ask(worker, NULL, &error, "run b"));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(g_strstr_len(error->message, -1, "ended when asked \"run b\": no more"));
}

static gpointer cancel_soon(gpointer cancel)
{
    g_usleep(300000);
    g_cancellable_cancel(cancel);
    return NULL;
}

/* Ends in the middle of an answer, with what the worker itself started. */
static void test_cancel(Place *place, gconstpointer script)
{
    g_autofree char *why = NULL, *text = NULL;
    g_autofree char *id_file = g_build_filename(place->folder, "id", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    DkmPeerWorker *worker = start(place, "/bin/sh", &why, cancel, &error);
    g_assert_nonnull(worker);
    GThread *thread = g_thread_new("cancel", cancel_soon, cancel);
    const gint64 begin = g_get_monotonic_time();
    g_assert_null(dkm_peer_worker_ask(worker, cancel, &error, "run a"));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    dkm_peer_worker_stop(worker);
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 10 * G_USEC_PER_SEC);
    g_thread_join(thread);
    g_assert_true(g_file_get_contents(id_file, &text, NULL, NULL));
    errno = 0;
    g_assert_cmpint(kill((pid_t)atoi(text), 0), ==, -1);
    g_assert_cmpint(errno, ==, ESRCH);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/peer-worker/ask", Place,
               HELLO "while read word n; do echo "
                     "\"{\\\"twice\\\":$((2*n)),\\\"threads\\\":\\\"$2\\\"}\"; done\n",
               set_up, test_ask, tear_down);
    g_test_add("/peer-worker/nobody", Place, "echo one >&2; echo out of luck >&2; exit 3\n", set_up,
               test_nobody, tear_down);
    g_test_add("/peer-worker/wrong-hello/text", Place, "echo hello; read word\n", set_up,
               test_wrong_hello, tear_down);
    g_test_add("/peer-worker/wrong-hello/json", Place,
               "echo '{\"protocol\":1,\"engines\":[5],\"absent\":[]}'; read word\n", set_up,
               test_wrong_hello, tear_down);
    g_test_add("/peer-worker/wrong-hello/protocol", Place,
               "echo '{\"protocol\":2,\"engines\":[],\"absent\":[]}'; read word\n", set_up,
               test_wrong_hello, tear_down);
    g_test_add("/peer-worker/wrong-answer", Place,
               HELLO "read word; echo gibberish; read word; echo no more >&2\n", set_up,
               test_wrong_answer, tear_down);
    g_test_add("/peer-worker/cancel", Place, HELLO "echo $$ > id; read word; sleep 60; echo {}\n",
               set_up, test_cancel, tear_down);
    return g_test_run();
}
