/* Proof without a GPU that cuDNN has an engine for every convolution of our networks on every GPU
 * that we name: descriptions of GPUs are data (devices/), cuDNN compiles for them here. Seconds:
 * two GPUs, the preset small, fused epilogues left out. With the argument "all" everything, which
 * takes many minutes. */
#include "core/model/diffusion.h"
#include "core/model/segmentation.h"
#include "core/net/cuda/conv-graph.h"
#include "core/net/cuda/cuda.h"

#include <string.h>

enum { SIDE = 256, CANDIDATES = 8 };

static gboolean all;

/* --- the convolutions of a graph --- */

static guint key_hash(gconstpointer key)
{
    guint hash = 5381;
    for (gsize i = 0; i < sizeof(DkmConvKey); i++)
        hash = hash * 33 + ((const guint8 *)key)[i];
    return hash;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(DkmConvKey)) == 0;
}

static DkmTensor tensor_of(const DkmGraph *graph, DkmValue value)
{
    static float present;
    const DkmValueInfo *info = dkm_graph_value(graph, value);
    return value == DKM_NO_VALUE ? (DkmTensor){0} : (DkmTensor){&present, info->shape, info->dtype};
}

static void collect(GHashTable *keys, const DkmGraph *graph)
{
    g_autoptr(GError) error = NULL;
    dkm_graph_check(graph, &error);
    g_assert_no_error(error);
    for (int i = 0; i < dkm_graph_n_nodes(graph); i++) {
        const DkmNode *node = dkm_graph_node(graph, i);
        if (node->kind != DKM_OP_CONV && node->kind != DKM_OP_CONV_DGRAD &&
            node->kind != DKM_OP_CONV_WGRAD)
            continue;
        DkmOpCall call = {.kind = node->kind, .p = &node->p, .n_in = node->n_in, .n_out = 1};
        for (int k = 0; k < node->n_in; k++)
            call.in[k] = tensor_of(graph, node->in[k]);
        call.out[0] = tensor_of(graph, node->out[0]);
        const DkmConvKey key = dkm_conv_key(&call);
        g_hash_table_add(keys, g_memdup2(&key, sizeof(key)));
    }
}

static void add_gradients(DkmGraph *graph, DkmValue loss)
{
    g_autoptr(GArray) params = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    for (DkmValue v = 0; v < dkm_graph_n_values(graph); v++)
        if (dkm_graph_value(graph, v)->role == DKM_ROLE_PARAM)
            g_array_append_val(params, v);
    g_autofree DkmValue *grads = g_new(DkmValue, params->len);
    dkm_graph_gradients(graph, loss, (const DkmValue *)params->data, (int)params->len, grads);
}

static void collect_dm(GHashTable *keys, const DkmPreset *p, DkmDtype dtype, int training)
{
    const int n = training ? 16 : 8;
    g_autoptr(DkmGraph) graph = dkm_graph_new(dtype);
    const DkmDiffusionInput input = {
        .x = dkm_graph_input(graph, "x", (DkmShape){n, SIDE, SIDE, dkm_preset_dm_inputs(p)}),
        .time = dkm_graph_input(graph, "t", (DkmShape){training ? n : 1, 1, 1, 1}),
        .dropout_step =
            training ? dkm_graph_input(graph, "step", (DkmShape){1, 1, 1, 1}) : DKM_NO_VALUE};
    const DkmValue made = dkm_diffusion_build(graph, p, &input).prediction;
    if (training) {
        const DkmValue in[] = {
            made, dkm_graph_input(graph, "target", (DkmShape){n, SIDE, SIDE, p->outputs}),
            dkm_graph_input(graph, "weight", (DkmShape){n, 1, 1, 1})};
        add_gradients(graph, dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3));
    }
    collect(keys, graph);
}

static void collect_sm(GHashTable *keys, const DkmPreset *p, DkmDtype dtype, int training)
{
    const int n = training ? 16 : 8;
    const DkmShape image = {n, SIDE, SIDE, 1};
    g_autoptr(DkmGraph) graph = dkm_graph_new(dtype);
    DkmSegmentationInput input = {.x = dkm_graph_input(graph, "x", image), .training = training};
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmShape code = {n, SIDE >> i, SIDE >> i, dkm_preset_code_channels(p, i)};
        g_autofree char *name = g_strdup_printf("f%d", i);
        input.code[i] = p->fuse[i]
                            ? dkm_graph_cast(graph, dkm_graph_input(graph, name, code), dtype)
                            : DKM_NO_VALUE;
    }
    const DkmValue made = dkm_segmentation_build(graph, p, &input).logits;
    if (training) {
        const DkmValue in[] = {made, dkm_graph_input(graph, "label", image)};
        add_gradients(graph,
                      dkm_graph_add(graph, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = 0.5f}, in, 2));
    }
    collect(keys, graph);
}

