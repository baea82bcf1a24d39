/* dkm bench --peers: our engine and PyTorch's and onnxruntime's on the same networks with the same
 * weights and inputs, one run each in turn. A result that differs from ours is not compared by its
 * time. */
#include "plugin/bench/bench.h"
#include "plugin/bench/own-work.h"
#include "plugin/bench/peer-worker.h"

#include "core/error.h"
#include "core/net/weights.h"
#include "core/own-file.h"

#include <unistd.h>

enum { MIN_ROUNDS = 3, REST_US = 10000 }; /* rest: until the other's threads have gone to sleep */

static const char *const weights_file = "weights.safetensors", *const data_file =
                                                                   "data.safetensors";

/* Largest relative L2 from our f32 result that is the same network still. A loss is a mean: its
 * errors cancel, and a tenth is asked. */
static const double f32_within = 1e-4, bf16_within = 0.05, loss_share = 0.1;

/* One that takes part in a work. */
typedef struct {
    char *engine;
    const char *dtype;
    DkmOwnWork *own; /* NULL: the worker's */
    double difference;
    GArray *ms; /* of double; sorted at the end */
    double median, best;
} Racer;

typedef struct {
    DkmBench *bench;
    DkmPeerWorker *worker; /* NULL: nobody */
    const char *folder;
    const DkmPreset *preset;
    DkmParams *params;
    DkmWorkKind kind;
    GArray *racers;
} Race;

static void racer_clear(gpointer data)
{
    Racer *racer = data;
    g_free(racer->engine);
    g_clear_pointer(&racer->own, dkm_own_work_free);
    g_array_unref(racer->ms);
}

