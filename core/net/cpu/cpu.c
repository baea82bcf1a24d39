/* The cpu back end: its device, its memory and the table of its kernels. */
#include "core/net/cpu/cpu.h"

#include "core/error.h"

#include <string.h>
#include <unistd.h>

static const DkmCpuKernel *const kernels[DKM_OP_COUNT] = {
    [DKM_OP_CONV] = &dkm_cpu_conv,
    [DKM_OP_CONV_DGRAD] = &dkm_cpu_conv_dgrad,
    [DKM_OP_CONV_WGRAD] = &dkm_cpu_conv_wgrad,
    [DKM_OP_GROUP_NORM] = &dkm_cpu_group_norm,
    [DKM_OP_GROUP_NORM_GRAD] = &dkm_cpu_group_norm_grad,
    [DKM_OP_BATCH_NORM] = &dkm_cpu_batch_norm,
    [DKM_OP_BATCH_NORM_GRAD] = &dkm_cpu_batch_norm_grad,
    [DKM_OP_BATCH_NORM_RUNNING] = &dkm_cpu_batch_norm_running,
    [DKM_OP_BATCH_NORM_FOLD] = &dkm_cpu_batch_norm_fold,
    [DKM_OP_ADD] = &dkm_cpu_add,
    [DKM_OP_ACT] = &dkm_cpu_act,
    [DKM_OP_ACT_GRAD] = &dkm_cpu_act_grad,
    [DKM_OP_CAST] = &dkm_cpu_cast,
    [DKM_OP_CONCAT] = &dkm_cpu_concat,
    [DKM_OP_SLICE] = &dkm_cpu_slice,
    [DKM_OP_REDUCE] = &dkm_cpu_reduce,
    [DKM_OP_UPSAMPLE_NEAREST] = &dkm_cpu_upsample_nearest,
    [DKM_OP_UPSAMPLE_NEAREST_GRAD] = &dkm_cpu_upsample_nearest_grad,
    [DKM_OP_UPSAMPLE_BILINEAR] = &dkm_cpu_upsample_bilinear,
    [DKM_OP_UPSAMPLE_BILINEAR_GRAD] = &dkm_cpu_upsample_bilinear_grad,
    [DKM_OP_MAX_POOL] = &dkm_cpu_max_pool,
    [DKM_OP_MAX_POOL_GRAD] = &dkm_cpu_max_pool_grad,
    [DKM_OP_ATTENTION] = &dkm_cpu_attention,
    [DKM_OP_ATTENTION_GRAD] = &dkm_cpu_attention_grad,
    [DKM_OP_DROPOUT] = &dkm_cpu_dropout,
    [DKM_OP_TIME_EMBED] = &dkm_cpu_time_embed,
    [DKM_OP_LOSS_MSE] = &dkm_cpu_loss_mse,
    [DKM_OP_LOSS_MSE_GRAD] = &dkm_cpu_loss_mse_grad,
    [DKM_OP_LOSS_SEG] = &dkm_cpu_loss_seg,
    [DKM_OP_LOSS_SEG_GRAD] = &dkm_cpu_loss_seg_grad,
};

static gboolean probe(char **why)
{
    return TRUE;
}

static const char *bf16_words(const DkmCpuDevice *device)
{
    return device->has_amx ? " with amx" : device->multiplies_bf16 ? " with bf16" : "";
}

static gsize default_weights_bytes(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (gsize)pages / 4 * (gsize)page : (gsize)1 << 30;
}

static DkmDevice *open_device(const DkmDeviceOptions *options, GError **error)
{
    DkmCpuDevice chosen = {0};
    if (!dkm_cpu_isa_choose(options ? options->isa : NULL, &chosen, error))
        return NULL;
    DkmCpuDevice *device = g_new0(DkmCpuDevice, 1);
    *device = chosen;
    device->direct_only = options && options->direct;
    device->weights_left =
        options && options->weights_bytes ? options->weights_bytes : default_weights_bytes();
    device->pool = dkm_pool_new(options ? options->threads : 0);
    device->description = g_strdup_printf("%d threads, %s%s", dkm_pool_threads(device->pool),
                                          dkm_cpu_isa_name(device->isa), bf16_words(device));
    return (DkmDevice *)device;
}

static void close_device(DkmDevice *opaque)
{
    DkmCpuDevice *device = (DkmCpuDevice *)opaque;
    if (!device)
        return;
    dkm_pool_free(device->pool);
    g_free(device->description);
    g_free(device);
}

static const char *describe(DkmDevice *device)
{
    return ((DkmCpuDevice *)device)->description;
}

static void *alloc_memory(DkmDevice *device, gsize bytes, GError **error)
{
    void *memory = NULL;
    if (bytes > G_MAXSSIZE || posix_memalign(&memory, 64, MAX(bytes, 64)) != 0) {
        dkm_error_set_no_memory(error, bytes, "the network");
        return NULL;
    }
    return memory;
}

static void free_memory(DkmDevice *device, void *memory)
{
    free(memory);
}

static gboolean copy_memory(DkmDevice *device, void *to, const void *from, gsize bytes,
                            GError **error)
{
    memcpy(to, from, bytes);
    return TRUE;
}

static gsize workspace(DkmDevice *device, const DkmOpCall *call)
{
    const DkmCpuKernel *kernel = kernels[call->kind];
    return kernel->workspace ? kernel->workspace((DkmCpuDevice *)device, call) : 0;
}

static gboolean run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    return kernels[call->kind]->run((DkmCpuDevice *)device, call, error);
}

static gboolean has_int8(DkmDevice *device)
{
    return ((DkmCpuDevice *)device)->has_vnni;
}

static void release(DkmDevice *device, gpointer prepared)
{
    dkm_cpu_conv_release(prepared);
}

const DkmBackend dkm_backend_cpu = {
    .abi = DKM_BACKEND_ABI,
    .name = "cpu",
    .probe = probe,
    .open = open_device,
    .close = close_device,
    .describe = describe,
    .alloc = alloc_memory,
    .free = free_memory,
    .upload = copy_memory,
    .download = copy_memory,
    .workspace = workspace,
    .run = run,
    .release = release,
    .adam = dkm_cpu_adam,
    .ema = dkm_cpu_ema,
    .sum_squares = dkm_cpu_sum_squares,
    .has_int8 = has_int8,
};
