/* Both networks of preset `tiny`, forward, gradients and one Adam step, against tensors that
 * PyTorch computed (golden/make-golden.py). Weights and inputs come from a formula that both sides
 * know. */
#include "core/learn/trainer.h"
#include "core/model/diffusion.h"
#include "core/model/segmentation.h"
#include "core/net/weights.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 2, SIDE = 32 };

/* Largest difference, as a share of the tensor's largest value. PyTorch computes in f32 as well. */
static const double forward_within = 5e-5, gradient_within = 3e-4, adam_within = 3e-4;

static guint32 crc32(const char *text)
{
    guint32 crc = 0xffffffffu;
    for (; *text; text++) {
        crc ^= (guint8)*text;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1u ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* make-golden.py's hashed(), scaled: N numbers in the program's order. */
static void fill(const char *name, double scale, double offset, float *out, gsize n)
{
    const guint32 crc = crc32(name);
    for (gsize i = 0; i < n; i++) {
        const guint32 u = (guint32)(i * 2654435761u + crc);
        out[i] = (float)((u / 2147483648.0 - 1) * scale + offset);
    }
}

static gboolean is_norm(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", -1);
    const char *layer = parts[g_strv_length(parts) - 2];
    return g_str_has_prefix(layer, "gn") || g_str_has_prefix(layer, "bn") ||
           g_str_has_prefix(layer, "Wbn");
}

static void fill_running(const char *name, float *out, gsize channels)
{
    g_autofree char *layer = g_strndup(name, strlen(name) - strlen(".running"));
    g_autofree char *mean = g_strconcat(layer, ".mean", NULL);
    g_autofree char *variance = g_strconcat(layer, ".variance", NULL);
    fill(mean, 0.1, 0, out, channels);
    fill(variance, 0.3, 1, out + channels, channels);
}

static void fill_params(DkmParams *params)
{
    for (guint i = 0; i < dkm_params_count(params); i++) {
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        const gsize n = dkm_shape_count(shape);
        g_autofree float *values = g_new(float, n);
        if (g_str_has_suffix(name, ".running"))
            fill_running(name, values, n / 2);
        else if (is_norm(name))
            fill(name, 0.2, g_str_has_suffix(name, ".weight"), values, n);
        else if (g_str_has_suffix(name, ".bias"))
            fill(name, 0.1, 0, values, n);
        else
            fill(name, sqrt(1.5 / (shape.h * shape.w * shape.c)), 0, values, n);
        g_assert_true(dkm_params_set(params, name, shape, values, NULL));
    }
}

/* A network with its loss, and what is compared. */
typedef struct {
    DkmGraph *graph;
    const char *prefix; /* "dm." */
    DkmValue input[6];
    float *host[6];
    int n_inputs;
    DkmValue loss;
    DkmSegmentation sm;
    DkmValue output[8];
    const char *output_name[8]; /* in the golden file, without prefix */
    int n_outputs;
} Net;

static void net_clear(Net *net)
{
    g_clear_pointer(&net->graph, dkm_graph_free);
    for (int i = 0; i < net->n_inputs; i++)
        g_free(net->host[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Net, net_clear)

static DkmValue add_input(Net *net, const char *name, DkmShape shape, double scale)
{
    const int i = net->n_inputs++;
    net->host[i] = g_new(float, dkm_shape_count(shape));
    fill(name, scale, 0, net->host[i], dkm_shape_count(shape));
    return net->input[i] = dkm_graph_input(net->graph, name, shape);
}

static void add_output(Net *net, const char *name, DkmValue value)
{
    net->output_name[net->n_outputs] = name;
    net->output[net->n_outputs++] = value;
}

static const DkmShape image = {SAMPLES, SIDE, SIDE, 1};

static Net build_dm(const DkmPreset *preset)
{
    static const char *const codes[] = {"f1", "f2", "f3", "f4"};
    Net net = {.graph = dkm_graph_new(DKM_F32), .prefix = "dm."};
    DkmDiffusionInput input = {.dropout_step = DKM_NO_VALUE};
    input.x = add_input(&net, "x", image, 1.7);
    const DkmValue target = add_input(&net, "target", image, 1.7);
    input.time = add_input(&net, "time", (DkmShape){SAMPLES, 1, 1, 1}, 1);
    const DkmValue weight = add_input(&net, "weight", (DkmShape){SAMPLES, 1, 1, 1}, 1);
    memcpy(net.host[2], (float[]){49, 749}, 2 * sizeof(float));
    memcpy(net.host[3], (float[]){0.7f, 1.3f}, 2 * sizeof(float));
    dkm_graph_push(net.graph, "dm");
    const DkmDiffusion dm = dkm_diffusion_build(net.graph, preset, &input);
    dkm_graph_pop(net.graph);
    const DkmValue in[] = {dm.prediction, target, weight};
    net.loss = dkm_graph_add(net.graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    add_output(&net, "prediction", dm.prediction);
    for (int i = 0; i < DKM_LEVELS; i++)
        add_output(&net, codes[i], dm.code[i]);
    add_output(&net, "loss", net.loss);
    return net;
}

static Net build_sm(const DkmPreset *preset, gboolean training)
{
    Net net = {.graph = dkm_graph_new(DKM_F32), .prefix = "sm."};
    DkmSegmentationInput input = {.training = training};
    input.x = add_input(&net, "x_0", image, 1.7);
    input.code[0] = input.code[1] = DKM_NO_VALUE;
    input.code[2] = add_input(&net, "f3", (DkmShape){SAMPLES, SIDE / 4, SIDE / 4, 16}, 1.2);
    input.code[3] = add_input(&net, "f4", (DkmShape){SAMPLES, SIDE / 8, SIDE / 8, 16}, 1.2);
    const DkmValue label = add_input(&net, "label", image, 1);
    for (gsize i = 0; i < dkm_shape_count(image); i++)
        net.host[3][i] = net.host[3][i] > 0.4f;
    dkm_graph_push(net.graph, "sm");
    net.sm = dkm_segmentation_build(net.graph, preset, &input);
    dkm_graph_pop(net.graph);
    const DkmValue in[] = {net.sm.logits, label};
    net.loss = dkm_graph_add(net.graph, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = 0.5f}, in, 2);
    add_output(&net, training ? "logits" : "inference", net.sm.logits);
    if (training)
        add_output(&net, "loss", net.loss);
    return net;
}

/* Device, parameters and golden file of one comparison. */
typedef struct {
    DkmEngine engine;
    DkmParams *params;
    DkmWeights *golden;
} Bench;

static void bench_clear(Bench *bench)
{
    g_clear_pointer(&bench->params, dkm_params_free);
    g_clear_pointer(&bench->golden, dkm_weights_close);
    dkm_engine_close(&bench->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

static Bench bench_of(const char *device, const Net *net)
{
    Bench bench = {0};
    g_autoptr(GError) error = NULL;
    dkm_graph_check(net->graph, &error);
    g_assert_no_error(error);
    dkm_engine_open(&bench.engine, device, 1, &error);
    g_assert_no_error(error);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "tiny.safetensors", NULL);
    bench.golden = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    bench.params = dkm_params_new(bench.engine.backend, bench.engine.device);
    dkm_params_init(bench.params, net->graph, 0, &error);
    g_assert_no_error(error);
    fill_params(bench.params);
    return bench;
}

/* Fails the test where GOT differs from the golden tensor NAME. */
static void compare(const Bench *bench, const char *name, DkmShape shape, const float *got,
                    double within)
{
    const gsize n = dkm_shape_count(shape);
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmParams) holder = dkm_params_new(bench->engine.backend, bench->engine.device);
    g_autofree float *wanted = g_new0(float, n);
    g_assert_true(dkm_params_set(holder, name, shape, wanted, &error));
    dkm_weights_load(bench->golden, "", holder, &error);
    g_assert_no_error(error);
    g_assert_true(dkm_params_get(holder, name, wanted, n, &error));
    double largest = 1e-6, difference = 0;
    for (gsize i = 0; i < n; i++) {
        largest = MAX(largest, fabs((double)wanted[i]));
        difference = MAX(difference, fabs((double)wanted[i] - got[i]));
    }
    g_test_message("%s: %.2g of %.3g", name, difference, largest);
    if (!(difference <= within * largest))
        g_test_fail_printf("%s differs by %g, largest value %g", name, difference, largest);
}

static GArray *trained(const DkmGraph *graph)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    for (DkmValue v = 0; v < dkm_graph_n_values(graph); v++)
        if (dkm_graph_value(graph, v)->role == DKM_ROLE_PARAM)
            g_array_append_val(values, v);
    return values;
}

static void compare_output(const Bench *bench, const Net *net, DkmPlan *plan, DkmValue value,
                           const char *name, double within)
{
    const DkmShape shape = dkm_graph_value(net->graph, value)->shape;
    g_autofree float *got = g_new(float, dkm_shape_count(shape));
    g_autofree char *full = g_strconcat(net->prefix, name, NULL);
    g_assert_true(dkm_plan_get_output(plan, value, got, NULL));
    compare(bench, full, shape, got, within);
}

/* Runs NET and compares its outputs and, where GRADIENTS, those of its loss. */
static void check_run(const char *device, Net *net, gboolean gradients)
{
    g_auto(Bench) bench = bench_of(device, net);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) params = trained(net->graph);
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    g_autofree DkmValue *grads = g_new(DkmValue, params->len);
    g_array_append_vals(outputs, net->output, (guint)net->n_outputs);
    if (gradients) {
        dkm_graph_gradients(net->graph, net->loss, (DkmValue *)(gpointer)params->data,
                            (int)params->len, grads);
        g_array_append_vals(outputs, grads, params->len);
    }
    g_autoptr(DkmPlan) plan =
        dkm_plan_new(net->graph, bench.params, (DkmValue *)(gpointer)outputs->data,
                     (int)outputs->len, gradients ? DKM_PLAN_TRAINING : DKM_PLAN_INFERENCE, &error);
    g_assert_no_error(error);
    for (int i = 0; i < net->n_inputs; i++)
        g_assert_true(dkm_plan_set_input(plan, net->input[i], net->host[i], &error));
    dkm_plan_run(plan, NULL, &error);
    g_assert_no_error(error);
    for (int i = 0; i < net->n_outputs; i++)
        compare_output(&bench, net, plan, net->output[i], net->output_name[i], forward_within);
    for (guint i = 0; gradients && i < params->len; i++) {
        const char *name = dkm_graph_value(net->graph, g_array_index(params, DkmValue, i))->name;
        g_autofree char *golden = g_strconcat("gradient.", name + strlen(net->prefix), NULL);
        compare_output(&bench, net, plan, grads[i], golden, gradient_within);
    }
}

static void compare_param(const Bench *bench, const char *prefix, const char *kind,
                          const char *name, double within)
{
    g_autofree char *own =
        g_strconcat(prefix, name, strcmp(kind, "running.") == 0 ? ".running" : "", NULL);
    g_autofree char *golden = g_strconcat(prefix, kind, name, NULL);
    const DkmShape shape = dkm_params_shape(bench->params, own);
    g_autofree float *got = g_new(float, dkm_shape_count(shape));
    g_assert_true(dkm_params_get(bench->params, own, got, dkm_shape_count(shape), NULL));
    compare(bench, golden, shape, got, within);
}

/* One step of the trainer; then tensors NAMES after Adam. */
static void check_step(const char *device, Net *net, const char *const *names,
                       const char *const *running)
{
    g_auto(Bench) bench = bench_of(device, net);
    g_autoptr(GError) error = NULL;
    const DkmTrainerSetup setup = {.engine = &bench.engine,
                                   .graph = net->graph,
                                   .params = bench.params,
                                   .loss = net->loss,
                                   .state = net->sm.state,
                                   .new_state = net->sm.new_state,
                                   .n_states = net->sm.n_norms,
                                   .weight_decay = 1e-2f,
                                   .clip = 0.5f};
    g_autoptr(DkmTrainer) trainer = dkm_trainer_new(&setup, &error);
    g_assert_no_error(error);
    for (int i = 0; i < net->n_inputs; i++)
        g_assert_true(dkm_trainer_set_input(trainer, net->input[i], net->host[i], &error));
    double loss;
    dkm_trainer_step(trainer, 1e-2f, &loss, NULL, &error);
    g_assert_no_error(error);
    for (int i = 0; names[i]; i++)
        compare_param(&bench, net->prefix, "adam.", names[i], adam_within);
    for (int i = 0; running && running[i]; i++)
        compare_param(&bench, net->prefix, "running.", running[i], forward_within);
}

static DkmPreset tiny(void)
{
    DkmPreset preset;
    g_assert_true(dkm_preset_find("tiny", &preset, NULL));
    return preset;
}

static void test_dm(gconstpointer device)
{
    static const char *const names[] = {"conv_in.weight", "mid.attn.proj.weight",
                                        "up4.res1.skip1x1.weight", "gn_out.bias", NULL};
    const DkmPreset preset = tiny();
    g_auto(Net) run = build_dm(&preset);
    check_run(device, &run, TRUE);
    g_auto(Net) step = build_dm(&preset);
    check_step(device, &step, names, NULL);
}

static void test_sm(gconstpointer device)
{
    static const char *const names[] = {"k3.W1x1.weight", "k4.bn2.weight", "head1x1.weight", NULL};
    static const char *const running[] = {"k1.bn1", "up1.bn2", NULL};
    const DkmPreset preset = tiny();
    g_auto(Net) run = build_sm(&preset, TRUE);
    check_run(device, &run, TRUE);
    g_auto(Net) step = build_sm(&preset, TRUE);
    check_step(device, &step, names, running);
}

static void test_sm_inference(gconstpointer device)
{
    const DkmPreset preset = tiny();
    g_auto(Net) net = build_sm(&preset, FALSE);
    check_run(device, &net, FALSE);
}

static void skip(gconstpointer why)
{
    g_test_skip(why);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (const DkmBackend *const *b = dkm_backends(); *b; b++) {
        g_autofree char *why = NULL, *skipped = g_strdup_printf("/golden/%s", (*b)->name);
        if (!dkm_backend_probe((*b)->name, &why)) {
            g_test_add_data_func_full(skipped, g_steal_pointer(&why), skip, g_free);
            continue;
        }
        g_autofree char *dm = g_strdup_printf("/golden/%s/dm", (*b)->name);
        g_autofree char *sm = g_strdup_printf("/golden/%s/sm", (*b)->name);
        g_autofree char *inference = g_strdup_printf("/golden/%s/sm-inference", (*b)->name);
        g_test_add_data_func(dm, (*b)->name, test_dm);
        g_test_add_data_func(sm, (*b)->name, test_sm);
        g_test_add_data_func(inference, (*b)->name, test_sm_inference);
    }
    return g_test_run();
}
