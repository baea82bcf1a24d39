/* Self-attention, O(T^2): S = q k^T / sqrt(C), P = softmax over the keys, y = P v. */
#include "core/net/reference/reference.h"

#include <math.h>

static gsize tokens_of(const DkmTensor *q)
{
    return (gsize)q->shape.h * (gsize)q->shape.w;
}

/* Forward: one row of P. Gradient: P and dS of one sample. */
gsize dkm_ref_attention_workspace(const DkmOpCall *call)
{
    const gsize tokens = tokens_of(&call->in[0]);
    return call->kind == DKM_OP_ATTENTION ? tokens : 2 * tokens * tokens;
}

/* Product of rows I of A and J of B; a row is a token of the whole batch. */
static double row_product(const DkmTensor *a, gsize i, const DkmTensor *b, gsize j)
{
    const gsize channels = (gsize)a->shape.c;
    double sum = 0;
    for (gsize c = 0; c < channels; c++)
        sum += dkm_ref_get(a, i * channels + c) * dkm_ref_get(b, j * channels + c);
    return sum;
}

static double log_sum_exp(const double *values, gsize count)
{
    gsize top = 0;
    double others = 0; /* beside the largest, which is exp(0) = 1 */
    for (gsize i = 1; i < count; i++)
        top = values[i] > values[top] ? i : top;
    for (gsize i = 0; i < count; i++)
        others += i == top ? 0 : exp(values[i] - values[top]);
    return values[top] + log1p(others);
}

void dkm_ref_attention(const DkmOpCall *call)
{
    const DkmTensor *q = &call->in[0], *k = &call->in[1], *v = &call->in[2];
    const gsize tokens = tokens_of(q), channels = (gsize)q->shape.c;
    const gsize rows = (gsize)q->shape.n * tokens;
    const double scale = 1.0 / sqrt((double)channels);
    double *p = call->workspace;
    for (gsize i = 0; i < rows; i++) {
        const gsize first = i - i % tokens; /* first token of the sample */
        for (gsize j = 0; j < tokens; j++)
            p[j] = row_product(q, i, k, first + j) * scale;
        const double lse = log_sum_exp(p, tokens);
        dkm_ref_set(&call->out[1], i, lse);
        for (gsize c = 0; c < channels; c++) {
            double sum = 0;
            for (gsize j = 0; j < tokens; j++)
                sum += exp(p[j] - lse) * dkm_ref_get(v, (first + j) * channels + c);
            dkm_ref_set(&call->out[0], i * channels + c, sum);
        }
    }
}

/* P from the log-sum-exp, dS = P (dy v^T - dy y^T) of the sample whose first token is FIRST. */
static void fill_p_ds(const DkmOpCall *call, gsize first, double *p, double *ds)
{
    const DkmTensor *q = &call->in[0], *k = &call->in[1], *v = &call->in[2], *y = &call->in[3];
    const DkmTensor *dy = &call->in[4], *lse = &call->in[5];
    const gsize tokens = tokens_of(q);
    const double scale = 1.0 / sqrt((double)q->shape.c);
    for (gsize i = 0; i < tokens; i++) {
        const double dy_y = row_product(dy, first + i, y, first + i);
        for (gsize j = 0; j < tokens; j++) {
            const double s = row_product(q, first + i, k, first + j) * scale;
            p[i * tokens + j] = exp(s - dkm_ref_get(lse, first + i));
            ds[i * tokens + j] =
                p[i * tokens + j] * (row_product(dy, first + i, v, first + j) - dy_y);
        }
    }
}

/* OUT rows of the sample = SCALE M B, M tokens x tokens (or its transpose), B the sample's rows. */
static void multiply(const double *m, gboolean transpose, const DkmTensor *b, double scale,
                     gsize first, const DkmTensor *out)
{
    const gsize tokens = tokens_of(b), channels = (gsize)b->shape.c;
    for (gsize i = 0; i < tokens; i++)
        for (gsize c = 0; c < channels; c++) {
            double sum = 0;
            for (gsize j = 0; j < tokens; j++)
                sum += m[transpose ? j * tokens + i : i * tokens + j] *
                       dkm_ref_get(b, (first + j) * channels + c);
            dkm_ref_set(out, (first + i) * channels + c, sum * scale);
        }
}

void dkm_ref_attention_grad(const DkmOpCall *call)
{
    const DkmTensor *q = &call->in[0], *k = &call->in[1], *dy = &call->in[4];
    const gsize tokens = tokens_of(q), rows = (gsize)q->shape.n * tokens;
    const double scale = 1.0 / sqrt((double)q->shape.c);
    double *p = call->workspace, *ds = p + tokens * tokens;
    for (gsize first = 0; first < rows; first += tokens) {
        fill_p_ds(call, first, p, ds);
        multiply(ds, FALSE, k, scale, first, &call->out[0]);
        multiply(ds, TRUE, q, scale, first, &call->out[1]);
        multiply(p, TRUE, dy, 1.0, first, &call->out[2]);
    }
}
