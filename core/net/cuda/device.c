/* A CUDA device: its memory, its stream, its kernels, copies through pinned memory. */
#include "core/net/cuda/device.h"

#include "core/net/cuda/conv-plans.h"

#include "core/error.h"

#include <string.h>

enum { LEAST_COMPUTE = 75, BF16_COMPUTE = 80 }; /* what the kernels are compiled for; bf16 */
static const gsize stage_bytes = 4u << 20;
static const gsize reserve_bytes = 256u << 20; /* left to cuDNN, the driver and the screen */
static const gsize cache_bytes = 256u << 20;   /* a plan takes 100 kB */

void dkm_cuda_fail(DkmCudaDevice *device, GError *failure, GError **error)
{
    const gboolean memory = g_error_matches(failure, DKM_ERROR, DKM_ERROR_NO_MEMORY);
    if (!memory && !device->tries && !device->lost)
        device->lost = g_strdup(failure->message);
    g_propagate_error(error, failure);
}

/* cudaGetLastError() forgets what is not sticky, so that a later call does not report it. */
gboolean dkm_cuda_check(DkmCudaDevice *device, cudaError_t status, const char *what, GError **error)
{
    if (status == cudaSuccess)
        return TRUE;
    cudaGetLastError();
    const gboolean memory = status == cudaErrorMemoryAllocation;
    GError *failure =
        g_error_new(DKM_ERROR, memory ? DKM_ERROR_NO_MEMORY : DKM_ERROR_DEVICE,
                    "%s: CUDA says %s (%d)", what, cudaGetErrorString(status), (int)status);
    if (device)
        dkm_cuda_fail(device, failure, error);
    else
        g_propagate_error(error, failure);
    return FALSE;
}

gboolean dkm_cuda_is_alive(DkmCudaDevice *device, GError **error)
{
    if (!device->lost)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "the device was lost before (%s)",
                device->lost);
    return FALSE;
}

static int compute_of(const struct cudaDeviceProp *properties)
{
    return properties->major * 10 + properties->minor;
}

/* The device that is used, the first one, or an error that says why not. */
static gboolean find_device(struct cudaDeviceProp *properties, GError **error)
{
    int count = 0;
    if (!dkm_cuda_check(NULL, cudaGetDeviceCount(&count), "looking for a device", error))
        return FALSE;
    if (count == 0) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_DEVICE, "there is no CUDA device");
        return FALSE;
    }
    if (!dkm_cuda_check(NULL, cudaGetDeviceProperties(properties, 0), "the first device", error))
        return FALSE;
    if (compute_of(properties) >= LEAST_COMPUTE)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE,
                "%s has compute capability %d.%d; %d.%d or newer is needed", properties->name,
                properties->major, properties->minor, LEAST_COMPUTE / 10, LEAST_COMPUTE % 10);
    return FALSE;
}

gboolean dkm_cuda_device_probe(char **why)
{
    struct cudaDeviceProp properties;
    g_autoptr(GError) error = NULL;
    if (find_device(&properties, &error))
        return TRUE;
    *why = g_strdup(error->message);
    return FALSE;
}

static gboolean bound_memory(DkmCudaDevice *device, GError **error)
{
    gsize available = 0, total = 0;
    if (!dkm_cuda_check(device, cudaMemGetInfo(&available, &total), "its memory", error))
        return FALSE;
    if (available > reserve_bytes) {
        device->most = available - reserve_bytes;
        return TRUE;
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY,
                "the device has %zu bytes free, too few beside a reserve of %zu", available,
                reserve_bytes);
    return FALSE;
}

static gboolean make_stages(DkmCudaDevice *device, GError **error)
{
    for (int i = 0; i < DKM_CUDA_STAGES; i++)
        if (!dkm_cuda_check(device, cudaMallocHost(&device->stage[i], stage_bytes), "pinned memory",
                            error) ||
            !dkm_cuda_check(device,
                            cudaEventCreateWithFlags(&device->staged[i], cudaEventDisableTiming),
                            "an event", error))
            return FALSE;
    device->scalar = dkm_cuda_alloc(device, DKM_CUDA_SUM_DOUBLES * sizeof(double), error);
    return device->scalar != NULL;
}

