/* The three convolutions through cuDNN: plans by shape, kept with the device; 16-bit copies of
 * weights; a graph of its own for what follows the sums where no engine does both. */
#include "core/net/cuda/device.h"

#include "core/error.h"

static const gsize most_workspace = 256u << 20;

/* What serves all calls of one key. EPILOGUE has a graph only where no engine does the WHOLE, which
 * then is the product alone. */
typedef struct {
    DkmConvGraph whole, epilogue;
    GPtrArray *whole_plans, *epilogue_plans; /* of DkmCudnnPlan: the first one is used */
    GError *failure;                         /* no plan */
} ConvPlans;

void dkm_cuda_conv_plans_free(gpointer data)
{
    ConvPlans *plans = data;
    g_clear_pointer(&plans->whole_plans, g_ptr_array_unref);
    g_clear_pointer(&plans->epilogue_plans, g_ptr_array_unref);
    dkm_cudnn_graph_free(plans->whole.graph);
    dkm_cudnn_graph_free(plans->epilogue.graph);
    g_clear_error(&plans->failure);
    g_free(plans);
}

static DkmConvCall conv_call(const DkmOpCall *call)
{
    return (DkmConvCall){call->kind, call->p, call->in, call->out};
}

static GPtrArray *plan_part(const DkmCudaDevice *device, const DkmConvCall *call, DkmConvPart part,
                            DkmConvGraph *graph, GError **error)
{
    const DkmCudnnWish wish = {call->in[0].dtype == DKM_F32, 1, most_workspace};
    dkm_cudnn_graph_free(graph->graph);
    *graph = dkm_conv_graph(call, part);
    return dkm_cudnn_graph_plans(graph->graph, device->target, &wish, error);
}

static ConvPlans *make_plans(const DkmCudaDevice *device, const DkmConvCall *call)
{
    ConvPlans *plans = g_new0(ConvPlans, 1);
    plans->whole_plans = plan_part(device, call, DKM_CONV_WHOLE, &plans->whole, &plans->failure);
    if (plans->whole_plans || !dkm_conv_has_epilogue(call))
        return plans;
    g_clear_error(&plans->failure);
    plans->whole_plans = plan_part(device, call, DKM_CONV_PRODUCT, &plans->whole, &plans->failure);
    if (plans->whole_plans)
        plans->epilogue_plans =
            plan_part(device, call, DKM_CONV_EPILOGUE, &plans->epilogue, &plans->failure);
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

static gsize plan_bytes(const GPtrArray *plans)
{
    return plans ? ((const DkmCudnnPlan *)g_ptr_array_index(plans, 0))->workspace_bytes : 0;
}

/* The parts of a call's workspace; with BASE NULL only counted. */
typedef struct {
    void *weights; /* 16-bit: w that does not stay, or dw before it is widened */
    void *product; /* what the epilogue goes on with */
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
    const gsize product = dkm_shape_count(call->out[0].shape) * dkm_dtype_size(dtype);
    parts.weights = take(&parts, base, converts ? weights : 0);
    parts.product = take(&parts, base, plans->epilogue.graph ? product : 0);
    parts.scratch =
        take(&parts, base, MAX(plan_bytes(plans->whole_plans), plan_bytes(plans->epilogue_plans)));
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

static void bind_rest(DkmCudnnBinding *binding, const DkmConvGraph *graph, const DkmOpCall *call)
{
    bind(binding, graph->bias, call->in[2].data);
    bind(binding, graph->residual, call->in[3].data);
}

static gboolean run_plan(DkmCudaDevice *device, const GPtrArray *plans,
                         const DkmCudnnBinding *binding, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (dkm_cudnn_plan_run(g_ptr_array_index(plans, 0), device->cudnn, binding, &failure))
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

static gboolean run_forward(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const ConvPlans *plans = get_plans(device, call);
    if (!is_runnable(device, plans, error))
        return FALSE;
    const Parts parts = cut(call, plans, call->workspace);
    void *weights = prepare_weights(device, call, parts.weights, error);
    const gboolean split = plans->epilogue.graph != NULL;
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    if (!weights)
        return FALSE;
    bind(&binding, plans->whole.x, call->in[0].data);
    bind(&binding, plans->whole.w, weights);
    bind(&binding, plans->whole.y, split ? parts.product : call->out[0].data);
    bind_rest(&binding, &plans->whole, call);
    if (!run_plan(device, plans->whole_plans, &binding, error))
        return FALSE;
    if (!split)
        return TRUE;
    binding = (DkmCudnnBinding){.workspace = parts.scratch};
    bind(&binding, plans->epilogue.x, parts.product);
    bind(&binding, plans->epilogue.y, call->out[0].data);
    bind_rest(&binding, &plans->epilogue, call);
    return run_plan(device, plans->epilogue_plans, &binding, error);
}

static gboolean run_dgrad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const ConvPlans *plans = get_plans(device, call);
    if (!is_runnable(device, plans, error))
        return FALSE;
    const Parts parts = cut(call, plans, call->workspace);
    void *weights = prepare_weights(device, call, parts.weights, error);
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, plans->whole.x, call->out[0].data);
    bind(&binding, plans->whole.w, weights);
    bind(&binding, plans->whole.y, call->in[0].data);
    return weights && run_plan(device, plans->whole_plans, &binding, error);
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
    bind(&binding, plans->whole.x, call->in[0].data);
    bind(&binding, plans->whole.w, narrow.data ? narrow.data : call->out[0].data);
    bind(&binding, plans->whole.y, call->in[1].data);
    return run_plan(device, plans->whole_plans, &binding, error) &&
           (!narrow.data || cast(device, narrow, call->out[0], error));
}

const DkmCudaOp dkm_cuda_conv = {run_forward, workspace};
const DkmCudaOp dkm_cuda_conv_dgrad = {run_dgrad, workspace};
const DkmCudaOp dkm_cuda_conv_wgrad = {run_wgrad, workspace};
