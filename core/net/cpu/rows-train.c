/* Losses and the optimiser, over f32 arrays. Sums are f32 within a run of RUN elements, double
 * beyond. */
#include "core/net/cpu/math-fast.h"
#include "core/net/cpu/rows.h"

enum { RUN = 128 * LANES };

INLINE Vec f32(const float *from, gsize i, gsize n)
{
    return vec_load_some(from, i, n, DKM_F32);
}

INLINE void put(float *to, gsize i, gsize n, Vec v)
{
    vec_store_some(to, i, n, v, DKM_F32);
}

static double squared_error(const float *pred, const float *target, gsize count)
{
    double total = 0.0;
    for (gsize start = 0; start < count; start += RUN) {
        Vec sum = {0};
        EACH_VEC(i, n, MIN((gsize)RUN, count - start), {
            const Vec d = f32(pred, start + i, n) - f32(target, start + i, n);
            sum += d * d;
        });
        total += vec_total(sum);
    }
    return total;
}

static void squared_error_grad(float *dpred, const float *pred, const float *target, gsize count,
                               float scale)
{
    EACH_VEC(i, n, count, put(dpred, i, n, scale * (f32(pred, i, n) - f32(target, i, n))););
}

/* Lanes from N on set to zero. */
INLINE Vec first_lanes(Vec v, gsize n)
{
    for (gsize k = n; k < LANES; k++)
        v[k] = 0.0f;
    return v;
}

static void seg_sums(const float *logits, const float *label, gsize count, DkmSegSums *sums)
{
    for (gsize start = 0; start < count; start += RUN) {
        Vec ce = {0}, sum_s = {0}, sum_g = {0}, sg = {0}, ss = {0}, gg = {0};
        EACH_VEC(i, n, MIN((gsize)RUN, count - start), {
            const Vec x = f32(logits, start + i, n), g = f32(label, start + i, n);
            const Vec s = first_lanes(vec_sigmoid(x), n);
            /* softplus(x) - g x, without overflow */
            const Vec size = vec_max(x, -x);
            const Vec soft = vec_max(x, (Vec){0}) + vec_log1p(vec_exp(-size));
            ce += first_lanes(soft - g * x, n);
            sum_s += s;
            sum_g += g;
            sg += s * g;
            ss += s * s;
            gg += g * g;
        });
        sums->cross_entropy += vec_total(ce);
        sums->s += vec_total(sum_s);
        sums->g += vec_total(sum_g);
        sums->sg += vec_total(sg);
        sums->ss += vec_total(ss);
        sums->gg += vec_total(gg);
    }
}

static void seg_grad(float *dlogits, const float *logits, const float *label, gsize count,
                     const DkmSegSlope *slope)
{
    EACH_VEC(i, n, count, {
        const Vec s = vec_sigmoid(f32(logits, i, n)), g = f32(label, i, n);
        const Vec ds = slope->constant + slope->label * g + slope->probability * s;
        put(dlogits, i, n, slope->ce * (s - g) + s * (1.0f - s) * ds);
    });
}

INLINE Vec root(Vec v)
{
    for (int k = 0; k < LANES; k++)
        v[k] = __builtin_sqrtf(v[k]);
    return v;
}

static void adam(float *param, const float *grad, float *m, float *v, gsize count,
                 const DkmAdamRates *r)
{
    EACH_VEC(i, n, count, {
        const Vec p = f32(param, i, n);
        const Vec g = f32(grad, i, n) * r->grad_scale + p * r->weight_decay;
        const Vec first = f32(m, i, n) * r->beta1 + g * (1.0f - r->beta1);
        const Vec second = f32(v, i, n) * r->beta2 + g * g * (1.0f - r->beta2);
        put(m, i, n, first);
        put(v, i, n, second);
        put(param, i, n, p - r->rate * first / (root(second) * r->root + r->eps));
    });
}

static void ema(float *average, const float *param, gsize count, float share)
{
    EACH_VEC(i, n, count, {
        const Vec old = f32(average, i, n);
        put(average, i, n, old + share * (f32(param, i, n) - old));
    });
}

static double sum_squares(const float *values, gsize count)
{
    double total = 0.0;
    for (gsize start = 0; start < count; start += RUN) {
        Vec sum = {0};
        EACH_VEC(i, n, MIN((gsize)RUN, count - start), {
            const Vec v = f32(values, start + i, n);
            sum += v * v;
        });
        total += vec_total(sum);
    }
    return total;
}

const DkmTrainRows ISA_NAME(dkm_train_rows) = {
    squared_error, squared_error_grad, seg_sums, seg_grad, adam, ema, sum_squares};
