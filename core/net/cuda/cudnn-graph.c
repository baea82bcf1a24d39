/* cuDNN's descriptors, made and kept by a graph; plans of them. */
#include "core/net/cuda/cudnn-graph.h"

#include "core/error.h"

#include <stdbool.h>
#include <string.h>

typedef cudnnBackendDescriptor_t Descriptor;

gboolean dkm_cudnn_check(cudnnStatus_t status, const char *what, GError **error)
{
    if (status == CUDNN_STATUS_SUCCESS)
        return TRUE;
    const gboolean memory = status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ||
                            status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
    g_set_error(error, DKM_ERROR, memory ? DKM_ERROR_NO_MEMORY : DKM_ERROR_DEVICE,
                "%s: cuDNN says %s (%d)", what, cudnnGetErrorString(status), (int)status);
    return FALSE;
}

/* What is made together is freed together, last first. */
typedef struct {
    GArray *made;    /* of Descriptor */
    GError *failure; /* the first */
} Maker;

static void maker_init(Maker *maker)
{
    *maker = (Maker){g_array_new(FALSE, FALSE, sizeof(Descriptor)), NULL};
}

static void maker_clear(Maker *maker)
{
    for (guint i = maker->made->len; i-- > 0;)
        cudnnBackendDestroyDescriptor(g_array_index(maker->made, Descriptor, i));
    g_array_unref(maker->made);
    g_clear_error(&maker->failure);
}

static gboolean keep(Maker *maker, cudnnStatus_t status, const char *what)
{
    return !maker->failure && dkm_cudnn_check(status, what, &maker->failure);
}

static Descriptor make(Maker *maker, cudnnBackendDescriptorType_t type, const char *what)
{
    Descriptor made = NULL;
    if (!maker->failure && keep(maker, cudnnBackendCreateDescriptor(type, &made), what))
        g_array_append_val(maker->made, made);
    return made;
}

typedef struct {
    cudnnBackendAttributeName_t name;
    cudnnBackendAttributeType_t type;
    gint64 count;
    const void *values;
} Attribute;

static void set(Maker *maker, Descriptor to, Attribute a)
{
    if (!maker->failure)
        keep(maker, cudnnBackendSetAttribute(to, a.name, a.type, a.count, a.values),
             "an attribute");
}

static void set_int64(Maker *maker, Descriptor to, cudnnBackendAttributeName_t name, gint64 value)
{
    set(maker, to, (Attribute){name, CUDNN_TYPE_INT64, 1, &value});
}

static void set_link(Maker *maker, Descriptor to, cudnnBackendAttributeName_t name,
                     Descriptor value)
{
    set(maker, to, (Attribute){name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value});
}

static void set_type(Maker *maker, Descriptor to, cudnnBackendAttributeName_t name,
                     cudnnDataType_t value)
{
    set(maker, to, (Attribute){name, CUDNN_TYPE_DATA_TYPE, 1, &value});
}

static void finish(Maker *maker, Descriptor descriptor, const char *what)
{
    if (!maker->failure)
        keep(maker, cudnnBackendFinalize(descriptor), what);
}

/* Targets */

struct _DkmCudnnTarget {
    Maker maker;
    Descriptor device;
};

static DkmCudnnTarget *target_new(Attribute attribute, GError **error)
{
    g_autoptr(DkmCudnnTarget) target = g_new0(DkmCudnnTarget, 1);
    maker_init(&target->maker);
    target->device = make(&target->maker, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, "device");
    set(&target->maker, target->device, attribute);
    finish(&target->maker, target->device, "the device's properties");
    if (!target->maker.failure)
        return g_steal_pointer(&target);
    g_propagate_error(error, g_steal_pointer(&target->maker.failure));
    return NULL;
}

DkmCudnnTarget *dkm_cudnn_target_new(cudnnHandle_t handle, GError **error)
{
    return target_new((Attribute){CUDNN_ATTR_DEVICEPROP_HANDLE, CUDNN_TYPE_HANDLE, 1, &handle},
                      error);
}

DkmCudnnTarget *dkm_cudnn_target_new_from_json(const char *json, GError **error)
{
    return target_new((Attribute){CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                  (gint64)strlen(json) + 1, json},
                      error);
}

void dkm_cudnn_target_free(DkmCudnnTarget *target)
{
    if (!target)
        return;
    maker_clear(&target->maker);
    g_free(target);
}

/* Graphs */

