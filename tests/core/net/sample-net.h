/* A small network with all that makes planning and devices hard: a skip, side outputs, a constant
 * branch, a batch norm folded for inference, attention, two dtypes. */
#pragma once

#include "tests/core/net/fixture.h"

typedef struct {
    DkmGraph *graph;
    DkmValue x, tap, y, loss;
} Net;

static inline DkmValue folded_conv(DkmGraph *graph, DkmValue x)
{
    const int c = dkm_graph_value(graph, x)->shape.c;
    const DkmShape vector = {1, 1, 1, 4}, pair = {1, 1, 2, 4};
    const DkmValue in[] = {
        dkm_graph_param(graph, "f.weight", (DkmShape){4, 3, 3, c}, DKM_INIT_KAIMING_NORMAL),
        dkm_graph_param(graph, "f.norm.weight", vector, DKM_INIT_ONE),
        dkm_graph_param(graph, "f.norm.bias", vector, DKM_INIT_ZERO),
        dkm_graph_state(graph, "f.running", pair, DKM_INIT_RUNNING_STATS)};
    const DkmValue w =
        dkm_graph_add(graph, DKM_OP_BATCH_NORM_FOLD, &(DkmOpParams){.eps = 1e-5f}, in, 4);
    const DkmValue conv[] = {x, w, dkm_graph_output(graph, w, 1)};
    const DkmOpParams p = {.kernel = 3, .stride = 1, .dtype = dkm_graph_value(graph, x)->dtype};
    return dkm_graph_add(graph, DKM_OP_CONV, &p, conv, 3);
}

static inline DkmValue time_bias(DkmGraph *graph)
{
    const float t[] = {50, 51};
    const DkmValue steps = dkm_graph_const(graph, (DkmShape){2, 1, 1, 1}, t);
    const DkmOpParams p = {.out_shape = {2, 1, 1, 8}};
    return dkm_graph_conv(graph, "time", dkm_graph_add(graph, DKM_OP_TIME_EMBED, &p, &steps, 1),
                          DKM_CONV_SPEC(.out_channels = 4, .kernel = 1));
}

static inline Net net_new(DkmDtype dtype, gboolean fold)
{
    Net net = {.graph = dkm_graph_new(dtype)};
    DkmGraph *graph = net.graph;
    net.x = dkm_graph_input(graph, "x", (DkmShape){2, 6, 6, 3});
    const DkmValue x = dkm_graph_cast(graph, net.x, dtype);
    const DkmValue a = dkm_graph_conv(
        graph, "a", x, DKM_CONV_SPEC(.out_channels = 4, .extra_bias = time_bias(graph)));
    net.tap = dkm_graph_group_norm(graph, "n", a, 2, 1e-5f, DKM_ACT_SWISH);
    DkmValue h = dkm_graph_unary(graph, DKM_OP_MAX_POOL, net.tap);
    h = fold ? folded_conv(graph, h)
             : dkm_graph_conv(graph, "f", h, DKM_CONV_SPEC(.out_channels = 4));
    h = dkm_graph_add(graph, DKM_OP_ATTENTION, &(DkmOpParams){0}, (DkmValue[]){h, h, h}, 3);
    h = dkm_graph_unary(graph, DKM_OP_UPSAMPLE_NEAREST, h);
    h = dkm_graph_concat(graph, h, net.tap);
    net.y = dkm_graph_conv(graph, "head", h,
                           DKM_CONV_SPEC(.out_channels = 1, .kernel = 1, .f32_out = TRUE));
    const float label[2 * 36] = {0, 1, 1, 0, 1};
    const DkmValue in[] = {net.y, dkm_graph_const(graph, (DkmShape){2, 6, 6, 1}, label)};
    net.loss = dkm_graph_add(graph, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = 0.5f}, in, 2);
    return net;
}
