/* The cuda back end's table, and the one function that the module exports. */
#include "core/net/backend-module.h"
#include "core/net/cuda/device.h"

#include <gmodule.h>

G_MODULE_EXPORT const DkmBackend *dkm_backend_v1(void);

static DkmCudaDevice *inside(DkmDevice *device)
{
    return (DkmCudaDevice *)device;
}

static const DkmCudaOp *op_of(DkmOpKind kind)
{
    switch (kind) {
    case DKM_OP_CONV:
        return &dkm_cuda_conv;
    case DKM_OP_CONV_DGRAD:
        return &dkm_cuda_conv_dgrad;
    case DKM_OP_CONV_WGRAD:
        return &dkm_cuda_conv_wgrad;
    default:
        return dkm_cuda_own_ops[kind];
    }
}

static DkmDevice *open_device(const DkmDeviceOptions *options, GError **error)
{
    return (DkmDevice *)dkm_cuda_device_open(error);
}

static void close_device(DkmDevice *device)
{
    dkm_cuda_device_close(inside(device));
}

static const char *describe(DkmDevice *device)
{
    return inside(device)->description;
}

static void *alloc_memory(DkmDevice *device, gsize bytes, GError **error)
{
    return dkm_cuda_alloc(inside(device), bytes, error);
}

static void free_memory(DkmDevice *device, void *memory)
{
    dkm_cuda_free(inside(device), memory);
}

static gboolean upload(DkmDevice *device, void *to, const void *from_host, gsize bytes,
                       GError **error)
{
    return dkm_cuda_upload(inside(device), to, from_host, bytes, error);
}

static gboolean download(DkmDevice *device, void *to_host, const void *from, gsize bytes,
                         GError **error)
{
    return dkm_cuda_download(inside(device), to_host, from, bytes, error);
}

static gsize workspace(DkmDevice *device, const DkmOpCall *call)
{
    const DkmCudaOp *op = op_of(call->kind);
    return op->workspace ? op->workspace(inside(device), call) : 0;
}

static gboolean run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    return dkm_cuda_is_alive(inside(device), error) &&
           op_of(call->kind)->run(inside(device), call, error);
}

static gboolean adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                     GError **error)
{
    return dkm_cuda_adam(inside(device), arrays, step, error);
}

static gboolean ema(DkmDevice *device, float *average, const float *param, gsize count, float decay,
                    GError **error)
{
    return dkm_cuda_ema(inside(device), average, param, count, decay, error);
}

static gboolean sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                            GError **error)
{
    double *on_device = inside(device)->scalar;
    return dkm_cuda_sum_squares(inside(device), values, count, on_device, error) &&
           dkm_cuda_download(inside(device), sum, on_device, sizeof *sum, error);
}

/* What fails in a capture fails the capture: its plan is run then, and what fails there counts. */
static gboolean capture_begin(DkmDevice *device, GError **error)
{
    if (!dkm_cuda_is_alive(inside(device), error) ||
        !dkm_cuda_check(
            NULL, cudaStreamBeginCapture(inside(device)->stream, cudaStreamCaptureModeThreadLocal),
            "a capture", error))
        return FALSE;
    inside(device)->tries = TRUE;
    return TRUE;
}

static gboolean capture_end(DkmDevice *device, gpointer *captured, GError **error)
{
    cudaGraph_t graph = NULL;
    cudaGraphExec_t ready = NULL;
    const gboolean recorded = dkm_cuda_check(
        NULL, cudaStreamEndCapture(inside(device)->stream, &graph), "a capture", error);
    inside(device)->tries = FALSE;
    const gboolean done = recorded && dkm_cuda_check(NULL, cudaGraphInstantiate(&ready, graph, 0),
                                                     "a capture", error);
    if (graph)
        cudaGraphDestroy(graph);
    *captured = done ? ready : NULL;
    return done;
}

static gboolean captured_replay(DkmDevice *device, gpointer captured, GError **error)
{
    return dkm_cuda_is_alive(inside(device), error) &&
           dkm_cuda_check(inside(device), cudaGraphLaunch(captured, inside(device)->stream),
                          "a replay", error);
}

static void captured_free(DkmDevice *device, gpointer captured)
{
    cudaGraphExecDestroy(captured);
}

static gboolean wait_for_all(DkmDevice *device, GError **error)
{
    return dkm_cuda_is_alive(inside(device), error) &&
           dkm_cuda_check(inside(device), cudaStreamSynchronize(inside(device)->stream), "the GPU",
                          error);
}

static gboolean has_dtype(DkmDevice *device, DkmDtype dtype)
{
    return dkm_cuda_has_dtype(inside(device), dtype);
}

static const DkmBackend table = {
    .abi = DKM_BACKEND_ABI,
    .name = "cuda",
    .probe = dkm_cuda_device_probe,
    .open = open_device,
    .close = close_device,
    .describe = describe,
    .alloc = alloc_memory,
    .free = free_memory,
    .upload = upload,
    .download = download,
    .workspace = workspace,
    .run = run,
    .release = free_memory,
    .adam = adam,
    .ema = ema,
    .sum_squares = sum_squares,
    .has_dtype = has_dtype,
    .capture_begin = capture_begin,
    .capture_end = capture_end,
    .captured_replay = captured_replay,
    .captured_free = captured_free,
    .sync = wait_for_all,
};

const DkmBackend *dkm_backend_v1(void)
{
    return &table;
}