static void race_clear(Race *race)
{
    g_clear_pointer(&race->racers, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Race, race_clear)

static void add_racer(Race *race, const char *engine, const char *dtype, DkmOwnWork *own,
                      double difference)
{
    const Racer racer = {.engine = g_strdup(engine),
                         .dtype = dtype,
                         .own = own,
                         .difference = difference,
                         .ms = g_array_new(FALSE, FALSE, sizeof(double))};
    g_array_append_val(race->racers, racer);
}

/* A line of the table that says something and measures nothing. */
static void add_words(DkmBench *bench, char *words)
{
    dkm_bench_add(bench, "peers", words, NULL);
}

/* What is going on, on a terminal alone: compiling takes others minutes. NULL: nothing any more. */
static void show(const Race *race, const char *engine)
{
    g_autofree char *what = engine ? g_strdup_printf("%s %s, %s", race->preset->name,
                                                     dkm_work_names[race->kind], engine)
                                   : g_strdup("");
    if (isatty(STDERR_FILENO))
        g_printerr("\r%-60.60s%s", what, engine ? "" : "\r");
}

static gboolean takes_part(const DkmBench *bench, const char *dtype)
{
    for (int i = 0; i < bench->n_precisions; i++)
        if (g_str_equal(dkm_precision_name(bench->precisions[i]), dtype))
            return TRUE;
    return FALSE;
}

/* -- who takes part */

static DkmOwnWork *make_own(const Race *race, DkmDtype dtype, GError **error)
{
    const DkmOwnSetup setup = {.kind = race->kind,
                               .preset = race->preset,
                               .dtype = dtype,
                               .batch = race->bench->batch,
                               .engine = &race->bench->engine,
                               .params = race->params};
    return dkm_own_work_new(&setup, race->bench->cancel, error);
}

/* Our f32 result is what all are compared with, measured or not. */
static gboolean add_own(Race *race, GError **error)
{
    g_autofree char *data = g_build_filename(race->folder, data_file, NULL);
    g_autoptr(DkmOwnWork) wanted = make_own(race, DKM_F32, error);
    if (!wanted || !dkm_own_work_save(wanted, data, error))
        return FALSE;
    if (takes_part(race->bench, "bf16")) {
        DkmOwnWork *own = make_own(race, DKM_BF16, error);
        if (!own)
            return FALSE;
        add_racer(race, "dkm", "bf16", own, dkm_own_work_difference(own, wanted));
    }
    if (takes_part(race->bench, "f32"))
        add_racer(race, "dkm", "f32", g_steal_pointer(&wanted), 0);
    return TRUE;
}

/* The number MEMBER of an answer; NaN where it has none. */
static double number(JsonObject *answer, const char *member)
{
    JsonNode *node = json_object_get_member(answer, member);
    const GType type =
        node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    return type == G_TYPE_DOUBLE || type == G_TYPE_INT64 ? json_node_get_double(node) : NAN;
}

static const char *text(JsonObject *answer, const char *member)
{
    JsonNode *node = json_object_get_member(answer, member);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

static char *describe(const Race *race, const char *engine)
{
    return g_strdup_printf("%s %s, %s", race->preset->name, dkm_work_names[race->kind], engine);
}

/* What cannot take part says why, unless it never could. */
static gboolean add_peer(Race *race, JsonObject *engine, GError **error)
{
    const char *name = text(engine, "name"), *dtype = text(engine, "dtype");
    if (!takes_part(race->bench, dtype))
        return TRUE;
    show(race, name);
    JsonObject *answer =
        dkm_peer_worker_ask(race->worker, race->bench->cancel, error, "prepare %s", name);
    if (!answer)
        return FALSE;
    g_autofree char *what = describe(race, name);
    if (text(answer, "error"))
        add_words(race->bench, g_strdup_printf("%s: %s", what, text(answer, "error")));
    else if (!text(answer, "absent"))
        add_racer(race, name, g_str_equal(dtype, "bf16") ? "bf16" : "f32", NULL,
                  number(answer, "difference"));
    json_object_unref(answer);
    return TRUE;
}

static gboolean add_peers(Race *race, GError **error)
{
    JsonArray *engines =
        json_object_get_array_member(dkm_peer_worker_hello(race->worker), "engines");
    JsonObject *answer = dkm_peer_worker_ask(race->worker, race->bench->cancel, error,
                                             "work %s %s %s %s", dkm_work_names[race->kind],
                                             race->preset->name, weights_file, data_file);
    if (!answer)
        return FALSE;
    const gboolean is_known = !text(answer, "error");
    if (!is_known) {
        g_autofree char *what = describe(race, "peers");
        add_words(race->bench, g_strdup_printf("%s: %s", what, text(answer, "error")));
    }
    json_object_unref(answer);
    for (guint i = 0; is_known && i < json_array_get_length(engines); i++)
        if (!add_peer(race, json_array_get_object_element(engines, i), error))
            return FALSE;
    return TRUE;
}

/* -- the run */

static gboolean run_peer(const Race *race, const Racer *racer, double *ms, GError **error)
{
    JsonObject *answer =
        dkm_peer_worker_ask(race->worker, race->bench->cancel, error, "run %s", racer->engine);
    if (!answer)
        return FALSE;
    *ms = number(answer, "ms");
    const gboolean is_time = isfinite(*ms) && *ms > 0;
    if (!is_time)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "the peers' worker gives no time for %s: %s",
                    racer->engine,
                    text(answer, "error") ? text(answer, "error") : "its answer has no ms");
    json_object_unref(answer);
    return is_time;
}

static gboolean run_racer(const Race *race, const Racer *racer, double *ms, GError **error)
{
    g_usleep(REST_US);
    if (!racer->own)
        return run_peer(race, racer, ms, error);
    const gint64 start = g_get_monotonic_time();
    if (!dkm_own_work_run(racer->own, race->bench->cancel, error))
        return FALSE;
    *ms = (double)MAX(1, g_get_monotonic_time() - start) * 1e-3;
    return TRUE;
}

/* Everyone once a round; the first one is a warm-up. */
static gboolean run_rounds(Race *race, GError **error)
{
    gint64 begin = 0;
    for (int round = 0; round <= MIN_ROUNDS ||
                        (double)(g_get_monotonic_time() - begin) * 1e-6 < race->bench->seconds;
         round++) {
        if (round == 1)
            begin = g_get_monotonic_time();
        for (guint i = 0; i < race->racers->len; i++) {
            const Racer *racer = &g_array_index(race->racers, Racer, i);
            double ms;
            if (!run_racer(race, racer, &ms, error))
                return FALSE;
            if (round > 0)
                g_array_append_val(racer->ms, ms);
        }
        if (!dkm_bench_breathe(race->bench, error))
            return FALSE;
    }
    return TRUE;
}

/* -- what came out */

static gboolean is_same(const Race *race, const Racer *racer)
{
    const double within = g_str_equal(racer->dtype, "bf16") ? bf16_within : f32_within;
    return racer->difference <= within * (race->kind >= DKM_WORK_TRAIN_DM ? loss_share : 1);
}

/* The fastest peer's time in DTYPE; NaN where there is none. */
static double best_peer(const Race *race, const char *dtype)
{
    double best = NAN;
    for (guint i = 0; i < race->racers->len; i++) {
        const Racer *racer = &g_array_index(race->racers, Racer, i);
        if (!racer->own && is_same(race, racer) && g_str_equal(racer->dtype, dtype))
            best = fmin(best, racer->median);
    }
    return best;
}

static void add_row(Race *race, const Racer *racer, double flop)
{
    const DkmDtype dtype = g_str_equal(racer->dtype, "bf16") ? DKM_BF16 : DKM_F32;
    const double gflops = flop / racer->median / 1e6;
    const double ratio = is_same(race, racer) ? best_peer(race, racer->dtype) / racer->median : NAN;
    DkmBenchRow *row = dkm_bench_add(
        race->bench, "peers", describe(race, racer->engine),
        is_same(race, racer) ? NULL
                             : g_strdup_printf("differs by %.2g: not compared", racer->difference));
    row->precision = dkm_dtype_name(dtype);
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "median",
                                            .value = racer->median,
                                            .unit = "ms",
                                            .ratio = ratio,
                                            .ratio_of = "x best peer"});
    dkm_bench_figure(
        row, &(DkmBenchFigure){.what = "speed", .value = gflops, .unit = "GFLOP/s", .ratio = NAN});
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "difference",
                                            .value = racer->difference * 1e6,
                                            .unit = "ppm",
                                            .ratio = NAN});
    dkm_bench_result(race->bench, &(DkmBenchResult){.work = dkm_work_names[race->kind],
                                                    .preset = race->preset->name,
                                                    .dtype = row->precision,
                                                    .engine = g_strdup(racer->engine),
                                                    .ms_median = racer->median,
                                                    .ms_best = racer->best,
                                                    .runs = racer->ms->len,
                                                    .gflops = gflops,
                                                    .ratio = ratio,
                                                    .difference = racer->difference});
}

