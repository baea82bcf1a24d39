/* Plans against the naive way: every tensor in memory of its own, every node in order. */
#include "tests/core/net/sample-net.h"

#include "core/error.h"

#include <string.h>

/* The reference, counting its runs, and cancelling on demand. */
static struct {
    int runs, cancel_at;
    GCancellable *cancel;
} counter;

static gboolean counting_run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    if (++counter.runs == counter.cancel_at)
        g_cancellable_cancel(counter.cancel);
    return dkm_backend_reference.run(device, call, error);
}

static DkmBackend counting_backend(void)
{
    DkmBackend backend = dkm_backend_reference;
    backend.run = counting_run;
    memset(&counter, 0, sizeof counter);
    return backend;
}

static void init(const Net *net, DkmParams *params)
{
    g_autoptr(GError) error = NULL;
    dkm_params_init(params, net->graph, 9, &error);
    g_assert_no_error(error);
}

static DkmPlan *plan_of(const Net *net, DkmParams *params, const DkmValue *outputs, int n,
                        DkmPlanMode mode)
{
    g_autoptr(GError) error = NULL;
    DkmPlan *plan = dkm_plan_new(net->graph, params, outputs, n, mode, &error);
    g_assert_no_error(error);
    return plan;
}

static void set_x(const Net *net, DkmPlan *plan, guint64 seed)
{
    g_autoptr(GError) error = NULL;
    g_autofree float *x =
        new_normal(dkm_shape_count(dkm_graph_value(net->graph, net->x)->shape), seed);
    dkm_plan_set_input(plan, net->x, x, &error);
    g_assert_no_error(error);
}

static void run(DkmPlan *plan)
{
    g_autoptr(GError) error = NULL;
    dkm_plan_run(plan, NULL, &error);
    g_assert_no_error(error);
}

/* Every value of the graph, each in its own block; inputs and parameters as the plan has them. */
static DkmTensor *run_naively(const Net *net, DkmParams *params, guint64 seed)
{
    DkmGraph *graph = net->graph;
    const int n = dkm_graph_n_values(graph);
    DkmTensor *tensors = g_new0(DkmTensor, n);
    for (DkmValue v = 0; v < n; v++) {
        const DkmValueInfo *info = dkm_graph_value(graph, v);
        tensors[v] = (DkmTensor){NULL, info->shape, info->dtype};
        tensors[v].data = g_malloc0(dkm_tensor_bytes(&tensors[v]));
        if (info->role == DKM_ROLE_INPUT)
            fill_normal(tensors[v].data, dkm_shape_count(info->shape), seed);
        if (info->role == DKM_ROLE_CONST)
            memcpy(tensors[v].data, info->data, dkm_tensor_bytes(&tensors[v]));
        if (info->role == DKM_ROLE_PARAM || info->role == DKM_ROLE_STATE)
            dkm_params_get(params, info->name, tensors[v].data, dkm_shape_count(info->shape), NULL);
    }
    for (int i = 0; i < dkm_graph_n_nodes(graph); i++) {
        const DkmNode *node = dkm_graph_node(graph, i);
        g_autofree double *workspace = g_new0(double, 100000);
        g_autoptr(GError) error = NULL;
        DkmOpCall call = {.kind = node->kind, .p = &node->p, .workspace = workspace};
        call.n_in = node->n_in;
        call.n_out = node->n_out;
        for (int k = 0; k < node->n_in; k++)
            if (node->in[k] != DKM_NO_VALUE)
                call.in[k] = tensors[node->in[k]];
        for (int k = 0; k < node->n_out; k++)
            call.out[k] = tensors[node->out[k]];
        dkm_backend_run(&dkm_backend_reference, dkm_params_device(params), &call, &error);
        g_assert_no_error(error);
    }
    return tensors;
}

static void free_tensors(DkmTensor *tensors, int n)
{
    for (int v = 0; v < n; v++)
        g_free(tensors[v].data);
    g_free(tensors);
}

static void assert_same(DkmPlan *plan, const DkmTensor *naive, DkmValue v)
{
    const DkmTensor *planned = dkm_plan_peek_output(plan, v);
    g_assert_nonnull(planned);
    g_assert_cmpmem(planned->data, dkm_tensor_bytes(planned), naive[v].data,
                    dkm_tensor_bytes(&naive[v]));
}

