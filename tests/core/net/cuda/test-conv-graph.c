/* Every convolution of the real networks, inference and training, has an engine of cuDNN on every
 * generation of device, which are described in devices/ and need not be there: cuDNN compiles for
 * them all the same. Arguments: DEVICES-FOLDER, and then nothing: what takes seconds; "products":
 * everything without epilogues, which a kernel of ours can do, on all devices; PRESET PRECISION
 * DEVICE: everything that this device runs, as it runs it, which takes minutes. */
#include "core/error.h"
#include "core/learn/nets.h"
#include "core/learn/train.h"
#include "core/model/diffusion.h"
#include "core/net/cuda/conv-graph.h"
#include "core/net/dtype.h"
#include "core/net/graph.h"

#include <string.h>

enum { SIDE = 256, SLICES = 8 };
static const gsize most_workspace = 64u << 20;

/* The convolutions of a preset. */

/* A node of a graph as a call without memory. */
typedef struct {
    DkmOpParams p;
    DkmTensor in[DKM_OP_MAX_IN], out[DKM_OP_MAX_OUT];
    DkmConvCall call;
} Conv;

static Conv *conv_new(const DkmGraph *g, const DkmNode *node)
{
    Conv *conv = g_new0(Conv, 1);
    conv->p = node->p;
    conv->call = (DkmConvCall){node->kind, &conv->p, conv->in, conv->out};
    for (int i = 0; i < node->n_in; i++) {
        const DkmValueInfo *info = dkm_graph_value(g, node->in[i]);
        if (node->in[i] != DKM_NO_VALUE)
            conv->in[i] = (DkmTensor){conv, info->shape, info->dtype};
    }
    const DkmValueInfo *out = dkm_graph_value(g, node->out[0]);
    conv->out[0] = (DkmTensor){conv, out->shape, out->dtype};
    return conv;
}

/* Key -> Conv. */
static GHashTable *convs_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void add_convs(GHashTable *convs, const DkmGraph *g)
{
    g_autoptr(GError) error = NULL;
    dkm_graph_check(g, &error);
    g_assert_no_error(error);
    for (int i = 0; i < dkm_graph_n_nodes(g); i++) {
        const DkmNode *node = dkm_graph_node(g, i);
        if (node->kind > DKM_OP_CONV_WGRAD)
            continue;
        Conv *conv = conv_new(g, node);
        g_hash_table_insert(convs, dkm_conv_key(&conv->call), conv);
    }
}

static void add_gradients(DkmGraph *g, DkmValue loss)
{
    g_autoptr(GArray) wrt = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    for (DkmValue v = 0; v < dkm_graph_n_values(g); v++)
        if (dkm_graph_value(g, v)->role == DKM_ROLE_PARAM)
            g_array_append_val(wrt, v);
    g_autofree DkmValue *gradients = g_new(DkmValue, wrt->len);
    dkm_graph_gradients(g, loss, &g_array_index(wrt, DkmValue, 0), (int)wrt->len, gradients);
}

/* One slice as dkm segment runs it; a batch shares the one row of the time embedding's bias. */
static void add_inference(GHashTable *convs, const DkmPreset *p, DkmDtype dtype, int slices)
{
    const float time = 49;
    g_autoptr(DkmGraph) g = dkm_graph_new(dtype);
    const DkmDiffusionInput input = {
        .x = dkm_graph_input(g, "x_t", (DkmShape){slices, SIDE, SIDE, dkm_preset_dm_inputs(p)}),
        .time = dkm_graph_const(g, (DkmShape){1, 1, 1, 1}, &time),
        .dropout_step = DKM_NO_VALUE};
    dkm_graph_push(g, "dm");
    const DkmDiffusion dm = dkm_diffusion_build(g, p, &input);
    dkm_graph_pop(g);
    DkmSegmentationInput next = {.x = dkm_graph_input(g, "x_0", (DkmShape){slices, SIDE, SIDE, 1})};
    for (int i = 0; i < DKM_LEVELS; i++)
        next.code[i] = dm.code[i];
    dkm_graph_push(g, "sm");
    dkm_segmentation_build(g, p, &next);
    dkm_graph_pop(g);
    add_convs(convs, g);
}

/* Steps as dkm train takes them. */
static void add_training(GHashTable *convs, const DkmPreset *p, DkmDtype dtype)
{
    const DkmTrainOptions dm = dkm_train_options_dm(), sm = dkm_train_options_sm();
    const DkmNetSize dm_size = {p, dm.batch, dm.side}, sm_size = {p, sm.batch, sm.side};
    g_autoptr(DkmGraph) dm_graph = dkm_graph_new(dtype);
    g_autoptr(DkmGraph) sm_graph = dkm_graph_new(dtype);
    add_gradients(dm_graph, dkm_dm_net_build(dm_graph, &dm_size, TRUE).loss);
    add_gradients(sm_graph, dkm_sm_net_build(sm_graph, &sm_size, sm.ssim_weight).loss);
    add_convs(convs, dm_graph);
    add_convs(convs, sm_graph);
}

