/* In the place of the own ops where a test is of the rest: links, and says no. */
#include "core/error.h"
#include "core/net/cuda/device.h"

const DkmCudaOp *const dkm_cuda_own_ops[DKM_OP_COUNT];
const guint8 dkm_cuda_fatbin[1];

static gboolean refuse(GError **error)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_DEVICE, "no own kernels in this test");
    return FALSE;
}

gboolean dkm_cuda_adam(DkmCudaDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                       GError **error)
{
    return refuse(error);
}

gboolean dkm_cuda_ema(DkmCudaDevice *device, float *average, const float *param, gsize count,
                      float decay, GError **error)
{
    return refuse(error);
}

gboolean dkm_cuda_sum_squares(DkmCudaDevice *device, const float *values, gsize count,
                              double *sum_on_device, GError **error)
{
    return refuse(error);
}
