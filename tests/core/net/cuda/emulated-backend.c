/* The emulated back end: host memory, own kernels in fibers, convolutions of the reference. */
#include "tests/core/net/cuda/emulator.h"

#include "core/error.h"

#include <string.h>

static gboolean is_conv(DkmOpKind kind)
{
    return kind == DKM_OP_CONV || kind == DKM_OP_CONV_DGRAD || kind == DKM_OP_CONV_WGRAD;
}

static gboolean probe(char **why)
{
    return TRUE;
}

static DkmDevice *device_open(const DkmDeviceOptions *options, GError **error)
{
    EmulatedDevice *device = g_new0(EmulatedDevice, 1);
    device->order = MIN(options->threads, EMULATED_RANDOM);
    device->seed = (guint64)options->threads;
    return (DkmDevice *)device;
}

static void device_close(DkmDevice *device)
{
    g_free(device);
}

static const char *describe(DkmDevice *device)
{
    return "CUDA kernels in fibers";
}

static void *memory_alloc(DkmDevice *device, gsize bytes, GError **error)
{
    return dkm_backend_reference.alloc(NULL, bytes, error);
}

static void memory_free(DkmDevice *device, void *memory)
{
    dkm_backend_reference.free(NULL, memory);
}

static gboolean copy(DkmDevice *device, void *to, const void *from, gsize bytes, GError **error)
{
    memcpy(to, from, bytes);
    return TRUE;
}

static gsize workspace(DkmDevice *device, const DkmOpCall *call)
{
    const DkmCudaOp *op = dkm_cuda_own_ops[call->kind];
    return op && op->workspace ? op->workspace((DkmCudaDevice *)device, call) : 0;
}

static gboolean run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    if (is_conv(call->kind))
        return dkm_backend_reference.run(NULL, call, error);
    return dkm_cuda_own_ops[call->kind]->run((DkmCudaDevice *)device, call, error);
}

static void release(DkmDevice *device, gpointer prepared)
{
}

static gboolean adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                     GError **error)
{
    return dkm_cuda_adam((DkmCudaDevice *)device, arrays, step, error);
}

static gboolean ema(DkmDevice *device, float *average, const float *param, gsize count, float decay,
                    GError **error)
{
    return dkm_cuda_ema((DkmCudaDevice *)device, average, param, count, decay, error);
}

static gboolean sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                            GError **error)
{
    double room[DKM_CUDA_SUM_DOUBLES];
    if (!dkm_cuda_sum_squares((DkmCudaDevice *)device, values, count, room, error))
        return FALSE;
    *sum = room[0];
    return TRUE;
}

const DkmBackend emulated_backend = {
    .abi = DKM_BACKEND_ABI,
    .name = "cuda-emulated",
    .probe = probe,
    .open = device_open,
    .close = device_close,
    .describe = describe,
    .alloc = memory_alloc,
    .free = memory_free,
    .upload = copy,
    .download = copy,
    .workspace = workspace,
    .run = run,
    .release = release,
    .adam = adam,
    .ema = ema,
    .sum_squares = sum_squares,
};
