/* Building graphs: names, scopes, the error that sticks, what an early output costs. */
#include "core/net/graph.h"

#include "core/error.h"

#include <string.h>

static void names_and_scopes(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    const DkmValue x = dkm_graph_input(graph, "x", (DkmShape){1, 8, 8, 3});
    dkm_graph_push(graph, "down%d", 1);
    dkm_graph_push(graph, "res%d", 2);
    const DkmValue y = dkm_graph_conv(graph, "conv1", x, DKM_CONV_SPEC(.out_channels = 5));
    dkm_graph_pop(graph);
    const DkmValue z = dkm_graph_group_norm(graph, "norm", y, 5, 1e-5f, DKM_ACT_NONE);
    dkm_graph_pop(graph);
    g_assert_true(dkm_graph_check(graph, NULL));
    const DkmValue weight = dkm_graph_find(graph, "down1.res2.conv1.weight");
    g_assert_cmpint(weight, !=, DKM_NO_VALUE);
    g_assert_true(dkm_shape_equal(dkm_graph_value(graph, weight)->shape, (DkmShape){5, 3, 3, 3}));
    g_assert_cmpint(dkm_graph_find(graph, "down1.norm.bias"), !=, DKM_NO_VALUE);
    g_assert_cmpint(dkm_graph_find(graph, "x"), ==, x);
    g_assert_cmpint(dkm_graph_find(graph, "conv1.weight"), ==, DKM_NO_VALUE);
    g_assert_cmpstr(dkm_graph_node(graph, dkm_graph_value(graph, y)->node)->scope, ==,
                    "down1.res2");
    const DkmValue stats = dkm_graph_output(graph, z, 1);
    g_assert_true(dkm_shape_equal(dkm_graph_value(graph, stats)->shape, (DkmShape){1, 1, 5, 2}));
    g_assert_cmpint(dkm_graph_n_weights(graph), ==, 5 * 27 + 5 + 10);
}

/* Two calls of one name share a parameter; of two shapes they are a mistake. */
static void shared_parameters(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    g_autoptr(GError) error = NULL;
    const DkmShape shape = {1, 1, 1, 4};
    const DkmValue a = dkm_graph_param(graph, "w", shape, DKM_INIT_ONE);
    g_assert_cmpint(dkm_graph_param(graph, "w", shape, DKM_INIT_ONE), ==, a);
    g_assert_cmpint(dkm_graph_n_weights(graph), ==, 4);
    dkm_graph_param(graph, "w", (DkmShape){1, 1, 1, 5}, DKM_INIT_ONE);
    g_assert_false(dkm_graph_check(graph, &error));
    g_assert_nonnull(strstr(error->message, "w is already there"));
}

/* A network with a mistake is built to its end; the first mistake is told, with its scope. */
static void the_first_error_sticks(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    g_autoptr(GError) error = NULL;
    DkmValue x = dkm_graph_input(graph, "x", (DkmShape){1, 7, 8, 3});
    dkm_graph_push(graph, "up%d", 3);
    x = dkm_graph_unary(graph, DKM_OP_MAX_POOL, x); /* 7 is odd */
    g_assert_cmpint(x, ==, DKM_NO_VALUE);
    dkm_graph_push(graph, "later");
    x = dkm_graph_conv(graph, "conv", x, DKM_CONV_SPEC(.out_channels = 4));
    x = dkm_graph_group_norm(graph, "norm", x, 3, 1e-5f, DKM_ACT_NONE);
    x = dkm_graph_concat(graph, x, dkm_graph_cast(graph, x, DKM_BF16));
    g_assert_cmpint(dkm_graph_output(graph, x, 1), ==, DKM_NO_VALUE);
    DkmValue grad;
    dkm_graph_gradients(graph, x, &x, 1, &grad);
    g_assert_cmpint(grad, ==, DKM_NO_VALUE);
    g_assert_false(dkm_graph_check(graph, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INTERNAL);
    g_assert_cmpstr(error->message, ==, "up3: max_pool: the sides must be even");
}

static void foreign_values(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    g_autoptr(GError) error = NULL;
    dkm_graph_act(graph, 99, DKM_ACT_RELU);
    g_assert_false(dkm_graph_check(graph, &error));
    g_assert_nonnull(strstr(error->message, "act: input 0 is no value of this graph"));
}

/* The bias of a convolution and the one given per sample meet in one node. */
static void biases_are_joined(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    const DkmValue x = dkm_graph_input(graph, "x", (DkmShape){2, 4, 4, 3});
    const DkmValue extra = dkm_graph_input(graph, "extra", (DkmShape){2, 1, 1, 5});
    const DkmValue y =
        dkm_graph_conv(graph, "conv", x, DKM_CONV_SPEC(.out_channels = 5, .extra_bias = extra));
    g_assert_cmpint(dkm_graph_n_nodes(graph), ==, 2);
    const DkmNode *conv = dkm_graph_node(graph, dkm_graph_value(graph, y)->node);
    const DkmNode *sum = dkm_graph_node(graph, dkm_graph_value(graph, conv->in[2])->node);
    g_assert_cmpint(sum->kind, ==, DKM_OP_ADD);
    g_assert_cmpint(sum->in[0], ==, extra);
}

/* In a bf16 network activations are bf16, parameters and the last output f32. */
static void bf16(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_BF16);
    DkmValue x = dkm_graph_input(graph, "x", (DkmShape){1, 4, 4, 3});
    x = dkm_graph_cast(graph, x, dkm_graph_dtype(graph));
    const DkmValue h = dkm_graph_conv(graph, "a", x, DKM_CONV_SPEC(.out_channels = 5));
    const DkmValue y =
        dkm_graph_conv(graph, "b", h, DKM_CONV_SPEC(.out_channels = 1, .f32_out = TRUE));
    g_assert_true(dkm_graph_check(graph, NULL));
    g_assert_cmpint(dkm_graph_value(graph, h)->dtype, ==, DKM_BF16);
    g_assert_cmpint(dkm_graph_value(graph, y)->dtype, ==, DKM_F32);
    g_assert_cmpint(dkm_graph_cast(graph, h, DKM_BF16), ==, h);
}

