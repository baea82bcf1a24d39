/* Autodiff against central differences, on the reference back end: one row an op (and a small
 * network of many), each with its step and its tolerance. The loss is summed here in double from
 * the f32 output, so the noise of a difference is about 1e-7 / step; the bend of the loss adds
 * step^4. */
#include "tests/core/net/fixture.h"

#include "core/error.h"

#include <math.h>

typedef struct {
    const char *name;
    DkmValue (*build)(DkmGraph *graph); /* the output that enters the squared error, or a loss */
    double step, tolerance;             /* tolerance: of the largest gradient of the parameter */
    gboolean has_kinks; /* a few differences may straddle a kink: these are left out */
    gboolean is_loss;   /* build() returns a loss itself, f32: the noise is larger */
} Row;

/* Each row runs in three variants: other sides, other numbers. Even sides stay even. */
enum { VARIANTS = 3 };
static int variant;

static DkmShape varied(int n, int h, int w, int c)
{
    return (DkmShape){n, h > 1 && variant == 1 ? h + 2 : h, w > 1 && variant == 2 ? w + 4 : w, c};
}

static DkmValue param(DkmGraph *graph, const char *name, int n, int h, int w, int c)
{
    return dkm_graph_param(graph, name, varied(n, h, w, c), DKM_INIT_ONE);
}

static DkmValue conv_of(DkmGraph *graph, DkmConvSpec spec)
{
    return dkm_graph_conv(graph, "conv", param(graph, "x", 2, 4, 5, 3), spec);
}

static DkmValue conv3(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 4));
}

static DkmValue conv3_stride2(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 4, .stride = 2));
}

static DkmValue conv1_stride2(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 2, .kernel = 1, .stride = 2));
}

static DkmValue conv_relu(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 4, .act = DKM_ACT_RELU));
}

static DkmValue conv_swish(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 3, .act = DKM_ACT_SWISH));
}

static DkmValue conv_residual(DkmGraph *graph)
{
    return conv_of(graph, DKM_CONV_SPEC(.out_channels = 4, .no_bias = TRUE,
                                        .residual = param(graph, "residual", 2, 4, 5, 4)));
}

static DkmValue conv_extra_bias(DkmGraph *graph)
{
    return conv_of(
        graph, DKM_CONV_SPEC(.out_channels = 4, .extra_bias = param(graph, "extra", 2, 1, 1, 4)));
}

static DkmValue dense(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 3, 1, 1, 5);
    return dkm_graph_conv(graph, "dense", x, DKM_CONV_SPEC(.out_channels = 4, .kernel = 1));
}

static DkmValue group_norm(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 2, 3, 4, 6);
    return dkm_graph_group_norm(graph, "norm", x, 3, 1e-5f, DKM_ACT_NONE);
}

static DkmValue group_norm_swish(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 2, 3, 4, 6);
    return dkm_graph_group_norm(graph, "norm", x, 2, 1e-5f, DKM_ACT_SWISH);
}

static DkmValue batch_norm(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 2, 3, 4, 3);
    return dkm_graph_batch_norm(graph, "norm", x, 1e-5f, DKM_ACT_NONE);
}

static DkmValue batch_norm_relu(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 2, 3, 4, 3);
    return dkm_graph_batch_norm(graph, "norm", x, 1e-5f, DKM_ACT_RELU);
}

static DkmValue add_relu(DkmGraph *graph)
{
    const DkmValue a = param(graph, "a", 2, 3, 4, 3), b = param(graph, "b", 2, 3, 4, 3);
    return dkm_graph_sum(graph, a, b, DKM_ACT_RELU);
}

static DkmValue add_broadcast(DkmGraph *graph)
{
    const DkmValue a = param(graph, "a", 3, 1, 1, 4), b = param(graph, "b", 1, 1, 1, 4);
    return dkm_graph_sum(graph, a, b, DKM_ACT_NONE);
}

static DkmValue act_relu(DkmGraph *graph)
{
    return dkm_graph_act(graph, param(graph, "x", 2, 3, 4, 3), DKM_ACT_RELU);
}