static void equals_naive(DkmDtype dtype, DkmPlanMode mode, gboolean fold)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    Net net = net_new(dtype, fold);
    init(&net, f.params);
    const DkmValue outputs[] = {net.y, net.loss, dkm_graph_output(net.graph, net.loss, 1), net.tap};
    g_autoptr(DkmPlan) plan = plan_of(&net, f.params, outputs, 4, mode);
    for (guint64 seed = 1; seed <= 3; seed++) {
        DkmTensor *naive = run_naively(&net, f.params, seed);
        set_x(&net, plan, seed);
        run(plan);
        for (int i = 0; i < 4; i++)
            assert_same(plan, naive, outputs[i]);
        free_tensors(naive, dkm_graph_n_values(net.graph));
        randomise_params(f.params, 1000 * seed); /* what is computed once must be computed again */
        dkm_params_set(f.params, "f.running", (DkmShape){1, 1, 2, 4},
                       (float[]){1, 2, 3, 4, 5, 6, 7, (float)seed}, NULL);
    }
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

static void equals_naive_f32(void)
{
    equals_naive(DKM_F32, DKM_PLAN_INFERENCE, TRUE);
    equals_naive(DKM_F32, DKM_PLAN_TRAINING, TRUE);
}

static void equals_naive_bf16(void)
{
    equals_naive(DKM_BF16, DKM_PLAN_INFERENCE, TRUE);
    equals_naive(DKM_BF16, DKM_PLAN_TRAINING, TRUE);
}

