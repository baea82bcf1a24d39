/* The reference back end: one thread, the host's memory, every op in plain C with double
 * accumulators. */
#include "core/net/reference/reference.h"

#include "core/error.h"

#include <stdlib.h>
#include <string.h>

static const DkmRefOp ops[DKM_OP_COUNT] = {
    [DKM_OP_CONV] = dkm_ref_conv,
    [DKM_OP_CONV_DGRAD] = dkm_ref_conv_dgrad,
    [DKM_OP_CONV_WGRAD] = dkm_ref_conv_wgrad,
    [DKM_OP_GROUP_NORM] = dkm_ref_group_norm,
    [DKM_OP_GROUP_NORM_GRAD] = dkm_ref_group_norm_grad,
    [DKM_OP_BATCH_NORM] = dkm_ref_batch_norm,
    [DKM_OP_BATCH_NORM_GRAD] = dkm_ref_batch_norm_grad,
    [DKM_OP_BATCH_NORM_RUNNING] = dkm_ref_batch_norm_running,
    [DKM_OP_BATCH_NORM_FOLD] = dkm_ref_batch_norm_fold,
    [DKM_OP_ADD] = dkm_ref_add,
    [DKM_OP_ACT] = dkm_ref_act_op,
    [DKM_OP_ACT_GRAD] = dkm_ref_act_grad,
    [DKM_OP_CAST] = dkm_ref_cast,
    [DKM_OP_CONCAT] = dkm_ref_concat,
    [DKM_OP_SLICE] = dkm_ref_slice,
    [DKM_OP_REDUCE] = dkm_ref_reduce,
    [DKM_OP_UPSAMPLE_NEAREST] = dkm_ref_upsample_nearest,
    [DKM_OP_UPSAMPLE_NEAREST_GRAD] = dkm_ref_upsample_nearest_grad,
    [DKM_OP_UPSAMPLE_BILINEAR] = dkm_ref_upsample_bilinear,
    [DKM_OP_UPSAMPLE_BILINEAR_GRAD] = dkm_ref_upsample_bilinear_grad,
    [DKM_OP_MAX_POOL] = dkm_ref_max_pool,
    [DKM_OP_MAX_POOL_GRAD] = dkm_ref_max_pool_grad,
    [DKM_OP_ATTENTION] = dkm_ref_attention,
    [DKM_OP_ATTENTION_GRAD] = dkm_ref_attention_grad,
    [DKM_OP_DROPOUT] = dkm_ref_dropout,
    [DKM_OP_TIME_EMBED] = dkm_ref_time_embed,
    [DKM_OP_LOSS_MSE] = dkm_ref_loss_mse,
    [DKM_OP_LOSS_MSE_GRAD] = dkm_ref_loss_mse_grad,
    [DKM_OP_LOSS_SEG] = dkm_ref_loss_seg,
    [DKM_OP_LOSS_SEG_GRAD] = dkm_ref_loss_seg_grad,
};

static gboolean probe(char **why)
{
    return TRUE;
}

/* There is nothing to keep between calls: the device only has to be somewhere. */
static DkmDevice *device_open(const DkmDeviceOptions *options, GError **error)
{
    return g_malloc0(1);
}

static void device_close(DkmDevice *device)
{
    g_free(device);
}

static const char *describe(DkmDevice *device)
{
    return "plain C, 1 thread";
}

static void *memory_alloc(DkmDevice *device, gsize bytes, GError **error)
{
    void *memory = NULL;
    if (posix_memalign(&memory, 64, MAX(bytes, 64)) == 0)
        return memory;
    dkm_error_set_no_memory(error, bytes, "the reference device");
    return NULL;
}

static void memory_free(DkmDevice *device, void *memory)
{
    free(memory);
}

static gboolean copy(DkmDevice *device, void *to, const void *from, gsize bytes, GError **error)
{
    memcpy(to, from, bytes);
    return TRUE;
}

static gsize workspace(DkmDevice *device, const DkmOpCall *call)
{
    const gboolean attends = call->kind == DKM_OP_ATTENTION || call->kind == DKM_OP_ATTENTION_GRAD;
    return attends ? dkm_ref_attention_workspace(call) * sizeof(double) : 0;
}

static gboolean run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    ops[call->kind](call);
    return TRUE;
}

static gboolean has_int8(DkmDevice *device)
{
    return TRUE;
}

/* Nothing is ever prepared here. */
static void release(DkmDevice *device, gpointer prepared)
{
}

const DkmBackend dkm_backend_reference = {
    .abi = DKM_BACKEND_ABI,
    .name = "reference",
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
    .adam = dkm_ref_adam,
    .ema = dkm_ref_ema,
    .sum_squares = dkm_ref_sum_squares,
    .has_int8 = has_int8,
};
