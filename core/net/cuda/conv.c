/* The three convolutions through cuDNN: plans by shape, kept with the device and on disk; 16-bit
 * copies of weights; an own kernel for what follows the sums where no engine does both. */
#include "core/net/cuda/device.h"

#include "core/error.h"

static const gsize most_workspace = 256u << 20;
static const guint candidates = 6; /* that are timed */

/* What serves all calls of one key. */
typedef struct {
    DkmConvGraph graph;
    GPtrArray *plans; /* of DkmCudnnPlan: the first one is used */
    gboolean split;   /* no engine does the whole: GRAPH is the product alone */
    GError *failure;  /* no plan */
} ConvPlans;

void dkm_cuda_conv_plans_free(gpointer data)
{
    ConvPlans *plans = data;
    g_clear_pointer(&plans->plans, g_ptr_array_unref);
    dkm_cudnn_graph_free(plans->graph.graph);
    g_clear_error(&plans->failure);
    g_free(plans);
}

static DkmConvCall conv_call(const DkmOpCall *call)
{
    return (DkmConvCall){call->kind, call->p, call->in, call->out};
}

/* What a cached plan depends on besides the device and the libraries. */
static char *cache_key(const DkmCudaDevice *device, const DkmConvCall *call, DkmConvPart part)
{
    g_autofree char *conv = dkm_conv_key(call);
    return g_strdup_printf("%s, part %d, %s, %s", conv, part,
                           device->tune ? "timed" : "first guess", device->identity);
}

/* The plan that was kept under KEY. *NONE where it was found then that there is none. */
static DkmCudnnPlan *recall(const DkmCudaDevice *device, const char *key, const DkmCudnnWish *wish,
                            gboolean *none)
{
    g_autofree char *text = dkm_plan_cache_get(device->cache, key);
    *none = text && *text == '\0';
    return text && !*none ? dkm_cudnn_plan_from_text(text, device->target, wish) : NULL;
}

static GPtrArray *find_plans(DkmCudaDevice *device, const DkmConvCall *call, DkmConvGraph *graph,
                             DkmCudnnWish *wish, GError **error)
{
    wish->most = device->tune && !wish->exact ? candidates : 1;
    GPtrArray *plans = dkm_cudnn_graph_plans(graph->graph, device->target, wish, error);
    if (plans && plans->len > 1)
        dkm_cuda_tune(device, call, graph, plans);
    return plans;
}

static GPtrArray *plan_part(DkmCudaDevice *device, const DkmConvCall *call, DkmConvPart part,
                            DkmConvGraph *graph, GError **error)
{
    DkmCudnnWish wish = {call->in[0].dtype == DKM_F32, 1, most_workspace};
    g_autofree char *key = cache_key(device, call, part);
    gboolean none;
    dkm_cudnn_graph_free(graph->graph);
    *graph = dkm_conv_graph(call, part);
    DkmCudnnPlan *kept = recall(device, key, &wish, &none);
    if (kept) {
        GPtrArray *plans = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_cudnn_plan_free);
        g_ptr_array_add(plans, kept);
        return plans;
    }
    if (none) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_DEVICE, "cuDNN has no engine for this");
        return NULL;
    }
    GPtrArray *plans = find_plans(device, call, graph, &wish, error);
    g_autofree char *text =
        plans ? dkm_cudnn_plan_to_text(g_ptr_array_index(plans, 0)) : g_strdup("");
    if (text)
        dkm_plan_cache_put(device->cache, key, text);
    return plans;
}

static ConvPlans *make_plans(DkmCudaDevice *device, const DkmConvCall *call)
{
    ConvPlans *plans = g_new0(ConvPlans, 1);
    plans->plans = plan_part(device, call, DKM_CONV_WHOLE, &plans->graph, &plans->failure);
    if (plans->plans || !dkm_conv_has_epilogue(call))
        return plans;
    g_clear_error(&plans->failure);
    plans->split = TRUE;
    plans->plans = plan_part(device, call, DKM_CONV_PRODUCT, &plans->graph, &plans->failure);
    return plans;
}

static const ConvPlans *get_plans(DkmCudaDevice *device, const DkmOpCall *call)
{
    const DkmConvCall c = conv_call(call);
    g_autofree char *key = dkm_conv_key(&c);
    ConvPlans *plans = g_hash_table_lookup(device->convs, key);
    if (plans)
        return plans;
    plans = make_plans(device, &c);
    g_hash_table_insert(device->convs, g_steal_pointer(&key), plans);
    return plans;
}

/* The parts of a call's workspace; with BASE NULL only counted. */
typedef struct {
    void *weights; /* 16-bit: w that does not stay, or dw before it is widened */
    void *product; /* what the epilogue goes on with, where it has another dtype than y */
    void *scratch; /* cuDNN's */
    gsize bytes;
} Parts;

static void *take(Parts *parts, guint8 *base, gsize bytes)
{
    void *taken = base && bytes ? base + parts->bytes : NULL;
    parts->bytes += (bytes + 255) / 256 * 256;
    return taken;
}

static const DkmTensor *weights_of(const DkmOpCall *call)
{
    return call->kind == DKM_OP_CONV_WGRAD ? &call->out[0] : &call->in[1];
}

