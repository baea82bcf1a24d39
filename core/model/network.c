#include "core/model/network.h"

#include "core/error.h"
#include "core/model/diffusion.h"
#include "core/model/noise.h"
#include "core/model/schedule.h"
#include "core/model/segmentation.h"

#include <string.h>

enum { MAX_OUTPUTS = 2 + 2 * DKM_LEVELS };

struct _DkmNetwork {
    DkmPreset preset;
    DkmNetworkShape shape;
    DkmLevel level; /* of the preset's timestep */
    DkmGraph *graph;
    DkmPlan *plan;
    DkmValue x_t, x_0; /* inputs; x_t absent without a DM, x_0 where only codes are wanted */
    DkmValue probability, phases, code[DKM_LEVELS], fused[DKM_LEVELS];
    float *x_t_host;
    GArray *observed_nodes;    /* of int */
    GPtrArray *observed_names; /* alike */
    float *x_host; /* (samples, rows, columns, inputs); NULL where the SM sees x_0 alone */
    guint shown;   /* post-contrast phases, bits */
    int fields;
    float *mean, *sample; /* probabilities over the fields; NULL for one field */
};

void dkm_network_free(DkmNetwork *network)
{
    if (!network)
        return;
    g_clear_pointer(&network->plan, dkm_plan_free);
    g_clear_pointer(&network->graph, dkm_graph_free);
    g_free(network->x_t_host);
    g_clear_pointer(&network->observed_nodes, g_array_unref);
    g_clear_pointer(&network->observed_names, g_ptr_array_unref);
    g_free(network->x_host);
    g_free(network->mean);
    g_free(network->sample);
    g_free(network);
}

static void build_diffusion(DkmNetwork *network)
{
    const DkmNetworkShape *s = &network->shape;
    DkmGraph *g = network->graph;
    const float time = dkm_reading_time(network->preset.reading, network->preset.timestep);
    network->x_t = dkm_graph_input(
        g, "x_t",
        (DkmShape){s->samples, s->rows, s->columns, dkm_preset_dm_inputs(&network->preset)});
    dkm_graph_push(g, "dm");
    const DkmDiffusion dm = dkm_diffusion_build(
        g, &network->preset,
        &(DkmDiffusionInput){.x = network->x_t,
                             .time = dkm_graph_const(g, (DkmShape){1, 1, 1, 1}, &time),
                             .dropout_step = DKM_NO_VALUE});
    dkm_graph_pop(g);
    network->phases = dm.prediction;
    for (int i = 0; i < DKM_LEVELS; i++)
        network->code[i] = dm.code[i];
}

/* Channels of what is set from outside: all but predicted phases. */
static int outer_channels(const DkmNetwork *network)
{
    return network->preset.input == DKM_INPUT_PREDICTED ? 1
                                                        : dkm_preset_sm_inputs(&network->preset);
}

/* x_0 and the phases that the DM predicts in one step, dkm_level_predicted() as a convolution of
 * x_t and the prediction. */
static DkmValue with_predicted(DkmNetwork *network)
{
    DkmGraph *g = network->graph;
    const DkmLevel level = network->level;
    const int outputs = network->preset.outputs, inputs = dkm_preset_dm_inputs(&network->preset),
              all = inputs + outputs;
    g_autofree float *weight = g_new0(float, (gsize)outputs *(gsize)all);
    for (int k = 0; k < outputs; k++) {
        weight[k * all] = (float)(1 / level.a);
        weight[k * all + inputs + k] = (float)(level.s > 0 ? -level.s / level.a : 1);
    }
    const DkmValue in[] = {dkm_graph_concat(g, network->x_t, network->phases),
                           dkm_graph_const(g, (DkmShape){outputs, 1, 1, all}, weight), DKM_NO_VALUE,
                           DKM_NO_VALUE};
    const DkmOpParams p = {.kernel = 1, .stride = 1, .dtype = DKM_F32};
    return dkm_graph_concat(g, network->x_0, dkm_graph_add(g, DKM_OP_CONV, &p, in, 4));
}

