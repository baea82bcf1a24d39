#include "plugin/bench/own-work.h"

#include "core/learn/nets.h"
#include "core/learn/trainer.h"
#include "core/model/diffusion.h"
#include "core/model/noise.h"
#include "core/net/weights.h"

#include <math.h>

enum { SIDE = 256, TRAIN_SIDE = 112, BATCH = 4, WIDE = 128, MAX_IN = 8, MAX_OUT = 2 };
enum { NARROW = 16, NARROW_SIDE = 32 }; /* of networks made for tests */

const char *const dkm_work_names[DKM_WORKS] = {"dm-taps", "dm",       "sm",
                                               "slice",   "train-dm", "train-sm"};

typedef struct {
    DkmValue value;
    const char *name;
    DkmShape shape;
    float *host;
} Tensor;

struct _DkmOwnWork {
    DkmOwnSetup setup;
    DkmPreset preset; /* with the dropout of training */
    DkmGraph *graph;  /* of the result: in training the loss without dropout */
    DkmPlan *plan;
    Tensor in[MAX_IN], out[MAX_OUT];
    int n_in, n_out;
    double flop;
    DkmGraph *training; /* in training, as the rest */
    DkmSmNet sm;
    DkmParams *copy;
    DkmTrainer *trainer;
};

void dkm_own_work_free(DkmOwnWork *work)
{
    if (!work)
        return;
    g_clear_pointer(&work->trainer, dkm_trainer_free);
    g_clear_pointer(&work->plan, dkm_plan_free);
    g_clear_pointer(&work->copy, dkm_params_free);
    g_clear_pointer(&work->training, dkm_graph_free);
    g_clear_pointer(&work->graph, dkm_graph_free);
    for (int i = 0; i < work->n_in; i++)
        g_free(work->in[i].host);
    for (int i = 0; i < work->n_out; i++)
        g_free(work->out[i].host);
    g_free(work);
}

static gboolean is_training(const DkmOwnWork *work)
{
    return work->setup.kind >= DKM_WORK_TRAIN_DM;
}

static int side_of(const DkmOwnWork *work)
{
    return work->preset.base < NARROW ? NARROW_SIDE : SIDE;
}

static DkmNetSize size_of_training(const DkmOwnWork *work)
{
    const int base = work->preset.base;
    const int usual = base >= WIDE ? 1 : BATCH;
    return (DkmNetSize){&work->preset, work->setup.batch ? work->setup.batch : usual,
                        base < NARROW ? NARROW_SIDE : TRAIN_SIDE};
}

static int samples_of(const DkmOwnWork *work)
{
    return MAX(1, work->setup.batch);
}

static void add_output(DkmOwnWork *work, const char *name, DkmValue value)
{
    const DkmShape shape = dkm_graph_value(work->graph, value)->shape;
    work->out[work->n_out++] = (Tensor){value, name, shape, g_new0(float, dkm_shape_count(shape))};
}

/* -- the graphs: each names its outputs; the inputs are found in them */

static DkmDiffusion build_dm(DkmOwnWork *work)
{
    DkmGraph *g = work->graph;
    const float time = (float)(work->preset.timestep - 1);
    const int side = side_of(work);
    const DkmShape image = {samples_of(work), side, side, dkm_preset_dm_inputs(&work->preset)};
    const DkmDiffusionInput input = {.x = dkm_graph_input(g, "x_t", image),
                                     .time = dkm_graph_const(g, (DkmShape){1, 1, 1, 1}, &time),
                                     .dropout_step = DKM_NO_VALUE};
    dkm_graph_push(g, "dm");
    const DkmDiffusion dm = dkm_diffusion_build(g, &work->preset, &input);
    dkm_graph_pop(g);
    return dm;
}

static void build_sm(DkmOwnWork *work, const DkmValue code[DKM_LEVELS])
{
    const int side = side_of(work);
    DkmSegmentationInput input = {
        .x = dkm_graph_input(work->graph, "x_0", (DkmShape){samples_of(work), side, side, 1})};
    for (int i = 0; i < DKM_LEVELS; i++)
        input.code[i] = code[i];
    dkm_graph_push(work->graph, "sm");
    const DkmSegmentation sm = dkm_segmentation_build(work->graph, &work->preset, &input);
    dkm_graph_pop(work->graph);
    add_output(work, "out.logits", sm.logits);
}

