/* Adam, the moving average of weights, and the norm for clipping. */
#include "core/net/cuda/ops.h"

#include <math.h>

gboolean dkm_cuda_adam(DkmCudaDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                       GError **error)
{
    const double unbias1 = 1 / (1 - pow(step->beta1, (double)step->step));
    const double unbias2 = 1 / (1 - pow(step->beta2, (double)step->step));
    const DkmAdamArgs args = {.param = arrays->param,
                              .m = arrays->m,
                              .v = arrays->v,
                              .grad = arrays->grad,
                              .count = (long long)arrays->count,
                              .rate = (float)(step->rate * unbias1),
                              .beta1 = step->beta1,
                              .beta2 = step->beta2,
                              .eps = step->eps,
                              .weight_decay = step->weight_decay,
                              .grad_scale = step->grad_scale,
                              .unbias2 = (float)unbias2};
    return arrays->count == 0 || dkm_cuda_go_flat(device, "dkm_adam", arrays->count, &args, error);
}

gboolean dkm_cuda_ema(DkmCudaDevice *device, float *average, const float *param, gsize count,
                      float decay, GError **error)
{
    const DkmEmaArgs args = {average, param, (long long)count, (float)(1 - (double)decay)};
    return count == 0 || dkm_cuda_go_flat(device, "dkm_ema", count, &args, error);
}

gboolean dkm_cuda_sum_squares(DkmCudaDevice *device, const float *values, gsize count,
                              double *sum_on_device, GError **error)
{
    enum { ELEMENTS = 4 * DKM_CUDA_THREADS, MOST = DKM_CUDA_SUM_DOUBLES - 1 };
    const gsize blocks = CLAMP((count + ELEMENTS - 1) / ELEMENTS, 1, MOST);
    const DkmSumSquaresArgs args = {values, sum_on_device, (long long)count, (int)blocks};
    return dkm_cuda_go_flat(device, "dkm_sum_squares", blocks * DKM_CUDA_THREADS, &args, error) &&
           dkm_cuda_go_flat(device, "dkm_sum_partials", 1, &args, error);
}
