/* Makes a plan: which nodes live, where their tensors lie, what the back end needs beside. */
#include "core/net/plan-private.h"

#include "core/error.h"
#include "core/net/dtype.h"
#include "core/net/lifetimes.h"

static void find_constants(DkmPlan *plan)
{
    if (plan->mode != DKM_PLAN_INFERENCE)
        return;
    for (int v = 0; v < plan->n_values; v++) {
        const DkmValueInfo *info = dkm_graph_value(plan->graph, v);
        plan->is_constant[v] = info->role != DKM_ROLE_INPUT;
        if (info->role != DKM_ROLE_TEMP)
            continue;
        const DkmNode *node = dkm_graph_node(plan->graph, info->node);
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != DKM_NO_VALUE && !plan->is_constant[node->in[k]])
                plan->is_constant[v] = FALSE;
    }
}

static void make_steps(DkmPlan *plan, const gboolean *live)
{
    const int n_nodes = dkm_graph_n_nodes(plan->graph);
    plan->steps = g_new0(DkmPlanStep, MAX(n_nodes, 1));
    for (int i = 0; i < n_nodes; i++) {
        const DkmNode *node = dkm_graph_node(plan->graph, i);
        if (!live[i])
            continue;
        DkmPlanStep *step = &plan->steps[plan->n_steps++];
        step->node = i;
        step->is_constant = plan->is_constant[node->out[0]];
        step->keeps_prepared = !step->is_constant && node->n_in > 1 &&
                               node->in[1] != DKM_NO_VALUE && plan->is_constant[node->in[1]];
    }
}

/* Marks the values that some step reads or writes, or that are asked for. */
static gboolean *find_used(const DkmPlan *plan)
{
    gboolean *used = g_new0(gboolean, MAX(plan->n_values, 1));
    for (int v = 0; v < plan->n_values; v++)
        used[v] = plan->is_output[v];
    for (int s = 0; s < plan->n_steps; s++) {
        const DkmNode *node = dkm_graph_node(plan->graph, plan->steps[s].node);
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != DKM_NO_VALUE)
                used[node->in[k]] = TRUE;
        for (int k = 0; k < node->n_out; k++)
            used[node->out[k]] = TRUE;
    }
    return used;
}

/* Lifetimes in steps, by value. What keeps its contents between runs lives throughout; BYTES 0:
 * not in the arena. */
static DkmLifetime *find_lifetimes(const DkmPlan *plan, const gboolean *used)
{
    DkmLifetime *lives = g_new0(DkmLifetime, MAX(plan->n_values, 1));
    for (int v = 0; v < plan->n_values; v++) {
        const DkmValueInfo *info = dkm_graph_value(plan->graph, v);
        const DkmTensor tensor = {NULL, info->shape, info->dtype};
        const gboolean is_weight = info->role == DKM_ROLE_PARAM || info->role == DKM_ROLE_STATE;
        const gboolean keeps = info->role != DKM_ROLE_TEMP || plan->is_constant[v];
        lives[v].bytes = used[v] && !is_weight ? dkm_tensor_bytes(&tensor) : 0;
        lives[v].first = keeps ? 0 : plan->n_steps;
        lives[v].last = keeps || plan->is_output[v] ? plan->n_steps : 0;
    }
    for (int s = 0; s < plan->n_steps; s++) {
        const DkmNode *node = dkm_graph_node(plan->graph, plan->steps[s].node);
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != DKM_NO_VALUE)
                lives[node->in[k]].last = MAX(lives[node->in[k]].last, s);
        for (int k = 0; k < node->n_out; k++) {
            lives[node->out[k]].first = MIN(lives[node->out[k]].first, s);
            lives[node->out[k]].last = MAX(lives[node->out[k]].last, s);
        }
    }
    return lives;
}

static gboolean bind_weight(DkmPlan *plan, DkmValue v, GError **error)
{
    const DkmValueInfo *info = dkm_graph_value(plan->graph, v);
    plan->tensors[v].data = dkm_params_device_data(plan->params, info->name);
    if (plan->tensors[v].data &&
        dkm_shape_equal(dkm_params_shape(plan->params, info->name), info->shape))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "parameter %s %s", info->name,
                plan->tensors[v].data ? "has another shape" : "is missing");
    return FALSE;
}

/* Gives every used value its memory and uploads the constants. */
static gboolean bind_values(DkmPlan *plan, const gboolean *used, const DkmLifetime *lives,
                            GError **error)
{
    for (int v = 0; v < plan->n_values; v++) {
        const DkmValueInfo *info = dkm_graph_value(plan->graph, v);
        DkmTensor *tensor = &plan->tensors[v];
        *tensor = (DkmTensor){NULL, info->shape, info->dtype};
        if (!used[v])
            continue;
        if (info->role == DKM_ROLE_PARAM || info->role == DKM_ROLE_STATE) {
            if (!bind_weight(plan, v, error))
                return FALSE;
            continue;
        }
        tensor->data = (char *)plan->arena + lives[v].offset;
        if (info->role == DKM_ROLE_CONST &&
            !plan->backend->upload(plan->device, tensor->data, info->data, dkm_tensor_bytes(tensor),
                                   error))
            return FALSE;
    }
    return TRUE;
}

/* Packs the lifetimes that need memory, and allocates the arena. */
static gboolean allocate_arena(DkmPlan *plan, DkmLifetime *lives, GError **error)
{
    g_autofree DkmLifetime *packed = g_new(DkmLifetime, MAX(plan->n_values, 1));
    gsize n = 0;
    for (int v = 0; v < plan->n_values; v++)
        if (lives[v].bytes)
            packed[n++] = lives[v];
    plan->arena_bytes = dkm_lifetimes_place(packed, n);
    n = 0;
    for (int v = 0; v < plan->n_values; v++)
        if (lives[v].bytes)
            lives[v].offset = packed[n++].offset;
    plan->arena = plan->backend->alloc(plan->device, MAX(plan->arena_bytes, 64), error);
    return plan->arena != NULL;
}

