#include "core/model/diffusion.h"

enum { BLOCKS = 2, SKIPS = 12, TIME_FACTOR = 4 };

typedef struct {
    DkmGraph *graph;
    const DkmPreset *preset;
    DkmValue time_embedding; /* (N|1,1,1,4 base), through Swish: what every block receives */
    DkmValue dropout_step;
    guint32 dropouts; /* made so far: each has its own random numbers */
    DkmValue skips[SKIPS];
    int n_skips;
} Builder;

static int channels_of(const Builder *b, DkmValue x)
{
    return dkm_graph_value(b->graph, x)->shape.c;
}

static DkmValue norm(Builder *b, const char *name, DkmValue x, DkmAct act)
{
    const int groups = CLAMP(channels_of(b, x) / 4, 1, 32);
    return dkm_graph_group_norm(b->graph, name, x, groups, 1e-5f, act);
}

static DkmValue dropout(Builder *b, DkmValue x)
{
    if (b->dropout_step == DKM_NO_VALUE || b->preset->dropout <= 0)
        return x;
    const DkmOpParams p = {.rate = b->preset->dropout, .salt = ++b->dropouts};
    return dkm_graph_add(b->graph, DKM_OP_DROPOUT, &p, (DkmValue[]){x, b->dropout_step}, 2);
}

static DkmValue linear(Builder *b, const char *name, DkmValue x, int channels)
{
    return dkm_graph_conv(b->graph, name, x,
                          DKM_CONV_SPEC(.out_channels = channels, .kernel = 1, .f32_out = TRUE,
                                        .init = DKM_INIT_FAN_AVG_UNIFORM));
}

static DkmValue conv3(Builder *b, const char *name, DkmValue x, int channels)
{
    return dkm_graph_conv(
        b->graph, name, x,
        DKM_CONV_SPEC(.out_channels = channels, .init = DKM_INIT_FAN_AVG_UNIFORM));
}

static void embed_time(Builder *b, DkmValue time)
{
    const int base = b->preset->base;
    const DkmOpParams p = {.out_shape = {dkm_graph_value(b->graph, time)->shape.n, 1, 1, base}};
    dkm_graph_push(b->graph, "temb");
    DkmValue e = dkm_graph_add(b->graph, DKM_OP_TIME_EMBED, &p, &time, 1);
    e = dkm_graph_act(b->graph, linear(b, "0", e, TIME_FACTOR * base), DKM_ACT_SWISH);
    e = linear(b, "1", e, TIME_FACTOR * base);
    b->time_embedding = dkm_graph_act(b->graph, e, DKM_ACT_SWISH);
    dkm_graph_pop(b->graph);
}

/* Two normalised convolutions with the timestep between them, around a shortcut. */
static DkmValue residual_block(Builder *b, DkmValue x, int channels)
{
    DkmGraph *g = b->graph;
    const gboolean same = channels_of(b, x) == channels;
    const DkmValue time = linear(b, "temb", b->time_embedding, channels);
    DkmValue h = norm(b, "gn1", x, DKM_ACT_SWISH);
    h = dkm_graph_conv(g, "conv1", h,
                       DKM_CONV_SPEC(.out_channels = channels, .init = DKM_INIT_FAN_AVG_UNIFORM,
                                     .extra_bias = time));
    h = dropout(b, norm(b, "gn2", h, DKM_ACT_SWISH));
    const DkmValue shortcut =
        same ? x
             : dkm_graph_conv(g, "skip1x1", x,
                              DKM_CONV_SPEC(.out_channels = channels, .kernel = 1,
                                            .init = DKM_INIT_FAN_AVG_UNIFORM));
    return dkm_graph_conv(
        g, "conv2", h,
        DKM_CONV_SPEC(.out_channels = channels, .zero_init = TRUE, .residual = shortcut));
}

static DkmValue attention(Builder *b, DkmValue x)
{
    DkmGraph *g = b->graph;
    const DkmConvSpec one = DKM_CONV_SPEC(.out_channels = channels_of(b, x), .kernel = 1,
                                          .init = DKM_INIT_FAN_AVG_UNIFORM);
    const DkmValue h = norm(b, "gn", x, DKM_ACT_NONE);
    const DkmValue qkv[] = {dkm_graph_conv(g, "q", h, one), dkm_graph_conv(g, "k", h, one),
                            dkm_graph_conv(g, "v", h, one)};
    const DkmValue y = dkm_graph_add(g, DKM_OP_ATTENTION, &(DkmOpParams){0}, qkv, 3);
    DkmConvSpec projection = one;
    projection.zero_init = TRUE;
    projection.residual = x;
    return dkm_graph_conv(g, "proj", y, projection);
}

