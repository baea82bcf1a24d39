#include "tests/core/net/cuda/fake-gpu.h"

#include <stdio.h>
#include <string.h>

FakeGpu fake_gpu;

/* In the place of the kernels. */
const guint8 dkm_cuda_fatbin[1] = {0};

void fake_gpu_reset(int n_engines)
{
    fake_gpu = (FakeGpu){.name = "Fake GPU",
                         .major = 9,
                         .available = FAKE_MEMORY,
                         .n_engines = n_engines,
                         .last_engine = -1};
    for (int i = 0; i < FAKE_ENGINES; i++)
        fake_gpu.engines[i] = (FakeEngine){.note = (cudnnBackendNumericalNote_t)-1, .ms = 1};
}

/* CUDA's runtime. What lies outside the stream is always there. */

static int place; /* what handles point to */

/* A failure in the stream spoils a capture of it. */
static cudaError_t in_stream(cudaError_t status)
{
    fake_gpu.broken |= fake_gpu.captures && status != cudaSuccess;
    return status;
}

/* What must not be called during a capture. */
static cudaError_t outside_capture(cudaError_t status)
{
    fake_gpu.broken |= fake_gpu.captures;
    return fake_gpu.captures ? cudaErrorStreamCaptureUnsupported : status;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    memset(properties, 0, sizeof *properties);
    g_strlcpy(properties->name, fake_gpu.name, sizeof properties->name);
    properties->major = fake_gpu.major;
    properties->minor = fake_gpu.minor;
    properties->multiProcessorCount = 100;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t error)
{
    return "it does not work";
}

cudaError_t cudaGetLastError(void)
{
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
    *available = *total = fake_gpu.available;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void **memory, size_t size)
{
    const cudaError_t status = outside_capture(cudaSuccess);
    *memory = status == cudaSuccess ? g_aligned_alloc0(1, size, 256) : NULL;
    fake_gpu.n_blocks += *memory != NULL;
    return status;
}

cudaError_t cudaFree(void *memory)
{
    g_aligned_free(memory);
    fake_gpu.n_blocks -= memory != NULL;
    return outside_capture(cudaSuccess);
}

cudaError_t cudaMallocHost(void **memory, size_t size)
{
    *memory = g_malloc(size);
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void *memory)
{
    g_free(memory);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    memcpy(to, from, size);
    return in_stream(cudaSuccess);
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t size, cudaStream_t stream)
{
    memset(memory, value, size);
    return in_stream(fake_gpu.zero);
}

#define OPTIONS(type, name) type *name, void **name##_values, unsigned int n_##name
cudaError_t cudaLibraryLoadData(cudaLibrary_t *library, const void *code,
                                OPTIONS(enum cudaJitOption, jit),
                                OPTIONS(enum cudaLibraryOption, options))
{
    *library = (cudaLibrary_t)(gpointer)&place;
    return cudaSuccess;
}

cudaError_t cudaLibraryUnload(cudaLibrary_t library)
{
    return cudaSuccess;
}

cudaError_t cudaLibraryGetKernel(cudaKernel_t *kernel, cudaLibrary_t library, const char *name)
{
    *kernel = (cudaKernel_t)(gpointer)&place;
    return cudaSuccess;
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *kernel, void **args)
{
    fake_gpu.n_launches++;
    return in_stream(fake_gpu.launch);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
    *stream = (cudaStream_t)(gpointer)&place;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    return outside_capture(fake_gpu.sync);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    g_assert_false(fake_gpu.captures);
    fake_gpu.captures = TRUE;
    fake_gpu.broken = FALSE;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    g_assert_true(fake_gpu.captures);
    fake_gpu.captures = FALSE;
    *graph = fake_gpu.broken ? NULL : (cudaGraph_t)(gpointer)&place;
    return fake_gpu.broken ? cudaErrorStreamCaptureInvalidated : cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *ready, cudaGraph_t graph,
                                 unsigned long long flags)
{
    *ready = (cudaGraphExec_t)(gpointer)&place;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream)
{
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    g_assert_nonnull(graph);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready)
{
    return cudaSuccess;
}

