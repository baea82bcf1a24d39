/* Every convolution of the real networks, inference and training, has an engine of cuDNN on every
 * generation of device, which are described in devices/ and need not be there: cuDNN compiles for
 * them all the same; each plan also survives being written and read, as the cache on disk does.
 * Arguments: DEVICES-FOLDER PRESET DTYPE DEVICE [HOW MANY]. f32 is without TF32. */
#include "core/model/diffusion.h"
#include "core/model/segmentation.h"
#include "core/net/cuda/conv-graph.h"
#include "core/net/dtype.h"
#include "core/net/graph.h"

#include <string.h>

enum { SIDE = 256, BATCH = 2 };
static const gsize most_workspace = 64u << 20; /* what a small GPU has to spare */
static DkmDtype dtype;
static guint how_many = G_MAXUINT;

/* As a network for inference has it: one time for all, so a bias of one row. */
static DkmGraph *inference_graph(const DkmPreset *p)
{
    DkmGraph *g = dkm_graph_new(dtype);
    const float time = 49;
    const DkmDiffusionInput input = {
        .x = dkm_graph_input(g, "x", (DkmShape){1, SIDE, SIDE, dkm_preset_dm_inputs(p)}),
        .time = dkm_graph_const(g, (DkmShape){1, 1, 1, 1}, &time),
        .dropout_step = DKM_NO_VALUE};
    dkm_diffusion_build(g, p, &input);
    return g;
}

static DkmGraph *diffusion_graph(const DkmPreset *p, DkmValue *loss)
{
    DkmGraph *g = dkm_graph_new(dtype);
    DkmDiffusionInput input = {.dropout_step = DKM_NO_VALUE};
    input.x = dkm_graph_input(g, "x", (DkmShape){BATCH, SIDE, SIDE, dkm_preset_dm_inputs(p)});
    input.time = dkm_graph_input(g, "time", (DkmShape){BATCH, 1, 1, 1});
    const DkmValue target = dkm_graph_input(g, "t", (DkmShape){BATCH, SIDE, SIDE, p->outputs});
    const DkmValue weight = dkm_graph_input(g, "weight", (DkmShape){BATCH, 1, 1, 1});
    const DkmDiffusion dm = dkm_diffusion_build(g, p, &input);
    const DkmValue in[] = {dm.prediction, target, weight};
    *loss = dkm_graph_add(g, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    return g;
}

static DkmGraph *segmentation_graph(const DkmPreset *p, gboolean training, DkmValue *loss)
{
    DkmGraph *g = dkm_graph_new(dtype);
    const DkmShape image = {BATCH, SIDE, SIDE, 1};
    DkmSegmentationInput input = {.training = training};
    input.x = dkm_graph_input(g, "x_0", image);
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmShape shape = {BATCH, SIDE >> i, SIDE >> i, dkm_preset_code_channels(p, i)};
        g_autofree char *name = g_strdup_printf("f%d", i + 1);
        input.code[i] = p->fuse[i] ? dkm_graph_input(g, name, shape) : DKM_NO_VALUE;
    }
    const DkmValue in[] = {dkm_segmentation_build(g, p, &input).logits,
                           dkm_graph_input(g, "label", image)};
    *loss = dkm_graph_add(g, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = 1}, in, 2);
    return g;
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

/* A node of a graph as a call without memory. */
typedef struct {
    DkmTensor in[DKM_OP_MAX_IN], out[DKM_OP_MAX_OUT];
    DkmConvCall call;
} Conv;

static void bind_conv(Conv *conv, const DkmGraph *g, const DkmNode *node)
{
    *conv = (Conv){.call = {node->kind, &node->p, conv->in, conv->out}};
    for (int i = 0; i < node->n_in; i++) {
        const DkmValueInfo *info = dkm_graph_value(g, node->in[i]);
        if (node->in[i] != DKM_NO_VALUE)
            conv->in[i] = (DkmTensor){conv, info->shape, info->dtype};
    }
    const DkmValueInfo *out = dkm_graph_value(g, node->out[0]);
    conv->out[0] = (DkmTensor){conv, out->shape, out->dtype};
}

typedef struct {
    DkmCudnnTarget *target;
    GHashTable *seen; /* keys */
    int whole, split, none;
    gsize workspace; /* the largest */
} Tally;

