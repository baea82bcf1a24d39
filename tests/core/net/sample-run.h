/* The sample network computed on a back end, forward and backward, and how far two results are
 * apart. */
#pragma once

#include "tests/core/net/sample-net.h"

#include <math.h>

/* Output, loss and every gradient, one after the other. */
static inline GArray *compute(const DkmBackend *backend, int threads, DkmDtype dtype)
{
    enum { MOST = 40 };
    Fixture f = fixture_open_with(backend, &(DkmDeviceOptions){.threads = threads});
    Net net = net_new(dtype, FALSE);
    g_autoptr(GError) error = NULL;
    DkmValue wrt[MOST], outputs[MOST];
    int n = 0;
    for (DkmValue v = 0; v < dkm_graph_n_values(net.graph); v++)
        if (dkm_graph_value(net.graph, v)->role == DKM_ROLE_PARAM)
            wrt[n++] = v;
    dkm_graph_gradients(net.graph, net.loss, wrt, n, outputs);
    outputs[n++] = net.y;
    outputs[n++] = net.loss;
    dkm_params_init(f.params, net.graph, 1, &error);
    g_assert_no_error(error);
    randomise_params(f.params, 5);
    DkmPlan *plan = dkm_plan_new(net.graph, f.params, outputs, n, DKM_PLAN_TRAINING, &error);
    g_assert_no_error(error);
    g_autofree float *x = new_normal(2 * 36 * 3, 3);
    dkm_plan_set_input(plan, net.x, x, &error);
    dkm_plan_run(plan, NULL, &error);
    g_assert_no_error(error);
    GArray *all = g_array_new(FALSE, FALSE, sizeof(float));
    for (int i = 0; i < n; i++) {
        const guint count = (guint)dkm_shape_count(dkm_graph_value(net.graph, outputs[i])->shape);
        g_array_set_size(all, all->len + count);
        dkm_plan_get_output(plan, outputs[i], &g_array_index(all, float, all->len - count), &error);
        g_assert_no_error(error);
    }
    dkm_plan_free(plan);
    dkm_graph_free(net.graph);
    fixture_close(&f);
    return all;
}

/* |a - b| / |b| */
static inline double distance(const GArray *a, const GArray *b)
{
    double difference = 0, size = 0;
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        const double x = g_array_index(a, float, i), y = g_array_index(b, float, i);
        difference += (x - y) * (x - y);
        size += y * y;
    }
    return sqrt(difference / size);
}
