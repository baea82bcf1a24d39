/* dkm bench network: default inference (the preset's taps, then the segmentation module, nothing
 * predicted) of 60 slices, against the roofline of its layers. Weights are random: what they are
 * costs nothing. */
#include "plugin/bench/bench.h"
#include "plugin/bench/own-work.h"

#include "core/model/network.h"
#include "core/model/noise.h"

enum { SLICES = 60, SIDE = 256, WARM_UPS = 3 };
static const float any_scale = 0.02f; /* of int8: costs the same whatever it is */

/* Goals of the design, by preset: times the roofline. */
static const struct {
    const char *preset;
    double ratio;
} goals[] = {{"small", 1.6}, {"paper", 1.25}};

static double goal_of(const char *preset)
{
    for (gsize i = 0; i < G_N_ELEMENTS(goals); i++)
        if (g_str_equal(goals[i].preset, preset))
            return goals[i].ratio;
    return 0;
}

typedef struct {
    int slices;         /* that were run */
    double total, best; /* seconds */
    GArray *all;        /* of double, ms */
} Runs;

static void runs_clear(Runs *runs)
{
    g_clear_pointer(&runs->all, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Runs, runs_clear)

/* From host memory to host memory. */
static gboolean run_once(DkmBench *bench, DkmNetwork *network, const float *x, const float *noise,
                         float *out, GError **error)
{
    return dkm_network_run(network, x, noise, bench->cancel, error) &&
           dkm_network_get_probability(network, out, error);
}

static gboolean run_slices(DkmBench *bench, DkmNetwork *network, Runs *runs, GError **error)
{
    const int batch = MAX(1, bench->batch);
    const gsize pixels = (gsize)SIDE * SIDE, n = pixels * (gsize)batch;
    g_autofree float *x = g_new(float, n), *noise = g_new(float, n), *out = g_new(float, n);
    for (gsize first = 0; first < n; first += pixels) {
        dkm_noise_field(1 + first, 0, 0, SIDE, SIDE, x + first);
        dkm_noise_field(2, 0, 0, SIDE, SIDE, noise + first);
    }
    const int warm_ups = bench->engine.backend->capture_begin ? WARM_UPS : 1;
    for (int i = 0; i < warm_ups; i++) /* prepares weights, captures */
        if (!run_once(bench, network, x, noise, out, error))
            return FALSE;
    dkm_plan_profile(dkm_network_plan(network), bench->ops || bench->layers);
    runs->best = G_MAXDOUBLE;
    while (runs->slices < SLICES && (runs->slices == 0 || runs->total < bench->seconds)) {
        const gint64 start = g_get_monotonic_time();
        if (!run_once(bench, network, x, noise, out, error))
            return FALSE;
        const double seconds = (double)(g_get_monotonic_time() - start) * 1e-6, ms = seconds * 1e3;
        g_array_append_val(runs->all, ms);
        runs->slices += batch;
        runs->total += seconds;
        runs->best = MIN(runs->best, seconds / batch);
        if (runs->all->len % 16 == 0 && !dkm_bench_breathe(bench, error))
            return FALSE;
    }
    return dkm_bench_breathe(bench, error);
}

static void add_ops(DkmBench *bench, const DkmNetwork *network, const Runs *runs,
                    const DkmNetworkShape *shape, DkmPrecision precision)
{
    g_autoptr(GArray) shares = dkm_plan_op_shares(dkm_network_plan(network), &bench->peak.rates);
    for (guint i = 0; i < shares->len; i++) {
        const DkmOpShare *share = &g_array_index(shares, DkmOpShare, i);
        const double seconds = share->seconds / runs->slices;
        DkmBenchRow *row =
            dkm_bench_add(bench, "network",
                          g_strdup_printf("%s: %s x %d", shape->preset->name,
                                          dkm_op_def(share->kind)->name, share->count),
                          NULL);
        row->precision = dkm_precision_name(precision);
        dkm_bench_figure(row, &(DkmBenchFigure){.what = "a slice",
                                                .value = seconds * 1e3,
                                                .unit = "ms",
                                                .ratio = seconds / share->bound,
                                                .ratio_of = "x roofline"});
        dkm_bench_figure(row, &(DkmBenchFigure){.what = "share",
                                                .value = 100 * share->seconds / runs->total,
                                                .unit = "%",
                                                .ratio = NAN});
    }
}

static char *layer_name(const DkmLayerCost *layer)
{
    const DkmShape x = layer->call->in[0].shape, y = layer->call->out[0].shape;
    return g_strdup_printf("%s %s %dx%d %d->%d", layer->scope, dkm_op_def(layer->call->kind)->name,
                           x.h, x.w, x.c, y.c);
}

static void add_layers(DkmBench *bench, const DkmNetwork *network, const Runs *runs,
                       DkmPrecision precision)
{
    g_autoptr(GArray) layers = dkm_plan_layers(dkm_network_plan(network), &bench->peak.rates);
    for (guint i = 0; i < layers->len; i++) {
        const DkmLayerCost *layer = &g_array_index(layers, DkmLayerCost, i);
        const double seconds = layer->seconds / runs->slices;
        DkmBenchRow *row = dkm_bench_add(bench, "network", layer_name(layer), NULL);
        row->precision = dkm_precision_name(precision);
        dkm_bench_figure(row, &(DkmBenchFigure){.what = "a slice",
                                                .value = seconds * 1e3,
                                                .unit = "ms",
                                                .ratio = seconds / layer->bound,
                                                .ratio_of = "x roofline"});
        if (layer->flop > 0)
            dkm_bench_figure(row, &(DkmBenchFigure){.what = "arithmetic",
                                                    .value = layer->flop / 1e9,
                                                    .unit = "GFLOP",
                                                    .ratio = layer->flop / seconds /
                                                             dkm_bench_flop_peak(bench, precision),
                                                    .ratio_of = "of peak"});
    }
}

/* What the number of slices does not say; NULL: nothing. */
static char *describe_runs(const Runs *runs, int batch)
{
    if (runs->slices < SLICES)
        return g_strdup_printf("%d slices run, scaled", runs->slices);
    return batch > 1 ? g_strdup_printf("%d at once", batch) : NULL;
}

static void add_rows(DkmBench *bench, const DkmNetwork *network, const Runs *runs,
                     const DkmNetworkShape *shape, DkmPrecision precision)
{
    const double bound = dkm_bench_bound(bench, dkm_network_plan(network));
    const double mean = runs->total / runs->slices;
    DkmBenchRow *row = dkm_bench_add(
        bench, "network",
        g_strdup_printf("%s, %d slices %dx%d", shape->preset->name, SLICES, SIDE, SIDE),
        describe_runs(runs, shape->samples));
    row->precision = dkm_precision_name(precision);
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "inference",
                                            .value = mean * SLICES,
                                            .unit = "s",
                                            .ratio = mean / bound,
                                            .ratio_of = "x roofline",
                                            .goal_ratio = goal_of(shape->preset->name)});
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "best slice",
                                            .value = runs->best * SLICES,
                                            .unit = "s",
                                            .ratio = runs->best / bound,
                                            .ratio_of = "x roofline"});
    if (isfinite(bound))
        dkm_bench_figure(
            row, &(DkmBenchFigure){
                     .what = "roofline", .value = bound * SLICES, .unit = "s", .ratio = NAN});
    const double median = dkm_bench_median(runs->all);
    dkm_bench_result(bench, &(DkmBenchResult){.work = dkm_work_names[DKM_WORK_SLICE],
                                              .preset = shape->preset->name,
                                              .dtype = row->precision,
                                              .engine = g_strdup("dkm"),
                                              .ms_median = median,
                                              .ms_best = runs->best * 1e3,
                                              .runs = runs->all->len,
                                              .gflops = dkm_network_flop(network) / median / 1e6,
                                              .ratio = NAN,
                                              .difference = NAN});
    if (bench->ops)
        add_ops(bench, network, runs, shape, precision);
    if (bench->layers)
        add_layers(bench, network, runs, precision);
}