static DkmValue act_swish(DkmGraph *graph)
{
    return dkm_graph_act(graph, param(graph, "x", 2, 3, 4, 3), DKM_ACT_SWISH);
}

static DkmValue act_sigmoid(DkmGraph *graph)
{
    return dkm_graph_act(graph, param(graph, "x", 2, 3, 4, 3), DKM_ACT_SIGMOID);
}

static DkmValue concat(DkmGraph *graph)
{
    return dkm_graph_concat(graph, param(graph, "a", 2, 3, 4, 2), param(graph, "b", 2, 3, 4, 5));
}

static DkmValue nearest(DkmGraph *graph)
{
    return dkm_graph_unary(graph, DKM_OP_UPSAMPLE_NEAREST, param(graph, "x", 2, 2, 3, 2));
}

static DkmValue bilinear(DkmGraph *graph)
{
    return dkm_graph_unary(graph, DKM_OP_UPSAMPLE_BILINEAR, param(graph, "x", 2, 4, 5, 2));
}

static DkmValue bilinear_small(DkmGraph *graph)
{
    return dkm_graph_unary(graph, DKM_OP_UPSAMPLE_BILINEAR, param(graph, "x", 1, 1, 2, 2));
}

static DkmValue max_pool(DkmGraph *graph)
{
    return dkm_graph_unary(graph, DKM_OP_MAX_POOL, param(graph, "x", 2, 4, 6, 3));
}

static DkmValue attention(DkmGraph *graph)
{
    const DkmValue in[] = {param(graph, "q", 2, 2, 3, 4), param(graph, "k", 2, 2, 3, 4),
                           param(graph, "v", 2, 2, 3, 4)};
    return dkm_graph_add(graph, DKM_OP_ATTENTION, &(DkmOpParams){0}, in, 3);
}

static DkmValue dropout(DkmGraph *graph)
{
    const float step = 7;
    const DkmValue in[] = {param(graph, "x", 2, 3, 4, 3),
                           dkm_graph_const(graph, (DkmShape){1, 1, 1, 1}, &step)};
    return dkm_graph_add(graph, DKM_OP_DROPOUT, &(DkmOpParams){.rate = 0.3f, .salt = 9}, in, 2);
}

/* One parameter read three times: its gradient is a sum. */
static DkmValue fan_out(DkmGraph *graph)
{
    const DkmValue x = param(graph, "x", 1, 2, 3, 4);
    const DkmValue y = dkm_graph_act(graph, x, DKM_ACT_SWISH);
    return dkm_graph_sum(graph, dkm_graph_sum(graph, x, y, DKM_ACT_NONE), x, DKM_ACT_NONE);
}

/* A U-Net in small: time embedding, residual block, attention, pooling, skip, up-sampling. */
static DkmValue network(DkmGraph *graph)
{
    const float t[] = {3, 250};
    const DkmOpParams embedding = {.out_shape = {2, 1, 1, 8}};
    const DkmValue steps = dkm_graph_const(graph, (DkmShape){2, 1, 1, 1}, t);
    const DkmValue time = dkm_graph_conv(
        graph, "time", dkm_graph_add(graph, DKM_OP_TIME_EMBED, &embedding, &steps, 1),
        DKM_CONV_SPEC(.out_channels = 4, .kernel = 1));
    const DkmValue x = dkm_graph_conv(graph, "in", param(graph, "x", 2, 4, 4, 2),
                                      DKM_CONV_SPEC(.out_channels = 4));
    DkmValue h = dkm_graph_group_norm(graph, "norm1", x, 2, 1e-5f, DKM_ACT_SWISH);
    h = dkm_graph_conv(graph, "conv1", h, DKM_CONV_SPEC(.out_channels = 4, .extra_bias = time));
    h = dkm_graph_group_norm(graph, "norm2", h, 2, 1e-5f, DKM_ACT_SWISH);
    const DkmValue skip =
        dkm_graph_conv(graph, "conv2", h, DKM_CONV_SPEC(.out_channels = 4, .residual = x));
    h = dkm_graph_conv(graph, "down", skip, DKM_CONV_SPEC(.out_channels = 4, .stride = 2));
    const DkmValue q[] = {h, dkm_graph_act(graph, h, DKM_ACT_SIGMOID), h};
    h = dkm_graph_add(graph, DKM_OP_ATTENTION, &(DkmOpParams){0}, q, 3);
    h = dkm_graph_unary(graph, DKM_OP_UPSAMPLE_BILINEAR, h);
    h = dkm_graph_concat(graph, h, skip);
    h = dkm_graph_conv(graph, "conv3", h, DKM_CONV_SPEC(.out_channels = 3, .no_bias = TRUE));
    h = dkm_graph_batch_norm(graph, "norm3", h, 1e-5f, DKM_ACT_NONE);
    return dkm_graph_conv(graph, "head", h, DKM_CONV_SPEC(.out_channels = 2, .kernel = 1));
}