/* An early output needs fewer nodes and fewer FLOP. */
static void early_outputs_cost_less(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    const DkmValue x = dkm_graph_input(graph, "x", (DkmShape){2, 8, 8, 4});
    const DkmValue tap = dkm_graph_conv(graph, "a", x, DKM_CONV_SPEC(.out_channels = 8));
    const DkmValue side = dkm_graph_conv(graph, "b", x, DKM_CONV_SPEC(.out_channels = 8));
    const DkmValue end = dkm_graph_conv(graph, "c", dkm_graph_concat(graph, tap, side),
                                        DKM_CONV_SPEC(.out_channels = 4, .stride = 2));
    const double one = 2.0 * 2 * 64 * 9 * 4 * 8, last = 2.0 * 2 * 16 * 9 * 16 * 4;
    g_assert_cmpfloat(dkm_graph_flop(graph, &tap, 1), ==, one);
    g_assert_cmpfloat(dkm_graph_flop(graph, &end, 1), ==, 2 * one + last);
    g_assert_cmpfloat(dkm_graph_flop(graph, (DkmValue[]){tap, end}, 2), ==, 2 * one + last);
    g_autofree gboolean *live = dkm_graph_live(graph, &tap, 1);
    int count = 0;
    for (int i = 0; i < dkm_graph_n_nodes(graph); i++)
        count += live[i];
    g_assert_cmpint(count, ==, 1);
}

/* Training costs three forward passes, less the data gradient of the first layer. */
static void gradients_cost_as_much_again(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    const DkmShape shape = {1, 8, 8, 4};
    const DkmValue x = dkm_graph_input(graph, "x", shape);
    const DkmValue h = dkm_graph_conv(graph, "a", x, DKM_CONV_SPEC(.out_channels = 4));
    const DkmValue y = dkm_graph_conv(graph, "b", h, DKM_CONV_SPEC(.out_channels = 4));
    const DkmValue in[] = {y, dkm_graph_input(graph, "target", shape),
                           dkm_graph_input(graph, "weight", (DkmShape){1, 1, 1, 1})};
    const DkmValue loss = dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    const DkmValue wrt[] = {dkm_graph_find(graph, "a.weight"), dkm_graph_find(graph, "b.weight"),
                            dkm_graph_input(graph, "unused", shape)};
    DkmValue grads[3];
    dkm_graph_gradients(graph, loss, wrt, 3, grads);
    g_assert_true(dkm_graph_check(graph, NULL));
    g_assert_cmpint(grads[2], ==, DKM_NO_VALUE);
    const double forward = dkm_graph_flop(graph, &loss, 1);
    g_assert_cmpfloat(dkm_graph_flop(graph, grads, 2), ==, forward * 2.5);
}

static void gradients_need_a_loss_and_rules(void)
{
    g_autoptr(DkmGraph) graph = dkm_graph_new(DKM_F32);
    g_autoptr(DkmGraph) other = dkm_graph_new(DKM_F32);
    g_autoptr(GError) no_loss = NULL;
    g_autoptr(GError) no_rule = NULL;
    const DkmShape shape = {1, 1, 1, 4};
    DkmValue grad, w = dkm_graph_param(graph, "w", shape, DKM_INIT_ONE);
    dkm_graph_gradients(graph, w, &w, 1, &grad);
    g_assert_false(dkm_graph_check(graph, &no_loss));
    g_assert_nonnull(strstr(no_loss->message, "gradients start at the first output of a loss"));

    w = dkm_graph_param(other, "w", shape, DKM_INIT_ONE);
    dkm_graph_push(other, "head");
    const DkmValue half = dkm_graph_add(other, DKM_OP_SLICE, &(DkmOpParams){.channels = 1}, &w, 1);
    dkm_graph_pop(other);
    const DkmValue in[] = {half, dkm_graph_input(other, "label", (DkmShape){1, 1, 1, 1})};
    const DkmValue loss = dkm_graph_add(other, DKM_OP_LOSS_SEG, &(DkmOpParams){0}, in, 2);
    dkm_graph_gradients(other, loss, &w, 1, &grad);
    g_assert_false(dkm_graph_check(other, &no_rule));
    g_assert_cmpstr(no_rule->message, ==, "head: slice: no gradient passes");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/graph/names-and-scopes", names_and_scopes);
    g_test_add_func("/graph/shared-parameters", shared_parameters);
    g_test_add_func("/graph/the-first-error-sticks", the_first_error_sticks);
    g_test_add_func("/graph/foreign-values", foreign_values);
    g_test_add_func("/graph/biases-are-joined", biases_are_joined);
    g_test_add_func("/graph/bf16", bf16);
    g_test_add_func("/graph/early-outputs-cost-less", early_outputs_cost_less);
    g_test_add_func("/graph/gradients-cost", gradients_cost_as_much_again);
    g_test_add_func("/graph/gradients-refuse", gradients_need_a_loss_and_rules);
    return g_test_run();
}