static void build_segmentation(DkmNetwork *network)
{
    const DkmNetworkShape *s = &network->shape;
    DkmGraph *g = network->graph;
    DkmSegmentationInput input = {0};
    network->x_0 = dkm_graph_input(
        g, "x_0", (DkmShape){s->samples, s->rows, s->columns, outer_channels(network)});
    input.x = network->preset.input == DKM_INPUT_PREDICTED ? with_predicted(network) : network->x_0;
    for (int i = 0; i < DKM_LEVELS; i++)
        input.code[i] = network->code[i];
    dkm_graph_push(g, "sm");
    const DkmSegmentation sm = dkm_segmentation_build(g, &network->preset, &input);
    dkm_graph_pop(g);
    network->probability = dkm_graph_act(g, sm.logits, DKM_ACT_SIGMOID);
    for (int i = 0; i < DKM_LEVELS; i++)
        network->fused[i] = sm.fused_code[i];
}

static void build(DkmNetwork *network)
{
    DkmSchedule schedule;
    dkm_schedule_init(&schedule);
    network->level =
        dkm_schedule_level_of(&schedule, network->preset.reading, network->preset.timestep);
    network->graph = dkm_graph_new(network->shape.dtype);
    network->x_t = network->x_0 = network->probability = network->phases = DKM_NO_VALUE;
    for (int i = 0; i < DKM_LEVELS; i++)
        network->code[i] = network->fused[i] = DKM_NO_VALUE;
    if (network->shape.code_only || network->shape.predict || dkm_preset_uses_dm(&network->preset))
        build_diffusion(network);
    if (!network->shape.code_only)
        build_segmentation(network);
}

static gsize pixels_of(const DkmNetwork *network)
{
    const DkmNetworkShape *s = &network->shape;
    return (gsize)s->samples * (gsize)s->rows * (gsize)s->columns;
}

/* What int8 is measured by: all outputs but the predicted phases. */
static int list_measured(const DkmNetwork *network, DkmValue outputs[MAX_OUTPUTS])
{
    int n = 0;
    if (!network->shape.code_only)
        outputs[n++] = network->probability;
    for (int i = 0; i < DKM_LEVELS; i++)
        if (network->preset.fuse[i])
            outputs[n++] = network->shape.code_only ? network->code[i] : network->fused[i];
    return n;
}

static DkmValue observed_value(const DkmNetwork *network, guint i)
{
    return dkm_graph_node(network->graph, g_array_index(network->observed_nodes, int, i))->in[0];
}

static gboolean quantise(DkmNetwork *network, const DkmScales *scales, GError **error)
{
    DkmValue measured[MAX_OUTPUTS];
    const int n = list_measured(network, measured);
    return dkm_scales_apply(scales, network->graph, measured, n, error);
}

static void find_observed(DkmNetwork *network)
{
    DkmValue measured[MAX_OUTPUTS];
    const int n = list_measured(network, measured);
    network->observed_nodes = dkm_scales_nodes(network->graph, measured, n);
    network->observed_names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < network->observed_nodes->len; i++)
        g_ptr_array_add(
            network->observed_names,
            dkm_graph_conv_name(network->graph, g_array_index(network->observed_nodes, int, i)));
}

/* What a plan of the network computes. */
static GArray *list_outputs(const DkmNetwork *network)
{
    DkmValue measured[MAX_OUTPUTS];
    const guint n = (guint)list_measured(network, measured);
    GArray *outputs = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    g_array_append_vals(outputs, measured, n);
    if (network->shape.predict)
        g_array_append_val(outputs, network->phases);
    for (guint i = 0; network->shape.observe && i < network->observed_nodes->len; i++) {
        const DkmValue value = observed_value(network, i);
        g_array_append_val(outputs, value);
    }
    return outputs;
}

DkmNetwork *dkm_network_new(const DkmNetworkShape *shape, DkmParams *params, GError **error)
{
    g_autoptr(DkmNetwork) network = g_new0(DkmNetwork, 1);
    network->preset = *shape->preset;
    network->shape = *shape;
    network->shape.preset = &network->preset;
    network->fields =
        shape->code_only || !dkm_preset_uses_dm(&network->preset) ? 1 : MAX(1, shape->noise_fields);
    build(network);
    network->shape.scales = NULL;
    if (!dkm_graph_check(network->graph, error) ||
        (shape->scales && !quantise(network, shape->scales, error)))
        return NULL;
    find_observed(network);
    g_autoptr(GArray) wanted = list_outputs(network);
    network->plan = dkm_plan_new(network->graph, params, (const DkmValue *)(void *)wanted->data,
                                 (int)wanted->len, DKM_PLAN_INFERENCE, error);
    if (!network->plan)
        return NULL;
    if (network->x_t != DKM_NO_VALUE)
        network->x_t_host =
            g_new(float, dkm_shape_count(dkm_graph_value(network->graph, network->x_t)->shape));
    if (network->x_0 != DKM_NO_VALUE && outer_channels(network) > 1)
        network->x_host =
            g_new0(float, dkm_shape_count(dkm_graph_value(network->graph, network->x_0)->shape));
    if (network->fields > 1) {
        network->mean = g_new0(float, pixels_of(network));
        network->sample = g_new0(float, pixels_of(network));
    }
    dkm_network_show(network, dkm_preset_posts(&network->preset));
    return g_steal_pointer(&network);
}

