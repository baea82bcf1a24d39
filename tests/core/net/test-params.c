/* The store of weights: how fresh ones are filled, versions, refusals. */
#include "tests/core/net/fixture.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

static float *get(DkmParams *params, const char *name, gsize *count)
{
    g_autoptr(GError) error = NULL;
    *count = dkm_shape_count(dkm_params_shape(params, name));
    float *data = g_new(float, *count);
    dkm_params_get(params, name, data, *count, &error);
    g_assert_no_error(error);
    return data;
}

static DkmGraph *some_graph(void)
{
    DkmGraph *graph = dkm_graph_new(DKM_F32);
    dkm_graph_param(graph, "zero", (DkmShape){1, 1, 1, 4}, DKM_INIT_ZERO);
    dkm_graph_param(graph, "one", (DkmShape){1, 1, 1, 4}, DKM_INIT_ONE);
    dkm_graph_param(graph, "uniform", (DkmShape){32, 3, 3, 64}, DKM_INIT_FAN_AVG_UNIFORM);
    dkm_graph_param(graph, "twin", (DkmShape){32, 3, 3, 64}, DKM_INIT_FAN_AVG_UNIFORM);
    dkm_graph_param(graph, "normal", (DkmShape){32, 3, 3, 64}, DKM_INIT_KAIMING_NORMAL);
    dkm_graph_state(graph, "running", (DkmShape){1, 1, 2, 3}, DKM_INIT_RUNNING_STATS);
    dkm_graph_input(graph, "input", (DkmShape){1, 1, 1, 1});
    return graph;
}

static void moments(const float *data, gsize n, double *mean, double *variance)
{
    double sum = 0, squares = 0;
    for (gsize i = 0; i < n; i++) {
        sum += data[i];
        squares += (double)data[i] * data[i];
    }
    *mean = sum / (double)n;
    *variance = squares / (double)n - *mean * *mean;
}

static void fresh_weights(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    g_autoptr(DkmGraph) graph = some_graph();
    g_autoptr(GError) error = NULL;
    gsize count;
    double mean, variance;
    dkm_params_init(f.params, graph, 3, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dkm_params_count(f.params), ==, 6);
    g_autofree float *uniform = get(f.params, "uniform", &count);
    const double bound = sqrt(3 / (9 * (32 + 64) / 2.0));
    moments(uniform, count, &mean, &variance);
    g_assert_cmpfloat_with_epsilon(mean, 0, bound * 0.02);
    g_assert_cmpfloat_with_epsilon(variance, bound * bound / 3, bound * bound * 0.01);
    for (gsize i = 0; i < count; i++)
        g_assert_cmpfloat(fabsf(uniform[i]), <=, bound);
    g_autofree float *twin = get(f.params, "twin", &count);
    g_assert_cmpint(memcmp(uniform, twin, count * sizeof *twin), !=, 0);
    g_autofree float *normal = get(f.params, "normal", &count);
    moments(normal, count, &mean, &variance);
    g_assert_cmpfloat_with_epsilon(variance, 2.0 / (9 * 64), 2.0 / (9 * 64) * 0.03);
    g_autofree float *running = get(f.params, "running", &count);
    const float expected[] = {0, 0, 0, 1, 1, 1};
    g_assert_cmpmem(running, count * sizeof *running, expected, sizeof expected);
    fixture_close(&f);
}

/* A weight depends on seed and name, not on what else the network has; one that is there stays. */
static void init_is_reproducible(void)
{
    Fixture a = fixture_open(&dkm_backend_reference), b = fixture_open(&dkm_backend_reference);
    g_autoptr(DkmGraph) graph = some_graph();
    g_autoptr(DkmGraph) alone = dkm_graph_new(DKM_F32);
    g_autoptr(GError) error = NULL;
    gsize count;
    dkm_graph_param(alone, "normal", (DkmShape){32, 3, 3, 64}, DKM_INIT_KAIMING_NORMAL);
    dkm_params_init(a.params, graph, 3, &error);
    dkm_params_init(b.params, alone, 3, &error);
    g_assert_no_error(error);
    g_autofree float *x = get(a.params, "normal", &count);
    g_autofree float *y = get(b.params, "normal", &count);
    g_assert_cmpmem(x, count * sizeof *x, y, count * sizeof *y);
    dkm_params_init(a.params, alone, 4, &error);
    g_assert_no_error(error);
    g_autofree float *kept = get(a.params, "normal", &count);
    g_assert_cmpmem(kept, count * sizeof *kept, x, count * sizeof *x);
    fixture_close(&a);
    fixture_close(&b);
}

static void sorted_names_and_versions(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    g_autoptr(GError) error = NULL;
    const DkmShape shape = {1, 1, 1, 2};
    const float data[] = {1, 2};
    g_assert_cmpuint(dkm_params_version(f.params), ==, 1);
    dkm_params_set(f.params, "b", shape, data, &error);
    dkm_params_set(f.params, "a", shape, data, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(dkm_params_name(f.params, 0), ==, "a");
    g_assert_cmpstr(dkm_params_name(f.params, 1), ==, "b");
    g_assert_cmpuint(dkm_params_version(f.params), ==, 3);
    dkm_params_touch(f.params);
    g_assert_cmpuint(dkm_params_version(f.params), ==, 4);
    g_assert_nonnull(dkm_params_device_data(f.params, "a"));
    g_assert_null(dkm_params_device_data(f.params, "c"));
    fixture_close(&f);
}

static void refuses(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    g_autoptr(GError) error = NULL;
    float data[3] = {0};
    dkm_params_set(f.params, "a", (DkmShape){1, 1, 1, 2}, data, &error);
    g_assert_no_error(error);
    g_assert_false(dkm_params_set(f.params, "a", (DkmShape){1, 1, 1, 3}, data, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_cmpstr(error->message, ==, "parameter a has another shape");
    g_clear_error(&error);
    g_assert_false(dkm_params_get(f.params, "a", data, 3, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_clear_error(&error);
    g_assert_false(dkm_params_get(f.params, "b", data, 2, &error));
    g_assert_cmpstr(error->message, ==, "there is no parameter b");
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/params/fresh-weights", fresh_weights);
    g_test_add_func("/params/init-is-reproducible", init_is_reproducible);
    g_test_add_func("/params/sorted-names-and-versions", sorted_names_and_versions);
    g_test_add_func("/params/refuses", refuses);
    return g_test_run();
}
