/* Weighted squared error (DM) and cross-entropy + Dice + SSIM (SM). */
#include "core/net/reference/reference.h"

#include <math.h>

void dkm_ref_loss_mse(const DkmOpCall *call)
{
    const DkmTensor *pred = &call->in[0], *target = &call->in[1], *weight = &call->in[2];
    const gsize count = dkm_shape_count(pred->shape), sample = count / (gsize)pred->shape.n;
    double sum = 0;
    for (gsize i = 0; i < count; i++) {
        const double d = dkm_ref_get(pred, i) - dkm_ref_get(target, i);
        sum += dkm_ref_get(weight, i / sample) * d * d;
    }
    dkm_ref_set(&call->out[0], 0, sum / (double)count);
}

void dkm_ref_loss_mse_grad(const DkmOpCall *call)
{
    const DkmTensor *pred = &call->in[0], *target = &call->in[1], *weight = &call->in[2];
    const gsize count = dkm_shape_count(pred->shape), sample = count / (gsize)pred->shape.n;
    for (gsize i = 0; i < count; i++) {
        const double d = dkm_ref_get(pred, i) - dkm_ref_get(target, i);
        dkm_ref_set(&call->out[0], i, 2 * dkm_ref_get(weight, i / sample) * d / (double)count);
    }
}

/* SSIM's constants for maps in [0,1]. */
static const double c1 = 1e-4, c2 = 9e-4;

/* The sums of one sample; S = sigmoid(logit), G = label. */
typedef struct {
    double pixels, entropy;            /* entropy: summed over pixels */
    double mean_s, mean_g;             /* means */
    double var_s, var_g, covariance;   /* biased */
    double overlap, total;             /* sum SG, sum S + sum G */
    double a1, a2, b1, b2, ssim, dice; /* SSIM = a1 a2 / (b1 b2); dice = 1 - Dice coefficient */
} Segmentation;

static void sum_first(const DkmOpCall *call, gsize first, gsize count, Segmentation *m)
{
    for (gsize i = first; i < first + count; i++) {
        const double z = dkm_ref_get(&call->in[0], i), g = dkm_ref_get(&call->in[1], i);
        const double s = dkm_ref_sigmoid(z);
        m->entropy += MAX(z, 0) - z * g + log1p(exp(-fabs(z)));
        m->overlap += s * g;
        m->mean_s += s;
        m->mean_g += g;
    }
    m->total = m->mean_s + m->mean_g;
    m->mean_s /= m->pixels;
    m->mean_g /= m->pixels;
}

static void sum_second(const DkmOpCall *call, gsize first, gsize count, Segmentation *m)
{
    for (gsize i = first; i < first + count; i++) {
        const double s = dkm_ref_sigmoid(dkm_ref_get(&call->in[0], i)) - m->mean_s;
        const double g = dkm_ref_get(&call->in[1], i) - m->mean_g;
        m->var_s += s * s / m->pixels;
        m->var_g += g * g / m->pixels;
        m->covariance += s * g / m->pixels;
    }
}

static Segmentation measure(const DkmOpCall *call, gsize first, gsize count)
{
    Segmentation m = {.pixels = (double)count};
    sum_first(call, first, count, &m);
    sum_second(call, first, count, &m);
    m.a1 = 2 * m.mean_s * m.mean_g + c1;
    m.a2 = 2 * m.covariance + c2;
    m.b1 = m.mean_s * m.mean_s + m.mean_g * m.mean_g + c1;
    m.b2 = m.var_s + m.var_g + c2;
    m.ssim = m.a1 * m.a2 / (m.b1 * m.b2);
    m.dice = 1 - (2 * m.overlap + 1) / (m.total + 1);
    return m;
}

void dkm_ref_loss_seg(const DkmOpCall *call)
{
    const DkmTensor *parts = &call->out[1];
    const gsize samples = (gsize)call->in[0].shape.n;
    const gsize count = dkm_shape_count(call->in[0].shape) / samples;
    double sum = 0;
    for (gsize n = 0; n < samples; n++) {
        const Segmentation m = measure(call, n * count, count);
        const double entropy = m.entropy / m.pixels;
        sum += entropy + m.dice + call->p->lambda * (1 - m.ssim);
        dkm_ref_set(parts, 3 * n, entropy);
        dkm_ref_set(parts, 3 * n + 1, m.dice);
        dkm_ref_set(parts, 3 * n + 2, 1 - m.ssim);
    }
    dkm_ref_set(&call->out[0], 0, sum / (double)samples);
}

/* d SSIM / d S of one pixel: 2/P [(mu_G A2 + (G - mu_G) A1)/(B1 B2) - SSIM (mu_S/B1 + (S -
 * mu_S)/B2)] */
static double ssim_slope(const Segmentation *m, double s, double g)
{
    const double rise = (m->mean_g * m->a2 + (g - m->mean_g) * m->a1) / (m->b1 * m->b2);
    const double fall = m->ssim * (m->mean_s / m->b1 + (s - m->mean_s) / m->b2);
    return 2 / m->pixels * (rise - fall);
}

/* d (1 - Dice) / d S = -(2 G (total + 1) - (2 overlap + 1)) / (total + 1)^2 */
static double dice_slope(const Segmentation *m, double g)
{
    const double denominator = m->total + 1;
    return -(2 * g * denominator - (2 * m->overlap + 1)) / (denominator * denominator);
}

void dkm_ref_loss_seg_grad(const DkmOpCall *call)
{
    const gsize samples = (gsize)call->in[0].shape.n;
    const gsize count = dkm_shape_count(call->in[0].shape) / samples;
    for (gsize n = 0; n < samples; n++) {
        const Segmentation m = measure(call, n * count, count);
        for (gsize i = n * count; i < (n + 1) * count; i++) {
            const double s = dkm_ref_sigmoid(dkm_ref_get(&call->in[0], i));
            const double g = dkm_ref_get(&call->in[1], i);
            const double ds = dice_slope(&m, g) - call->p->lambda * ssim_slope(&m, s, g);
            const double dz = (s - g) / m.pixels + ds * s * (1 - s);
            dkm_ref_set(&call->out[0], i, dz / (double)samples);
        }
    }
}
