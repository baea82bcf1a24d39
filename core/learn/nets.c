#include "core/learn/nets.h"

#include "core/model/diffusion.h"

DkmDmNet dkm_dm_net_build(DkmGraph *graph, const DkmNetSize *size, gboolean dropout)
{
    const DkmPreset *p = size->preset;
    const int n = size->batch, side = size->side;
    DkmDmNet net;
    net.x = dkm_graph_input(graph, "x", (DkmShape){n, side, side, dkm_preset_dm_inputs(p)});
    net.time = dkm_graph_input(graph, "time", (DkmShape){n, 1, 1, 1});
    net.target = dkm_graph_input(graph, "target", (DkmShape){n, side, side, p->outputs});
    net.weight = dkm_graph_input(graph, "weight", (DkmShape){n, 1, 1, 1});
    net.dropout_step = dropout && p->dropout > 0
                           ? dkm_graph_input(graph, "step", (DkmShape){1, 1, 1, 1})
                           : DKM_NO_VALUE;
    dkm_graph_push(graph, "dm");
    const DkmDiffusion dm = dkm_diffusion_build(
        graph, p,
        &(DkmDiffusionInput){.x = net.x, .time = net.time, .dropout_step = net.dropout_step});
    dkm_graph_pop(graph);
    const DkmValue in[] = {dm.prediction, net.target, net.weight};
    net.loss = dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    return net;
}

static DkmValue seg_loss(DkmGraph *graph, DkmValue logits, DkmValue label, float lambda)
{
    const DkmValue in[] = {logits, label};
    return dkm_graph_add(graph, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = lambda}, in, 2);
}

/* That of head I, where the network has it. */
static void add_deep_loss(DkmGraph *graph, DkmSmNet *net, int i, float lambda)
{
    const DkmValue logits = net->sm.deep_logits[i];
    net->deep_label[i] = DKM_NO_VALUE;
    if (logits == DKM_NO_VALUE)
        return;
    g_autofree char *name = g_strdup_printf("label%d", 2 << i);
    net->deep_label[i] = dkm_graph_input(graph, name, dkm_graph_value(graph, logits)->shape);
    net->loss = dkm_graph_sum(graph, net->loss, seg_loss(graph, logits, net->deep_label[i], lambda),
                              DKM_ACT_NONE);
}

DkmSmNet dkm_sm_net_build(DkmGraph *graph, const DkmNetSize *size, float lambda)
{
    const DkmPreset *p = size->preset;
    const DkmShape image = {size->batch, size->side, size->side, 1};
    DkmShape shown = image;
    shown.c = dkm_preset_sm_inputs(p);
    DkmSmNet net;
    DkmSegmentationInput input = {.training = TRUE, .deep = size->deep};
    input.x = net.x_0 = dkm_graph_input(graph, "x_0", shown);
    net.label = dkm_graph_input(graph, "label", image);
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmShape shape = {image.n, image.h >> i, image.w >> i,
                                dkm_preset_code_channels(p, i)};
        g_autofree char *name = g_strdup_printf("f%d", i + 1);
        net.code[i] = input.code[i] =
            p->fuse[i] ? dkm_graph_input(graph, name, shape) : DKM_NO_VALUE;
    }
    dkm_graph_push(graph, "sm");
    net.sm = dkm_segmentation_build(graph, p, &input);
    dkm_graph_pop(graph);
    net.loss = seg_loss(graph, net.sm.logits, net.label, lambda);
    for (int i = 0; i < DKM_SM_DEEP; i++)
        add_deep_loss(graph, &net, i, lambda);
    net.boundary = (DkmBoundaryLoss){DKM_NO_VALUE, DKM_NO_VALUE, DKM_NO_VALUE};
    if (size->boundary > 0) {
        net.boundary = dkm_boundary_loss_build(graph, net.sm.logits, size->boundary);
        net.loss = dkm_graph_sum(graph, net.loss, net.boundary.loss, DKM_ACT_NONE);
    }
    return net;
}