/* Forward and backward, every gradient: the memory of many more tensors is shared. */
static void gradients_equal_naive(void)
{
    enum { MOST = 32 };
    Fixture f = fixture_open(&dkm_backend_reference);
    Net net = net_new(DKM_BF16, FALSE);
    DkmValue wrt[MOST], grads[MOST];
    int n = 0;
    init(&net, f.params);
    for (DkmValue v = 0; v < dkm_graph_n_values(net.graph); v++)
        if (dkm_graph_value(net.graph, v)->role == DKM_ROLE_PARAM)
            wrt[n++] = v;
    dkm_graph_gradients(net.graph, net.loss, wrt, n, grads);
    g_autoptr(DkmPlan) plan = plan_of(&net, f.params, grads, n, DKM_PLAN_TRAINING);
    set_x(&net, plan, 5);
    run(plan);
    DkmTensor *naive = run_naively(&net, f.params, 5);
    for (int i = 0; i < n; i++)
        assert_same(plan, naive, grads[i]);
    gsize all = 0;
    for (DkmValue v = 0; v < dkm_graph_n_values(net.graph); v++)
        if (dkm_graph_value(net.graph, v)->role == DKM_ROLE_TEMP)
            all += dkm_tensor_bytes(&naive[v]);
    g_test_message("arena %" G_GSIZE_FORMAT " bytes, tensors %" G_GSIZE_FORMAT,
                   dkm_plan_arena_bytes(plan), all);
    g_assert_cmpuint(dkm_plan_arena_bytes(plan), <, all);
    free_tensors(naive, dkm_graph_n_values(net.graph));
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

/* Inference: what depends on weights and constants alone runs once a version of the weights. */
static void constants_run_once(void)
{
    const DkmBackend backend = counting_backend();
    Fixture f = fixture_open(&backend);
    Net net = net_new(DKM_F32, TRUE);
    init(&net, f.params);
    g_autoptr(DkmPlan) plan = plan_of(&net, f.params, &net.y, 1, DKM_PLAN_INFERENCE);
    set_x(&net, plan, 1);
    run(plan);
    const int first = counter.runs;
    run(plan);
    const int second = counter.runs - first;
    /* constant: embedding, its linear layer, the sum of two biases, the folded norm */
    g_assert_cmpint(first - second, ==, 4);
    g_assert_cmpint(second, ==, 8);
    run(plan);
    g_assert_cmpint(counter.runs, ==, first + 2 * second);
    dkm_params_touch(f.params);
    run(plan);
    g_assert_cmpint(counter.runs, ==, 2 * first + 2 * second);
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

static void early_output_runs_less(void)
{
    const DkmBackend backend = counting_backend();
    Fixture f = fixture_open(&backend);
    Net net = net_new(DKM_F32, TRUE);
    init(&net, f.params);
    g_autoptr(DkmPlan) early = plan_of(&net, f.params, &net.tap, 1, DKM_PLAN_TRAINING);
    g_autoptr(DkmPlan) late = plan_of(&net, f.params, &net.y, 1, DKM_PLAN_TRAINING);
    set_x(&net, early, 1);
    run(early);
    g_assert_cmpint(counter.runs, ==, 5);
    g_assert_cmpfloat(dkm_plan_flop(early), ==, dkm_graph_flop(net.graph, &net.tap, 1));
    g_assert_cmpfloat(dkm_plan_flop(early), <, dkm_plan_flop(late));
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

static void cancel_between_nodes(void)
{
    const DkmBackend backend = counting_backend();
    Fixture f = fixture_open(&backend);
    Net net = net_new(DKM_F32, TRUE);
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    init(&net, f.params);
    g_autoptr(DkmPlan) plan = plan_of(&net, f.params, &net.y, 1, DKM_PLAN_INFERENCE);
    set_x(&net, plan, 1);
    counter.cancel_at = 3;
    counter.cancel = cancel;
    g_assert_false(dkm_plan_run(plan, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_assert_cmpint(counter.runs, ==, 3);
    run(plan); /* a cancelled run leaves nothing half computed behind */
    DkmTensor *naive = run_naively(&net, f.params, 1);
    assert_same(plan, naive, net.y);
    free_tensors(naive, dkm_graph_n_values(net.graph));
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

static void refuses(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    Net net = net_new(DKM_F32, TRUE);
    g_autoptr(GError) error = NULL;
    float host[72];
    g_assert_null(dkm_plan_new(net.graph, f.params, &net.y, 1, DKM_PLAN_INFERENCE, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(error->message, "is missing"));
    g_clear_error(&error);
    init(&net, f.params);
    g_autoptr(DkmPlan) plan = plan_of(&net, f.params, &net.y, 1, DKM_PLAN_INFERENCE);
    g_assert_false(dkm_plan_run(plan, NULL, &error));
    g_assert_cmpstr(error->message, ==, "input x was never set");
    g_clear_error(&error);
    g_assert_false(dkm_plan_get_output(plan, net.tap, host, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INTERNAL);
    g_assert_null(dkm_plan_peek_output(plan, net.tap));
    g_clear_error(&error);
    g_assert_false(dkm_plan_set_input(plan, net.y, host, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INTERNAL);
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

/* Inputs and weights may be asked for, bf16 comes out as f32, time is told by node. */
static gboolean has_f32_alone(DkmDevice *device, DkmDtype dtype)
{
    return dtype == DKM_F32;
}

/* A device without bf16 says so before anything is computed. */
static void refuses_a_dtype(void)
{
    DkmBackend backend = dkm_backend_reference;
    backend.has_dtype = has_f32_alone;
    for (int dtype = 0; dtype < 2; dtype++) {
        Fixture f = fixture_open(&backend);
        Net net = net_new((DkmDtype)dtype, FALSE);
        g_autoptr(GError) error = NULL;
        init(&net, f.params);
        DkmPlan *plan = dkm_plan_new(net.graph, f.params, &net.y, 1, DKM_PLAN_INFERENCE, &error);
        g_assert_true((plan != NULL) == (dtype == DKM_F32));
        if (!plan) {
            g_assert_error(error, DKM_ERROR, DKM_ERROR_DEVICE);
            g_assert_nonnull(strstr(error->message, "cannot compute in bf16"));
        }
        dkm_plan_free(plan);
        dkm_graph_free(net.graph);
        fixture_close(&f);
    }
}

static void outputs_and_profile(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    Net net = net_new(DKM_BF16, TRUE);
    g_autoptr(GError) error = NULL;
    float x[2 * 36 * 3], tap[2 * 36 * 4], bias[4];
    init(&net, f.params);
    const DkmValue weight = dkm_graph_find(net.graph, "a.bias");
    g_autoptr(DkmPlan) plan =
        plan_of(&net, f.params, (DkmValue[]){net.x, net.tap, weight}, 3, DKM_PLAN_INFERENCE);
    dkm_plan_profile(plan, TRUE);
    set_x(&net, plan, 4);
    run(plan);
    dkm_plan_get_output(plan, net.x, x, &error);
    dkm_plan_get_output(plan, weight, bias, &error);
    dkm_plan_get_output(plan, net.tap, tap, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(x[7], ==, (float)dkm_philox_normal(4, 7, 0));
    g_assert_cmpfloat(bias[0], ==, 0);
    const guint16 *halves = dkm_plan_peek_output(plan, net.tap)->data;
    for (int i = 0; i < 2 * 36 * 4; i++)
        g_assert_cmpfloat(tap[i], ==, dkm_bf16_to_f32(halves[i]));
    double seconds = 0;
    for (int i = 0; i < dkm_graph_n_nodes(net.graph); i++)
        seconds += dkm_plan_node_seconds(plan)[i];
    g_assert_cmpfloat(seconds, >, 0);
    dkm_plan_profile(plan, FALSE);
    g_assert_null(dkm_plan_node_seconds(plan));
    dkm_graph_free(net.graph);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan/equals-naive/f32", equals_naive_f32);
    g_test_add_func("/plan/equals-naive/bf16", equals_naive_bf16);
    g_test_add_func("/plan/equals-naive/gradients", gradients_equal_naive);
    g_test_add_func("/plan/constants-run-once", constants_run_once);
    g_test_add_func("/plan/early-output-runs-less", early_output_runs_less);
    g_test_add_func("/plan/cancel", cancel_between_nodes);
    g_test_add_func("/plan/refuses-a-dtype", refuses_a_dtype);
    g_test_add_func("/plan/refuses", refuses);
    g_test_add_func("/plan/outputs-and-profile", outputs_and_profile);
    return g_test_run();
}
