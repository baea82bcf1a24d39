/* Adam as PyTorch's, the moving average of weights, and the norm for clipping. */
#include "core/net/reference/reference.h"

#include <math.h>

gboolean dkm_ref_adam(DkmDevice *device, float *param, const float *grad, float *m, float *v,
                      gsize count, const DkmAdamStep *step, GError **error)
{
    const double correct1 = 1 - pow(step->beta1, (double)step->step);
    const double correct2 = 1 - pow(step->beta2, (double)step->step);
    for (gsize i = 0; i < count; i++) {
        const double g = (double)grad[i] * step->grad_scale + (double)step->weight_decay * param[i];
        const double new_m = step->beta1 * (double)m[i] + (1 - (double)step->beta1) * g;
        const double new_v = step->beta2 * (double)v[i] + (1 - (double)step->beta2) * g * g;
        const double root = sqrt(new_v / correct2) + step->eps;
        param[i] = (float)(param[i] - step->rate * (new_m / correct1) / root);
        m[i] = (float)new_m;
        v[i] = (float)new_v;
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
