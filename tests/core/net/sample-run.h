/* The sample network computed on a back end, forward and backward, and how far two results are
 * apart. */
#pragma once

#include "tests/core/net/sample-net.h"

#include <math.h>

/* Fills every input of GRAPH by its name: what a loss or an embedding needs, else normals. */
static inline void set_inputs(DkmPlan *plan, const DkmGraph *graph)
{
    for (DkmValue v = 0; v < dkm_graph_n_values(graph); v++) {
        const DkmValueInfo *info = dkm_graph_value(graph, v);
        if (info->role != DKM_ROLE_INPUT)
            continue;
        g_autoptr(GError) error = NULL;
        const gsize count = dkm_shape_count(info->shape);
        g_autofree float *data = new_normal(count, 3 + (guint64)v);
        for (gsize i = 0; i < count; i++)
            if (g_str_equal(info->name, "label"))
                data[i] = data[i] > 0.5f;
            else if (g_str_equal(info->name, "time"))
                data[i] = 49;
            else if (g_str_equal(info->name, "weight") || g_str_equal(info->name, "step"))
                data[i] = (float)(i + 1);
        dkm_plan_set_input(plan, v, data, &error);
        g_assert_no_error(error);
    }
}

/* Every gradient of LOSS, then output Y and the loss itself: a GArray of floats each. */
static inline GPtrArray *compute_graph(Fixture *f, DkmGraph *graph, DkmValue y, DkmValue loss)
{
    enum { MOST = 400 };
    g_autoptr(GError) error = NULL;
    DkmValue wrt[MOST], outputs[MOST];
    int n = 0;
    for (DkmValue v = 0; v < dkm_graph_n_values(graph); v++)
        if (dkm_graph_value(graph, v)->role == DKM_ROLE_PARAM && n < MOST - 2)
            wrt[n++] = v;
    dkm_graph_gradients(graph, loss, wrt, n, outputs);
    outputs[n++] = y;
    outputs[n++] = loss;
    DkmPlan *plan = dkm_plan_new(graph, f->params, outputs, n, DKM_PLAN_TRAINING, &error);
    g_assert_no_error(error);
    set_inputs(plan, graph);
    dkm_plan_run(plan, NULL, &error);
    g_assert_no_error(error);
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    for (int i = 0; i < n; i++) {
        const guint count = (guint)dkm_shape_count(dkm_graph_value(graph, outputs[i])->shape);
        GArray *values = g_array_set_size(g_array_new(FALSE, FALSE, sizeof(float)), count);
        g_ptr_array_add(all, values);
        dkm_plan_get_output(plan, outputs[i], (float *)values->data, &error);
        g_assert_no_error(error);
    }
    dkm_plan_free(plan);
    return all;
}

/* That of the sample network with random weights. */
static inline GPtrArray *compute(const DkmBackend *backend, int threads, DkmDtype dtype)
{
    g_autoptr(GError) error = NULL;
    Fixture f = fixture_open_with(backend, &(DkmDeviceOptions){.threads = threads});
    Net net = net_new(dtype, FALSE);
    dkm_params_init(f.params, net.graph, 1, &error);
    g_assert_no_error(error);
    randomise_params(f.params, 5);
    GPtrArray *all = compute_graph(&f, net.graph, net.y, net.loss);
    dkm_graph_free(net.graph);
    fixture_close(&f);
    return all;
}

/* Sum of squares of A, or of A - B. */
static inline double squares(const GArray *a, const GArray *b)
{
    double sum = 0;
    for (guint i = 0; i < a->len; i++) {
        const double d = g_array_index(a, float, i) - (b ? g_array_index(b, float, i) : 0.0);
        sum += d * d;
    }
    return sum;
}

/* |a - b| / |b| over all tensors. */
static inline double distance(const GPtrArray *a, const GPtrArray *b)
{
    double difference = 0, size = 0;
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        difference += squares(a->pdata[i], b->pdata[i]);
        size += squares(b->pdata[i], NULL);
    }
    return sqrt(difference / size);
}

static inline void assert_same_bits(const GPtrArray *a, const GPtrArray *b)
{
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        const GArray *x = a->pdata[i], *y = b->pdata[i];
        g_assert_cmpmem(x->data, x->len * sizeof(float), y->data, y->len * sizeof(float));
    }
}
