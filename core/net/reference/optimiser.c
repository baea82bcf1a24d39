/* Adam as PyTorch's, the moving average of weights, and the norm for clipping. */
#include "core/net/reference/reference.h"

#include <math.h>

gboolean dkm_ref_adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                      GError **error)
{
    const double beta1 = step->beta1, beta2 = step->beta2;
    const double correct1 = 1 - pow(beta1, (double)step->step);
    const double correct2 = 1 - pow(beta2, (double)step->step);
    for (gsize i = 0; i < arrays->count; i++) {
        const double param = arrays->param[i];
        const double g = (double)arrays->grad[i] * step->grad_scale + step->weight_decay * param;
        const double m = beta1 * arrays->m[i] + (1 - beta1) * g;
        const double v = beta2 * arrays->v[i] + (1 - beta2) * g * g;
        const double root = sqrt(v / correct2) + step->eps;
        arrays->param[i] = (float)(param - step->rate * (m / correct1) / root);
        arrays->m[i] = (float)m;
        arrays->v[i] = (float)v;
    }
    return TRUE;
}

gboolean dkm_ref_ema(DkmDevice *device, float *average, const float *param, gsize count,
                     float decay, GError **error)
{
    for (gsize i = 0; i < count; i++)
        average[i] = (float)(average[i] + (1 - (double)decay) * ((double)param[i] - average[i]));
    return TRUE;
}

gboolean dkm_ref_sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                             GError **error)
{
    *sum = 0;
    for (gsize i = 0; i < count; i++)
        *sum += (double)values[i] * values[i];
    return TRUE;
}