static gboolean start_cudnn(DkmCudaDevice *device, GError **error)
{
    if (!dkm_cudnn_check(cudnnCreate(&device->cudnn), "starting it", error) ||
        !dkm_cudnn_check(cudnnSetStream(device->cudnn, device->stream), "its stream", error))
        return FALSE;
    device->target = dkm_cudnn_target_new(device->cudnn, error);
    return device->target != NULL;
}

static gboolean load_kernels(DkmCudaDevice *device, GError **error)
{
    return dkm_cuda_check(
        device,
        cudaLibraryLoadData(&device->library, dkm_cuda_fatbin, NULL, NULL, 0, NULL, NULL, 0),
        "loading the kernels", error);
}

static void describe(DkmCudaDevice *device, const struct cudaDeviceProp *properties)
{
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    device->description = g_strdup_printf("%s, compute %d.%d, %.1f GiB free, CUDA %d.%d, cuDNN %zu",
                                          properties->name, properties->major, properties->minor,
                                          (double)device->most / (double)(1u << 30), runtime / 1000,
                                          runtime % 1000 / 10, cudnnGetVersion());
}

/* Plans are of one kind of device and one cuDNN; a part of a device has fewer multiprocessors. */
static DkmPlanCache *open_cache(const struct cudaDeviceProp *properties)
{
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "dkm", "cudnn-plans", NULL);
    g_autofree char *target =
        g_strdup_printf("%s, compute %d.%d, %d multiprocessors, CUDA %d, cuDNN %zu",
                        properties->name, properties->major, properties->minor,
                        properties->multiProcessorCount, runtime, cudnnGetVersion());
    return dkm_plan_cache_new(folder, target, cache_bytes);
}

DkmCudaDevice *dkm_cuda_device_open(GError **error)
{
    struct cudaDeviceProp properties;
    if (!find_device(&properties, error) ||
        !dkm_cuda_check(NULL, cudaSetDevice(0), "the first device", error))
        return NULL;
    DkmCudaDevice *device = g_new0(DkmCudaDevice, 1);
    device->kernels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    device->convs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, dkm_conv_plan_free);
    device->cache = open_cache(&properties);
    device->compute = compute_of(&properties);
    device->blocks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    if (bound_memory(device, error) &&
        dkm_cuda_check(device, cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking),
                       "a stream", error) &&
        make_stages(device, error) && start_cudnn(device, error) && load_kernels(device, error)) {
        describe(device, &properties);
        return device;
    }
    dkm_cuda_device_close(device);
    return NULL;
}

gboolean dkm_cuda_has_dtype(const DkmCudaDevice *device, DkmDtype dtype)
{
    return dtype == DKM_F32 || (dtype == DKM_BF16 && device->compute >= BF16_COMPUTE);
}

/* Also of a device that is lost or half open: what fails here has nobody to tell. */
void dkm_cuda_device_close(DkmCudaDevice *device)
{
    if (!device)
        return;
    if (device->stream)
        cudaStreamSynchronize(device->stream);
    g_hash_table_unref(device->convs);
    dkm_plan_cache_free(device->cache);
    dkm_cudnn_target_free(device->target);
    if (device->cudnn)
        cudnnDestroy(device->cudnn);
    if (device->library)
        cudaLibraryUnload(device->library);
    if (device->scalar)
        dkm_cuda_free(device, device->scalar);
    for (int i = 0; i < DKM_CUDA_STAGES; i++) {
        if (device->stage[i])
            cudaFreeHost(device->stage[i]);
        if (device->staged[i])
            cudaEventDestroy(device->staged[i]);
    }
    if (device->stream)
        cudaStreamDestroy(device->stream);
    cudaGetLastError();
    g_hash_table_unref(device->kernels);
    g_hash_table_unref(device->blocks);
    g_free(device->lost);
    g_free(device->description);
    g_free(device);
}

void *dkm_cuda_alloc(DkmCudaDevice *device, gsize bytes, GError **error)
{
    void *memory = NULL;
    const gsize size = MAX(bytes, 64);
    if (!dkm_cuda_is_alive(device, error))
        return NULL;
    if (size > device->most - device->used) {
        dkm_error_set_no_memory(error, bytes, "the network on the device");
        return NULL;
    }
    const cudaError_t status = cudaMalloc(&memory, size);
    if (status == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        dkm_error_set_no_memory(error, bytes, "the network on the device");
        return NULL;
    }
    if (!dkm_cuda_check(device, status, "device memory", error))
        return NULL;
    device->used += size;
    g_hash_table_insert(device->blocks, memory, g_memdup2(&size, sizeof size));
    return memory;
}