static GHashTable *convs_of(const char *preset, DkmDtype dtype)
{
    DkmPreset p;
    g_autoptr(GError) error = NULL;
    GHashTable *convs = convs_new();
    dkm_preset_find(preset, &p, &error);
    g_assert_no_error(error);
    add_inference(convs, &p, dtype, 1);
    add_inference(convs, &p, dtype, SLICES);
    add_training(convs, &p, dtype);
    return convs;
}

/* Their engines. */

static char *folder;

static DkmCudnnTarget *open_target(const char *device)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_strconcat(device, ".json", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *json = NULL;
    g_file_get_contents(path, &json, NULL, &error);
    g_assert_no_error(error);
    DkmCudnnTarget *target = dkm_cudnn_target_new_from_json(json, &error);
    g_assert_no_error(error);
    return target;
}

typedef struct {
    const DkmCudnnTarget *target;
    int whole, split, none;
    gsize workspace; /* the largest */
} Tally;

static DkmCudnnPlan *plan_new(const DkmCudnnTarget *target, const DkmConvCall *call,
                              DkmConvPart part, GError **error)
{
    const DkmCudnnWish wish = {call->in[0].dtype == DKM_F32, 1, most_workspace};
    DkmConvGraph g = dkm_conv_graph(call, part);
    g_autoptr(GPtrArray) plans = dkm_cudnn_graph_plans(g.graph, target, &wish, error);
    DkmCudnnPlan *plan = plans ? g_ptr_array_steal_index(plans, 0) : NULL;
    dkm_cudnn_graph_free(g.graph);
    return plan;
}

static gboolean has_plan(Tally *tally, const DkmConvCall *call, DkmConvPart part)
{
    g_autoptr(DkmCudnnPlan) plan = plan_new(tally->target, call, part, NULL);
    if (plan)
        tally->workspace = MAX(tally->workspace, plan->workspace_bytes);
    return plan != NULL;
}

static void count_conv(Tally *tally, const DkmConvCall *call)
{
    if (has_plan(tally, call, DKM_CONV_WHOLE))
        tally->whole++;
    else if (dkm_conv_has_epilogue(call) && has_plan(tally, call, DKM_CONV_PRODUCT))
        tally->split++; /* and a kernel of ours */
    else {
        g_autofree char *key = dkm_conv_key(call);
        g_test_message("no engine: %s", key);
        tally->none++;
    }
}

/* The sums alone, which need nothing that is compiled at run time. */
static void count_product(Tally *tally, const DkmConvCall *call)
{
    if (has_plan(tally, call, DKM_CONV_PRODUCT))
        tally->split++;
    else
        tally->none++;
}

typedef struct {
    const char *preset, *precision, *device;
    gboolean products;
} Case;

static void every_convolution_has_an_engine(gconstpointer data)
{
    const Case *c = data;
    DkmDtype dtype = DKM_F32;
    GHashTableIter each;
    gpointer conv;
    g_assert_true(dkm_dtype_parse(c->precision, &dtype, NULL));
    g_autoptr(DkmCudnnTarget) target = open_target(c->device);
    g_autoptr(GHashTable) convs = convs_of(c->preset, dtype);
    Tally tally = {.target = target};
    g_hash_table_iter_init(&each, convs);
    while (g_hash_table_iter_next(&each, NULL, &conv))
        (c->products ? count_product : count_conv)(&tally, &((const Conv *)conv)->call);
    g_test_message("%s, %s, %s: %u convolutions, %d whole, %d split, %d not; at most %.1f "
                   "MB of workspace",
                   c->device, c->preset, c->precision, g_hash_table_size(convs), tally.whole,
                   tally.split, tally.none, (double)tally.workspace / 1e6);
    g_assert_cmpint(tally.none, ==, 0);
    g_assert_cmpint(tally.whole + tally.split, >, 10);
}

/* A residual block's last convolution: one row of bias for four slices, the residual, swish. */
static Conv *block_end(DkmDtype dtype)
{
    const DkmShape shape = {4, 64, 64, 64};
    Conv *conv = g_new0(Conv, 1);
    conv->p = (DkmOpParams){.kernel = 3, .stride = 1, .act = DKM_ACT_SWISH, .dtype = dtype};
    conv->in[0] = conv->in[3] = conv->out[0] = (DkmTensor){conv, shape, dtype};
    conv->in[1] = (DkmTensor){conv, {64, 3, 3, 64}, DKM_F32};
    conv->in[2] = (DkmTensor){conv, {1, 1, 1, 64}, DKM_F32};
    conv->call = (DkmConvCall){DKM_OP_CONV, &conv->p, conv->in, conv->out};
    return conv;
}

static void one_engine_does_all(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree Conv *conv = block_end(DKM_BF16);
    g_autoptr(DkmCudnnTarget) target = open_target("sm90");
    g_autoptr(DkmCudnnPlan) plan = plan_new(target, &conv->call, DKM_CONV_WHOLE, &error);
    g_assert_no_error(error);
}

