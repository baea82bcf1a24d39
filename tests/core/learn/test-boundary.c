/* Distances of a square, and the loss with its gradient against central differences. */
#include "core/learn/boundary.h"

#include "core/model/engine.h"
#include "core/net/plan.h"
#include "core/philox.h"

#include <math.h>

enum { SIDE = 16, PIXELS = SIDE * SIDE, SAMPLES = 2, ALL = SAMPLES * PIXELS };

/* A square of 6 pixels from (4, 4). */
static void square(float *label)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            label[y * SIDE + x] = x >= 4 && x < 10 && y >= 4 && y < 10;
}

static void test_map(void)
{
    float label[PIXELS], phi[PIXELS];
    square(label);
    g_assert_true(dkm_boundary_map(label, SIDE, 2, phi, NULL));
    g_assert_cmpfloat_with_epsilon(phi[4 * SIDE + 6], -0.1, 1e-6); /* the edge: half of 2 mm in */
    g_assert_cmpfloat_with_epsilon(phi[6 * SIDE + 6], -0.5, 1e-6);
    g_assert_cmpfloat_with_epsilon(phi[6 * SIDE + 3], 0.1, 1e-6);
    g_assert_cmpfloat_with_epsilon(phi[2 * SIDE + 2], (sqrt(32) - 1) / 10, 1e-6);
    g_assert_cmpfloat(phi[15 * SIDE + 6], ==, 1); /* 11 mm */
    for (int i = 0; i < PIXELS; i++)
        label[i] = 0;
    g_assert_true(dkm_boundary_map(label, SIDE, 2, phi, NULL));
    g_assert_cmpfloat(phi[7], ==, 1);
    for (int i = 0; i < PIXELS; i++)
        label[i] = 1;
    g_assert_true(dkm_boundary_map(label, SIDE, 2, phi, NULL));
    g_assert_cmpfloat(phi[7], ==, -1);
}

typedef struct {
    DkmEngine engine;
    DkmGraph *graph;
    DkmParams *params;
    DkmPlan *plan;
    DkmValue logits, gradient;
    DkmBoundaryLoss boundary;
    float z[ALL], phi[ALL];
} Fixture;

/* The logits are a parameter themselves. */
static void set_up(Fixture *f, gconstpointer dtype)
{
    g_autoptr(GError) error = NULL;
    float label[PIXELS], below[ALL], above[ALL];
    square(label);
    g_assert_true(dkm_engine_open(&f->engine, "reference", 1, &error));
    f->params = dkm_params_new(f->engine.backend, f->engine.device);
    f->graph = dkm_graph_new((DkmDtype)GPOINTER_TO_INT(dtype));
    const DkmShape shape = {SAMPLES, SIDE, SIDE, 1};
    f->logits = dkm_graph_param(f->graph, "z", shape, DKM_INIT_ONE);
    f->boundary = dkm_boundary_loss_build(f->graph, f->logits, 3);
    dkm_graph_gradients(f->graph, f->boundary.loss, &f->logits, 1, &f->gradient);
    g_assert_true(dkm_graph_check(f->graph, &error));
    for (int i = 0; i < SAMPLES; i++)
        g_assert_true(dkm_boundary_map(label, SIDE, 1 + i, f->phi + i * PIXELS, NULL));
    for (guint i = 0; i < ALL; i++) {
        f->z[i] = (float)(2 * dkm_philox_normal(5, i, 91));
        below[i] = -f->phi[i] / 4;
        above[i] = f->phi[i] / 4;
    }
    g_assert_true(dkm_params_set(f->params, "z", shape, f->z, &error));
    const DkmValue outputs[] = {f->boundary.loss, f->gradient};
    f->plan = dkm_plan_new(f->graph, f->params, outputs, 2, DKM_PLAN_TRAINING, &error);
    g_assert_no_error(error);
    g_assert_true(dkm_plan_set_input(f->plan, f->boundary.below, below, &error));
    g_assert_true(dkm_plan_set_input(f->plan, f->boundary.above, above, &error));
}

static void tear_down(Fixture *f, gconstpointer dtype)
{
    dkm_plan_free(f->plan);
    dkm_graph_free(f->graph);
    dkm_params_free(f->params);
    dkm_engine_close(&f->engine);
}

static double loss_with(Fixture *f, int i, float step)
{
    const float kept = f->z[i];
    float loss = NAN;
    f->z[i] += step;
    g_assert_true(dkm_params_set(f->params, "z", (DkmShape){SAMPLES, SIDE, SIDE, 1}, f->z, NULL));
    g_assert_true(dkm_plan_run(f->plan, NULL, NULL));
    g_assert_true(dkm_plan_get_output(f->plan, f->boundary.loss, &loss, NULL));
    f->z[i] = kept;
    return loss;
}

static void test_loss(Fixture *f, gconstpointer dtype)
{
    double wanted = 0;
    for (int i = 0; i < ALL; i++)
        wanted += 3.0 * (double)f->phi[i] / (1 + exp(-(double)f->z[i])) / ALL;
    g_assert_cmpfloat_with_epsilon(loss_with(f, 0, 0), wanted, 1e-5);
}

static void test_gradient(Fixture *f, gconstpointer dtype)
{
    static const int pixels[] = {0, 40, 70, 102, 200, 300, 358, 511};
    float gradient[ALL];
    loss_with(f, 0, 0);
    g_assert_true(dkm_plan_get_output(f->plan, f->gradient, gradient, NULL));
    for (guint k = 0; k < G_N_ELEMENTS(pixels); k++) {
        const int i = pixels[k];
        const double p = 1 / (1 + exp(-(double)f->z[i]));
        const double difference = (loss_with(f, i, 0.25f) - loss_with(f, i, -0.25f)) / 0.5;
        g_assert_cmpfloat_with_epsilon(gradient[i], 3 * (double)f->phi[i] * p * (1 - p) / ALL,
                                       1e-6);
        g_assert_cmpfloat_with_epsilon(gradient[i], difference,
                                       1e-6 + 0.03 * fabs((double)gradient[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/learn/boundary/map", test_map);
    g_test_add("/learn/boundary/loss", Fixture, GINT_TO_POINTER(DKM_F32), set_up, test_loss,
               tear_down);
    g_test_add("/learn/boundary/gradient/f32", Fixture, GINT_TO_POINTER(DKM_F32), set_up,
               test_gradient, tear_down);
    g_test_add("/learn/boundary/gradient/bf16", Fixture, GINT_TO_POINTER(DKM_BF16), set_up,
               test_gradient, tear_down);
    return g_test_run();
}