/* Block NUMBER (from 1) of the stage whose scope is open: residual block, attention where asked. */
static DkmValue block(Builder *b, DkmValue x, int level, int number)
{
    dkm_graph_push(b->graph, "res%d", number);
    x = residual_block(b, x, b->preset->base * b->preset->multiplier[level]);
    dkm_graph_pop(b->graph);
    if (b->preset->attention >> level & 1u) {
        dkm_graph_push(b->graph, "attn%d", number);
        x = attention(b, x);
        dkm_graph_pop(b->graph);
    }
    return x;
}

static DkmValue keep_skip(Builder *b, DkmValue x)
{
    return b->skips[b->n_skips++] = x;
}

static DkmValue encode(Builder *b, DkmValue x, DkmValue code[DKM_LEVELS])
{
    for (int level = 0; level < DKM_LEVELS; level++) {
        dkm_graph_push(b->graph, "down%d", level + 1);
        for (int i = 1; i <= BLOCKS; i++)
            x = keep_skip(b, block(b, x, level, i));
        code[level] = x;
        if (level + 1 < DKM_LEVELS)
            x = keep_skip(
                b, dkm_graph_conv(b->graph, "stride2", x,
                                  DKM_CONV_SPEC(.out_channels = channels_of(b, x), .stride = 2,
                                                .init = DKM_INIT_FAN_AVG_UNIFORM)));
        dkm_graph_pop(b->graph);
    }
    return x;
}

static DkmValue middle_block(Builder *b, DkmValue x, int number)
{
    dkm_graph_push(b->graph, "res%d", number);
    x = residual_block(b, x, channels_of(b, x));
    dkm_graph_pop(b->graph);
    return x;
}

static DkmValue middle(Builder *b, DkmValue x)
{
    dkm_graph_push(b->graph, "mid");
    x = middle_block(b, x, 1);
    dkm_graph_push(b->graph, "attn");
    x = attention(b, x);
    dkm_graph_pop(b->graph);
    x = middle_block(b, x, 2);
    dkm_graph_pop(b->graph);
    return x;
}

static DkmValue decode(Builder *b, DkmValue x, DkmValue code[DKM_LEVELS])
{
    DkmGraph *g = b->graph;
    for (int level = DKM_LEVELS - 1; level >= 0; level--) {
        dkm_graph_push(g, "up%d", level + 1);
        for (int i = 1; i <= BLOCKS + 1; i++)
            x = block(b, dkm_graph_concat(g, x, b->skips[--b->n_skips]), level, i);
        code[level] = x;
        if (level > 0)
            x = conv3(b, "upconv", dkm_graph_unary(g, DKM_OP_UPSAMPLE_NEAREST, x),
                      channels_of(b, x));
        dkm_graph_pop(g);
    }
    return x;
}

DkmDiffusion dkm_diffusion_build(DkmGraph *graph, const DkmPreset *preset,
                                 const DkmDiffusionInput *input)
{
    Builder b = {.graph = graph, .preset = preset, .dropout_step = input->dropout_step};
    DkmDiffusion out;
    DkmValue encoder_code[DKM_LEVELS], decoder_code[DKM_LEVELS];
    embed_time(&b, input->time);
    DkmValue x = dkm_graph_cast(graph, input->x, dkm_graph_dtype(graph));
    x = keep_skip(&b, conv3(&b, "conv_in", x, preset->base));
    x = encode(&b, x, encoder_code);
    x = decode(&b, middle(&b, x), decoder_code);
    x = norm(&b, "gn_out", x, DKM_ACT_SWISH);
    out.prediction = dkm_graph_conv(
        graph, "conv_out", x,
        DKM_CONV_SPEC(.out_channels = preset->outputs, .zero_init = TRUE, .f32_out = TRUE));
    for (int i = 0; i < DKM_LEVELS; i++)
        out.code[i] = preset->tap == DKM_TAP_ENCODER ? encoder_code[i] : decoder_code[i];
    return out;
}