/* VALUES, or one value where they are NULL, into one channel of what the SM sees. */
static void set_channel(DkmNetwork *network, int channel, const float *values, float otherwise)
{
    const gsize n = pixels_of(network), channels = (gsize)outer_channels(network);
    for (gsize i = 0; network->x_host && i < n; i++)
        network->x_host[i * channels + (gsize)channel] = values ? values[i] : otherwise;
}

void dkm_network_show(DkmNetwork *network, guint posts)
{
    network->shown = posts;
    for (int k = 0; k < 2 && network->preset.input == DKM_INPUT_ANY; k++) {
        const gboolean is_shown = (posts >> k & 1u) != 0;
        set_channel(network, 3 + k, NULL, is_shown ? 1 : 0);
        if (!is_shown)
            set_channel(network, 1 + k, NULL, 0);
    }
}

guint dkm_network_shown(const DkmNetwork *network)
{
    return network->shown;
}

gboolean dkm_network_accepts(const DkmNetwork *network, guint posts)
{
    return dkm_preset_accepts(&network->preset, posts);
}

void dkm_network_set_post(DkmNetwork *network, guint post, const float *values)
{
    if (network->shown & post)
        set_channel(network, post == DKM_POST_EARLY ? 1 : 2, values, 0);
}

float *dkm_network_make_noise(const DkmNetwork *network, guint64 seed, int y, int x, GError **error)
{
    const DkmNetworkShape *s = &network->shape;
    const gsize n = (gsize)s->rows * (gsize)s->columns;
    const gsize all = (gsize)network->fields * (gsize)s->samples * n;
    float *noise = g_try_new(float, all), *to = noise;
    if (!noise) {
        dkm_error_set_no_memory(error, all * sizeof *noise, "the noise");
        return NULL;
    }
    for (int field = 0; field < network->fields; field++) {
        const float *first = to;
        dkm_noise_field(seed + (guint64)field, y, x, s->rows, s->columns, to);
        to += n;
        for (int i = 1; i < s->samples; i++, to += n)
            memcpy(to, first, n * sizeof *to);
    }
    return noise;
}

/* One field's run, all but what the SM sees. */
static gboolean run_field(DkmNetwork *network, const float *x_0, const float *noise,
                          GCancellable *cancel, GError **error)
{
    const gsize n = pixels_of(network), inputs = (gsize)dkm_preset_dm_inputs(&network->preset);
    const gboolean is_noised = network->shape.noise_fields != DKM_NO_NOISE;
    for (gsize i = 0; network->x_t_host && i < n; i++) {
        network->x_t_host[i * inputs] =
            dkm_level_noised(network->level, x_0[i], is_noised ? noise[i] : 0);
        if (inputs > 1)
            network->x_t_host[i * inputs + 1] = x_0[i];
    }
    return (!network->x_t_host ||
            dkm_plan_set_input(network->plan, network->x_t, network->x_t_host, error)) &&
           dkm_plan_run(network->plan, cancel, error);
}

static gboolean add_to_mean(DkmNetwork *network, GError **error)
{
    const gsize n = pixels_of(network);
    if (!dkm_plan_get_output(network->plan, network->probability, network->sample, error))
        return FALSE;
    for (gsize i = 0; i < n; i++)
        network->mean[i] += network->sample[i] / (float)network->fields;
    return TRUE;
}

/* The first field last: its codes and phases are what is read afterwards. */
gboolean dkm_network_run(DkmNetwork *network, const float *x_0, const float *noise,
                         GCancellable *cancel, GError **error)
{
    const gsize n = pixels_of(network);
    set_channel(network, 0, x_0, 0);
    if (network->x_0 != DKM_NO_VALUE &&
        !dkm_plan_set_input(network->plan, network->x_0, network->x_host ? network->x_host : x_0,
                            error))
        return FALSE;
    if (network->mean)
        memset(network->mean, 0, n * sizeof *network->mean);
    for (int field = network->fields - 1; field >= 0; field--)
        if (!run_field(network, x_0, noise + (gsize)field * n, cancel, error) ||
            (network->mean && !add_to_mean(network, error)))
            return FALSE;
    return TRUE;
}

