/* dkm bench conv: convolution layer by layer, forward, data gradient and weight gradient, as a
 * share of the multiply-add peak. */
#include "plugin/bench/bench.h"

#include "core/error.h"
#include "core/net/int8.h"

enum { MIN_RUNS = 2, PASSES = 3 }; /* the first run prepares the weights */

typedef struct {
    const char *what;
    int n, side, in, out, kernel, stride;
} Layer;

/* Layers of both presets on one 256 x 256 slice, and of training on crops. */
static const Layer layers[] = {
    {"paper d1", 1, 256, 128, 128, 3, 1},  {"paper u2", 1, 128, 256, 256, 3, 1},
    {"paper u3", 1, 64, 512, 256, 3, 1},   {"paper d4", 1, 32, 256, 256, 3, 1},
    {"paper k4", 1, 32, 1024, 1024, 3, 1}, {"small d1", 1, 256, 32, 32, 3, 1},
    {"small d2", 1, 128, 64, 64, 3, 1},    {"small u3", 1, 64, 128, 64, 3, 1},
    {"small d4", 1, 32, 64, 64, 3, 1},     {"small k4", 1, 32, 192, 256, 3, 1},
    {"small up1", 1, 256, 64, 16, 3, 1},   {"small up1b", 1, 256, 16, 16, 3, 1},
    {"small in", 1, 256, 1, 32, 3, 1},     {"small head", 1, 256, 16, 1, 1, 1},
    {"stride 2", 1, 256, 32, 32, 3, 2},    {"skip 1x1", 1, 64, 128, 64, 1, 1},
    {"train d1", 4, 112, 32, 32, 3, 1},    {"train d2", 4, 56, 64, 64, 3, 1},
    {"train u1", 4, 112, 96, 32, 3, 1},    {"train u2", 4, 56, 128, 64, 3, 1},
    {"train u4", 4, 14, 128, 64, 3, 1},    {"train up", 4, 112, 64, 64, 3, 1},
};
enum { LAYERS = G_N_ELEMENTS(layers) };
static const char *const passes[PASSES] = {"forward", "data grad", "weight grad"};
/* Of 3x3 convolutions of this many channels, in f32: by Winograd's way, and direct. */
static const double winograd_goal = 2.3, direct_goal = 0.9;
static const int goal_channels = 128;

static gboolean make(const DkmBench *bench, DkmShape shape, DkmDtype dtype, DkmTensor *tensor,
                     GError **error)
{
    *tensor = (DkmTensor){NULL, shape, dtype};
    tensor->data =
        bench->engine.backend->alloc(bench->engine.device, dkm_tensor_bytes(tensor), error);
    for (gsize i = 0; tensor->data && i < dkm_shape_count(shape); i++) {
        const float value = (float)(i * 7919 % 1000) / 500.0f - 1.0f;
        if (dtype == DKM_F32)
            ((float *)tensor->data)[i] = value;
        else
            ((guint16 *)tensor->data)[i] = dkm_bf16_from_f32(value);
    }
    return tensor->data != NULL;
}

/* Runs CALL for about BUDGET seconds; BEST gets the shortest run. */
static gboolean best_run(const DkmBench *bench, const DkmOpCall *call, double budget, double *best,
                         GError **error)
{
    const gint64 begin = g_get_monotonic_time();
    *best = G_MAXDOUBLE;
    for (int run = 0; run < MIN_RUNS || (double)(g_get_monotonic_time() - begin) * 1e-6 < budget;
         run++) {
        const gint64 start = g_get_monotonic_time();
        if (!dkm_backend_run(bench->engine.backend, bench->engine.device, call, error))
            return FALSE;
        *best = MIN(*best, (double)MAX(1, g_get_monotonic_time() - start) * 1e-6);
    }
    return TRUE;
}

/* Seconds of CALL, whose output and workspace are made here. */
static gboolean measure(const DkmBench *bench, const DkmOpCall *wanted, double budget, double *best,
                        GError **error)
{
    DkmOpCall call = *wanted;
    const DkmEngine *e = &bench->engine;
    gpointer prepared = NULL;
    guint64 prepared_for = 0;
    const char *why = NULL;
    dkm_op_def(call.kind)->infer(call.p, call.in, call.n_in, call.out, &why);
    call.n_out = 1;
    call.prepared = &prepared;
    call.prepared_for = &prepared_for;
    call.workspace =
        e->backend->alloc(e->device, e->backend->workspace(e->device, &call) + 64, error);
    const gboolean done = call.workspace &&
                          make(bench, call.out[0].shape, call.out[0].dtype, &call.out[0], error) &&
                          best_run(bench, &call, budget, best, error);
    e->backend->free(e->device, call.workspace);
    e->backend->free(e->device, call.out[0].data);
    e->backend->release(e->device, prepared);
    return done;
}

