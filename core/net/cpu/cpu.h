/* What the kernels of the cpu back end share: the device, instruction sets, the kernel table's row.
 * Only files in this folder include it. */
#pragma once

#include "core/net/backend.h"
#include "core/pool.h"

G_BEGIN_DECLS

typedef enum { DKM_ISA_PORTABLE, DKM_ISA_AVX2, DKM_ISA_AVX512 } DkmIsa;

/* What a DkmDevice* of this back end points to. */
typedef struct {
    DkmPool *pool;
    DkmIsa isa;
    gboolean has_bf16;        /* AVX512_BF16: rounds to bf16 with it */
    gboolean multiplies_bf16; /* and multiplies pairs (vdpbf16ps); else bf16 is widened to f32 */
    gboolean has_amx;         /* convolutions of bf16 and int8 run on the matrix unit */
    gboolean has_vnni;        /* AVX512_VNNI: convolutions in int8 are worth having */
    gboolean direct_only;     /* convolution never by Winograd's way */
    gsize weights_left;       /* bytes that Winograd's packed weights may still take */
    char *description;
} DkmCpuDevice;

/* isa.c: WANTED as DkmDeviceOptions.isa; sets the first fields of DEVICE. DKM_ERROR_DEVICE. */
gboolean dkm_cpu_isa_choose(const char *wanted, DkmCpuDevice *device, GError **error);
const char *dkm_cpu_isa_name(DkmIsa isa);

/* One row of the table in cpu.c. RUN is called after dkm_op_def()->infer accepted the shapes.
 * Results must not depend on the number of threads: work is split by shape alone, partial sums are
 * added in item order. WORKSPACE may be NULL (none). */
typedef struct {
    gboolean (*run)(DkmCpuDevice *device, const DkmOpCall *call, GError **error);
    gsize (*workspace)(DkmCpuDevice *device, const DkmOpCall *call);
} DkmCpuKernel;

/* Convolutions: conv.c and conv-*.c */
extern const DkmCpuKernel dkm_cpu_conv, dkm_cpu_conv_dgrad, dkm_cpu_conv_wgrad;
void dkm_cpu_conv_release(gpointer prepared);
/* norm.c */
extern const DkmCpuKernel dkm_cpu_group_norm, dkm_cpu_group_norm_grad, dkm_cpu_batch_norm,
    dkm_cpu_batch_norm_grad, dkm_cpu_batch_norm_running, dkm_cpu_batch_norm_fold;
/* elementwise.c, channels.c, resample.c, attention.c, dropout.c, loss.c, optimiser.c: one row an op
 */
extern const DkmCpuKernel dkm_cpu_add, dkm_cpu_act, dkm_cpu_act_grad, dkm_cpu_cast, dkm_cpu_concat,
    dkm_cpu_slice, dkm_cpu_reduce, dkm_cpu_upsample_nearest, dkm_cpu_upsample_nearest_grad,
    dkm_cpu_upsample_bilinear, dkm_cpu_upsample_bilinear_grad, dkm_cpu_max_pool,
    dkm_cpu_max_pool_grad, dkm_cpu_attention, dkm_cpu_attention_grad, dkm_cpu_dropout,
    dkm_cpu_time_embed, dkm_cpu_loss_mse, dkm_cpu_loss_mse_grad, dkm_cpu_loss_seg,
    dkm_cpu_loss_seg_grad;
gboolean dkm_cpu_adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                      GError **error);
gboolean dkm_cpu_ema(DkmDevice *device, float *average, const float *param, gsize count,
                     float decay, GError **error);
gboolean dkm_cpu_sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                             GError **error);

G_END_DECLS
