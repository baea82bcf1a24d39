/* The least time of a network: arithmetic or bytes, whichever is longer, layer by layer. */
#include "core/net/roofline.h"

#include "tests/core/net/sample-net.h"

static const DkmShape image = {1, 8, 8, 4}, kernel = {6, 3, 3, 4}, result = {1, 8, 8, 6};
static const DkmOpParams conv_params = {.kernel = 3, .stride = 1};

static DkmOpCall conv_call(DkmDtype dtype)
{
    DkmOpCall call = {.kind = DKM_OP_CONV, .p = &conv_params, .n_in = 4, .n_out = 1};
    call.in[0] = (DkmTensor){NULL, image, dtype};
    call.in[1] = (DkmTensor){NULL, kernel, DKM_F32};
    call.out[0] = (DkmTensor){NULL, result, dtype};
    return call;
}

/* An absent bias and residual cost nothing; bf16 halves the bytes of activations, not of weights.
 */
static void the_longer_counts(void)
{
    const double flop = 2.0 * 64 * 9 * 4 * 6;
    const double activations = 64 * 4 + 64 * 6, weights = 6 * 9 * 4;
    const DkmRates arithmetic = {.f32_flop = 10, .bf16_flop = 20, .int8_flop = 40, .bytes = 1e9};
    const DkmRates memory = {.f32_flop = 1e9, .bf16_flop = 1e9, .bytes = 5};
    const DkmOpCall f32 = conv_call(DKM_F32), bf16 = conv_call(DKM_BF16);
    g_assert_cmpfloat(dkm_call_bound(&f32, &arithmetic), ==, flop / 10);
    g_assert_cmpfloat(dkm_call_bound(&bf16, &arithmetic), ==, flop / 20);
    DkmOpParams params = conv_params;
    DkmOpCall int8 = bf16;
    params.input_scale = 1;
    int8.p = &params;
    g_assert_cmpfloat(dkm_call_bound(&int8, &arithmetic), ==, flop / 40);
    g_assert_cmpfloat(dkm_call_bound(&f32, &memory), ==, (4 * activations + 4 * weights) / 5);
    g_assert_cmpfloat(dkm_call_bound(&bf16, &memory), ==, (2 * activations + 4 * weights) / 5);
}

/* One sum over layers, not the larger of two sums: by rates at which some layers are bound by
 * arithmetic and some by memory, the network takes longer than either alone. */
static void layers_add_up(void)
{
    g_autoptr(GError) error = NULL;
    Fixture f = fixture_open(&dkm_backend_reference);
    const Net net = net_new(DKM_F32, TRUE);
    g_assert_true(dkm_params_init(f.params, net.graph, 9, &error));
    g_autoptr(DkmPlan) plan =
        dkm_plan_new(net.graph, f.params, &net.y, 1, DKM_PLAN_INFERENCE, &error);
    g_assert_no_error(error);
    const double never = 1e30;
    const double flop = dkm_plan_flop(plan);
    const double arithmetic = dkm_plan_bound(plan, &(DkmRates){1, 1, never});
    const double bytes = dkm_plan_bound(plan, &(DkmRates){never, never, 1});
    const double both = dkm_plan_bound(plan, &(DkmRates){flop / bytes, flop / bytes, 1});
    g_assert_cmpfloat_with_epsilon(arithmetic, flop, 1e-6 * flop);
    g_assert_cmpfloat(both, >, bytes);
    g_assert_cmpfloat(both, <, 2 * bytes);
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

/* Layer by layer: what is counted for the whole, under the names that the network gave. */
static void layer_by_layer(void)
{
    g_autoptr(GError) error = NULL;
    Fixture f = fixture_open(&dkm_backend_reference);
    const Net net = net_new(DKM_F32, TRUE);
    const DkmRates rates = {3, 3, 2};
    g_assert_true(dkm_params_init(f.params, net.graph, 9, &error));
    g_autoptr(DkmPlan) plan =
        dkm_plan_new(net.graph, f.params, &net.y, 1, DKM_PLAN_INFERENCE, &error);
    g_autoptr(GArray) layers = dkm_plan_layers(plan, &rates);
    double flop = 0;
    int convolutions = 0;
    for (guint i = 0; i < layers->len; i++) {
        const DkmLayerCost *layer = &g_array_index(layers, DkmLayerCost, i);
        convolutions += layer->call->kind == DKM_OP_CONV;
        flop += layer->flop;
        g_assert_cmpfloat(layer->bound, ==, dkm_call_bound(layer->call, &rates));
        g_assert_cmpfloat(layer->seconds, ==, 0); /* no profile */
        g_assert_nonnull(layer->scope);
    }
    g_assert_cmpint(convolutions, ==, 3);
    g_assert_cmpfloat(flop, ==, dkm_plan_flop(plan));
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

/* Kinds of op share the whole between them; what is constant is in neither. */
static void shares_of_kinds(void)
{
    g_autoptr(GError) error = NULL;
    Fixture f = fixture_open(&dkm_backend_reference);
    const Net net = net_new(DKM_F32, TRUE);
    const DkmRates rates = {3, 3, 2};
    g_assert_true(dkm_params_init(f.params, net.graph, 9, &error));
    g_autoptr(DkmPlan) plan =
        dkm_plan_new(net.graph, f.params, &net.y, 1, DKM_PLAN_INFERENCE, &error);
    g_autofree float *x = new_normal(2 * 6 * 6 * 3, 1);
    g_assert_true(dkm_plan_set_input(plan, net.x, x, &error));
    dkm_plan_profile(plan, TRUE);
    g_assert_true(dkm_plan_run(plan, NULL, &error));
    g_autoptr(GArray) shares = dkm_plan_op_shares(plan, &rates);
    double bound = 0, last = G_MAXDOUBLE;
    for (guint i = 0; i < shares->len; i++) {
        const DkmOpShare *share = &g_array_index(shares, DkmOpShare, i);
        g_assert_cmpint(share->kind, !=, DKM_OP_BATCH_NORM_FOLD);
        g_assert_cmpint(share->kind, !=, DKM_OP_TIME_EMBED);
        g_assert_cmpfloat(share->seconds, <=, last);
        if (share->kind == DKM_OP_CONV)
            g_assert_cmpint(share->count, ==, 3); /* that of the time is constant */
        bound += share->bound;
        last = share->seconds;
    }
    g_assert_cmpfloat_with_epsilon(bound, dkm_plan_bound(plan, &rates), 1e-9 * bound);
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/roofline/the-longer-counts", the_longer_counts);
    g_test_add_func("/roofline/layers-add-up", layers_add_up);
    g_test_add_func("/roofline/layer-by-layer", layer_by_layer);
    g_test_add_func("/roofline/shares-of-kinds", shares_of_kinds);
    return g_test_run();
}