static int out_side(const Layer *l)
{
    return (l->side - 1) / l->stride + 1;
}

static double flop(const Layer *l)
{
    const double side = out_side(l);
    return 2.0 * l->n * side * side * l->kernel * l->kernel * l->in * l->out;
}

/* In int8 there is no gradient. */
static int passes_of(DkmPrecision precision)
{
    return precision == DKM_PRECISION_INT8 ? 1 : PASSES;
}

static gboolean measure_layer(DkmBench *bench, const Layer *l, DkmPrecision precision,
                              double *seconds, GError **error)
{
    const DkmEngine *e = &bench->engine;
    const DkmDtype dtype = dkm_precision_dtype(precision);
    const int side = out_side(l);
    const double budget = bench->seconds / (LAYERS * PASSES);
    DkmTensor x = {0}, dy = {0}, w = {0};
    gboolean done =
        make(bench, (DkmShape){l->n, l->side, l->side, l->in}, dtype, &x, error) &&
        make(bench, (DkmShape){l->n, side, side, l->out}, dtype, &dy, error) &&
        make(bench, (DkmShape){l->out, l->kernel, l->kernel, l->in}, DKM_F32, &w, error);
    const DkmOpParams p = {.kernel = l->kernel,
                           .stride = l->stride,
                           .dtype = dtype,
                           .out_shape = x.shape,
                           .input_scale =
                               precision == DKM_PRECISION_INT8 ? 1.0f / DKM_INT8_MOST : 0};
    DkmOpCall calls[PASSES] = {
        {.kind = DKM_OP_CONV, .p = &p, .in = {x, w}, .n_in = 4, .version = 1},
        {.kind = DKM_OP_CONV_DGRAD, .p = &p, .in = {dy, w}, .n_in = 2},
        {.kind = DKM_OP_CONV_WGRAD, .p = &p, .in = {x, dy}, .n_in = 2},
    };
    for (int k = 0; done && k < passes_of(precision); k++)
        done = measure(bench, &calls[k], budget, &seconds[k], error);
    e->backend->free(e->device, x.data);
    e->backend->free(e->device, dy.data);
    e->backend->free(e->device, w.data);
    return done;
}

static void add_row(DkmBench *bench, const Layer *l, DkmPrecision precision, const double *seconds)
{
    const gboolean has_goal = precision == DKM_PRECISION_F32 && l->kernel == 3 && l->stride == 1 &&
                              MIN(l->in, l->out) >= goal_channels;
    const double goal = bench->device.direct ? direct_goal : winograd_goal;
    DkmBenchRow *row =
        dkm_bench_add(bench, "conv",
                      g_strdup_printf("%s %d->%d k%d s%d, %dx%dx%d", l->what, l->in, l->out,
                                      l->kernel, l->stride, l->n, l->side, l->side),
                      NULL);
    row->precision = dkm_precision_name(precision);
    for (int k = 0; k < passes_of(precision); k++)
        dkm_bench_figure(row, &(DkmBenchFigure){.what = passes[k],
                                                .value = seconds[k] * 1e3,
                                                .unit = "ms",
                                                .ratio = flop(l) / seconds[k] /
                                                         dkm_bench_flop_peak(bench, precision),
                                                .ratio_of = "of peak",
                                                .goal_ratio = has_goal ? goal : 0});
}

gboolean dkm_bench_conv(DkmBench *bench, GError **error)
{
    for (int d = 0; d < bench->n_precisions; d++) {
        double seconds[LAYERS][PASSES];
        for (int i = 0; i < LAYERS; i++)
            if (!dkm_bench_breathe(bench, error) ||
                !measure_layer(bench, &layers[i], bench->precisions[d], seconds[i], error))
                return FALSE;
        for (int i = 0; i < LAYERS; i++)
            add_row(bench, &layers[i], bench->precisions[d], seconds[i]);
    }
    return TRUE;
}