struct _DkmCudnnGraph {
    Maker maker;
    GArray *tensors; /* of Descriptor; uid = index + 1 */
    GArray *bytes;   /* of gsize, beside them */
    GArray *ops;     /* of Descriptor */
    Descriptor graph;
};

DkmCudnnGraph *dkm_cudnn_graph_new(void)
{
    DkmCudnnGraph *graph = g_new0(DkmCudnnGraph, 1);
    maker_init(&graph->maker);
    graph->tensors = g_array_new(FALSE, FALSE, sizeof(Descriptor));
    graph->bytes = g_array_new(FALSE, FALSE, sizeof(gsize));
    graph->ops = g_array_new(FALSE, FALSE, sizeof(Descriptor));
    return graph;
}

void dkm_cudnn_graph_free(DkmCudnnGraph *graph)
{
    if (!graph)
        return;
    maker_clear(&graph->maker);
    g_array_unref(graph->tensors);
    g_array_unref(graph->bytes);
    g_array_unref(graph->ops);
    g_free(graph);
}

static DkmCudnnTensor add_tensor(DkmCudnnGraph *graph, DkmShape s, cudnnDataType_t type,
                                 gboolean is_virtual)
{
    Maker *maker = &graph->maker;
    const gint64 dims[4] = {s.n, s.c, s.h, s.w};
    const gint64 strides[4] = {(gint64)s.h * s.w * s.c, 1, (gint64)s.w * s.c, s.c};
    const gint64 uid = (gint64)graph->tensors->len + 1;
    const bool flag = is_virtual;
    const Descriptor tensor = make(maker, CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor");
    set_type(maker, tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, type);
    set(maker, tensor, (Attribute){CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dims});
    set(maker, tensor, (Attribute){CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides});
    set_int64(maker, tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, uid);
    set_int64(maker, tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, 16);
    set(maker, tensor, (Attribute){CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &flag});
    finish(maker, tensor, "a tensor");
    const gsize bytes = dkm_shape_count(s) * (type == CUDNN_DATA_FLOAT ? 4 : 2);
    g_array_append_val(graph->tensors, tensor);
    g_array_append_val(graph->bytes, bytes);
    return uid;
}

DkmCudnnTensor dkm_cudnn_graph_tensor(DkmCudnnGraph *graph, DkmShape shape, DkmDtype dtype)
{
    return add_tensor(graph, shape, dtype == DKM_F32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_BFLOAT16,
                      FALSE);
}

DkmCudnnTensor dkm_cudnn_graph_virtual(DkmCudnnGraph *graph, DkmShape shape)
{
    return add_tensor(graph, shape, CUDNN_DATA_FLOAT, TRUE);
}

gsize dkm_cudnn_graph_bytes(const DkmCudnnGraph *graph, DkmCudnnTensor tensor)
{
    return g_array_index(graph->bytes, gsize, tensor - 1);
}

static Descriptor tensor_of(const DkmCudnnGraph *graph, DkmCudnnTensor uid)
{
    return g_array_index(graph->tensors, Descriptor, uid - 1);
}

static Descriptor make_convolution(Maker *maker, int stride, int pad)
{
    const gint64 pads[2] = {pad, pad}, strides[2] = {stride, stride}, ones[2] = {1, 1};
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const Descriptor conv = make(maker, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "convolution");
    set_type(maker, conv, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    set(maker, conv,
        (Attribute){CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode});
    set_int64(maker, conv, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2);
    set(maker, conv, (Attribute){CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pads});
    set(maker, conv, (Attribute){CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, pads});
    set(maker, conv,
        (Attribute){CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides});
    set(maker, conv, (Attribute){CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, ones});
    finish(maker, conv, "a convolution's shape");
    return conv;
}

/* The names that the three kinds of convolution have for the same things. */
static const struct {
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t alpha, beta, conv, x, w, y;
} conv_names[] = {
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY},
};

void dkm_cudnn_graph_conv(DkmCudnnGraph *graph, const DkmCudnnConvOp *op)
{
    Maker *maker = &graph->maker;
    const float one = 1, zero = 0;
    const Descriptor shape = make_convolution(maker, op->stride, op->pad);
    const Descriptor conv = make(maker, conv_names[op->kind].type, "operation");
    set_link(maker, conv, conv_names[op->kind].conv, shape);
    set_link(maker, conv, conv_names[op->kind].x, tensor_of(graph, op->x));
    set_link(maker, conv, conv_names[op->kind].w, tensor_of(graph, op->w));
    set_link(maker, conv, conv_names[op->kind].y, tensor_of(graph, op->y));
    set(maker, conv, (Attribute){conv_names[op->kind].alpha, CUDNN_TYPE_FLOAT, 1, &one});
    set(maker, conv, (Attribute){conv_names[op->kind].beta, CUDNN_TYPE_FLOAT, 1, &zero});
    finish(maker, conv, "a convolution");
    g_array_append_val(graph->ops, conv);
}

void dkm_cudnn_graph_pointwise(DkmCudnnGraph *graph, cudnnPointwiseMode_t mode, DkmCudnnTensor a,
                               DkmCudnnTensor b, DkmCudnnTensor y)
{
    Maker *maker = &graph->maker;
    const Descriptor what = make(maker, CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "pointwise");
    set(maker, what, (Attribute){CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode});
    set_type(maker, what, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
    finish(maker, what, "a pointwise mode");
    const Descriptor op = make(maker, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "operation");
    set_link(maker, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, what);
    set_link(maker, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, tensor_of(graph, a));
    if (b)
        set_link(maker, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, tensor_of(graph, b));
    set_link(maker, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, tensor_of(graph, y));
    finish(maker, op, "a pointwise operation");
    g_array_append_val(graph->ops, op);
}

static gboolean finish_graph(DkmCudnnGraph *graph)
{
    Maker *maker = &graph->maker;
    if (graph->graph || maker->failure)
        return !maker->failure;
    graph->graph = make(maker, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "graph");
    set(maker, graph->graph,
        (Attribute){CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                    (gint64)graph->ops->len, graph->ops->data});
    finish(maker, graph->graph, "a graph");
    return !maker->failure;
}

/* Plans */

void dkm_cudnn_plan_free(DkmCudnnPlan *plan)
{
    if (!plan)
        return;
    if (plan->descriptor)
        cudnnBackendDestroyDescriptor(plan->descriptor);
    g_free(plan);
}

/* COUNT fresh configurations, which MAKER frees, filled by one heuristic; how many it gave. */
static gint64 ask(Maker *maker, const DkmCudnnGraph *graph, const DkmCudnnTarget *target,
                  cudnnBackendHeurMode_t mode, GArray *configs)
{
    gint64 count = 0;
    const Descriptor heuristic = make(maker, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, "heuristics");
    set_link(maker, heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph->graph);
    set(maker, heuristic, (Attribute){CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode});
    set_link(maker, heuristic, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, target->device);
    finish(maker, heuristic, "heuristics");
    for (guint i = 0; i < configs->len; i++)
        g_array_index(configs, Descriptor, i) =
            make(maker, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, "configuration");
    if (!maker->failure)
        keep(maker,
             cudnnBackendGetAttribute(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, (gint64)configs->len, &count,
                                      configs->data),
             "heuristics");
    return maker->failure ? 0 : MIN(count, (gint64)configs->len);
}

/* The engine's number, or -1 where its notes say what is not wished for. */
static gint64 acceptable_engine(Descriptor config, const DkmCudnnWish *wish)
{
    Maker maker;
    gint64 n = 0, number = -1;
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    maker_init(&maker);
    Descriptor engine = make(&maker, CUDNN_BACKEND_ENGINE_DESCRIPTOR, "engine");
    gboolean fits =
        engine &&
        cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                 1, &n, &engine) == CUDNN_STATUS_SUCCESS &&
        cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                 CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &n,
                                 notes) == CUDNN_STATUS_SUCCESS;
    for (gint64 i = 0; fits && i < n; i++)
        fits = notes[i] != CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC &&
               notes[i] != CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION &&
               !(wish->exact && (notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE ||
                                 notes[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS));
    if (fits)
        cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &n,
                                 &number);
    maker_clear(&maker);
    return number;
}

