/* dkm bench train: training steps of both modules on random crops: forward, gradients, clipping,
 * Adam, moving average. The kinetic code that the segmentation module sees is an input here. */
#include "plugin/bench/bench.h"

#include "core/learn/nets.h"
#include "core/learn/trainer.h"
#include "core/model/noise.h"

enum { SIDE = 112, BATCH = 4, WIDE = 128 }; /* from this width on a batch is one slice */

/* One module with its loss. */
typedef struct {
    const char *name;
    DkmPreset preset;
    DkmNetSize size;
    DkmGraph *graph;
    DkmValue loss;
    DkmSegmentation sm;
} Net;

static void net_clear(Net *net)
{
    g_clear_pointer(&net->graph, dkm_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Net, net_clear)

static void build_dm(Net *net)
{
    net->loss = dkm_dm_net_build(net->graph, &net->size, TRUE).loss;
}

static void build_sm(Net *net)
{
    const DkmSmNet sm = dkm_sm_net_build(net->graph, &net->size, 0.5f);
    net->loss = sm.loss;
    net->sm = sm.sm;
}

/* Normal values everywhere; those of a label are 0 and 1. */
static gboolean set_inputs(const Net *net, DkmTrainer *trainer, GError **error)
{
    for (DkmValue input = 0; input < dkm_graph_n_values(net->graph); input++) {
        const DkmValueInfo *info = dkm_graph_value(net->graph, input);
        if (info->role != DKM_ROLE_INPUT)
            continue;
        const DkmShape s = info->shape;
        const gsize n = dkm_shape_count(s);
        g_autofree float *values = g_new0(float, n);
        if (s.h > 1)
            for (gsize first = 0; first < n; first += (gsize)s.h * (gsize)s.w)
                dkm_noise_field(first, 0, 0, s.h, s.w, values + first);
        for (gsize k = 0; k < n && g_str_equal(info->name, "label"); k++)
            values[k] = values[k] > 1;
        if (!dkm_trainer_set_input(trainer, input, values, error))
            return FALSE;
    }
    return TRUE;
}

typedef struct {
    int steps;
    double total, best; /* seconds */
} Steps;

static gboolean run_steps(DkmBench *bench, DkmTrainer *trainer, Steps *steps, GError **error)
{
    static const float rate = 1e-6f; /* too small to lead anywhere */
    double loss;
    *steps = (Steps){.best = G_MAXDOUBLE};
    if (!dkm_trainer_step(trainer, rate, &loss, bench->cancel, error)) /* touches its memory */
        return FALSE;
    while (steps->steps == 0 || steps->total < bench->seconds / 2) {
        const gint64 start = g_get_monotonic_time();
        if (!dkm_trainer_step(trainer, rate, &loss, bench->cancel, error))
            return FALSE;
        const double seconds = (double)(g_get_monotonic_time() - start) * 1e-6;
        steps->steps++;
        steps->total += seconds;
        steps->best = MIN(steps->best, seconds);
    }
    return dkm_bench_breathe(bench, error);
}

static void add_row(DkmBench *bench, const Net *net, DkmDtype dtype, const Steps *steps,
                    double flop)
{
    const double peak = dkm_bench_flop_peak(bench, dtype), mean = steps->total / steps->steps;
    DkmBenchRow *row = dkm_bench_add(bench, "train",
                                     g_strdup_printf("%s %s, batch %d of %dx%d", net->preset.name,
                                                     net->name, net->size.batch, SIDE, SIDE),
                                     NULL);
    row->precision = dkm_bench_precision(dtype);
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
    dkm_bench_figure(
        row, &(DkmBenchFigure){
                 .what = "slices", .value = net->size.batch / mean, .unit = "/s", .ratio = NAN});
}

static gboolean bench_module(DkmBench *bench, const DkmPreset *preset, gboolean is_dm,
                             DkmDtype dtype, GError **error)
{
    g_auto(Net)
        net = {.name = is_dm ? "DM" : "SM", .preset = *preset, .graph = dkm_graph_new(dtype)};
    net.preset.dropout = 0.1f;
    net.size = (DkmNetSize){&net.preset, preset->base >= WIDE ? 1 : BATCH, SIDE};
    (is_dm ? build_dm : build_sm)(&net);
    g_autoptr(DkmParams) params = dkm_params_new(bench->engine.backend, bench->engine.device);
    const DkmTrainerSetup setup = {.engine = &bench->engine,
                                   .graph = net.graph,
                                   .params = params,
                                   .loss = net.loss,
                                   .state = net.sm.state,
                                   .new_state = net.sm.new_state,
                                   .n_states = net.sm.n_norms,
                                   .clip = is_dm ? 1 : 0,
                                   .average_decay = is_dm ? 0.999f : 0};
    g_autoptr(DkmTrainer) trainer = dkm_trainer_new(&setup, error);
    Steps steps;
    if (!trainer || !set_inputs(&net, trainer, error) || !run_steps(bench, trainer, &steps, error))
        return FALSE;
    add_row(bench, &net, dtype, &steps, dkm_trainer_flop(trainer));
    return TRUE;
}

gboolean dkm_bench_train(DkmBench *bench, GError **error)
{
    for (gsize i = 0; bench->presets[i]; i++) {
        DkmPreset preset;
        if (!dkm_preset_find(bench->presets[i], &preset, error))
            return FALSE;
        for (int d = 0; d < bench->n_precisions; d++)
            if (!bench_module(bench, &preset, TRUE, bench->precisions[d], error) ||
                !bench_module(bench, &preset, FALSE, bench->precisions[d], error))
                return FALSE;
    }
    return TRUE;
}