static Parts cut(const DkmOpCall *call, const ConvPlans *plans, guint8 *base)
{
    Parts parts = {0};
    const DkmDtype dtype = call->in[0].dtype;
    const gboolean is_wgrad = call->kind == DKM_OP_CONV_WGRAD;
    const gboolean converts = dtype != DKM_F32 && (is_wgrad || call->version == 0);
    const gsize weights = dkm_shape_count(weights_of(call)->shape) * dkm_dtype_size(dtype);
    const gboolean apart = plans->split && call->out[0].dtype != dtype;
    const gsize product = dkm_shape_count(call->out[0].shape) * dkm_dtype_size(dtype);
    const DkmCudnnPlan *plan = plans->plans ? g_ptr_array_index(plans->plans, 0) : NULL;
    parts.weights = take(&parts, base, converts ? weights : 0);
    parts.product = take(&parts, base, apart ? product : 0);
    parts.scratch = take(&parts, base, plan ? plan->workspace_bytes : 0);
    return parts;
}

static gboolean cast(DkmCudaDevice *device, DkmTensor from, DkmTensor to, GError **error)
{
    const DkmOpParams p = {.dtype = to.dtype};
    const DkmOpCall call = {
        .kind = DKM_OP_CAST, .p = &p, .in = {from}, .out = {to}, .n_in = 1, .n_out = 1};
    return dkm_cuda_own_ops[DKM_OP_CAST]->run(device, &call, error);
}

/* The weights as cuDNN takes them: themselves in f32; else a copy, kept where they are constant. */
static void *prepare_weights(DkmCudaDevice *device, const DkmOpCall *call, void *workspace,
                             GError **error)
{
    const DkmTensor *w = weights_of(call);
    const DkmDtype dtype = call->in[0].dtype;
    DkmTensor copy = {workspace, w->shape, dtype};
    if (dtype == DKM_F32)
        return w->data;
    if (call->version == 0)
        return cast(device, *w, copy, error) ? copy.data : NULL;
    copy.data = *call->prepared;
    if (copy.data && *call->prepared_for == call->version)
        return copy.data;
    if (!copy.data)
        copy.data = *call->prepared = dkm_cuda_alloc(device, dkm_tensor_bytes(&copy), error);
    *call->prepared_for = 0;
    if (!copy.data || !cast(device, *w, copy, error))
        return NULL;
    *call->prepared_for = call->version;
    return copy.data;
}

static void bind(DkmCudnnBinding *binding, DkmCudnnTensor tensor, void *data)
{
    if (!tensor)
        return;
    binding->uids[binding->n] = tensor;
    binding->data[binding->n++] = data;
}

static gboolean run_plan(DkmCudaDevice *device, const ConvPlans *plans,
                         const DkmCudnnBinding *binding, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (dkm_cudnn_plan_run(g_ptr_array_index(plans->plans, 0), device->cudnn, binding, &failure))
        return TRUE;
    dkm_cuda_lose(device, failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean is_runnable(DkmCudaDevice *device, const ConvPlans *plans, GError **error)
{
    if (!dkm_cuda_is_alive(device, error))
        return FALSE;
    if (plans->failure)
        g_propagate_error(error, g_error_copy(plans->failure));
    return !plans->failure;
}

static gsize workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    return cut(call, get_plans(device, call), NULL).bytes;
}

/* What follows the product, in our own kernel. */
static gboolean run_epilogue(DkmCudaDevice *device, const DkmOpCall *call, void *product,
                             GError **error)
{
    const DkmTensor x = {product, call->out[0].shape, call->in[0].dtype};
    const DkmCudaEpilogue epilogue = {.x = &x,
                                      .y = &call->out[0],
                                      .bias = call->in[2].data ? &call->in[2] : NULL,
                                      .residual = call->in[3].data ? &call->in[3] : NULL,
                                      .act = call->p->act};
    return dkm_cuda_epilogue(device, &epilogue, error);
}

static gboolean run_forward(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const ConvPlans *plans = get_plans(device, call);
    if (!is_runnable(device, plans, error))
        return FALSE;
    const Parts parts = cut(call, plans, call->workspace);
    void *weights = prepare_weights(device, call, parts.weights, error);
    void *y = parts.product ? parts.product : call->out[0].data;
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, plans->graph.x, call->in[0].data);
    bind(&binding, plans->graph.w, weights);
    bind(&binding, plans->graph.y, y);
    bind(&binding, plans->graph.bias, call->in[2].data);
    bind(&binding, plans->graph.residual, call->in[3].data);
    return weights && run_plan(device, plans, &binding, error) &&
           (!plans->split || run_epilogue(device, call, y, error));
}

static gboolean run_dgrad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const ConvPlans *plans = get_plans(device, call);
    if (!is_runnable(device, plans, error))
        return FALSE;
    const Parts parts = cut(call, plans, call->workspace);
    void *weights = prepare_weights(device, call, parts.weights, error);
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, plans->graph.x, call->out[0].data);
    bind(&binding, plans->graph.w, weights);
    bind(&binding, plans->graph.y, call->in[0].data);
    return weights && run_plan(device, plans, &binding, error);
}

/* cuDNN gives dw in the dtype of x; ours is f32. */
static gboolean run_wgrad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const ConvPlans *plans = get_plans(device, call);
    if (!is_runnable(device, plans, error))
        return FALSE;
    const Parts parts = cut(call, plans, call->workspace);
    const DkmTensor narrow = {parts.weights, call->out[0].shape, call->in[0].dtype};
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, plans->graph.x, call->in[0].data);
    bind(&binding, plans->graph.w, narrow.data ? narrow.data : call->out[0].data);
    bind(&binding, plans->graph.y, call->in[1].data);
    return run_plan(device, plans, &binding, error) &&
           (!narrow.data || cast(device, narrow, call->out[0], error));
}

const DkmCudaOp dkm_cuda_conv = {run_forward, workspace};
const DkmCudaOp dkm_cuda_conv_dgrad = {run_dgrad, workspace};
const DkmCudaOp dkm_cuda_conv_wgrad = {run_wgrad, workspace};
