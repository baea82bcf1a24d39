/* The other program of `dkm bench --peers`: a Python script that holds PyTorch and onnxruntime,
 * asked in lines of words, answering in lines of JSON (tests/bench/peers/README.md). Single owner,
 * one thread. Not for: what is asked. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct {
    const char *python, *script; /* a path, or a name on PATH; a path */
    const char *device;          /* "cpu", "cuda" */
    int threads;
    const char *folder; /* the worker's own while it runs */
} DkmPeerSetup;

typedef struct _DkmPeerWorker DkmPeerWorker;

/* Starts it and waits for its first answer. Where there is nobody to ask (no such program, ended
 * without a word): NULL, no error, and *WHY (g_free) says so. Errors: INPUT for another answer than
 * agreed, CANCELLED. */
DkmPeerWorker *dkm_peer_worker_start(const DkmPeerSetup *setup, char **why, GCancellable *cancel,
                                     GError **error);
/* Ends the worker, whatever it is doing. */
void dkm_peer_worker_stop(DkmPeerWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPeerWorker, dkm_peer_worker_stop)

/* The first answer: "engines", an array of objects with "name" and "dtype"; "absent", of texts. */
JsonObject *dkm_peer_worker_hello(const DkmPeerWorker *worker);
/* One request, one answer (json_object_unref). An answer with "error" is an answer. Errors: INPUT
 * where it ended or said something else, CANCELLED at once. */
JsonObject *dkm_peer_worker_ask(DkmPeerWorker *worker, GCancellable *cancel, GError **error,
                                const char *format, ...) G_GNUC_PRINTF(4, 5);

G_END_DECLS