static DkmValue loss_mse(DkmGraph *graph)
{
    const DkmShape shape = varied(2, 3, 4, 2);
    g_autofree float *target = new_normal(dkm_shape_count(shape), 5);
    const float weight[] = {0.5f, 2};
    const DkmValue in[] = {param(graph, "pred", 2, 3, 4, 2), dkm_graph_const(graph, shape, target),
                           dkm_graph_const(graph, (DkmShape){2, 1, 1, 1}, weight)};
    return dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
}

/* Two samples: a label of some pixels, and an empty one. */
static DkmValue loss_seg(DkmGraph *graph)
{
    float label[100] = {0};
    for (int i = 6; i < 14; i++)
        label[i] = 1;
    const DkmValue in[] = {param(graph, "logits", 2, 4, 5, 1),
                           dkm_graph_const(graph, varied(2, 4, 5, 1), label)};
    return dkm_graph_add(graph, DKM_OP_LOSS_SEG, &(DkmOpParams){.lambda = 0.5f}, in, 2);
}

/* Two losses of one parameter through different ways, and one of another. */
static DkmValue loss_sum(DkmGraph *graph)
{
    const float zero[240] = {0}, one[2] = {1, 0.5f};
    const DkmValue seg = loss_seg(graph), logits = dkm_graph_find(graph, "logits");
    const DkmValue weight = dkm_graph_const(graph, (DkmShape){2, 1, 1, 1}, one);
    const DkmValue in[] = {dkm_graph_act(graph, logits, DKM_ACT_SWISH),
                           dkm_graph_const(graph, varied(2, 4, 5, 1), zero), weight};
    const DkmValue mse = dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    const DkmValue other[] = {param(graph, "other", 2, 4, 5, 1), in[1], weight};
    return dkm_graph_sum(graph, dkm_graph_sum(graph, seg, mse, DKM_ACT_NONE),
                         dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, other, 3),
                         DKM_ACT_NONE);
}