static void bind_step(DkmPlan *plan, DkmPlanStep *step)
{
    const DkmNode *node = dkm_graph_node(plan->graph, step->node);
    DkmOpCall *call = &step->call;
    *call = (DkmOpCall){.kind = node->kind,
                        .p = &node->p,
                        .n_in = node->n_in,
                        .n_out = node->n_out,
                        .prepared = &step->prepared,
                        .prepared_for = &step->prepared_version};
    for (int k = 0; k < node->n_in; k++)
        if (node->in[k] != DKM_NO_VALUE)
            call->in[k] = plan->tensors[node->in[k]];
    for (int k = 0; k < node->n_out; k++)
        call->out[k] = plan->tensors[node->out[k]];
}

/* One workspace, as large as the hungriest step needs. */
static gboolean bind_steps(DkmPlan *plan, GError **error)
{
    for (int s = 0; s < plan->n_steps; s++) {
        DkmPlanStep *step = &plan->steps[s];
        bind_step(plan, step);
        step->call.version = step->keeps_prepared ? dkm_params_version(plan->params) : 0;
        plan->workspace_bytes =
            MAX(plan->workspace_bytes, plan->backend->workspace(plan->device, &step->call));
    }
    plan->workspace = plan->backend->alloc(plan->device, MAX(plan->workspace_bytes, 64), error);
    for (int s = 0; s < plan->n_steps; s++)
        plan->steps[s].call.workspace = plan->workspace;
    return plan->workspace != NULL;
}

static gboolean mark_outputs(DkmPlan *plan, const DkmValue *outputs, int n, GError **error)
{
    for (int i = 0; i < n; i++) {
        if (outputs[i] < 0 || outputs[i] >= plan->n_values) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "output %d is no value of the graph",
                        i);
            return FALSE;
        }
        plan->is_output[outputs[i]] = TRUE;
    }
    return TRUE;
}

static DkmPlan *plan_alloc(const DkmGraph *graph, DkmParams *params, DkmPlanMode mode)
{
    DkmPlan *plan = g_new0(DkmPlan, 1);
    const gsize n_values = (gsize)MAX(dkm_graph_n_values(graph), 1);
    plan->graph = graph;
    plan->params = params;
    plan->backend = dkm_params_backend(params);
    plan->device = dkm_params_device(params);
    plan->mode = mode;
    plan->n_values = dkm_graph_n_values(graph);
    plan->tensors = g_new0(DkmTensor, n_values);
    plan->is_output = g_new0(gboolean, n_values);
    plan->is_set = g_new0(gboolean, n_values);
    plan->is_constant = g_new0(gboolean, n_values);
    return plan;
}

static gboolean has_dtypes(const DkmPlan *plan, GError **error)
{
    const DkmDtype dtype = dkm_graph_dtype(plan->graph);
    if (!plan->backend->has_dtype || plan->backend->has_dtype(plan->device, dtype))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "%s cannot compute in %s",
                plan->backend->describe(plan->device), dkm_dtype_name(dtype));
    return FALSE;
}

DkmPlan *dkm_plan_new(const DkmGraph *graph, DkmParams *params, const DkmValue *outputs, int n,
                      DkmPlanMode mode, GError **error)
{
    if (!dkm_graph_check(graph, error))
        return NULL;
    g_autoptr(DkmPlan) plan = plan_alloc(graph, params, mode);
    if (!has_dtypes(plan, error))
        return NULL;
    if (!mark_outputs(plan, outputs, n, error))
        return NULL;
    g_autofree gboolean *live = dkm_graph_live(graph, outputs, n);
    find_constants(plan);
    make_steps(plan, live);
    g_autofree gboolean *used = find_used(plan);
    g_autofree DkmLifetime *lives = find_lifetimes(plan, used);
    if (!allocate_arena(plan, lives, error) || !bind_values(plan, used, lives, error) ||
        !bind_steps(plan, error))
        return NULL;
    return g_steal_pointer(&plan);
}

void dkm_plan_free(DkmPlan *plan)
{
    if (!plan)
        return;
    dkm_plan_drop_captured(plan);
    for (int s = 0; s < plan->n_steps; s++)
        if (plan->steps[s].prepared)
            plan->backend->release(plan->device, plan->steps[s].prepared);
    if (plan->arena)
        plan->backend->free(plan->device, plan->arena);
    if (plan->workspace)
        plan->backend->free(plan->device, plan->workspace);
    g_free(plan->tensors);
    g_free(plan->is_output);
    g_free(plan->is_set);
    g_free(plan->is_constant);
    g_free(plan->steps);
    g_free(plan->seconds);
    g_free(plan->capture_failure);
    g_free(plan);
}

gsize dkm_plan_arena_bytes(const DkmPlan *plan)
{
    return plan->arena_bytes;
}

gsize dkm_plan_workspace_bytes(const DkmPlan *plan)
{
    return plan->workspace_bytes;
}

double dkm_plan_flop(const DkmPlan *plan)
{
    double flop = 0;
    for (int s = 0; s < plan->n_steps; s++) {
        const DkmOpCall *call = &plan->steps[s].call;
        if (!plan->steps[s].is_constant)
            flop += dkm_op_flop(call->kind, call->p, call->in, call->out);
    }
    return flop;
}