static void build_sm_alone(DkmOwnWork *work)
{
    static const char *const names[DKM_LEVELS] = {"f1", "f2", "f3", "f4"};
    const int side = side_of(work);
    DkmValue code[DKM_LEVELS];
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmShape shape = {samples_of(work), side >> i, side >> i,
                                dkm_preset_code_channels(&work->preset, i)};
        code[i] =
            work->preset.fuse[i] ? dkm_graph_input(work->graph, names[i], shape) : DKM_NO_VALUE;
    }
    build_sm(work, code);
}

static void build_taps(DkmOwnWork *work)
{
    static const char *const names[DKM_LEVELS] = {"out.f1", "out.f2", "out.f3", "out.f4"};
    const DkmDiffusion dm = build_dm(work);
    for (int i = 0; i < DKM_LEVELS; i++)
        if (work->preset.fuse[i] && work->n_out < MAX_OUT)
            add_output(work, names[i], dm.code[i]);
}

static void build(DkmOwnWork *work)
{
    const DkmNetSize size = size_of_training(work);
    work->graph = dkm_graph_new(work->setup.dtype);
    switch (work->setup.kind) {
    case DKM_WORK_DM_TAPS:
        build_taps(work);
        break;
    case DKM_WORK_DM:
        add_output(work, "out.prediction", build_dm(work).prediction);
        break;
    case DKM_WORK_SM:
        build_sm_alone(work);
        break;
    case DKM_WORK_SLICE:
        build_sm(work, build_dm(work).code);
        break;
    case DKM_WORK_TRAIN_DM:
        add_output(work, "out.loss", dkm_dm_net_build(work->graph, &size, FALSE).loss);
        break;
    default:
        add_output(work, "out.loss", dkm_sm_net_build(work->graph, &size, 0.5f).loss);
    }
}

/* -- numbers */

static void fill_input(const char *name, DkmShape shape, float *values)
{
    const gsize n = dkm_shape_count(shape), plane = (gsize)shape.h * (gsize)shape.w;
    for (gsize i = 0; i < n; i++) /* a timestep, a weight of the loss */
        values[i] = g_str_equal(name, "time") ? 49 + 250 * (float)i : 1 + 0.5f * (float)i;
    for (gsize first = 0; shape.h > 1 && first < n; first += plane)
        dkm_noise_field(g_str_hash(name) + first, 0, 0, shape.h, shape.w, values + first);
    for (gsize i = 0; i < n && g_str_equal(name, "label"); i++)
        values[i] = values[i] > 1;
}

static void find_inputs(DkmOwnWork *work)
{
    for (DkmValue v = 0; v < dkm_graph_n_values(work->graph); v++) {
        const DkmValueInfo *info = dkm_graph_value(work->graph, v);
        if (info->role != DKM_ROLE_INPUT || work->n_in == MAX_IN)
            continue;
        float *host = g_new0(float, dkm_shape_count(info->shape));
        fill_input(info->name, info->shape, host);
        work->in[work->n_in++] = (Tensor){v, info->name, info->shape, host};
    }
}

static gboolean run_plan(DkmOwnWork *work, GCancellable *cancel, GError **error)
{
    for (int i = 0; i < work->n_in; i++)
        if (!dkm_plan_set_input(work->plan, work->in[i].value, work->in[i].host, error))
            return FALSE;
    if (!dkm_plan_run(work->plan, cancel, error))
        return FALSE;
    for (int i = 0; i < work->n_out; i++)
        if (!dkm_plan_get_output(work->plan, work->out[i].value, work->out[i].host, error))
            return FALSE;
    return TRUE;
}

/* -- training */

