/* Graphs: their descriptors, and the engines that can run them. */
#include "core/net/cuda/cudnn-graph.h"

#include "core/error.h"

enum { MAX_OPERATIONS = 8 };

struct _DkmCudnnGraph {
    GPtrArray *descriptors; /* DkmCudnn: tensors, modes, operations */
    DkmCudnn operations[MAX_OPERATIONS];
    int n_operations;
    DkmCudnn finished;
    GError *error; /* the first */
};

void dkm_cudnn_free(DkmCudnn descriptor)
{
    if (descriptor)
        cudnnBackendDestroyDescriptor(descriptor);
}

gboolean dkm_cudnn_check(cudnnStatus_t status, const char *what, GError **error)
{
    if (status == CUDNN_STATUS_SUCCESS)
        return TRUE;
    const int family = (int)status / 1000;
    const DkmError code = status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
                                  status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED
                              ? DKM_ERROR_NO_MEMORY
                          : family == 2 ? DKM_ERROR_INTERNAL
                          : family == 3 ? DKM_ERROR_UNSUPPORTED
                                        : DKM_ERROR_DEVICE;
    g_set_error(error, DKM_ERROR, code, "cuDNN, %s: %s (%d)", what, cudnnGetErrorString(status),
                (int)status);
    return FALSE;
}

static DkmCudnn new_descriptor(cudnnBackendDescriptorType_t type, GError **error)
{
    DkmCudnn descriptor = NULL;
    return dkm_cudnn_check(cudnnBackendCreateDescriptor(type, &descriptor), "a descriptor", error)
               ? descriptor
               : NULL;
}

static gboolean set(DkmCudnn descriptor, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, gint64 n, const void *values, GError **error)
{
    return dkm_cudnn_check(cudnnBackendSetAttribute(descriptor, name, type, n, values),
                           "an attribute", error);
}

static gboolean finish(DkmCudnn descriptor, const char *what, GError **error)
{
    return dkm_cudnn_check(cudnnBackendFinalize(descriptor), what, error);
}

DkmCudnn dkm_cudnn_device_new(int cuda_device, GError **error)
{
    const gint32 id = cuda_device;
    g_auto(DkmCudnn) device = new_descriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, error);
    if (!device || !set(device, CUDNN_ATTR_DEVICEPROP_DEVICE_ID, CUDNN_TYPE_INT32, 1, &id, error) ||
        !finish(device, "the device", error))
        return NULL;
    return g_steal_pointer(&device);
}

DkmCudnn dkm_cudnn_device_from_json(const char *json, GError **error)
{
    g_auto(DkmCudnn) device = new_descriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, error);
    if (!device ||
        !set(device, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
             (gint64)strlen(json) + 1, json, error) ||
        !finish(device, "the device's description", error))
        return NULL;
    return g_steal_pointer(&device);
}

/* --- building --- */

DkmCudnnGraph *dkm_cudnn_graph_new(void)
{
    DkmCudnnGraph *graph = g_new0(DkmCudnnGraph, 1);
    graph->descriptors = g_ptr_array_new_with_free_func(dkm_cudnn_free);
    return graph;
}

void dkm_cudnn_graph_free(DkmCudnnGraph *graph)
{
    if (!graph)
        return;
    dkm_cudnn_free(graph->finished);
    /* Operations before the tensors they refer to. */
    while (graph->descriptors->len > 0)
        g_ptr_array_remove_index(graph->descriptors, graph->descriptors->len - 1);
    g_ptr_array_unref(graph->descriptors);
    g_clear_error(&graph->error);
    g_free(graph);
}

static DkmCudnn add(DkmCudnnGraph *graph, cudnnBackendDescriptorType_t type)
{
    DkmCudnn descriptor = graph->error ? NULL : new_descriptor(type, &graph->error);
    if (descriptor)
        g_ptr_array_add(graph->descriptors, descriptor);
    return descriptor;
}