/* Why the paper's own GPU computes in f32. */
static void turing_has_no_bf16(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree Conv *wide = block_end(DKM_F32), *narrow = block_end(DKM_BF16);
    g_autoptr(DkmCudnnTarget) target = open_target("sm75");
    g_autoptr(DkmCudnnPlan) plan = plan_new(target, &wide->call, DKM_CONV_PRODUCT, &error);
    g_assert_no_error(error);
    g_assert_null(plan_new(target, &narrow->call, DKM_CONV_PRODUCT, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
}

/* What the cache on disk keeps is the plan, and nothing else is taken for one. */
static void plan_as_text(gconstpointer part)
{
    g_autofree Conv *conv = block_end(DKM_BF16);
    g_autoptr(DkmCudnnTarget) target = open_target("sm90");
    g_autoptr(DkmCudnnTarget) other = open_target("sm75");
    g_autoptr(DkmCudnnPlan) plan =
        plan_new(target, &conv->call, (DkmConvPart)GPOINTER_TO_INT(part), NULL);
    g_autofree char *text = dkm_cudnn_plan_save(plan);
    g_assert_nonnull(text);
    const gint64 since = g_get_monotonic_time();
    g_autoptr(DkmCudnnPlan) again = dkm_cudnn_plan_load(text, target, most_workspace);
    g_test_message("%zu bytes, loaded in %.1f ms", strlen(text),
                   (double)(g_get_monotonic_time() - since) / 1e3);
    g_assert_nonnull(again);
    g_assert_cmpuint(again->workspace_bytes, ==, plan->workspace_bytes);
    g_autofree char *text_again = dkm_cudnn_plan_save(again);
    g_assert_cmpstr(text_again, ==, text);
    g_assert_null(dkm_cudnn_plan_load("", target, most_workspace));
    g_assert_null(dkm_cudnn_plan_load("{}", target, most_workspace));
    g_assert_null(dkm_cudnn_plan_load(text, other, most_workspace));
    if (plan->workspace_bytes)
        g_assert_null(dkm_cudnn_plan_load(text, target, plan->workspace_bytes - 1));
    text[strlen(text) / 2] = '\0';
    g_assert_null(dkm_cudnn_plan_load(text, target, most_workspace));
}

/* A mistake of ours is an error with cuDNN's reason. */
static void bad_graph(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree Conv *conv = block_end(DKM_BF16);
    g_autoptr(DkmCudnnTarget) target = open_target("sm90");
    conv->out[0].shape.h = 17;
    g_assert_null(plan_new(target, &conv->call, DKM_CONV_PRODUCT, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
    g_assert_nonnull(strstr(error->message, "cuDNN says"));
}

static const Case fast[] = {{"small", "f32", "sm75", TRUE}, {"small", "bf16", "sm90", TRUE}};

static void add_fast(void)
{
    g_test_add_data_func("/conv-graph/products/sm75", &fast[0], every_convolution_has_an_engine);
    g_test_add_data_func("/conv-graph/products/sm90", &fast[1], every_convolution_has_an_engine);
    g_test_add_func("/conv-graph/one-engine-does-all", one_engine_does_all);
    g_test_add_func("/conv-graph/turing-has-no-bf16", turing_has_no_bf16);
    g_test_add_data_func("/conv-graph/plan-as-text/whole", GINT_TO_POINTER(DKM_CONV_WHOLE),
                         plan_as_text);
    g_test_add_data_func("/conv-graph/plan-as-text/product", GINT_TO_POINTER(DKM_CONV_PRODUCT),
                         plan_as_text);
    g_test_add_func("/conv-graph/bad-graph", bad_graph);
}

static void add_product(const char *preset, const char *precision, const char *device)
{
    Case *c = g_new(Case, 1);
    *c = (Case){preset, precision, device, TRUE};
    g_autofree char *path = g_strjoin("/", "/conv-graph/products", preset, precision, device, NULL);
    g_test_add_data_func_full(path, c, every_convolution_has_an_engine, g_free);
}

static void add_products(void)
{
    static const char *const presets[] = {"small", "paper"};
    static const char *const devices[] = {"sm75", "sm80", "sm86", "sm89", "sm90", "sm100", "sm120"};
    for (gsize p = 0; p < G_N_ELEMENTS(presets); p++)
        for (gsize d = 0; d < G_N_ELEMENTS(devices); d++) {
            add_product(presets[p], "f32", devices[d]);
            if (d > 0)
                add_product(presets[p], "bf16", devices[d]);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_return_val_if_fail(argc == 2 || argc == 3 || argc == 5, 2);
    folder = argv[1];
    if (argc < 5) {
        (argc == 2 ? add_fast : add_products)();
        return g_test_run();
    }
    const Case all = {argv[2], argv[3], argv[4], FALSE};
    g_autofree char *path = g_strjoin("/", "/conv-graph", argv[2], argv[3], argv[4], NULL);
    g_test_add_data_func(path, &all, every_convolution_has_an_engine);
    return g_test_run();
}