/* Of small and (all) paper, inference and training, in DTYPE. */
static GHashTable *all_keys(DkmDtype dtype)
{
    static const char *const presets[] = {"small", "paper"};
    GHashTable *keys = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    for (gsize i = 0; i < (all ? G_N_ELEMENTS(presets) : 1); i++) {
        g_autoptr(GError) error = NULL;
        DkmPreset preset;
        dkm_preset_find(presets[i], &preset, &error);
        g_assert_no_error(error);
        for (int training = 0; training < 2; training++) {
            collect_dm(keys, &preset, dtype, training);
            collect_sm(keys, &preset, dtype, training);
        }
    }
    return keys;
}

/* --- engines --- */

typedef struct {
    int fused, plain;
    gint64 workspace; /* the largest */
} Tally;

/* Whether one of the first candidates compiles; *WORKSPACE grows with it. */
static gboolean has_engine(const DkmConvKey *key, DkmCudnn device, gint64 *workspace)
{
    g_autoptr(DkmCudnnGraph) graph = dkm_conv_graph_new(key, NULL);
    const DkmCudnnWish wish = dkm_conv_wish(key, device, CANDIDATES);
    g_autoptr(GPtrArray) engines = graph ? dkm_cudnn_graph_engines(graph, &wish, NULL) : NULL;
    for (guint i = 0; engines && i < engines->len; i++) {
        g_auto(DkmCudnn) plan = dkm_cudnn_plan_new(engines->pdata[i], &wish, NULL);
        if (!plan)
            continue;
        *workspace = MAX(*workspace, dkm_cudnn_plan_workspace(plan));
        return TRUE;
    }
    return FALSE;
}

static DkmCudnn open_device(const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "devices", file, NULL);
    g_autofree char *json = NULL;
    g_file_get_contents(path, &json, NULL, &error);
    g_assert_no_error(error);
    DkmCudnn device = dkm_cudnn_device_from_json(json, &error);
    g_assert_no_error(error);
    return device;
}

static void require_engine(const DkmConvKey *key, DkmCudnn device, Tally *tally)
{
    const DkmConvKey plain = dkm_conv_key_without_epilogue(key);
    if (all && dkm_conv_key_has_epilogue(key) && has_engine(key, device, &tally->workspace)) {
        tally->fused++;
        return;
    }
    if (!has_engine(&plain, device, &tally->workspace)) {
        g_autofree char *text = dkm_conv_key_text(key);
        g_test_message("no engine: %s", text);
        g_test_fail();
    }
    tally->plain++;
}

static void test_device(const char *file, DkmDtype dtype)
{
    g_auto(DkmCudnn) device = open_device(file);
    g_autoptr(GHashTable) keys = all_keys(dtype);
    GHashTableIter each;
    gpointer key;
    Tally tally = {0};
    g_hash_table_iter_init(&each, keys);
    while (g_hash_table_iter_next(&each, &key, NULL))
        require_engine(key, device, &tally);
    g_assert_cmpint(tally.fused + tally.plain, ==, g_hash_table_size(keys));
    g_assert_cmpint(tally.workspace, <=, DKM_CONV_WORKSPACE_MAX);
    g_test_message("%s %s: %u convolutions, %d fused, %d plain, largest workspace %.1f MB", file,
                   dtype == DKM_F32 ? "f32" : "bf16", g_hash_table_size(keys), tally.fused,
                   tally.plain, (double)tally.workspace / 1e6);
}

static void test_f32(gconstpointer file)
{
    test_device(file, DKM_F32);
}

static void test_bf16(gconstpointer file)
{
    test_device(file, DKM_BF16);
}