static const Row rows[] = {
    {"conv3", conv3, 1e-2, 1e-4},
    {"conv3-stride2", conv3_stride2, 1e-2, 1e-4},
    {"conv1-stride2", conv1_stride2, 1e-2, 1e-4},
    {"conv-relu", conv_relu, 3e-3, 1e-3, TRUE},
    {"conv-swish", conv_swish, 3e-3, 1e-3},
    {"conv-residual", conv_residual, 1e-2, 1e-4},
    {"conv-extra-bias", conv_extra_bias, 1e-2, 1e-4},
    {"dense", dense, 1e-2, 1e-4},
    {"group-norm", group_norm, 3e-3, 1e-3},
    {"group-norm-swish", group_norm_swish, 3e-3, 1e-3},
    {"batch-norm", batch_norm, 3e-3, 1e-3},
    {"batch-norm-relu", batch_norm_relu, 3e-3, 3e-3, TRUE},
    {"add-relu", add_relu, 3e-3, 1e-3, TRUE},
    {"add-broadcast", add_broadcast, 1e-2, 1e-4},
    {"act-relu", act_relu, 3e-3, 1e-3, TRUE},
    {"act-swish", act_swish, 3e-3, 1e-3},
    {"act-sigmoid", act_sigmoid, 3e-3, 1e-3},
    {"concat", concat, 1e-2, 1e-4},
    {"upsample-nearest", nearest, 1e-2, 1e-4},
    {"upsample-bilinear", bilinear, 1e-2, 1e-4},
    {"upsample-bilinear-small", bilinear_small, 1e-2, 1e-4},
    {"max-pool", max_pool, 3e-3, 1e-3, TRUE},
    {"attention", attention, 3e-3, 1e-3},
    {"dropout", dropout, 1e-2, 1e-4},
    {"fan-out", fan_out, 3e-3, 1e-3},
    {"loss-mse", loss_mse, 1e-2, 2e-3, FALSE, TRUE},
    {"loss-seg", loss_seg, 1e-2, 2e-3, FALSE, TRUE},
    {"loss-sum", loss_sum, 1e-2, 2e-3, FALSE, TRUE},
    {"network", network, 2e-2, 3e-3},
};

/* A graph whose loss is mean(weight (y - target)^2), planned on the reference. */
typedef struct {
    Fixture f;
    DkmGraph *graph;
    DkmPlan *forward, *backward; /* y; the gradients */
    DkmValue y, loss;
    GArray *wrt, *grads; /* of DkmValue: every parameter, its gradient */
    float *target, *weight;
} Problem;

static void plan_problem(Problem *p)
{
    g_autoptr(GError) error = NULL;
    p->wrt = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    for (DkmValue v = 0; v < dkm_graph_n_values(p->graph); v++)
        if (dkm_graph_value(p->graph, v)->role == DKM_ROLE_PARAM)
            g_array_append_val(p->wrt, v);
    p->grads = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    g_array_set_size(p->grads, p->wrt->len);
    dkm_graph_gradients(p->graph, p->loss, &g_array_index(p->wrt, DkmValue, 0), (int)p->wrt->len,
                        &g_array_index(p->grads, DkmValue, 0));
    dkm_graph_check(p->graph, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < p->grads->len; i++)
        g_assert_cmpint(g_array_index(p->grads, DkmValue, i), !=, DKM_NO_VALUE);
    dkm_params_init(p->f.params, p->graph, 1, &error);
    g_assert_no_error(error);
    randomise_params(p->f.params, 100 + 1000 * (guint64)variant);
    p->forward = dkm_plan_new(p->graph, p->f.params, &p->y, 1, DKM_PLAN_TRAINING, &error);
    g_assert_no_error(error);
    p->backward = dkm_plan_new(p->graph, p->f.params, &g_array_index(p->grads, DkmValue, 0),
                               (int)p->grads->len, DKM_PLAN_TRAINING, &error);
    g_assert_no_error(error);
}

