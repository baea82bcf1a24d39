/* What is asked of a finished graph: which nodes some outputs need, and what they cost. */
#include "core/net/graph-private.h"

static void mark(const DkmGraph *graph, gboolean *live, DkmValue value)
{
    const int node = dkm_graph_value(graph, value)->node;
    if (node >= 0)
        live[node] = TRUE;
}

gboolean *dkm_graph_live(const DkmGraph *graph, const DkmValue *outputs, int n)
{
    const int n_nodes = dkm_graph_n_nodes(graph);
    gboolean *live = g_new0(gboolean, MAX(n_nodes, 1));
    for (int i = 0; i < n; i++)
        mark(graph, live, outputs[i]);
    for (int i = n_nodes - 1; i >= 0; i--) {
        const DkmNode *node = dkm_graph_node(graph, i);
        for (int k = 0; live[i] && k < node->n_in; k++)
            mark(graph, live, node->in[k]);
    }
    return live;
}

static double node_flop(const DkmGraph *graph, const DkmNode *node)
{
    DkmTensor in[DKM_OP_MAX_IN], out[DKM_OP_MAX_OUT];
    for (int k = 0; k < DKM_OP_MAX_IN; k++)
        in[k] = dkm_graph_tensor(graph, node->in[k]);
    for (int k = 0; k < DKM_OP_MAX_OUT; k++)
        out[k] = dkm_graph_tensor(graph, node->out[k]);
    return dkm_op_flop(node->kind, &node->p, in, out);
}

double dkm_graph_flop(const DkmGraph *graph, const DkmValue *outputs, int n)
{
    g_autofree gboolean *live = dkm_graph_live(graph, outputs, n);
    double flop = 0;
    for (int i = 0; i < dkm_graph_n_nodes(graph); i++)
        if (live[i])
            flop += node_flop(graph, dkm_graph_node(graph, i));
    return flop;
}

gint64 dkm_graph_n_weights(const DkmGraph *graph)
{
    gint64 count = 0;
    for (int i = 0; i < dkm_graph_n_values(graph); i++) {
        const DkmValueInfo *value = dkm_graph_value(graph, i);
        if (value->role == DKM_ROLE_PARAM)
            count += (gint64)dkm_shape_count(value->shape);
    }
    return count;
}