/* A plan of what ATTRIBUTE says; NULL where it does not run on TARGET, or needs too much. */
static DkmCudnnPlan *make_plan(Attribute attribute, const DkmCudnnTarget *target,
                               gsize most_workspace)
{
    gint64 n = 0, bytes = 0;
    g_autoptr(DkmCudnnPlan) plan = g_new0(DkmCudnnPlan, 1);
    if (cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan->descriptor) !=
        CUDNN_STATUS_SUCCESS)
        return NULL;
    const Descriptor d = plan->descriptor;
    if (cudnnBackendSetAttribute(d, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                                 CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &target->device) ||
        cudnnBackendSetAttribute(d, attribute.name, attribute.type, attribute.count,
                                 attribute.values) ||
        cudnnBackendFinalize(d) ||
        cudnnBackendGetAttribute(d, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
                                 &n, &bytes) ||
        bytes < 0 || (gsize)bytes > most_workspace)
        return NULL;
    plan->engine = -1;
    plan->workspace_bytes = (gsize)bytes;
    return g_steal_pointer(&plan);
}

static DkmCudnnPlan *compile(Descriptor config, const DkmCudnnTarget *target,
                             const DkmCudnnWish *wish)
{
    const Attribute attribute = {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG,
                                 CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &config};
    const gint64 engine = acceptable_engine(config, wish);
    DkmCudnnPlan *plan = engine < 0 ? NULL : make_plan(attribute, target, wish->most_workspace);
    if (plan)
        plan->engine = engine;
    return plan;
}

