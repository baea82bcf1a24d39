/* The module on a GPU that fails at will (fake-gpu.h): what ends a device and what does not. */
#include "core/error.h"
#include "tests/core/net/cuda/fake-gpu.h"
#include "tests/core/net/cuda/folder.h"

#include <string.h>

typedef struct {
    const DkmBackend *backend;
    DkmDevice *device;
    void *x, *w, *y;
    gpointer prepared;
    guint64 prepared_for;
    gsize workspace_bytes; /* of the last convolution */
} Bench;

enum { SIDE = 8, CHANNELS = 8, COUNT = SIDE * SIDE * CHANNELS };
static const DkmShape image = {1, SIDE, SIDE, CHANNELS};

/* A new GPU, and no plans on disk. */
static void start(int n_engines)
{
    g_autofree char *plans = g_build_filename(g_get_user_cache_dir(), "dkm", NULL);
    remove_all(plans);
    fake_gpu_reset(n_engines);
}

static void open_bench(Bench *bench)
{
    g_autoptr(GError) error = NULL;
    *bench = (Bench){.backend = dkm_backend_v1()};
    bench->device = bench->backend->open(NULL, &error);
    g_assert_no_error(error);
    bench->x = bench->backend->alloc(bench->device, COUNT * 4, &error);
    bench->w = bench->backend->alloc(bench->device, 9 * CHANNELS * CHANNELS * 4, &error);
    bench->y = bench->backend->alloc(bench->device, COUNT * 4, &error);
    g_assert_no_error(error);
}

static void close_bench(Bench *bench)
{
    bench->backend->free(bench->device, bench->x);
    bench->backend->free(bench->device, bench->w);
    bench->backend->free(bench->device, bench->y);
    bench->backend->release(bench->device, bench->prepared);
    bench->backend->close(bench->device);
    g_assert_cmpint(fake_gpu.n_blocks, ==, 0);
}

/* An own kernel; cuDNN. */
static gboolean run_own(Bench *bench, GError **error)
{
    const DkmOpParams p = {.act = DKM_ACT_RELU};
    const DkmOpCall call = {.kind = DKM_OP_ACT,
                            .p = &p,
                            .in = {{bench->x, image, DKM_F32}},
                            .out = {{bench->y, image, DKM_F32}},
                            .n_in = 1,
                            .n_out = 1};
    return dkm_backend_run(bench->backend, bench->device, &call, error);
}

typedef struct {
    DkmDtype from, to;
    DkmAct act;
} Kind;

static gboolean convolve(Bench *bench, Kind kind, GError **error)
{
    const DkmOpParams p = {.kernel = 3, .stride = 1, .act = kind.act, .dtype = kind.to};
    const DkmShape weights = {CHANNELS, 3, 3, CHANNELS};
    DkmOpCall call = {.kind = DKM_OP_CONV,
                      .p = &p,
                      .in = {{bench->x, image, kind.from}, {bench->w, weights, DKM_F32}},
                      .out = {{bench->y, image, kind.to}},
                      .n_in = 4,
                      .n_out = 1,
                      .version = 1,
                      .prepared = &bench->prepared,
                      .prepared_for = &bench->prepared_for};
    bench->workspace_bytes = bench->backend->workspace(bench->device, &call);
    g_autofree void *workspace = g_malloc(bench->workspace_bytes);
    call.workspace = workspace;
    return dkm_backend_run(bench->backend, bench->device, &call, error);
}

static gboolean run_conv(Bench *bench, GError **error)
{
    return convolve(bench, (Kind){DKM_F32, DKM_F32, DKM_ACT_NONE}, error);
}

static gboolean run_conv_bf16(Bench *bench, GError **error)
{
    return convolve(bench, (Kind){DKM_BF16, DKM_BF16, DKM_ACT_NONE}, error);
}

typedef gboolean (*Run)(Bench *bench, GError **error);

static void must_run(Bench *bench, Run run)
{
    g_autoptr(GError) error = NULL;
    run(bench, &error);
    g_assert_no_error(error);
}

static void must_fail(Bench *bench, Run run, DkmError code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(run(bench, &error));
    g_assert_error(error, DKM_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, words));
}

