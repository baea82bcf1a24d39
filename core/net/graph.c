/* The graph's storage: values, nodes, names, scopes, and the error that sticks. What networks are
 * written with is in graph-build.c, what is asked of a finished graph in graph-query.c. */
#include "core/net/graph-private.h"

#include "core/error.h"

#include <string.h>

DkmGraph *dkm_graph_new(DkmDtype dtype)
{
    DkmGraph *graph = g_new0(DkmGraph, 1);
    graph->dtype = dtype;
    graph->nodes = g_ptr_array_new_with_free_func(g_free);
    graph->values = g_ptr_array_new_with_free_func(g_free);
    graph->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    graph->constants = g_ptr_array_new_with_free_func(g_free);
    graph->texts = g_string_chunk_new(1024);
    graph->scope = g_string_new(NULL);
    graph->scope_starts = g_array_new(FALSE, FALSE, sizeof(gsize));
    return graph;
}

void dkm_graph_free(DkmGraph *graph)
{
    if (!graph)
        return;
    g_ptr_array_unref(graph->nodes);
    g_ptr_array_unref(graph->values);
    g_hash_table_unref(graph->by_name);
    g_ptr_array_unref(graph->constants);
    g_string_chunk_free(graph->texts);
    g_string_free(graph->scope, TRUE);
    g_array_unref(graph->scope_starts);
    g_clear_error(&graph->error);
    g_free(graph);
}

DkmDtype dkm_graph_dtype(const DkmGraph *graph)
{
    return graph->dtype;
}

gboolean dkm_graph_check(const DkmGraph *graph, GError **error)
{
    if (graph->error && error)
        *error = g_error_copy(graph->error);
    return !graph->error;
}

DkmValue dkm_graph_fail(DkmGraph *graph, const char *format, ...)
{
    va_list args;
    if (graph->error)
        return DKM_NO_VALUE;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(&graph->error, DKM_ERROR, DKM_ERROR_INTERNAL, "%s: %s",
                graph->scope->len ? graph->scope->str : "network", message);
    return DKM_NO_VALUE;
}

int dkm_graph_n_nodes(const DkmGraph *graph)
{
    return (int)graph->nodes->len;
}

int dkm_graph_n_values(const DkmGraph *graph)
{
    return (int)graph->values->len;
}

const DkmNode *dkm_graph_node(const DkmGraph *graph, int node)
{
    return g_ptr_array_index(graph->nodes, node);
}

const DkmValueInfo *dkm_graph_value(const DkmGraph *graph, DkmValue value)
{
    static const DkmValueInfo none = {.role = DKM_ROLE_TEMP, .node = -1};
    const gboolean known = value >= 0 && value < dkm_graph_n_values(graph);
    return known ? g_ptr_array_index(graph->values, value) : &none;
}

DkmValue dkm_graph_find(const DkmGraph *graph, const char *name)
{
    gpointer value;
    const gboolean found = g_hash_table_lookup_extended(graph->by_name, name, NULL, &value);
    return found ? GPOINTER_TO_INT(value) : DKM_NO_VALUE;
}

void dkm_graph_push(DkmGraph *graph, const char *format, ...)
{
    va_list args;
    const gsize start = graph->scope->len;
    g_array_append_val(graph->scope_starts, start);
    if (start)
        g_string_append_c(graph->scope, '.');
    va_start(args, format);
    g_string_append_vprintf(graph->scope, format, args);
    va_end(args);
}

void dkm_graph_pop(DkmGraph *graph)
{
    const guint depth = graph->scope_starts->len;
    if (!depth) {
        dkm_graph_fail(graph, "pop without push");
        return;
    }
    g_string_truncate(graph->scope, g_array_index(graph->scope_starts, gsize, depth - 1));
    g_array_set_size(graph->scope_starts, depth - 1);
}

static DkmValue append_value(DkmGraph *graph, const DkmValueInfo *info)
{
    g_ptr_array_add(graph->values, g_memdup2(info, sizeof *info));
    return dkm_graph_n_values(graph) - 1;
}

/* The value called NAME, made from INFO where there is none yet. */
static DkmValue named_value(DkmGraph *graph, const char *name, DkmValueInfo info)
{
    const DkmValue known = dkm_graph_find(graph, name);
    if (known != DKM_NO_VALUE) {
        const DkmValueInfo *old = dkm_graph_value(graph, known);
        if (old->role == info.role && dkm_shape_equal(old->shape, info.shape))
            return known;
        return dkm_graph_fail(graph, "%s is already there with another shape or role", name);
    }
    info.name = g_string_chunk_insert_const(graph->texts, name);
    const DkmValue value = append_value(graph, &info);
    g_hash_table_insert(graph->by_name, (gpointer)info.name, GINT_TO_POINTER(value));
    return value;
}