/* set() whose error sticks. */
static void attribute(DkmCudnnGraph *graph, DkmCudnn descriptor, cudnnBackendAttributeName_t name,
                      cudnnBackendAttributeType_t type, gint64 n, const void *values)
{
    if (!graph->error)
        set(descriptor, name, type, n, values, &graph->error);
}

static void attribute_descriptor(DkmCudnnGraph *graph, DkmCudnn descriptor,
                                 cudnnBackendAttributeName_t name, DkmCudnn value)
{
    attribute(graph, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

static void seal(DkmCudnnGraph *graph, DkmCudnn descriptor, const char *what)
{
    if (!graph->error)
        finish(descriptor, what, &graph->error);
}

static void add_operation(DkmCudnnGraph *graph, DkmCudnn operation, const char *what)
{
    seal(graph, operation, what);
    if (graph->error)
        return;
    g_return_if_fail(graph->n_operations < MAX_OPERATIONS);
    graph->operations[graph->n_operations++] = operation;
}

DkmCudnn dkm_cudnn_graph_tensor(DkmCudnnGraph *graph, const DkmCudnnTensor *tensor)
{
    const gint64 h = tensor->h, w = tensor->w, c = tensor->c;
    const gint64 sides[4] = {tensor->n, c, h, w}, strides[4] = {h * w * c, 1, w * c, c};
    const gint64 alignment = 16;
    const _Bool is_virtual = tensor->is_virtual;
    DkmCudnn made = add(graph, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    attribute(graph, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &tensor->type);
    attribute(graph, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, sides);
    attribute(graph, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    attribute(graph, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &tensor->id);
    attribute(graph, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    attribute(graph, made, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
    seal(graph, made, "a tensor");
    return made;
}

static DkmCudnn convolution_mode(DkmCudnnGraph *graph, int kernel, int stride)
{
    const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const gint64 sides = 2, pad = (kernel - 1) / 2;
    const gint64 pads[2] = {pad, pad}, strides[2] = {stride, stride}, dilations[2] = {1, 1};
    DkmCudnn made = add(graph, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &sides);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    attribute(graph, made, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, dilations);
    seal(graph, made, "a convolution");
    return made;
}

void dkm_cudnn_graph_convolution(DkmCudnnGraph *graph, const DkmCudnnConvolution *c)
{
    /* The same six attributes, under the names that each pass has for them. */
    static const struct {
        cudnnBackendDescriptorType_t type;
        cudnnBackendAttributeName_t mode, x, w, y, alpha, beta;
    } names[] = {
        [DKM_CUDNN_FORWARD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                               CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
        [DKM_CUDNN_DGRAD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
        [DKM_CUDNN_WGRAD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                             CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA},
    };
    const float one = 1, zero = 0;
    DkmCudnn mode = convolution_mode(graph, c->kernel, c->stride);
    DkmCudnn made = add(graph, names[c->pass].type);
    attribute_descriptor(graph, made, names[c->pass].mode, mode);
    attribute_descriptor(graph, made, names[c->pass].x, c->x);
    attribute_descriptor(graph, made, names[c->pass].w, c->w);
    attribute_descriptor(graph, made, names[c->pass].y, c->y);
    attribute(graph, made, names[c->pass].alpha, CUDNN_TYPE_FLOAT, 1, &one);
    attribute(graph, made, names[c->pass].beta, CUDNN_TYPE_FLOAT, 1, &zero);
    add_operation(graph, made, "a convolution's operation");
}

void dkm_cudnn_graph_pointwise(DkmCudnnGraph *graph, cudnnPointwiseMode_t mode, DkmCudnn x,
                               DkmCudnn b, DkmCudnn y)
{
    const cudnnDataType_t precision = CUDNN_DATA_FLOAT;
    DkmCudnn how = add(graph, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    attribute(graph, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
    attribute(graph, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &precision);
    seal(graph, how, "a pointwise mode");
    DkmCudnn made = add(graph, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    attribute_descriptor(graph, made, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how);
    attribute_descriptor(graph, made, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b)
        attribute_descriptor(graph, made, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
    attribute_descriptor(graph, made, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    add_operation(graph, made, "a pointwise operation");
}

gboolean dkm_cudnn_graph_finish(DkmCudnnGraph *graph, GError **error)
{
    if (!graph->error)
        graph->finished = new_descriptor(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, &graph->error);
    attribute(graph, graph->finished, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
              graph->n_operations, graph->operations);
    seal(graph, graph->finished, "a graph");
    if (graph->error && error)
        *error = g_error_copy(graph->error);
    return graph->error == NULL;
}

/* --- engines --- */

static gboolean is_noted(DkmCudnn engine, cudnnBackendNumericalNote_t note)
{
    cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    gint64 n = 0;
    if (cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                 CUDNN_TYPE_NUMERICAL_NOTE, G_N_ELEMENTS(notes), &n,
                                 notes) != CUDNN_STATUS_SUCCESS)
        return TRUE; /* an engine that does not say is none for us */
    for (gint64 i = 0; i < n; i++)
        if (notes[i] == note)
            return TRUE;
    return FALSE;
}

static gboolean is_wanted(DkmCudnn config, const DkmCudnnWish *wish)
{
    gint64 n = 0;
    g_auto(DkmCudnn) engine = new_descriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR, NULL);
    if (!engine ||
        cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                 1, &n, &engine) != CUDNN_STATUS_SUCCESS)
        return FALSE;
    if (wish->exact_f32 && (is_noted(engine, CUDNN_NUMERICAL_NOTE_TENSOR_CORE) ||
                            is_noted(engine, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)))
        return FALSE;
    return !is_noted(engine, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) &&
           !is_noted(engine, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION);
}

static DkmCudnn new_heuristic(const DkmCudnnGraph *graph, cudnnBackendHeurMode_t mode,
                              DkmCudnn device, GError **error)
{
    g_auto(DkmCudnn) heuristic = new_descriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, error);
    if (!heuristic ||
        !set(heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
             &graph->finished, error) ||
        !set(heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode, error) ||
        !set(heuristic, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &device,
             error) ||
        !finish(heuristic, "heuristics", error))
        return NULL;
    return g_steal_pointer(&heuristic);
}

/* Appends to FOUND what one heuristic lists. */
static gboolean list_engines(const DkmCudnnGraph *graph, cudnnBackendHeurMode_t mode,
                             const DkmCudnnWish *wish, GPtrArray *found, GError **error)
{
    gint64 n = 0;
    g_auto(DkmCudnn) heuristic = new_heuristic(graph, mode, wish->device, error);
    if (!heuristic ||
        !dkm_cudnn_check(cudnnBackendGetAttribute(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &n, NULL),
                         "the number of engines", error))
        return FALSE;
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(dkm_cudnn_free);
    for (gint64 i = 0; i < n; i++) {
        DkmCudnn config = new_descriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, error);
        if (!config)
            return FALSE;
        g_ptr_array_add(all, config);
    }
    if (n > 0 &&
        !dkm_cudnn_check(cudnnBackendGetAttribute(heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                                  CUDNN_TYPE_BACKEND_DESCRIPTOR, n, &n, all->pdata),
                         "the engines", error))
        return FALSE;
    for (guint i = 0; i < (guint)n && found->len < wish->most; i++)
        if (is_wanted(all->pdata[i], wish))
            g_ptr_array_add(found, g_steal_pointer(&all->pdata[i]));
    return TRUE;
}

GPtrArray *dkm_cudnn_graph_engines(const DkmCudnnGraph *graph, const DkmCudnnWish *wish,
                                   GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(dkm_cudnn_free);
    g_autoptr(GError) first = NULL;
    /* Heuristics fail on graphs that only the fallback knows. */
    const gboolean listed = list_engines(graph, CUDNN_HEUR_MODE_A, wish, found, &first);
    const gboolean fallback =
        list_engines(graph, CUDNN_HEUR_MODE_FALLBACK, wish, found, listed ? NULL : error);
    return listed || fallback ? g_steal_pointer(&found) : NULL;
}
