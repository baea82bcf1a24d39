/* The three convolutions through cuDNN: 16-bit copies of weights; what follows the sums, by
 * a kernel of ours where no engine does both. */
#include "core/net/cuda/conv-plans.h"
#include "core/net/cuda/device.h"

#include "core/error.h"

static const DkmConvPlan *get_plan(DkmCudaDevice *device, const DkmOpCall *call)
{
    const DkmConvCall c = {call->kind, call->p, call->in, call->out};
    return dkm_conv_plan_get(device, &c);
}

/* The parts of a call's workspace; with BASE NULL only counted. */
typedef struct {
    void *weights; /* 16-bit: w that does not stay, or dw before it is widened */
    void *product; /* sums that y has no room for */
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

static Parts cut(const DkmOpCall *call, const DkmConvPlan *planned, guint8 *base)
{
    Parts parts = {0};
    const DkmDtype dtype = call->in[0].dtype;
    const gboolean is_wgrad = call->kind == DKM_OP_CONV_WGRAD;
    const gboolean converts = dtype != DKM_F32 && (is_wgrad || call->version == 0);
    const gsize weights = dkm_shape_count(weights_of(call)->shape) * dkm_dtype_size(dtype);
    const gsize product = dkm_shape_count(call->out[0].shape) * dkm_dtype_size(dtype);
    parts.weights = take(&parts, base, converts ? weights : 0);
    parts.product =
        take(&parts, base, planned->splits && call->out[0].dtype != dtype ? product : 0);
    parts.scratch = take(&parts, base, planned->plan ? planned->plan->workspace_bytes : 0);
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

static gboolean run_plan(DkmCudaDevice *device, const DkmCudnnPlan *plan,
                         const DkmCudnnBinding *binding, GError **error)
{
    GError *failure = NULL;
    if (dkm_cudnn_plan_run(plan, device->cudnn, binding, &failure))
        return TRUE;
    dkm_cuda_fail(device, failure, error);
    return FALSE;
}

static gboolean is_runnable(DkmCudaDevice *device, const DkmConvPlan *planned, GError **error)
{
    if (!dkm_cuda_is_alive(device, error))
        return FALSE;
    if (planned->failure)
        g_propagate_error(error, g_error_copy(planned->failure));
    return !planned->failure;
}

static gsize workspace(DkmCudaDevice *device, const DkmOpCall *call)
{
    return cut(call, get_plan(device, call), NULL).bytes;
}

/* Where the sums lie; y may be the same. */
static gboolean finish(DkmCudaDevice *device, const DkmOpCall *call, const DkmTensor *sums,
                       GError **error)
{
    const DkmCudaEpilogue rest = {sums, &call->out[0], call->in[2].data ? &call->in[2] : NULL,
                                  call->in[3].data ? &call->in[3] : NULL, call->p->act};
    return dkm_cuda_epilogue(device, &rest, error);
}

static gboolean run_forward(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmConvPlan *planned = get_plan(device, call);
    if (!is_runnable(device, planned, error))
        return FALSE;
    const Parts parts = cut(call, planned, call->workspace);
    const DkmTensor *y = &call->out[0];
    const DkmTensor sums = {parts.product ? parts.product : y->data, y->shape, call->in[0].dtype};
    void *weights = prepare_weights(device, call, parts.weights, error);
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    if (!weights)
        return FALSE;
    bind(&binding, planned->graph.x, call->in[0].data);
    bind(&binding, planned->graph.w, weights);
    bind(&binding, planned->graph.y, planned->splits ? sums.data : y->data);
    bind(&binding, planned->graph.bias, call->in[2].data);
    bind(&binding, planned->graph.residual, call->in[3].data);
    return run_plan(device, planned->plan, &binding, error) &&
           (!planned->splits || finish(device, call, &sums, error));
}

static gboolean run_dgrad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmConvPlan *planned = get_plan(device, call);
    if (!is_runnable(device, planned, error))
        return FALSE;
    const Parts parts = cut(call, planned, call->workspace);
    void *weights = prepare_weights(device, call, parts.weights, error);
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, planned->graph.x, call->out[0].data);
    bind(&binding, planned->graph.w, weights);
    bind(&binding, planned->graph.y, call->in[0].data);
    return weights && run_plan(device, planned->plan, &binding, error);
}

/* cuDNN gives dw in the dtype of x; ours is f32. */
static gboolean run_wgrad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmConvPlan *planned = get_plan(device, call);
    if (!is_runnable(device, planned, error))
        return FALSE;
    const Parts parts = cut(call, planned, call->workspace);
    const DkmTensor narrow = {parts.weights, call->out[0].shape, call->in[0].dtype};
    DkmCudnnBinding binding = {.workspace = parts.scratch};
    bind(&binding, planned->graph.x, call->in[0].data);
    bind(&binding, planned->graph.w, narrow.data ? narrow.data : call->out[0].data);
    bind(&binding, planned->graph.y, call->in[1].data);
    return run_plan(device, planned->plan, &binding, error) &&
           (!narrow.data || cast(device, narrow, call->out[0], error));
}

const DkmCudaOp dkm_cuda_conv = {run_forward, workspace};
const DkmCudaOp dkm_cuda_conv_dgrad = {run_dgrad, workspace};
const DkmCudaOp dkm_cuda_conv_wgrad = {run_wgrad, workspace};