static void add_rows_in(Race *race, const char *dtype, double flop)
{
    for (guint i = 0; i < race->racers->len; i++) {
        const Racer *racer = &g_array_index(race->racers, Racer, i);
        if (g_str_equal(racer->dtype, dtype))
            add_row(race, racer, flop);
    }
}

static void add_rows(Race *race)
{
    double flop = 0;
    for (guint i = 0; i < race->racers->len; i++) {
        Racer *racer = &g_array_index(race->racers, Racer, i);
        racer->median = dkm_bench_median(racer->ms);
        racer->best = g_array_index(racer->ms, double, 0);
        if (racer->own)
            flop = dkm_own_work_flop(racer->own);
    }
    add_rows_in(race, "f32", flop);
    add_rows_in(race, "bf16", flop);
}

static gboolean bench_work(Race *like, DkmWorkKind kind, GError **error)
{
    g_auto(Race) race = *like;
    race.kind = kind;
    race.racers = g_array_new(FALSE, FALSE, sizeof(Racer));
    g_array_set_clear_func(race.racers, racer_clear);
    show(&race, "dkm");
    gboolean done = add_own(&race, error) && (!race.worker || add_peers(&race, error));
    if (done) {
        show(&race, "all in turns");
        done = run_rounds(&race, error);
    }
    show(&race, NULL);
    if (done)
        add_rows(&race);
    return done;
}