/* One plan is wanted however long it takes. */
static gboolean wants_more(const DkmCudnnWish *wish, const GPtrArray *plans, gint64 since)
{
    return plans->len == 0 ||
           (plans->len < wish->most &&
            (wish->most_us == 0 || g_get_monotonic_time() - since < wish->most_us));
}

static void add_plans(const DkmCudnnGraph *graph, const DkmCudnnTarget *target,
                      const DkmCudnnWish *wish, cudnnBackendHeurMode_t mode, GPtrArray *plans)
{
    enum { CONFIGS = 32 };
    Maker maker;
    const gint64 since = g_get_monotonic_time();
    maker_init(&maker);
    g_autoptr(GArray) configs = g_array_new(FALSE, TRUE, sizeof(Descriptor));
    g_array_set_size(configs, CONFIGS);
    const gint64 count = ask(&maker, graph, target, mode, configs);
    for (gint64 i = 0; i < count && wants_more(wish, plans, since); i++) {
        DkmCudnnPlan *plan = compile(g_array_index(configs, Descriptor, i), target, wish);
        if (plan)
            g_ptr_array_add(plans, plan);
    }
    maker_clear(&maker);
}

GPtrArray *dkm_cudnn_graph_plans(DkmCudnnGraph *graph, const DkmCudnnTarget *target,
                                 const DkmCudnnWish *wish, GError **error)
{
    if (!finish_graph(graph)) {
        g_propagate_error(error, g_error_copy(graph->maker.failure));
        return NULL;
    }
    g_autoptr(GPtrArray) plans =
        g_ptr_array_new_with_free_func((GDestroyNotify)dkm_cudnn_plan_free);
    add_plans(graph, target, wish, CUDNN_HEUR_MODE_A, plans);
    if (plans->len == 0)
        add_plans(graph, target, wish, CUDNN_HEUR_MODE_FALLBACK, plans);
    if (plans->len)
        return g_steal_pointer(&plans);
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "cuDNN %zu has no engine for this",
                cudnnGetVersion());
    return NULL;
}

char *dkm_cudnn_plan_save(const DkmCudnnPlan *plan)
{
    const cudnnBackendAttributeName_t name = CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION;
    gint64 n = 0;
    if (cudnnBackendGetAttribute(plan->descriptor, name, CUDNN_TYPE_CHAR, 0, &n, NULL) || n <= 0)
        return NULL;
    g_autofree char *text = g_malloc0((gsize)n + 1);
    if (cudnnBackendGetAttribute(plan->descriptor, name, CUDNN_TYPE_CHAR, n, &n, text))
        return NULL;
    return g_steal_pointer(&text);
}

DkmCudnnPlan *dkm_cudnn_plan_load(const char *text, const DkmCudnnTarget *target,
                                  gsize most_workspace)
{
    const Attribute attribute = {CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                                 (gint64)strlen(text) + 1, text};
    return make_plan(attribute, target, most_workspace);
}

gboolean dkm_cudnn_plan_run(const DkmCudnnPlan *plan, cudnnHandle_t handle,
                            const DkmCudnnBinding *binding, GError **error)
{
    Maker maker;
    maker_init(&maker);
    const Descriptor pack = make(&maker, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "pack");
    set(&maker, pack,
        (Attribute){CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, binding->n,
                    binding->uids});
    set(&maker, pack,
        (Attribute){CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, binding->n,
                    binding->data});
    set(&maker, pack,
        (Attribute){CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
                    &binding->workspace});
    finish(&maker, pack, "arguments");
    if (!maker.failure)
        keep(&maker, cudnnBackendExecute(handle, plan->descriptor, pack), "a run");
    const gboolean ok = !maker.failure;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&maker.failure));
    maker_clear(&maker);
    return ok;
}