/* Fails from now on; then works again. */
static void fail_launches(gboolean memory)
{
    fake_gpu.launch = memory ? cudaErrorMemoryAllocation : cudaErrorLaunchFailure;
}

static void fail_engines(gboolean memory)
{
    fake_gpu.engines[0].run = memory ? CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED
                                     : CUDNN_STATUS_EXECUTION_FAILED;
}

static void mend(void)
{
    fake_gpu.launch = cudaSuccess;
    fake_gpu.engines[0].run = CUDNN_STATUS_SUCCESS;
}

typedef struct {
    Run run;
    void (*fail)(gboolean memory);
} Way;

static const Way own = {run_own, fail_launches}, cudnn = {run_conv, fail_engines};

static void failure_ends_the_device(gconstpointer data)
{
    const Way *way = data;
    Bench bench;
    start(1);
    open_bench(&bench);
    must_run(&bench, way->run);
    way->fail(FALSE);
    must_fail(&bench, way->run, DKM_ERROR_DEVICE, "work");
    mend();
    must_fail(&bench, run_own, DKM_ERROR_DEVICE, "lost before");
    must_fail(&bench, run_conv, DKM_ERROR_DEVICE, "lost before");
    close_bench(&bench);
}

static void want_of_memory_does_not(gconstpointer data)
{
    const Way *way = data;
    Bench bench;
    start(1);
    open_bench(&bench);
    way->fail(TRUE);
    must_fail(&bench, way->run, DKM_ERROR_NO_MEMORY, "work");
    mend();
    must_run(&bench, way->run);
    close_bench(&bench);
}

/* As a plan does it (plan-run.c): the failure is the capture's, and the plan runs plainly. */
static void failure_in_a_capture_does_not(gconstpointer data)
{
    const Way *way = data;
    Bench bench;
    gpointer captured = NULL;
    g_autoptr(GError) error = NULL;
    start(1);
    open_bench(&bench);
    must_run(&bench, way->run);
    g_assert_true(bench.backend->capture_begin(bench.device, NULL));
    way->fail(FALSE);
    must_fail(&bench, way->run, DKM_ERROR_DEVICE, "work");
    mend();
    g_assert_false(bench.backend->capture_end(bench.device, &captured, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    g_assert_null(captured);
    g_assert_false(fake_gpu.captures);
    must_run(&bench, way->run);
    way->fail(FALSE); /* and now it counts again */
    must_fail(&bench, way->run, DKM_ERROR_DEVICE, "work");
    mend();
    must_fail(&bench, way->run, DKM_ERROR_DEVICE, "lost before");
    close_bench(&bench);
}

static void captures_again(void)
{
    Bench bench;
    gpointer captured = NULL;
    g_autoptr(GError) error = NULL;
    start(1);
    open_bench(&bench);
    for (int i = 0; i < 2; i++) {
        g_assert_true(bench.backend->capture_begin(bench.device, &error));
        must_run(&bench, run_own);
        g_assert_true(bench.backend->capture_end(bench.device, &captured, &error));
        g_assert_no_error(error);
        g_assert_true(bench.backend->captured_replay(bench.device, captured, &error));
        bench.backend->captured_free(bench.device, captured);
    }
    close_bench(&bench);
}

/* Of five engines the first four say what they do to the sums; which one runs. */
static int engine_for(Run run)
{
    Bench bench;
    start(5);
    fake_gpu.engines[0].note = CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
    fake_gpu.engines[1].note = CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
    fake_gpu.engines[2].note = CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
    fake_gpu.engines[3].note = CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
    open_bench(&bench);
    must_run(&bench, run);
    close_bench(&bench);
    return fake_gpu.last_engine;
}

static void sums_are_f32(void)
{
    g_assert_cmpint(engine_for(run_conv_bf16), ==, 2);
    g_assert_cmpint(engine_for(run_conv), ==, 4);
}

/* One convolution on a device that is opened for it. */
static void run_afresh(Run run)
{
    Bench bench;
    fake_gpu.n_compiled = fake_gpu.n_loaded = fake_gpu.n_runs = 0;
    open_bench(&bench);
    must_run(&bench, run);
    must_run(&bench, run);
    close_bench(&bench);
}

static void plans_are_compiled_once(void)
{
    start(1);
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 0);
    g_assert_cmpint(fake_gpu.n_loaded, ==, 1);
    run_afresh(run_conv_bf16); /* another graph */
    g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    fake_gpu.minor = 1; /* another device */
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    g_assert_cmpint(fake_gpu.n_loaded, ==, 0);
}

/* What cuDNN takes no more is compiled, and kept in its place. */
static void unusable_plans_are_compiled(void)
{
    start(1);
    run_afresh(run_conv);
    fake_gpu.takes_no_text = TRUE;
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    fake_gpu.takes_no_text = FALSE;
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 0);
    fake_gpu.engines[0].workspace_bytes = 300u << 20; /* as one of an older limit would */
    fake_gpu.n_engines = 2;
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.last_engine, ==, 1);
}

