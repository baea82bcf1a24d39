/* Runs a plan: inputs in, steps in order or all of them at once as they were captured, outputs
 * out. */
#include "core/net/plan-private.h"

#include "core/error.h"

gboolean dkm_plan_set_input(DkmPlan *plan, DkmValue input, const float *host, GError **error)
{
    const DkmValueInfo *info = dkm_graph_value(plan->graph, input);
    if (info->role != DKM_ROLE_INPUT) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "value %d is no input", input);
        return FALSE;
    }
    const DkmTensor *tensor = &plan->tensors[input];
    plan->is_set[input] = TRUE;
    return !tensor->data ||
           plan->backend->upload(plan->device, tensor->data, host, dkm_tensor_bytes(tensor), error);
}

static gboolean inputs_are_set(const DkmPlan *plan, GError **error)
{
    for (int v = 0; v < plan->n_values; v++) {
        const DkmValueInfo *info = dkm_graph_value(plan->graph, v);
        if (info->role == DKM_ROLE_INPUT && plan->tensors[v].data && !plan->is_set[v]) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "input %s was never set", info->name);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean is_cancelled(GCancellable *cancel, GError **error)
{
    if (!g_cancellable_is_cancelled(cancel))
        return FALSE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    return TRUE;
}

/* For profiles: so that a step's time, and its error, are its own. */
static gboolean wait_for_device(DkmPlan *plan, GError **error)
{
    return !plan->seconds || !plan->backend->sync || plan->backend->sync(plan->device, error);
}

static gboolean run_step(DkmPlan *plan, DkmPlanStep *step, guint64 version, GError **error)
{
    const gint64 start = g_get_monotonic_time();
    step->call.version = step->keeps_prepared ? version : 0;
    if (!dkm_backend_run(plan->backend, plan->device, &step->call, error) ||
        !wait_for_device(plan, error)) {
        g_prefix_error(error, "%s: ", dkm_graph_node(plan->graph, step->node)->scope);
        return FALSE;
    }
    if (plan->seconds)
        plan->seconds[step->node] += (double)(g_get_monotonic_time() - start) * 1e-6;
    return TRUE;
}

static gboolean run_steps(DkmPlan *plan, guint64 version, GCancellable *cancel, GError **error)
{
    const gboolean constants_hold = plan->constants_version == version;
    for (int s = 0; s < plan->n_steps; s++) {
        DkmPlanStep *step = &plan->steps[s];
        if (step->is_constant && constants_hold)
            continue;
        if (is_cancelled(cancel, error) || !run_step(plan, step, version, error))
            return FALSE;
    }
    plan->constants_version = version;
    return TRUE;
}

void dkm_plan_drop_captured(DkmPlan *plan)
{
    if (plan->captured)
        plan->backend->captured_free(plan->device, plan->captured);
    plan->captured = NULL;
}

/* Records the steps without computing them. The device captures no more when this returns. */
static gboolean record(DkmPlan *plan, guint64 version, GCancellable *cancel, GError **error)
{
    if (!plan->backend->capture_begin(plan->device, error))
        return FALSE;
    const gboolean recorded = run_steps(plan, version, cancel, error);
    plan->captured_version = version;
    if (!plan->backend->capture_end(plan->device, &plan->captured, recorded ? error : NULL)) {
        plan->captured = NULL;
        return FALSE;
    }
    if (!recorded)
        dkm_plan_drop_captured(plan);
    return recorded;
}

/* FALSE only where the run was cancelled: a device that cannot capture is one that runs plainly. */
static gboolean try_to_capture(DkmPlan *plan, guint64 version, GCancellable *cancel, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (record(plan, version, cancel, &failure))
        return TRUE;
    if (g_error_matches(failure, DKM_ERROR, DKM_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    plan->capture_failure = g_strdup(failure ? failure->message : "the device gave no reason");
    return TRUE;
}

/* Whether this run is one that was captured or may be: all that it needs was prepared for these
 * weights by a plain run. */
static gboolean is_capturable(const DkmPlan *plan, guint64 version)
{
    return plan->backend->capture_begin && plan->mode == DKM_PLAN_INFERENCE && !plan->seconds &&
           !plan->capture_failure && plan->constants_version == version;
}

gboolean dkm_plan_run(DkmPlan *plan, GCancellable *cancel, GError **error)
{
    const guint64 version = dkm_params_version(plan->params);
    if (!inputs_are_set(plan, error))
        return FALSE;
    if (plan->captured_version != version)
        dkm_plan_drop_captured(plan);
    if (is_capturable(plan, version)) {
        if (is_cancelled(cancel, error) ||
            (!plan->captured && !try_to_capture(plan, version, cancel, error)))
            return FALSE;
        if (plan->captured)
            return plan->backend->captured_replay(plan->device, plan->captured, error);
    }
    return wait_for_device(plan, error) && run_steps(plan, version, cancel, error);
}

const char *dkm_plan_capture_failure(const DkmPlan *plan)
{
    return plan->capture_failure;
}

const DkmTensor *dkm_plan_peek_output(DkmPlan *plan, DkmValue output)
{
    const gboolean known = output >= 0 && output < plan->n_values && plan->is_output[output];
    return known ? &plan->tensors[output] : NULL;
}

static gboolean download_bf16(DkmPlan *plan, const DkmTensor *tensor, float *host, GError **error)
{
    const gsize count = dkm_shape_count(tensor->shape), bytes = dkm_tensor_bytes(tensor);
    g_autofree guint16 *halves = g_try_malloc(bytes);
    if (!halves)
        return dkm_error_set_no_memory(error, bytes, "an output");
    if (!plan->backend->download(plan->device, halves, tensor->data, bytes, error))
        return FALSE;
    for (gsize i = 0; i < count; i++)
        host[i] = dkm_bf16_to_f32(halves[i]);
    return TRUE;
}

gboolean dkm_plan_get_output(DkmPlan *plan, DkmValue output, float *host, GError **error)
{
    const DkmTensor *tensor = dkm_plan_peek_output(plan, output);
    if (!tensor) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INTERNAL, "value %d is no output of the plan",
                    output);
        return FALSE;
    }
    if (tensor->dtype == DKM_BF16)
        return download_bf16(plan, tensor, host, error);
    return plan->backend->download(plan->device, host, tensor->data, dkm_tensor_bytes(tensor),
                                   error);
}

void dkm_plan_profile(DkmPlan *plan, gboolean on)
{
    const gsize n = (gsize)MAX(dkm_graph_n_nodes(plan->graph), 1);
    g_clear_pointer(&plan->seconds, g_free);
    if (on)
        plan->seconds = g_new0(double, n);
}

const double *dkm_plan_node_seconds(const DkmPlan *plan)
{
    return plan->seconds;
}