static gboolean bench_preset(Race *race, const DkmPreset *preset, GError **error)
{
    const DkmEngine *e = &race->bench->engine;
    g_autofree char *path = g_build_filename(race->folder, weights_file, NULL);
    g_autoptr(DkmParams) params = dkm_params_new(e->backend, e->device);
    race->preset = preset;
    race->params = params;
    if (!dkm_own_weights(preset, params, error) ||
        !dkm_weights_save(path, &(DkmWeightsPart){"", params}, 1, NULL, error))
        return FALSE;
    for (int kind = 0; kind < DKM_WORKS; kind++)
        if (!bench_work(race, kind, error))
            return FALSE;
    return TRUE;
}

/* -- who is asked */

/* The script in the source tree that this program was built in; or the one that is named. */
static char *find_script(void)
{
    static const char *const places[] = {"tests/bench/peers/run.py", NULL};
    const char *given = g_getenv("DKM_PEERS_WORKER");
    return given && *given ? g_strdup(given) : dkm_own_file_find(places);
}

static const char *find_python(const DkmBench *bench)
{
    const char *given = g_getenv("DKM_PEERS_PYTHON");
    return bench->python ? bench->python : given && *given ? given : "python3";
}

/* Nobody to ask is no error: it is said. */
static gboolean start_worker(DkmBench *bench, const char *folder, DkmPeerWorker **worker,
                             GError **error)
{
    g_autofree char *script = find_script(), *why = NULL;
    g_autoptr(GError) failure = NULL;
    if (!script) {
        add_words(bench, g_strdup("no peers: tests/bench/peers/run.py is in no folder above this "
                                  "program; DKM_PEERS_WORKER names another place"));
        return TRUE;
    }
    const gboolean gpu = g_str_equal(bench->device_name, "cuda");
    const DkmPeerSetup setup = {find_python(bench), script, gpu ? "cuda" : "cpu",
                                gpu ? (int)g_get_num_processors() : bench->peak.threads, folder};
    *worker = dkm_peer_worker_start(&setup, &why, bench->cancel, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (why)
        add_words(bench, g_strdup_printf("no peers: %s", why));
    if (!*worker)
        return TRUE;
    JsonArray *absent = json_object_get_array_member(dkm_peer_worker_hello(*worker), "absent");
    for (guint i = 0; i < json_array_get_length(absent); i++)
        if (JSON_NODE_HOLDS_VALUE(json_array_get_element(absent, i)))
            add_words(bench, g_strdup(json_array_get_string_element(absent, i)));
    if (json_array_get_length(
            json_object_get_array_member(dkm_peer_worker_hello(*worker), "engines")) == 0)
        g_clear_pointer(worker, dkm_peer_worker_stop);
    return TRUE;
}

gboolean dkm_bench_peers(DkmBench *bench, GError **error)
{
    g_auto(DkmBenchFolder) folder = dkm_bench_folder_make(error);
    g_autoptr(DkmPeerWorker) worker = NULL;
    if (!folder || !start_worker(bench, folder, &worker, error))
        return FALSE;
    for (gsize i = 0; bench->presets[i]; i++) {
        Race race = {.bench = bench, .worker = worker, .folder = folder};
        DkmPreset preset;
        if (!dkm_preset_find(bench->presets[i], &preset, error) ||
            !bench_preset(&race, &preset, error))
            return FALSE;
    }
    return TRUE;
}