void dkm_cuda_free(DkmCudaDevice *device, void *memory)
{
    const gsize *size = memory ? g_hash_table_lookup(device->blocks, memory) : NULL;
    if (!size)
        return;
    device->used -= *size;
    g_hash_table_remove(device->blocks, memory);
    cudaFree(memory); /* waits for work that uses it */
}

/* A stage is written again once its copy of the round before is over. */
gboolean dkm_cuda_upload(DkmCudaDevice *device, void *to, const void *from_host, gsize bytes,
                         GError **error)
{
    if (!dkm_cuda_is_alive(device, error))
        return FALSE;
    int i = 0;
    for (gsize at = 0; at < bytes; at += stage_bytes, i = (i + 1) % DKM_CUDA_STAGES) {
        const gsize n = MIN(stage_bytes, bytes - at);
        if (!dkm_cuda_check(device, cudaEventSynchronize(device->staged[i]), "an upload", error))
            return FALSE;
        memcpy(device->stage[i], (const guint8 *)from_host + at, n);
        if (!dkm_cuda_check(device,
                            cudaMemcpyAsync((guint8 *)to + at, device->stage[i], n,
                                            cudaMemcpyHostToDevice, device->stream),
                            "an upload", error) ||
            !dkm_cuda_check(device, cudaEventRecord(device->staged[i], device->stream), "an upload",
                            error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fetch_part(DkmCudaDevice *device, int stage, const void *from, gsize bytes,
                           GError **error)
{
    return dkm_cuda_check(device,
                          cudaMemcpyAsync(device->stage[stage], from, bytes, cudaMemcpyDeviceToHost,
                                          device->stream),
                          "a download", error) &&
           dkm_cuda_check(device, cudaEventRecord(device->staged[stage], device->stream),
                          "a download", error);
}

/* While one part is copied out of its stage, the next one comes into the other. */
gboolean dkm_cuda_download(DkmCudaDevice *device, void *to_host, const void *from, gsize bytes,
                           GError **error)
{
    if (!dkm_cuda_is_alive(device, error) ||
        !fetch_part(device, 0, from, MIN(stage_bytes, bytes), error))
        return FALSE;
    int i = 0;
    for (gsize at = 0; at < bytes; at += stage_bytes, i = (i + 1) % DKM_CUDA_STAGES) {
        const gsize next = at + stage_bytes;
        if (next < bytes &&
            !fetch_part(device, (i + 1) % DKM_CUDA_STAGES, (const guint8 *)from + next,
                        MIN(stage_bytes, bytes - next), error))
            return FALSE;
        if (!dkm_cuda_check(device, cudaEventSynchronize(device->staged[i]), "a download", error))
            return FALSE;
        memcpy((guint8 *)to_host + at, device->stage[i], MIN(stage_bytes, bytes - at));
    }
    return TRUE;
}

gboolean dkm_cuda_zero(DkmCudaDevice *device, void *memory, gsize bytes, GError **error)
{
    return dkm_cuda_is_alive(device, error) &&
           dkm_cuda_check(device, cudaMemsetAsync(memory, 0, bytes, device->stream), "zeros",
                          error);
}

static cudaKernel_t find_kernel(DkmCudaDevice *device, const char *name, GError **error)
{
    cudaKernel_t kernel = g_hash_table_lookup(device->kernels, name);
    if (kernel ||
        !dkm_cuda_check(device, cudaLibraryGetKernel(&kernel, device->library, name), name, error))
        return kernel;
    g_hash_table_insert(device->kernels, g_strdup(name), kernel);
    return kernel;
}

gboolean dkm_cuda_launch(DkmCudaDevice *device, const DkmCudaLaunch *launch, GError **error)
{
    if (!dkm_cuda_is_alive(device, error))
        return FALSE;
    const cudaKernel_t kernel = find_kernel(device, launch->kernel, error);
    if (!kernel)
        return FALSE;
    const cudaLaunchConfig_t config = {
        .gridDim = {launch->grid[0], launch->grid[1], launch->grid[2]},
        .blockDim = {launch->block[0], launch->block[1], launch->block[2]},
        .dynamicSmemBytes = launch->shared_bytes,
        .stream = device->stream,
    };
    return dkm_cuda_check(device, cudaLaunchKernelExC(&config, (const void *)kernel, launch->args),
                          launch->kernel, error);
}