static gboolean bench_preset(DkmBench *bench, const DkmPreset *preset, DkmPrecision precision,
                             GError **error)
{
    g_autoptr(DkmScales) scales =
        precision == DKM_PRECISION_INT8 ? dkm_network_same_scales(preset, any_scale, error) : NULL;
    if (precision == DKM_PRECISION_INT8 && !scales)
        return FALSE;
    const DkmNetworkShape shape = {.preset = preset,
                                   .dtype = dkm_precision_dtype(precision),
                                   .samples = MAX(1, bench->batch),
                                   .rows = SIDE,
                                   .columns = SIDE,
                                   .scales = scales};
    g_auto(Runs) runs = {.all = g_array_new(FALSE, FALSE, sizeof(double))};
    g_autoptr(DkmParams) params = dkm_params_new(bench->engine.backend, bench->engine.device);
    if (!dkm_own_weights(preset, params, error))
        return FALSE;
    g_autoptr(DkmNetwork) network = dkm_network_new(&shape, params, error);
    if (!network || !dkm_bench_breathe(bench, error) || !run_slices(bench, network, &runs, error))
        return FALSE;
    add_rows(bench, network, &runs, &shape, precision);
    return TRUE;
}

gboolean dkm_bench_network(DkmBench *bench, GError **error)
{
    for (gsize i = 0; bench->presets[i]; i++) {
        DkmPreset preset;
        if (!dkm_preset_find(bench->presets[i], &preset, error))
            return FALSE;
        for (int d = 0; d < bench->n_precisions; d++)
            if (!bench_preset(bench, &preset, bench->precisions[d], error))
                return FALSE;
    }
    return TRUE;
}
