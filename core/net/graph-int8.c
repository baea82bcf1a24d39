/* Which convolutions of a graph may run in int8, and under which names. */
#include "core/net/graph-private.h"
#include "core/net/int8.h"

#include <string.h>

enum { FEWEST_INPUTS = 32, WORD = 4, OUTPUT_UNIT = 16 };

gboolean dkm_graph_takes_int8(const DkmGraph *graph, int node)
{
    const DkmNode *n = dkm_graph_node(graph, node);
    if (n->kind != DKM_OP_CONV)
        return FALSE;
    const DkmShape x = dkm_graph_value(graph, n->in[0])->shape;
    const DkmShape w = dkm_graph_value(graph, n->in[1])->shape;
    return x.h * x.w > 1 && x.c >= FEWEST_INPUTS && x.c % WORD == 0 && w.n % OUTPUT_UNIT == 0 &&
           (gint64)w.h * w.w * w.c <= DKM_INT8_MAX_INPUTS;
}

char *dkm_graph_conv_name(const DkmGraph *graph, int node)
{
    static const char suffix[] = ".weight";
    const DkmValueInfo *weight = dkm_graph_value(graph, dkm_graph_node(graph, node)->in[1]);
    if (weight->role == DKM_ROLE_TEMP) { /* of a fold, which takes the parameter first */
        const DkmNode *fold = dkm_graph_node(graph, weight->node);
        weight = dkm_graph_value(graph, fold->in[0]);
    }
    if (weight->role != DKM_ROLE_PARAM || !g_str_has_suffix(weight->name, suffix))
        return NULL;
    return g_strndup(weight->name, strlen(weight->name) - strlen(suffix));
}

void dkm_graph_set_int8(DkmGraph *graph, int node, float input_scale)
{
    DkmNode *n = g_ptr_array_index(graph->nodes, (guint)node);
    n->p.input_scale = input_scale;
}
