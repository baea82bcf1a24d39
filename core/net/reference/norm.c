/* Group and batch norm. Both normalise over a set of elements, then scale and shift a channel. */
#include "core/net/reference/reference.h"

#include <math.h>

/* The elements over which one mean and one variance are taken: samples [n, n_end), channels
 * [c, c_end), every row and column. */
typedef struct {
    const DkmTensor *x;
    int n, n_end, c, c_end;
} Set;

typedef double (*SetTerm)(const void *data, gsize i, int c);

/* The sum over a set of TERM(data, element offset, channel). */
static double set_sum(const Set *set, SetTerm term, const void *data)
{
    const DkmShape s = set->x->shape;
    double sum = 0;
    for (int n = set->n; n < set->n_end; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = set->c; c < set->c_end; c++)
                    sum += term(data, dkm_ref_at(set->x, n, h, w, c), c);
    return sum;
}

static double set_count(const Set *set)
{
    return (double)(set->n_end - set->n) * set->x->shape.h * set->x->shape.w *
           (set->c_end - set->c);
}

typedef struct {
    const DkmTensor *x;
    double mean;
} Moments;

static double value_term(const void *data, gsize i, int c)
{
    const Moments *m = data;
    return dkm_ref_get(m->x, i);
}

static double square_term(const void *data, gsize i, int c)
{
    const Moments *m = data;
    const double d = dkm_ref_get(m->x, i) - m->mean;
    return d * d;
}

static void set_moments(const Set *set, double *mean, double *variance)
{
    Moments m = {set->x, 0};
    m.mean = *mean = set_sum(set, value_term, &m) / set_count(set);
    *variance = set_sum(set, square_term, &m) / set_count(set);
}

/* What turns an element into its normalised value and into the activation's input, and back. */
typedef struct {
    const DkmTensor *x, *gamma, *beta, *dy; /* dy: gradients only */
    DkmAct act;
    double mean, rstd;
} Affine;

static double normalised(const Affine *f, gsize i)
{
    return (dkm_ref_get(f->x, i) - f->mean) * f->rstd;
}

static double scaled(const Affine *f, gsize i, int c)
{
    return normalised(f, i) * dkm_ref_get(f->gamma, (gsize)c) + dkm_ref_get(f->beta, (gsize)c);
}

/* d loss / d (normalised * gamma + beta) */
static double dz(const Affine *f, gsize i, int c)
{
    return dkm_ref_get(f->dy, i) * dkm_ref_act_slope(f->act, scaled(f, i, c));
}

static double dbeta_term(const void *data, gsize i, int c)
{
    return dz(data, i, c);
}

static double dgamma_term(const void *data, gsize i, int c)
{
    return dz(data, i, c) * normalised(data, i);
}

static double dnormalised_term(const void *data, gsize i, int c)
{
    const Affine *f = data;
    return dz(f, i, c) * dkm_ref_get(f->gamma, (gsize)c);
}

static double projection_term(const void *data, gsize i, int c)
{
    return dnormalised_term(data, i, c) * normalised(data, i);
}

static void forward_set(const Set *set, const Affine *f, const DkmTensor *y)
{
    const DkmShape s = set->x->shape;
    for (int n = set->n; n < set->n_end; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = set->c; c < set->c_end; c++) {
                    const gsize i = dkm_ref_at(set->x, n, h, w, c);
                    dkm_ref_set(y, i, dkm_ref_act(f->act, scaled(f, i, c)));
                }
}

/* dx = rstd (g - mean(g) - normalised mean(g normalised)), g = dz gamma, means over the set. */
static void backward_set(const Set *set, const Affine *f, const DkmTensor *dx)
{
    const DkmShape s = set->x->shape;
    const double mean = set_sum(set, dnormalised_term, f) / set_count(set);
    const double projection = set_sum(set, projection_term, f) / set_count(set);
    for (int n = set->n; n < set->n_end; n++)
        for (int h = 0; h < s.h; h++)
            for (int w = 0; w < s.w; w++)
                for (int c = set->c; c < set->c_end; c++) {
                    const gsize i = dkm_ref_at(set->x, n, h, w, c);
                    const double g = dnormalised_term(f, i, c);
                    dkm_ref_set(dx, i, f->rstd * (g - mean - normalised(f, i) * projection));
                }
}

static Affine affine_of(const DkmOpCall *call)
{
    return (Affine){&call->in[0], &call->in[1], &call->in[2], &call->in[4], call->p->act, 0, 1};
}

static Set group_of(const DkmOpCall *call, int n, int g)
{
    const DkmTensor *x = &call->in[0];
    const int size = x->shape.c / call->p->groups;
    return (Set){x, n, n + 1, g * size, (g + 1) * size};
}

static Set channel_of(const DkmTensor *x, int c)
{
    return (Set){x, 0, x->shape.n, c, c + 1};
}

