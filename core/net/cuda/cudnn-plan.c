/* Plans: an engine compiled for a graph, as text, and run. */
#include "core/net/cuda/cudnn-graph.h"

#include "core/error.h"

static DkmCudnn new_plan(DkmCudnn device, GError **error)
{
    g_auto(DkmCudnn) plan = NULL;
    if (!dkm_cudnn_check(
            cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan), "a plan",
            error) ||
        !dkm_cudnn_check(cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device),
                         "a plan's device", error))
        return NULL;
    return g_steal_pointer(&plan);
}

gint64 dkm_cudnn_plan_workspace(DkmCudnn plan)
{
    gint64 bytes = 0, n = 0;
    cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                             &n, &bytes);
    return bytes;
}

DkmCudnn dkm_cudnn_plan_new(DkmCudnn engine, const DkmCudnnWish *wish, GError **error)
{
    g_auto(DkmCudnn) plan = new_plan(wish->device, error);
    if (!plan ||
        !dkm_cudnn_check(cudnnBackendSetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &engine),
                         "a plan's engine", error) ||
        !dkm_cudnn_check(cudnnBackendFinalize(plan), "a plan", error))
        return NULL;
    const gint64 bytes = dkm_cudnn_plan_workspace(plan);
    if (bytes > (gint64)wish->workspace_max) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                    "cuDNN, a plan: %" G_GINT64_FORMAT " bytes of workspace", bytes);
        return NULL;
    }
    return g_steal_pointer(&plan);
}

char *dkm_cudnn_plan_save(DkmCudnn plan, GError **error)
{
    gint64 n = 0;
    if (!dkm_cudnn_check(cudnnBackendGetAttribute(plan,
                                                  CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                                  CUDNN_TYPE_CHAR, 0, &n, NULL),
                         "a plan's size as text", error))
        return NULL;
    g_autofree char *json = g_malloc0((gsize)n + 1);
    if (!dkm_cudnn_check(cudnnBackendGetAttribute(plan,
                                                  CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                                  CUDNN_TYPE_CHAR, n, &n, json),
                         "a plan as text", error))
        return NULL;
    return g_steal_pointer(&json);
}

DkmCudnn dkm_cudnn_plan_load(const char *json, DkmCudnn device, GError **error)
{
    g_auto(DkmCudnn) plan = new_plan(device, error);
    if (!plan ||
        !dkm_cudnn_check(cudnnBackendSetAttribute(plan,
                                                  CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                                  CUDNN_TYPE_CHAR, (gint64)strlen(json) + 1, json),
                         "a plan's text", error) ||
        !dkm_cudnn_check(cudnnBackendFinalize(plan), "a plan from text", error))
        return NULL;
    return g_steal_pointer(&plan);
}

gboolean dkm_cudnn_plan_run(cudnnHandle_t handle, DkmCudnn plan, const DkmCudnnBinding *binding,
                            void *workspace, GError **error)
{
    g_auto(DkmCudnn) pack = NULL;
    return dkm_cudnn_check(
               cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack),
               "a binding", error) &&
           dkm_cudnn_check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                                                    CUDNN_TYPE_VOID_PTR, binding->n,
                                                    binding->pointers),
                           "the memory of a run", error) &&
           dkm_cudnn_check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                                                    CUDNN_TYPE_INT64, binding->n, binding->ids),
                           "the tensors of a run", error) &&
           dkm_cudnn_check(cudnnBackendSetAttribute(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE,
                                                    CUDNN_TYPE_VOID_PTR, 1, &workspace),
                           "the workspace of a run", error) &&
           dkm_cudnn_check(cudnnBackendFinalize(pack), "a binding", error) &&
           dkm_cudnn_check(cudnnBackendExecute(handle, plan, pack), "a convolution", error);
}