static char *scoped(const DkmGraph *graph, const char *name)
{
    return graph->scope->len ? g_strconcat(graph->scope->str, ".", name, NULL) : g_strdup(name);
}

DkmValue dkm_graph_input(DkmGraph *graph, const char *name, DkmShape shape)
{
    return named_value(graph, name,
                       (DkmValueInfo){.role = DKM_ROLE_INPUT, .shape = shape, .node = -1});
}

DkmValue dkm_graph_param(DkmGraph *graph, const char *name, DkmShape shape, DkmInit init)
{
    g_autofree char *full = scoped(graph, name);
    const DkmValueInfo info = {.role = DKM_ROLE_PARAM, .shape = shape, .node = -1, .init = init};
    return named_value(graph, full, info);
}

DkmValue dkm_graph_state(DkmGraph *graph, const char *name, DkmShape shape, DkmInit init)
{
    g_autofree char *full = scoped(graph, name);
    const DkmValueInfo info = {.role = DKM_ROLE_STATE, .shape = shape, .node = -1, .init = init};
    return named_value(graph, full, info);
}

DkmValue dkm_graph_const(DkmGraph *graph, DkmShape shape, const float *data)
{
    float *copy = g_memdup2(data, dkm_shape_count(shape) * sizeof *data);
    g_ptr_array_add(graph->constants, copy);
    const DkmValueInfo info = {.role = DKM_ROLE_CONST, .shape = shape, .node = -1, .data = copy};
    return append_value(graph, &info);
}

DkmTensor dkm_graph_tensor(const DkmGraph *graph, DkmValue value)
{
    const DkmValueInfo *info = dkm_graph_value(graph, value);
    const gboolean present = value != DKM_NO_VALUE;
    return (DkmTensor){present ? (void *)info : NULL, info->shape, info->dtype};
}

/* A node whose shapes were found right. */
static DkmValue append_node(DkmGraph *graph, DkmNode *node, const DkmTensor *out)
{
    node->scope = g_string_chunk_insert_const(graph->texts, graph->scope->str);
    for (int k = 0; k < DKM_OP_MAX_OUT; k++) {
        const DkmValueInfo info = {.role = DKM_ROLE_TEMP,
                                   .shape = out[k].shape,
                                   .dtype = out[k].dtype,
                                   .node = dkm_graph_n_nodes(graph),
                                   .output = k};
        node->out[k] = k < node->n_out ? append_value(graph, &info) : DKM_NO_VALUE;
    }
    g_ptr_array_add(graph->nodes, g_memdup2(node, sizeof *node));
    return node->out[0];
}

DkmValue dkm_graph_add(DkmGraph *graph, DkmOpKind kind, const DkmOpParams *p, const DkmValue *in,
                       int n_in)
{
    const char *why = NULL;
    const char *name = dkm_op_def(kind)->name;
    DkmTensor tensors[DKM_OP_MAX_IN] = {0}, out[DKM_OP_MAX_OUT] = {0};
    DkmNode node = {.kind = kind, .p = *p, .n_in = n_in, .n_out = dkm_op_def(kind)->n_out};
    if (graph->error)
        return DKM_NO_VALUE;
    if (n_in > DKM_OP_MAX_IN)
        return dkm_graph_fail(graph, "%s: too many inputs", name);
    for (int i = 0; i < DKM_OP_MAX_IN; i++) {
        node.in[i] = i < n_in ? in[i] : DKM_NO_VALUE;
        if (node.in[i] < DKM_NO_VALUE || node.in[i] >= dkm_graph_n_values(graph))
            return dkm_graph_fail(graph, "%s: input %d is no value of this graph", name, i);
        tensors[i] = dkm_graph_tensor(graph, node.in[i]);
    }
    if (!dkm_op_infer(kind, p, tensors, n_in, out, &why))
        return dkm_graph_fail(graph, "%s: %s", name, why);
    return append_node(graph, &node, out);
}

DkmValue dkm_graph_output(const DkmGraph *graph, DkmValue value, int k)
{
    const int node = dkm_graph_value(graph, value)->node;
    if (node < 0 || k < 0 || k >= DKM_OP_MAX_OUT)
        return DKM_NO_VALUE;
    return dkm_graph_node(graph, node)->out[k];
}