static void assert_survives_text(const DkmCudnnPlan *plan, const DkmCudnnTarget *target,
                                 const DkmCudnnWish *wish)
{
    g_autofree char *text = dkm_cudnn_plan_to_text(plan);
    g_assert_nonnull(text);
    g_autoptr(DkmCudnnPlan) again = dkm_cudnn_plan_from_text(text, target, wish);
    g_assert_nonnull(again);
    g_assert_cmpuint(again->workspace_bytes, ==, plan->workspace_bytes);
    text[strlen(text) / 2] = 0;
    g_assert_null(dkm_cudnn_plan_from_text(text, target, wish));
}

static gboolean has_plan(Tally *tally, const DkmConvCall *call, DkmConvPart part)
{
    const DkmCudnnWish wish = {call->in[0].dtype == DKM_F32, 1, most_workspace};
    g_autoptr(GError) error = NULL;
    DkmConvGraph g = dkm_conv_graph(call, part);
    g_autoptr(GPtrArray) plans = dkm_cudnn_graph_plans(g.graph, tally->target, &wish, &error);
    if (plans) {
        const DkmCudnnPlan *plan = g_ptr_array_index(plans, 0);
        tally->workspace = MAX(tally->workspace, plan->workspace_bytes);
        assert_survives_text(plan, tally->target, &wish);
    }
    g_clear_pointer(&plans, g_ptr_array_unref);
    dkm_cudnn_graph_free(g.graph);
    return error == NULL;
}

static void count_conv(Tally *tally, const DkmGraph *g, const DkmNode *node)
{
    Conv conv;
    bind_conv(&conv, g, node);
    char *key = dkm_conv_key(&conv.call);
    if (g_hash_table_size(tally->seen) >= how_many || !g_hash_table_add(tally->seen, key))
        return;
    if (has_plan(tally, &conv.call, DKM_CONV_WHOLE))
        tally->whole++;
    else if (dkm_conv_has_epilogue(&conv.call) && has_plan(tally, &conv.call, DKM_CONV_PRODUCT))
        tally->split++;
    else {
        g_test_message("no engine: %s", key);
        tally->none++;
    }
}

static void count_graph(Tally *tally, const DkmGraph *g)
{
    for (int i = 0; i < dkm_graph_n_nodes(g); i++) {
        const DkmNode *node = dkm_graph_node(g, i);
        if (node->kind <= DKM_OP_CONV_WGRAD)
            count_conv(tally, g, node);
    }
}

static void count_preset(Tally *tally, const char *name)
{
    DkmPreset preset;
    DkmValue loss;
    g_autoptr(GError) error = NULL;
    dkm_preset_find(name, &preset, &error);
    g_assert_no_error(error);
    g_autoptr(DkmGraph) dm = diffusion_graph(&preset, &loss);
    add_gradients(dm, loss);
    g_autoptr(DkmGraph) sm = segmentation_graph(&preset, TRUE, &loss);
    add_gradients(sm, loss);
    g_autoptr(DkmGraph) inference = segmentation_graph(&preset, FALSE, &loss);
    g_autoptr(DkmGraph) taps = inference_graph(&preset);
    const DkmGraph *graphs[] = {dm, sm, inference, taps};
    for (gsize i = 0; i < G_N_ELEMENTS(graphs); i++) {
        dkm_graph_check(graphs[i], &error);
        g_assert_no_error(error);
        count_graph(tally, graphs[i]);
    }
}

static char *folder, *preset_name;

static void every_convolution_has_an_engine(gconstpointer device)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_strconcat((const char *)device, ".json", NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *json = NULL;
    g_file_get_contents(path, &json, NULL, &error);
    g_assert_no_error(error);
    Tally tally = {.target = dkm_cudnn_target_new_from_json(json, &error)};
    g_assert_no_error(error);
    tally.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    count_preset(&tally, preset_name);
    g_test_message(
        "%s, %s: %u convolutions, %d whole, %d without what follows, %d not; at most %zu bytes "
        "of workspace",
        (const char *)device, preset_name, g_hash_table_size(tally.seen), tally.whole, tally.split,
        tally.none, tally.workspace);
    g_hash_table_unref(tally.seen);
    dkm_cudnn_target_free(tally.target);
    g_assert_cmpint(tally.none, ==, 0);
    g_assert_cmpuint((guint)(tally.whole + tally.split), >=, MIN(10, how_many));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_return_val_if_fail(argc > 4 && dkm_dtype_parse(argv[3], &dtype, NULL), 2);
    folder = argv[1];
    preset_name = argv[2];
    if (argc > 5)
        how_many = (guint)g_ascii_strtoull(argv[5], NULL, 10);
    g_autofree char *path = g_strdup_printf("/conv-graph/%s/%s/%s", preset_name, argv[3], argv[4]);
    g_test_add_data_func(path, argv[4], every_convolution_has_an_engine);
    return g_test_run();
}