gboolean dkm_network_get_probability(DkmNetwork *network, float *out, GError **error)
{
    if (!network->mean)
        return dkm_plan_get_output(network->plan, network->probability, out, error);
    memcpy(out, network->mean, pixels_of(network) * sizeof *out);
    return TRUE;
}

DkmShape dkm_network_code_shape(const DkmNetwork *network, int level)
{
    return dkm_graph_value(network->graph, network->code[level])->shape;
}

gboolean dkm_network_get_code(DkmNetwork *network, int level, float *out, GError **error)
{
    return dkm_plan_get_output(network->plan, network->code[level], out, error);
}

gboolean dkm_network_get_fused_code(DkmNetwork *network, int level, float *out, GError **error)
{
    return dkm_plan_get_output(network->plan, network->fused[level], out, error);
}

gboolean dkm_network_get_phases(DkmNetwork *network, float *out, GError **error)
{
    if (!dkm_plan_get_output(network->plan, network->phases, out, error))
        return FALSE;
    const gsize n = pixels_of(network), outputs = (gsize)network->preset.outputs,
                inputs = (gsize)dkm_preset_dm_inputs(&network->preset);
    for (gsize i = 0; i < n * outputs; i++)
        out[i] =
            dkm_level_predicted(network->level, network->x_t_host[i / outputs * inputs], out[i]);
    return TRUE;
}

guint dkm_network_n_observed(const DkmNetwork *network)
{
    return network->observed_nodes->len;
}

const char *dkm_network_observed_name(const DkmNetwork *network, guint i)
{
    return g_ptr_array_index(network->observed_names, i);
}

gsize dkm_network_observed_count(const DkmNetwork *network, guint i)
{
    return dkm_shape_count(dkm_graph_value(network->graph, observed_value(network, i))->shape);
}

gboolean dkm_network_get_observed(DkmNetwork *network, guint i, float *out, GError **error)
{
    return dkm_plan_get_output(network->plan, observed_value(network, i), out, error);
}

double dkm_network_flop(const DkmNetwork *network)
{
    return dkm_plan_flop(network->plan) * network->fields;
}

DkmPlan *dkm_network_plan(const DkmNetwork *network)
{
    return network->plan;
}

static gboolean declare_value(DkmParams *params, const DkmValueInfo *info, GError **error)
{
    if (info->role != DKM_ROLE_PARAM && info->role != DKM_ROLE_STATE)
        return TRUE;
    if (dkm_params_device_data(params, info->name))
        return TRUE;
    g_autofree float *zero = g_new0(float, dkm_shape_count(info->shape));
    return dkm_params_set(params, info->name, info->shape, zero, error);
}

/* The smallest of PRESET's networks, without a plan. */
static DkmNetwork *build_smallest(const DkmPreset *preset, gboolean code_only, GError **error)
{
    g_autoptr(DkmNetwork) network = g_new0(DkmNetwork, 1);
    network->preset = *preset;
    network->shape = (DkmNetworkShape){
        .dtype = DKM_F32, .samples = 1, .rows = 16, .columns = 16, .code_only = code_only};
    build(network);
    return dkm_graph_check(network->graph, error) ? g_steal_pointer(&network) : NULL;
}

gboolean dkm_network_check_scales(const DkmPreset *preset, const DkmScales *scales, GError **error)
{
    g_autoptr(DkmNetwork) network = build_smallest(preset, FALSE, error);
    return network && quantise(network, scales, error);
}

DkmScales *dkm_network_same_scales(const DkmPreset *preset, float scale, GError **error)
{
    g_autoptr(DkmNetwork) network = build_smallest(preset, FALSE, error);
    if (!network)
        return NULL;
    DkmScales *scales = dkm_scales_new();
    find_observed(network);
    for (guint i = 0; i < dkm_network_n_observed(network); i++)
        dkm_scales_set(scales, dkm_network_observed_name(network, i), scale);
    return scales;
}

gboolean dkm_network_declare(const DkmPreset *preset, gboolean code_only, DkmParams *params,
                             GError **error)
{
    g_autoptr(DkmNetwork) network = build_smallest(preset, code_only, error);
    if (!network)
        return FALSE;
    for (DkmValue v = 0; v < dkm_graph_n_values(network->graph); v++)
        if (!declare_value(params, dkm_graph_value(network->graph, v), error))
            return FALSE;
    return TRUE;
}