static Problem problem_new(const Row *row)
{
    Problem p = {fixture_open(&dkm_backend_reference), dkm_graph_new(DKM_F32)};
    p.y = row->build(p.graph);
    if (row->is_loss) {
        p.loss = p.y;
        plan_problem(&p);
        return p;
    }
    const DkmShape shape = dkm_graph_value(p.graph, p.y)->shape;
    p.target = new_normal(dkm_shape_count(shape), 50);
    p.weight = g_new(float, shape.n);
    for (int n = 0; n < shape.n; n++)
        p.weight[n] = 1.0f + 0.5f * (float)n;
    const DkmValue in[] = {p.y, dkm_graph_const(p.graph, shape, p.target),
                           dkm_graph_const(p.graph, (DkmShape){shape.n, 1, 1, 1}, p.weight)};
    p.loss = dkm_graph_add(p.graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    plan_problem(&p);
    return p;
}

static void problem_free(Problem *p)
{
    dkm_plan_free(p->forward);
    dkm_plan_free(p->backward);
    dkm_graph_free(p->graph);
    g_array_unref(p->wrt);
    g_array_unref(p->grads);
    g_free(p->target);
    g_free(p->weight);
    fixture_close(&p->f);
}

/* VALUE as PLAN computes it now. */
static float *compute(Problem *p, DkmPlan *plan, DkmValue value)
{
    g_autoptr(GError) error = NULL;
    float *data = g_new(float, dkm_shape_count(dkm_graph_value(p->graph, value)->shape));
    dkm_plan_run(plan, NULL, &error);
    g_assert_no_error(error);
    dkm_plan_get_output(plan, value, data, &error);
    g_assert_no_error(error);
    return data;
}

/* The loss in double, from the f32 output. */
static double loss_now(Problem *p)
{
    const DkmShape shape = dkm_graph_value(p->graph, p->y)->shape;
    const gsize count = dkm_shape_count(shape), sample = count / (gsize)shape.n;
    g_autofree float *y = compute(p, p->forward, p->y);
    if (!p->target)
        return y[0];
    double sum = 0;
    for (gsize i = 0; i < count; i++)
        sum +=
            p->weight[i / sample] * ((double)y[i] - p->target[i]) * ((double)y[i] - p->target[i]);
    return sum / (double)count;
}

static double loss_at(Problem *p, const DkmValueInfo *param, float *data, gsize i, double move)
{
    g_autoptr(GError) error = NULL;
    const float before = data[i];
    data[i] = (float)(before + move);
    dkm_params_set(p->f.params, param->name, param->shape, data, &error);
    g_assert_no_error(error);
    const double loss = loss_now(p);
    data[i] = before;
    dkm_params_set(p->f.params, param->name, param->shape, data, &error);
    g_assert_no_error(error);
    return loss;
}

static double largest(const float *data, gsize count)
{
    double most = 0;
    for (gsize i = 0; i < count; i++)
        most = MAX(most, fabs((double)data[i]));
    return most;
}

static double slope_at(Problem *p, const DkmValueInfo *param, float *data, gsize i, double step)
{
    const double up = loss_at(p, param, data, i, step);
    return (up - loss_at(p, param, data, i, -step)) / (2 * step);
}

/* Every element of one parameter. A difference that changes when its step is halved straddles a
 * kink. Returns how many do. */
static gsize check_param(Problem *p, const Row *row, guint which)
{
    g_autoptr(GError) error = NULL;
    const DkmValueInfo *param = dkm_graph_value(p->graph, g_array_index(p->wrt, DkmValue, which));
    const gsize count = dkm_shape_count(param->shape);
    g_autofree float *grad = compute(p, p->backward, g_array_index(p->grads, DkmValue, which));
    g_autofree float *data = g_new(float, count);
    dkm_params_get(p->f.params, param->name, data, count, &error);
    g_assert_no_error(error);
    const double allowed = row->tolerance * MAX(largest(grad, count), 1e-3);
    gsize skipped = 0;
    for (gsize i = 0; i < count; i++) {
        const double whole = slope_at(p, param, data, i, row->step);
        const double half = slope_at(p, param, data, i, row->step / 2);
        const double slope = (4 * half - whole) / 3; /* Richardson: the bend cancels */
        if (fabs(slope - grad[i]) <= allowed)
            continue;
        if (row->has_kinks && fabs(whole - half) > allowed / 2) {
            skipped++;
            continue;
        }
        g_test_message("%s, %s[%" G_GSIZE_FORMAT "]: autodiff %g, difference %g, allowed %g",
                       row->name, param->name, i, grad[i], slope, allowed);
        g_test_fail();
    }
    return skipped;
}

static void check_row(gconstpointer data)
{
    const Row *row = data;
    for (variant = 0; variant < VARIANTS; variant++) {
        Problem p = problem_new(row);
        gsize skipped = 0;
        for (guint i = 0; i < p.wrt->len; i++)
            skipped += check_param(&p, row, i);
        g_assert_cmpint(skipped * 20, <=, dkm_graph_n_weights(p.graph));
        problem_free(&p);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/gradients/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], check_row);
    }
    return g_test_run();
}
