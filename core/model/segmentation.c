#include "core/model/segmentation.h"

static const float norm_eps = 1e-5f, norm_momentum = 0.1f;

typedef struct {
    DkmGraph *graph;
    gboolean training, plain;
    DkmSegmentation *out;
} Builder;

/* A convolution without bias, batch norm, an optional residual, an activation. NORM and CONV are
 * names in the open scope. */
typedef struct {
    const char *conv, *norm;
    int channels, kernel;
    DkmAct act;
    DkmValue residual;
} Layer;

static int channels_of(const Builder *b, DkmValue x)
{
    return dkm_graph_value(b->graph, x)->shape.c;
}

static DkmValue running_state(Builder *b, const char *norm, int channels)
{
    g_autofree char *name = g_strconcat(norm, ".running", NULL);
    return dkm_graph_state(b->graph, name, (DkmShape){1, 1, 2, channels}, DKM_INIT_RUNNING_STATS);
}

static void track_statistics(Builder *b, const char *norm, DkmValue x, DkmValue normed)
{
    const DkmShape shape = dkm_graph_value(b->graph, x)->shape;
    const DkmOpParams p = {.momentum = norm_momentum, .count = (gint64)shape.n * shape.h * shape.w};
    const DkmValue in[] = {running_state(b, norm, shape.c), dkm_graph_output(b->graph, normed, 1)};
    const int i = b->out->n_norms++;
    b->out->state[i] = in[0];
    b->out->new_state[i] = dkm_graph_add(b->graph, DKM_OP_BATCH_NORM_RUNNING, &p, in, 2);
}

static DkmValue layer_in_training(Builder *b, DkmValue x, const Layer *layer)
{
    DkmGraph *g = b->graph;
    const gboolean sums = layer->residual != DKM_NO_VALUE;
    x = dkm_graph_conv(g, layer->conv, x,
                       DKM_CONV_SPEC(.out_channels = layer->channels, .kernel = layer->kernel,
                                     .no_bias = TRUE, .init = DKM_INIT_KAIMING_NORMAL));
    const DkmValue y =
        dkm_graph_batch_norm(g, layer->norm, x, norm_eps, sums ? DKM_ACT_NONE : layer->act);
    track_statistics(b, layer->norm, x, y);
    return sums ? dkm_graph_sum(g, y, layer->residual, layer->act) : y;
}

/* The same weights under the same names, the norm folded into the convolution. */
static DkmValue layer_in_inference(Builder *b, DkmValue x, const Layer *layer)
{
    DkmGraph *g = b->graph;
    const int channels = layer->channels, k = layer->kernel;
    g_autofree char *weight = g_strconcat(layer->conv, ".weight", NULL),
                    *gamma = g_strconcat(layer->norm, ".weight", NULL),
                    *beta = g_strconcat(layer->norm, ".bias", NULL);
    const DkmShape vector = {1, 1, 1, channels};
    const DkmValue raw[] = {
        dkm_graph_param(g, weight, (DkmShape){channels, k, k, channels_of(b, x)},
                        DKM_INIT_KAIMING_NORMAL),
        dkm_graph_param(g, gamma, vector, DKM_INIT_ONE),
        dkm_graph_param(g, beta, vector, DKM_INIT_ZERO), running_state(b, layer->norm, channels)};
    const DkmValue folded =
        dkm_graph_add(g, DKM_OP_BATCH_NORM_FOLD, &(DkmOpParams){.eps = norm_eps}, raw, 4);
    const DkmValue in[] = {x, folded, dkm_graph_output(g, folded, 1), layer->residual};
    const DkmOpParams p = {
        .kernel = k, .stride = 1, .act = layer->act, .dtype = dkm_graph_dtype(g)};
    return dkm_graph_add(g, DKM_OP_CONV, &p, in, 4);
}

static DkmValue layer(Builder *b, DkmValue x, Layer spec)
{
    return b->training ? layer_in_training(b, x, &spec) : layer_in_inference(b, x, &spec);
}

/* What is added to the block's result: nothing in a plain network. */
static DkmValue shortcut(Builder *b, DkmValue z, int channels)
{
    if (b->plain)
        return DKM_NO_VALUE;
    if (channels_of(b, z) == channels)
        return z;
    return dkm_graph_conv(
        b->graph, "proj1x1", z,
        DKM_CONV_SPEC(.out_channels = channels, .kernel = 1, .init = DKM_INIT_KAIMING_NORMAL));
}

/* Fusion (eq. 5, code first), two convolutions, residual addition. */
static DkmValue kinetic_block(Builder *b, DkmValue z, DkmValue code, int channels, DkmValue *fused)
{
    *fused = DKM_NO_VALUE;
    if (code != DKM_NO_VALUE) {
        code = dkm_graph_cast(b->graph, code, dkm_graph_dtype(b->graph));
        *fused = layer(b, code,
                       (Layer){"W1x1", "Wbn", channels_of(b, code), 1, DKM_ACT_RELU, DKM_NO_VALUE});
        z = dkm_graph_concat(b->graph, *fused, z);
    }
    const DkmValue around = shortcut(b, z, channels);
    const DkmValue h =
        layer(b, z, (Layer){"conv1", "bn1", channels, 3, DKM_ACT_RELU, DKM_NO_VALUE});
    return layer(b, h, (Layer){"conv2", "bn2", channels, 3, DKM_ACT_RELU, around});
}

static DkmValue up_block(Builder *b, DkmValue x, DkmValue skip)
{
    const int channels = channels_of(b, x) / 2;
    x = dkm_graph_unary(b->graph, DKM_OP_UPSAMPLE_BILINEAR, x);
    x = dkm_graph_concat(b->graph, x, skip);
    x = layer(b, x, (Layer){"conv1", "bn1", channels, 3, DKM_ACT_RELU, DKM_NO_VALUE});
    return layer(b, x, (Layer){"conv2", "bn2", channels, 3, DKM_ACT_RELU, DKM_NO_VALUE});
}

static DkmValue head(Builder *b, const char *name, DkmValue x)
{
    return dkm_graph_conv(b->graph, name, x,
                          DKM_CONV_SPEC(.out_channels = 1, .kernel = 1, .f32_out = TRUE,
                                        .init = DKM_INIT_KAIMING_NORMAL));
}

DkmSegmentation dkm_segmentation_build(DkmGraph *graph, const DkmPreset *preset,
                                       const DkmSegmentationInput *input)
{
    DkmSegmentation out = {0};
    Builder b = {.graph = graph,
                 .training = input->training,
                 .plain = preset->network == DKM_NETWORK_PLAIN,
                 .out = &out};
    DkmValue skips[DKM_LEVELS];
    DkmValue x = dkm_graph_cast(graph, input->x, dkm_graph_dtype(graph));
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmValue code = preset->fuse[i] ? input->code[i] : DKM_NO_VALUE;
        dkm_graph_push(graph, "k%d", i + 1);
        skips[i] = kinetic_block(&b, x, code, preset->sm_width[i], &out.fused_code[i]);
        dkm_graph_pop(graph);
        x = dkm_graph_unary(graph, DKM_OP_MAX_POOL, skips[i]);
    }
    for (int i = DKM_LEVELS - 1; i >= 0; i--) {
        dkm_graph_push(graph, "up%d", i + 1);
        x = up_block(&b, x, skips[i]);
        if (i > 0 && i <= DKM_SM_DEEP)
            out.deep_logits[i - 1] = input->deep ? head(&b, "deep1x1", x) : DKM_NO_VALUE;
        dkm_graph_pop(graph);
    }
    out.logits = head(&b, "head1x1", x);
    return out;
}
