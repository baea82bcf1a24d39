/* dkm bench train: training steps of both modules on random crops: forward, gradients, clipping,
 * Adam, moving average. The kinetic code that the segmentation module sees is an input here. */
#include "plugin/bench/bench.h"
#include "plugin/bench/own-work.h"

typedef struct {
    double total, best; /* seconds */
    GArray *all;        /* of double, ms */
} Steps;

static void steps_clear(Steps *steps)
{
    g_clear_pointer(&steps->all, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Steps, steps_clear)

static gboolean run_steps(DkmBench *bench, DkmOwnWork *work, Steps *steps, GError **error)
{
    steps->best = G_MAXDOUBLE;
    if (!dkm_own_work_run(work, bench->cancel, error)) /* touches its memory */
        return FALSE;
    while (steps->all->len == 0 || steps->total < bench->seconds / 2) {
        const gint64 start = g_get_monotonic_time();
        if (!dkm_own_work_run(work, bench->cancel, error))
            return FALSE;
        const double seconds = (double)(g_get_monotonic_time() - start) * 1e-6, ms = seconds * 1e3;
        g_array_append_val(steps->all, ms);
        steps->total += seconds;
        steps->best = MIN(steps->best, seconds);
    }
    return dkm_bench_breathe(bench, error);
}

static void add_row(DkmBench *bench, const DkmOwnSetup *setup, const DkmOwnWork *work,
                    const Steps *steps)
{
    const DkmPrecision precision = setup->dtype == DKM_F32 ? DKM_PRECISION_F32 : DKM_PRECISION_BF16;
    const double peak = dkm_bench_flop_peak(bench, precision), flop = dkm_own_work_flop(work);
    const double mean = steps->total / steps->all->len, median = dkm_bench_median(steps->all);
    const int batch = dkm_own_work_batch(work), side = dkm_own_work_side(work);
    DkmBenchRow *row = dkm_bench_add(
        bench, "train",
        g_strdup_printf("%s %s, batch %d of %dx%d", setup->preset->name,
                        setup->kind == DKM_WORK_TRAIN_DM ? "DM" : "SM", batch, side, side),
        NULL);
    row->precision = dkm_precision_name(precision);
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "steps",
                                            .value = 1 / mean,
                                            .unit = "/s",
                                            .ratio = flop / mean / peak,
                                            .ratio_of = "of peak"});
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "best step",
                                            .value = 1 / steps->best,
                                            .unit = "/s",
                                            .ratio = flop / steps->best / peak,
                                            .ratio_of = "of peak"});
    dkm_bench_figure(row, &(DkmBenchFigure){
                              .what = "slices", .value = batch / mean, .unit = "/s", .ratio = NAN});
    dkm_bench_result(bench, &(DkmBenchResult){.work = dkm_work_names[setup->kind],
                                              .preset = setup->preset->name,
                                              .dtype = row->precision,
                                              .engine = g_strdup("dkm"),
                                              .ms_median = median,
                                              .ms_best = steps->best * 1e3,
                                              .runs = steps->all->len,
                                              .gflops = flop / median / 1e6,
                                              .ratio = NAN,
                                              .difference = NAN});
}

static gboolean bench_module(DkmBench *bench, const DkmOwnSetup *setup, GError **error)
{
    g_autoptr(DkmOwnWork) work = dkm_own_work_new(setup, bench->cancel, error);
    g_auto(Steps) steps = {.all = g_array_new(FALSE, FALSE, sizeof(double))};
    if (!work || !run_steps(bench, work, &steps, error))
        return FALSE;
    add_row(bench, setup, work, &steps);
    return TRUE;
}

static gboolean bench_preset(DkmBench *bench, const DkmPreset *preset, GError **error)
{
    static const DkmWorkKind kinds[] = {DKM_WORK_TRAIN_DM, DKM_WORK_TRAIN_SM};
    g_autoptr(DkmParams) params = dkm_params_new(bench->engine.backend, bench->engine.device);
    DkmOwnSetup setup = {
        .preset = preset, .batch = bench->batch, .engine = &bench->engine, .params = params};
    if (!dkm_own_weights(preset, params, error))
        return FALSE;
    for (int d = 0; d < bench->n_precisions; d++)
        for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++) {
            if (bench->precisions[d] == DKM_PRECISION_INT8)
                continue; /* nothing is trained in it */
            setup.dtype = dkm_precision_dtype(bench->precisions[d]);
            setup.kind = kinds[k];
            if (!bench_module(bench, &setup, error))
                return FALSE;
        }
    return TRUE;
}

gboolean dkm_bench_train(DkmBench *bench, GError **error)
{
    for (gsize i = 0; bench->presets[i]; i++) {
        DkmPreset preset;
        if (!dkm_preset_find(bench->presets[i], &preset, error) ||
            !bench_preset(bench, &preset, error))
            return FALSE;
    }
    return TRUE;
}