void dkm_ref_group_norm(const DkmOpCall *call)
{
    const DkmTensor *stats = &call->out[1];
    Affine f = affine_of(call);
    for (int n = 0; n < f.x->shape.n; n++)
        for (int g = 0; g < call->p->groups; g++) {
            const Set set = group_of(call, n, g);
            double variance;
            set_moments(&set, &f.mean, &variance);
            f.rstd = 1.0 / sqrt(variance + call->p->eps);
            forward_set(&set, &f, &call->out[0]);
            dkm_ref_set(stats, dkm_ref_at(stats, n, 0, g, 0), f.mean);
            dkm_ref_set(stats, dkm_ref_at(stats, n, 0, g, 1), f.rstd);
        }
}

static void group_norm_dgamma(const DkmOpCall *call, Affine *f, int c)
{
    const DkmTensor *stats = &call->in[3];
    const int g = c / (f->x->shape.c / call->p->groups);
    double dgamma = 0, dbeta = 0;
    for (int n = 0; n < f->x->shape.n; n++) {
        const Set set = {f->x, n, n + 1, c, c + 1};
        f->mean = dkm_ref_get4(stats, n, 0, g, 0);
        f->rstd = dkm_ref_get4(stats, n, 0, g, 1);
        dgamma += set_sum(&set, dgamma_term, f);
        dbeta += set_sum(&set, dbeta_term, f);
    }
    dkm_ref_set(&call->out[1], (gsize)c, dgamma);
    dkm_ref_set(&call->out[2], (gsize)c, dbeta);
}

void dkm_ref_group_norm_grad(const DkmOpCall *call)
{
    const DkmTensor *stats = &call->in[3];
    Affine f = affine_of(call);
    for (int n = 0; n < f.x->shape.n; n++)
        for (int g = 0; g < call->p->groups; g++) {
            const Set set = group_of(call, n, g);
            f.mean = dkm_ref_get4(stats, n, 0, g, 0);
            f.rstd = dkm_ref_get4(stats, n, 0, g, 1);
            backward_set(&set, &f, &call->out[0]);
        }
    for (int c = 0; c < f.x->shape.c; c++)
        group_norm_dgamma(call, &f, c);
}

void dkm_ref_batch_norm(const DkmOpCall *call)
{
    const DkmTensor *stats = &call->out[1];
    Affine f = affine_of(call);
    for (int c = 0; c < f.x->shape.c; c++) {
        const Set set = channel_of(f.x, c);
        double variance;
        set_moments(&set, &f.mean, &variance);
        f.rstd = 1.0 / sqrt(variance + call->p->eps);
        forward_set(&set, &f, &call->out[0]);
        dkm_ref_set(stats, dkm_ref_at(stats, 0, 0, 0, c), f.mean);
        dkm_ref_set(stats, dkm_ref_at(stats, 0, 0, 1, c), f.rstd);
        dkm_ref_set(stats, dkm_ref_at(stats, 0, 0, 2, c), variance);
    }
}

void dkm_ref_batch_norm_grad(const DkmOpCall *call)
{
    const DkmTensor *stats = &call->in[3];
    Affine f = affine_of(call);
    for (int c = 0; c < f.x->shape.c; c++) {
        const Set set = channel_of(f.x, c);
        f.mean = dkm_ref_get4(stats, 0, 0, 0, c);
        f.rstd = dkm_ref_get4(stats, 0, 0, 1, c);
        backward_set(&set, &f, &call->out[0]);
        dkm_ref_set(&call->out[1], (gsize)c, set_sum(&set, dgamma_term, &f));
        dkm_ref_set(&call->out[2], (gsize)c, set_sum(&set, dbeta_term, &f));
    }
}

void dkm_ref_batch_norm_running(const DkmOpCall *call)
{
    const DkmTensor *running = &call->in[0], *stats = &call->in[1], *out = &call->out[0];
    const double m = call->p->momentum, count = (double)call->p->count;
    for (int c = 0; c < running->shape.c; c++) {
        const double mean = dkm_ref_get4(stats, 0, 0, 0, c);
        const double unbiased = dkm_ref_get4(stats, 0, 0, 2, c) * count / (count - 1);
        const gsize mean_at = dkm_ref_at(out, 0, 0, 0, c),
                    variance_at = dkm_ref_at(out, 0, 0, 1, c);
        dkm_ref_set(out, mean_at, (1 - m) * dkm_ref_get(running, mean_at) + m * mean);
        dkm_ref_set(out, variance_at, (1 - m) * dkm_ref_get(running, variance_at) + m * unbiased);
    }
}

void dkm_ref_batch_norm_fold(const DkmOpCall *call)
{
    const DkmTensor *w = &call->in[0], *gamma = &call->in[1], *beta = &call->in[2];
    const DkmTensor *running = &call->in[3];
    const gsize taps = dkm_shape_count(w->shape) / (gsize)w->shape.n;
    for (int o = 0; o < w->shape.n; o++) {
        const double mean = dkm_ref_get4(running, 0, 0, 0, o);
        const double scale =
            dkm_ref_get(gamma, (gsize)o) / sqrt(dkm_ref_get4(running, 0, 0, 1, o) + call->p->eps);
        for (gsize i = (gsize)o * taps; i < ((gsize)o + 1) * taps; i++)
            dkm_ref_set(&call->out[0], i, dkm_ref_get(w, i) * scale);
        dkm_ref_set(&call->out[1], (gsize)o, dkm_ref_get(beta, (gsize)o) - mean * scale);
    }
}