static gboolean copy_params(DkmOwnWork *work, GError **error)
{
    DkmParams *from = work->setup.params;
    work->copy = dkm_params_new(dkm_params_backend(from), dkm_params_device(from));
    for (int v = 0; v < dkm_graph_n_values(work->training); v++) {
        const DkmValueInfo *info = dkm_graph_value(work->training, v);
        if (info->role != DKM_ROLE_PARAM && info->role != DKM_ROLE_STATE)
            continue;
        const gsize n = dkm_shape_count(info->shape);
        g_autofree float *host = g_new(float, n);
        if (!dkm_params_get(from, info->name, host, n, error) ||
            !dkm_params_set(work->copy, info->name, info->shape, host, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean set_training_inputs(DkmOwnWork *work, GError **error)
{
    const float step = 0;
    const DkmValue drawn = dkm_graph_find(work->training, "step");
    for (int i = 0; i < work->n_in; i++) {
        const DkmValue value = dkm_graph_find(work->training, work->in[i].name);
        if (!dkm_trainer_set_input(work->trainer, value, work->in[i].host, error))
            return FALSE;
    }
    return drawn == DKM_NO_VALUE || dkm_trainer_set_input(work->trainer, drawn, &step, error);
}

static gboolean make_trainer(DkmOwnWork *work, GError **error)
{
    const gboolean is_dm = work->setup.kind == DKM_WORK_TRAIN_DM;
    const DkmNetSize size = size_of_training(work);
    DkmSmNet *sm = &work->sm;
    work->training = dkm_graph_new(work->setup.dtype);
    if (is_dm)
        sm->loss = dkm_dm_net_build(work->training, &size, TRUE).loss;
    else
        *sm = dkm_sm_net_build(work->training, &size, 0.5f);
    if (!dkm_graph_check(work->training, error) || !copy_params(work, error))
        return FALSE;
    const DkmTrainerSetup setup = {.engine = work->setup.engine,
                                   .graph = work->training,
                                   .params = work->copy,
                                   .loss = sm->loss,
                                   .state = sm->sm.state,
                                   .new_state = sm->sm.new_state,
                                   .n_states = sm->sm.n_norms,
                                   .clip = is_dm ? 1 : 0,
                                   .average_decay = is_dm ? 0.999f : 0};
    work->trainer = dkm_trainer_new(&setup, error);
    return work->trainer && set_training_inputs(work, error);
}

/* -- the whole */

DkmOwnWork *dkm_own_work_new(const DkmOwnSetup *setup, GCancellable *cancel, GError **error)
{
    g_autoptr(DkmOwnWork) work = g_new0(DkmOwnWork, 1);
    work->setup = *setup;
    work->preset = *setup->preset;
    work->preset.dropout = 0.1f;
    build(work);
    find_inputs(work);
    if (!dkm_graph_check(work->graph, error))
        return NULL;
    DkmValue outputs[MAX_OUT] = {0};
    for (int i = 0; i < work->n_out; i++)
        outputs[i] = work->out[i].value;
    work->plan = dkm_plan_new(work->graph, setup->params, outputs, work->n_out,
                              is_training(work) ? DKM_PLAN_TRAINING : DKM_PLAN_INFERENCE, error);
    if (!work->plan || !run_plan(work, cancel, error))
        return NULL;
    work->flop = dkm_plan_flop(work->plan);
    if (is_training(work)) {
        g_clear_pointer(&work->plan, dkm_plan_free);
        if (!make_trainer(work, error))
            return NULL;
        work->flop = dkm_trainer_flop(work->trainer);
    }
    return g_steal_pointer(&work);
}

gboolean dkm_own_work_run(DkmOwnWork *work, GCancellable *cancel, GError **error)
{
    static const float rate = 1e-6f; /* too small to lead anywhere */
    double loss;
    if (work->trainer)
        return dkm_trainer_step(work->trainer, rate, &loss, cancel, error);
    return run_plan(work, cancel, error);
}

double dkm_own_work_flop(const DkmOwnWork *work)
{
    return work->flop;
}

int dkm_own_work_batch(const DkmOwnWork *work)
{
    return work->in[0].shape.n;
}

int dkm_own_work_side(const DkmOwnWork *work)
{
    return is_training(work) ? size_of_training(work).side : side_of(work);
}

double dkm_own_work_difference(const DkmOwnWork *work, const DkmOwnWork *wanted)
{
    double error = 0, whole = G_MINDOUBLE;
    for (int i = 0; i < wanted->n_out; i++)
        for (gsize k = 0; k < dkm_shape_count(wanted->out[i].shape); k++) {
            const double w = (double)wanted->out[i].host[k];
            const double d = (double)work->out[i].host[k] - w;
            error += d * d;
            whole += w * w;
        }
    return sqrt(error / whole);
}

static gboolean store(DkmParams *params, const char *prefix, const Tensor *tensor, GError **error)
{
    g_autofree char *name = g_strconcat(prefix, tensor->name, NULL);
    return dkm_params_set(params, name, tensor->shape, tensor->host, error);
}

gboolean dkm_own_work_save(DkmOwnWork *work, const char *path, GError **error)
{
    DkmParams *like = work->setup.params;
    g_autoptr(DkmParams) params = dkm_params_new(dkm_params_backend(like), dkm_params_device(like));
    for (int i = 0; i < work->n_in; i++)
        if (!store(params, "in.", &work->in[i], error))
            return FALSE;
    for (int i = 0; i < work->n_out; i++)
        if (!store(params, "", &work->out[i], error))
            return FALSE;
    return dkm_weights_save(path, &(DkmWeightsPart){"", params}, 1, NULL, error);
}
