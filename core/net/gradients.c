/* Autodiff as a pass: walks the nodes backwards from a loss and appends what each op's own rule
 * (op-*.c) says. Gradients of a value that several nodes read are summed by ADD nodes. */
#include "core/net/graph-private.h"

/* One run of the pass over the values that were there before it. */
typedef struct {
    DkmGraph *graph;
    int n_values;
    gboolean *is_term; /* a node: one of the losses that are summed */
    gboolean *depends; /* on one of the values asked for */
    DkmValue *grad;    /* d loss / d value, DKM_NO_VALUE so far */
} Pass;

static gboolean reads_dependent(const Pass *pass, const DkmNode *node)
{
    for (int k = 0; k < node->n_in; k++)
        if (node->in[k] != DKM_NO_VALUE && pass->depends[node->in[k]])
            return TRUE;
    return FALSE;
}

/* Everything downstream of WRT, by one sweep in node order. */
static void find_dependents(Pass *pass, const DkmValue *wrt, int n, int n_nodes)
{
    for (int i = 0; i < n; i++)
        if (wrt[i] >= 0 && wrt[i] < pass->n_values)
            pass->depends[wrt[i]] = TRUE;
    for (int i = 0; i < n_nodes; i++) {
        const DkmNode *node = dkm_graph_node(pass->graph, i);
        if (reads_dependent(pass, node))
            for (int k = 0; k < node->n_out; k++)
                pass->depends[node->out[k]] = TRUE;
    }
}

static void accumulate(Pass *pass, DkmValue value, DkmValue part)
{
    DkmValue *grad = &pass->grad[value];
    *grad = *grad == DKM_NO_VALUE ? part : dkm_graph_sum(pass->graph, *grad, part, DKM_ACT_NONE);
}

static gboolean flows_through_side_output(const Pass *pass, const DkmNode *node)
{
    for (int k = 1; k < node->n_out; k++)
        if (pass->grad[node->out[k]] != DKM_NO_VALUE)
            return TRUE;
    return FALSE;
}

static void visit(Pass *pass, const DkmNode *node)
{
    const DkmOpDef *def = dkm_op_def(node->kind);
    DkmValue d_in[DKM_OP_MAX_IN];
    if (!def->gradient || flows_through_side_output(pass, node)) {
        dkm_graph_fail(pass->graph, "%s: no gradient passes", def->name);
        return;
    }
    for (int k = 0; k < DKM_OP_MAX_IN; k++)
        d_in[k] = DKM_NO_VALUE;
    def->gradient(pass->graph, node, pass->grad[node->out[0]], d_in);
    for (int k = 0; k < node->n_in; k++)
        if (node->in[k] != DKM_NO_VALUE && pass->depends[node->in[k]] && d_in[k] != DKM_NO_VALUE)
            accumulate(pass, node->in[k], d_in[k]);
}

static gboolean is_reached(const Pass *pass, const DkmNode *node)
{
    return pass->grad[node->out[0]] != DKM_NO_VALUE || flows_through_side_output(pass, node);
}

static void walk_back(Pass *pass, int loss_node)
{
    g_autofree char *scope = g_strdup(pass->graph->scope->str);
    for (int i = loss_node; i >= 0 && !pass->graph->error; i--) {
        const DkmNode *node = dkm_graph_node(pass->graph, i);
        if (!reads_dependent(pass, node) || !(pass->is_term[i] || is_reached(pass, node)))
            continue;
        g_string_assign(pass->graph->scope, node->scope); /* gradients belong to their module */
        visit(pass, node);
    }
    g_string_assign(pass->graph->scope, scope);
}

/* Marks the node of VALUE in IS_TERM where it is a loss, or those of the losses that it is a sum
 * of: each has the gradient 1. FALSE where it is neither. */
static gboolean find_terms(const DkmGraph *graph, DkmValue value, gboolean *is_term)
{
    const DkmValueInfo *info = dkm_graph_value(graph, value);
    if (info->node < 0 || info->output != 0)
        return FALSE;
    const DkmNode *node = dkm_graph_node(graph, info->node);
    if (node->kind == DKM_OP_LOSS_MSE || node->kind == DKM_OP_LOSS_SEG)
        return is_term[info->node] = TRUE;
    return node->kind == DKM_OP_ADD && node->p.act == DKM_ACT_NONE && node->in[0] != node->in[1] &&
           find_terms(graph, node->in[0], is_term) && find_terms(graph, node->in[1], is_term);
}

void dkm_graph_gradients(DkmGraph *graph, DkmValue loss, const DkmValue *wrt, int n,
                         DkmValue *grads)
{
    const int n_values = dkm_graph_n_values(graph);
    for (int i = 0; i < n; i++)
        grads[i] = DKM_NO_VALUE;
    g_autofree gboolean *is_term = g_new0(gboolean, dkm_graph_n_nodes(graph));
    if (!find_terms(graph, loss, is_term)) {
        dkm_graph_fail(graph, "gradients start at the first output of a loss, or at a sum of them");
        return;
    }
    g_autofree gboolean *depends = g_new0(gboolean, n_values);
    g_autofree DkmValue *grad = g_new(DkmValue, n_values);
    Pass pass = {graph, n_values, is_term, depends, grad};
    for (int i = 0; i < n_values; i++)
        grad[i] = DKM_NO_VALUE;
    find_dependents(&pass, wrt, n, dkm_graph_n_nodes(graph));
    walk_back(&pass, dkm_graph_value(graph, loss)->node);
    for (int i = 0; i < n && !graph->error; i++)
        if (wrt[i] >= 0 && wrt[i] < n_values)
            grads[i] = grad[wrt[i]];
}