static const DkmConvKey typical = {.pass = DKM_CUDNN_FORWARD,
                                   .kernel = 3,
                                   .stride = 1,
                                   .dtype = DKM_BF16,
                                   .out_dtype = DKM_BF16,
                                   .x = {8, 64, 64, 128},
                                   .y = {8, 64, 64, 128},
                                   .bias_rows = 1,
                                   .residual = 1};

/* The whole of what a residual block ends with, in one engine. */
static void test_fused_epilogue(void)
{
    g_auto(DkmCudnn) device = open_device("sm_90.json");
    gint64 workspace = 0;
    g_assert_true(has_engine(&typical, device, &workspace));
}

/* The GPU of the paper has no bf16; what stands in for it there does exist. */
static void test_turing_stand_ins(void)
{
    g_auto(DkmCudnn) device = open_device("sm_75.json");
    gint64 workspace = 0;
    DkmConvKey key = dkm_conv_key_without_epilogue(&typical);
    g_assert_false(has_engine(&key, device, &workspace));
    key.dtype = key.out_dtype = DKM_CUDA_DTYPE_F16;
    g_assert_true(has_engine(&key, device, &workspace));
    key.dtype = key.out_dtype = DKM_F32;
    for (key.pass = DKM_CUDNN_FORWARD; key.pass <= DKM_CUDNN_WGRAD; key.pass++)
        g_assert_true(has_engine(&key, device, &workspace));
}

/* What a cache file keeps is a plan that need not be compiled again. */
static void test_plan_as_text(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(DkmCudnn) device = open_device("sm_90.json");
    g_autoptr(DkmCudnnGraph) graph = dkm_conv_graph_new(&typical, &error);
    g_assert_no_error(error);
    const DkmCudnnWish wish = dkm_conv_wish(&typical, device, 1);
    g_autoptr(GPtrArray) engines = dkm_cudnn_graph_engines(graph, &wish, &error);
    g_assert_no_error(error);
    g_auto(DkmCudnn) plan = dkm_cudnn_plan_new(engines->pdata[0], &wish, &error);
    g_assert_no_error(error);
    g_autofree char *text = dkm_cudnn_plan_save(plan, &error);
    g_assert_no_error(error);
    g_auto(DkmCudnn) again = dkm_cudnn_plan_load(text, device, &error);
    g_assert_no_error(error);
    g_autofree char *text_again = dkm_cudnn_plan_save(again, &error);
    g_assert_no_error(error);
    g_assert_cmpint(dkm_cudnn_plan_workspace(again), ==, dkm_cudnn_plan_workspace(plan));
    g_assert_cmpstr(text_again, ==, text);
}

/* A mistake of ours is an error with cuDNN's reason, and the first one sticks. */
static void test_bad_graph(void)
{
    g_autoptr(GError) error = NULL;
    DkmConvKey key = typical;
    key.y.h = 17;
    g_autoptr(DkmCudnnGraph) graph = dkm_conv_graph_new(&key, &error);
    g_assert_null(graph);
    g_assert_nonnull(error);
    g_assert_nonnull(strstr(error->message, "cuDNN, "));
}

static const struct {
    const char *file;
    gboolean has_bf16, is_fast;
} devices[] = {
    {"sm_75.json", FALSE, TRUE},  {"sm_80.json", TRUE, FALSE}, {"sm_86.json", TRUE, FALSE},
    {"sm_89.json", TRUE, FALSE},  {"sm_90.json", TRUE, TRUE},  {"sm_100.json", TRUE, FALSE},
    {"sm_120.json", TRUE, FALSE},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    all = argc > 1 && g_str_equal(argv[1], "all");
    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++) {
        g_autofree char *f32 = g_strdup_printf("/cudnn/f32/%s", devices[i].file);
        g_autofree char *bf16 = g_strdup_printf("/cudnn/bf16/%s", devices[i].file);
        if (!all && !devices[i].is_fast)
            continue;
        g_test_add_data_func(f32, devices[i].file, test_f32);
        if (devices[i].has_bf16)
            g_test_add_data_func(bf16, devices[i].file, test_bf16);
    }
    g_test_add_func("/cudnn/fused-epilogue", test_fused_epilogue);
    g_test_add_func("/cudnn/turing-stand-ins", test_turing_stand_ins);
    g_test_add_func("/cudnn/plan-as-text", test_plan_as_text);
    g_test_add_func("/cudnn/bad-graph", test_bad_graph);
    return g_test_run();
}