/* An event holds the time at which it was recorded. */
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
    *event = (cudaEvent_t)(gpointer)g_new0(double, 1);
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    g_free((gpointer)event);
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    *(double *)(gpointer)event = fake_gpu.clock_ms;
    return in_stream(cudaSuccess);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    return outside_capture(fake_gpu.sync);
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
    *ms = (float)(*(double *)(gpointer)to - *(double *)(gpointer)from);
    return cudaSuccess;
}

/* cuDNN. A descriptor knows its kind, and its engine where it has one. */

typedef struct {
    cudnnBackendDescriptorType_t type;
    int engine, n_ops;
    gboolean is_loaded;
} Fake;

static Fake *fake_of(cudnnBackendDescriptor_t descriptor)
{
    return (Fake *)descriptor;
}

size_t cudnnGetVersion(void)
{
    return 91900;
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
    return "it does not work either";
}

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
    *handle = (cudnnHandle_t)(gpointer)&place;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                           cudnnBackendDescriptor_t *descriptor)
{
    Fake *fake = g_new0(Fake, 1);
    fake->type = type;
    *descriptor = fake;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
{
    g_free(descriptor);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count,
                                       const void *values)
{
    Fake *fake = fake_of(descriptor);
    if (name == CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)
        fake->engine = (*(Fake *const *)values)->engine;
    if (name == CUDNN_ATTR_OPERATIONGRAPH_OPS)
        fake->n_ops = (int)count;
    if (name == CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)
        fake->n_ops = (*(Fake *const *)values)->n_ops;
    if (name == CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION) {
        fake->is_loaded = TRUE;
        if (fake_gpu.takes_no_text || sscanf(values, "{\"engine\": %d}", &fake->engine) != 1)
            return CUDNN_STATUS_BAD_PARAM;
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
{
    const Fake *fake = fake_of(descriptor);
    if (fake->type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
        fake_gpu.n_compiled += !fake->is_loaded;
        fake_gpu.n_loaded += fake->is_loaded;
    }
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t get_json(const Fake *plan, gint64 room, gint64 *count, char *to)
{
    g_autofree char *json = g_strdup_printf("{\"engine\": %d}", plan->engine);
    *count = (gint64)strlen(json) + 1;
    if (room > 0)
        g_strlcpy(to, json, (gsize)room);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t room,
                                       int64_t *count, void *to)
{
    const Fake *fake = fake_of(descriptor);
    const FakeEngine *engine = &fake_gpu.engines[fake->engine];
    switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS:
        *count = fake->n_ops > 1 && fake_gpu.fuses_nothing ? 0 : MIN(room, fake_gpu.n_engines);
        for (int i = 0; i < *count; i++)
            ((Fake **)to)[i]->engine = i;
        break;
    case CUDNN_ATTR_ENGINECFG_ENGINE:
        (*(Fake **)to)->engine = fake->engine;
        break;
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
        *count = engine->note != (cudnnBackendNumericalNote_t)-1;
        *(cudnnBackendNumericalNote_t *)to = engine->note;
        break;
    case CUDNN_ATTR_ENGINE_GLOBAL_INDEX:
        *(gint64 *)to = fake->engine;
        break;
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
        *(gint64 *)to = (gint64)engine->workspace_bytes;
        break;
    case CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION:
        return get_json(fake, room, count, to);
    default:
        return CUDNN_STATUS_NOT_SUPPORTED;
    }
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                  cudnnBackendDescriptor_t pack)
{
    const int engine = fake_of(plan)->engine;
    const cudnnStatus_t status = fake_gpu.engines[engine].run;
    fake_gpu.n_runs++;
    fake_gpu.last_engine = engine;
    fake_gpu.clock_ms += (double)fake_gpu.engines[engine].ms;
    fake_gpu.broken |= fake_gpu.captures && status != CUDNN_STATUS_SUCCESS;
    return status;
}