/* What cuDNN has no engine for is finished by a kernel of ours, in y where y has the room. */
static void splits_what_is_not_fused(void)
{
    static const struct {
        Kind kind;
        gsize bytes;
    } rows[] = {{{DKM_F32, DKM_F32, DKM_ACT_RELU}, 0},
                {{DKM_BF16, DKM_BF16, DKM_ACT_SWISH}, 0},
                {{DKM_BF16, DKM_F32, DKM_ACT_NONE}, COUNT * 2}};
    start(1);
    for (gsize i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        Bench bench;
        g_autoptr(GError) error = NULL;
        fake_gpu_reset(1);
        fake_gpu.fuses_nothing = i % 2 == 0; /* a split plan on disk is no whole one */
        open_bench(&bench);
        convolve(&bench, rows[i / 2].kind, NULL);
        fake_gpu.n_launches = fake_gpu.n_runs = 0;
        convolve(&bench, rows[i / 2].kind, &error);
        g_assert_no_error(error);
        g_assert_cmpint(fake_gpu.n_runs, ==, 1);
        g_assert_cmpint(fake_gpu.n_launches, ==, fake_gpu.fuses_nothing);
        g_assert_cmpuint(bench.workspace_bytes, ==, fake_gpu.fuses_nothing ? rows[i / 2].bytes : 0);
        close_bench(&bench);
    }
}

/* Engines of 5, 3, 1 and 2 ms. */
static void reset_to_uneven_engines(void)
{
    static const float ms[] = {5, 3, 1, 2};
    start(G_N_ELEMENTS(ms));
    for (gsize i = 0; i < G_N_ELEMENTS(ms); i++)
        fake_gpu.engines[i].ms = ms[i];
}

static void fastest_is_kept(void)
{
    reset_to_uneven_engines();
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 2);
    fake_gpu.engines[2].ms = 10; /* too late: what was chosen once stays */
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 2);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 0);
}

/* f32 is what tests and comparisons run: on the heuristics' engine, and nothing is timed. */
static void f32_is_not_timed(void)
{
    reset_to_uneven_engines();
    run_afresh(run_conv);
    g_assert_cmpint(fake_gpu.last_engine, ==, 0);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    g_assert_cmpint(fake_gpu.n_runs, ==, 2);
}

/* Without a place for the choice each process would make its own. */
static void unkept_is_not_timed(void)
{
    reset_to_uneven_engines();
    g_autofree char *in_the_way = g_build_filename(g_get_user_cache_dir(), "dkm", NULL);
    g_assert_true(g_file_set_contents(in_the_way, "", 0, NULL));
    for (int i = 0; i < 2; i++) {
        run_afresh(run_conv_bf16);
        g_assert_cmpint(fake_gpu.last_engine, ==, 0);
        g_assert_cmpint(fake_gpu.n_compiled, ==, 1);
    }
}

/* An engine that only fails is no end of the device. */
static void failing_engine_is_passed_over(void)
{
    reset_to_uneven_engines();
    fake_gpu.engines[2].run = CUDNN_STATUS_EXECUTION_FAILED;
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 3);
}

/* Too little memory to time them: the first one, for good. */
static void no_memory_to_time(void)
{
    reset_to_uneven_engines();
    fake_gpu.engines[3].workspace_bytes = 200u << 20;
    fake_gpu.available = 300u << 20; /* of which 256 MiB are nobody's */
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 0);
    fake_gpu.available = FAKE_MEMORY;
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 0);
    g_assert_cmpint(fake_gpu.n_compiled, ==, 0);
}

/* A device that is lost meanwhile is lost, and nothing is kept of it. */
static void device_lost_while_timing(void)
{
    Bench bench;
    reset_to_uneven_engines();
    open_bench(&bench);
    fake_gpu.sync = cudaErrorIllegalAddress;
    must_fail(&bench, run_conv_bf16, DKM_ERROR_DEVICE, "lost before (timing");
    fake_gpu.sync = cudaSuccess;
    must_fail(&bench, run_own, DKM_ERROR_DEVICE, "lost before");
    close_bench(&bench);
    run_afresh(run_conv_bf16);
    g_assert_cmpint(fake_gpu.last_engine, ==, 2);
}

/* The paper's GPU computes in f32, what is older not at all. */
static void compute_capability(void)
{
    static const struct {
        int major, minor;
        gboolean runs, has_bf16;
    } rows[] = {{6, 1, FALSE, FALSE}, {7, 0, FALSE, FALSE}, {7, 5, TRUE, FALSE},
                {8, 0, TRUE, TRUE},   {8, 9, TRUE, TRUE},   {12, 0, TRUE, TRUE}};
    const DkmBackend *backend = dkm_backend_v1();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *why = NULL;
        start(1);
        fake_gpu.major = rows[i].major;
        fake_gpu.minor = rows[i].minor;
        g_assert_cmpint(backend->probe(&why), ==, rows[i].runs);
        if (!rows[i].runs) {
            g_assert_nonnull(strstr(why, "7.5 or newer"));
            g_assert_null(backend->open(NULL, NULL));
            continue;
        }
        DkmDevice *device = backend->open(NULL, NULL);
        g_assert_true(backend->has_dtype(device, DKM_F32));
        g_assert_cmpint(backend->has_dtype(device, DKM_BF16), ==, rows[i].has_bf16);
        backend->close(device);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *cache = g_dir_make_tmp("dkm-device-XXXXXX", NULL);
    g_setenv("XDG_CACHE_HOME", cache, TRUE);
    g_test_add_data_func("/cuda-device/failure-ends-it/own", &own, failure_ends_the_device);
    g_test_add_data_func("/cuda-device/failure-ends-it/cudnn", &cudnn, failure_ends_the_device);
    g_test_add_data_func("/cuda-device/memory-does-not/own", &own, want_of_memory_does_not);
    g_test_add_data_func("/cuda-device/memory-does-not/cudnn", &cudnn, want_of_memory_does_not);
    g_test_add_data_func("/cuda-device/capture-does-not/own", &own, failure_in_a_capture_does_not);
    g_test_add_data_func("/cuda-device/capture-does-not/cudnn", &cudnn,
                         failure_in_a_capture_does_not);
    g_test_add_func("/cuda-device/captures-again", captures_again);
    g_test_add_func("/cuda-device/sums-are-f32", sums_are_f32);
    g_test_add_func("/cuda-device/plans-are-compiled-once", plans_are_compiled_once);
    g_test_add_func("/cuda-device/unusable-plans-are-compiled", unusable_plans_are_compiled);
    g_test_add_func("/cuda-device/splits-what-is-not-fused", splits_what_is_not_fused);
    g_test_add_func("/cuda-device/fastest-is-kept", fastest_is_kept);
    g_test_add_func("/cuda-device/f32-is-not-timed", f32_is_not_timed);
    g_test_add_func("/cuda-device/unkept-is-not-timed", unkept_is_not_timed);
    g_test_add_func("/cuda-device/failing-engine-is-passed-over", failing_engine_is_passed_over);
    g_test_add_func("/cuda-device/no-memory-to-time", no_memory_to_time);
    g_test_add_func("/cuda-device/lost-while-timing", device_lost_while_timing);
    g_test_add_func("/cuda-device/compute-capability", compute_capability);
    const int status = g_test_run();
    remove_all(cache);
    return status;
}
