/* What the segmentation module is shown beside the code: predicted phases are those that the
 * network itself tells, and an absent phase is not looked at. */
#include "core/model/engine.h"
#include "core/model/network.h"
#include "core/philox.h"

#include <math.h>
#include <string.h>

enum { SIDE = 32, PIXELS = SIDE * SIDE };

typedef struct {
    DkmEngine engine;
    DkmParams *params;
    DkmPreset preset;
    float x_0[PIXELS], noise[PIXELS], early[PIXELS], late[PIXELS];
} Fixture;

static void set_up(Fixture *f, gconstpointer input)
{
    g_assert_true(dkm_engine_open(&f->engine, "cpu", 1, NULL));
    g_assert_true(dkm_preset_find("tiny-k2", &f->preset, NULL));
    f->preset.input = (DkmInput)GPOINTER_TO_INT(input);
    f->params = dkm_params_new(f->engine.backend, f->engine.device);
    g_assert_true(dkm_network_declare(&f->preset, FALSE, f->params, NULL));
    for (guint i = 0; i < dkm_params_count(f->params); i++) {
        const char *name = dkm_params_name(f->params, i);
        const DkmShape shape = dkm_params_shape(f->params, name);
        const gsize n = dkm_shape_count(shape);
        const gboolean running = g_str_has_suffix(name, ".running");
        const double spread = sqrt(1.0 / (shape.h * shape.w * shape.c)); /* keeps signals alive */
        g_autofree float *values = g_new(float, n);
        for (gsize k = 0; k < n; k++)
            values[k] = running ? (k < n / 2 ? 0 : 1)
                                : (float)((shape.n > 1 || strstr(name, "head") ? 0 : 1) +
                                          spread * dkm_philox_normal(i, k, 77));
        g_assert_true(dkm_params_set(f->params, name, shape, values, NULL));
    }
    for (guint i = 0; i < PIXELS; i++) {
        f->x_0[i] = (float)dkm_philox_normal(1, i, 78);
        f->noise[i] = (float)dkm_philox_normal(2, i, 78);
        f->early[i] = (float)dkm_philox_normal(3, i, 78);
        f->late[i] = (float)dkm_philox_normal(4, i, 78);
    }
}

static void tear_down(Fixture *f, gconstpointer input)
{
    dkm_params_free(f->params);
    dkm_engine_close(&f->engine);
}

static DkmNetwork *plan_with(Fixture *f, gboolean predict, int fields)
{
    const DkmNetworkShape shape = {.preset = &f->preset,
                                   .dtype = DKM_F32,
                                   .samples = 1,
                                   .rows = SIDE,
                                   .columns = SIDE,
                                   .predict = predict,
                                   .noise_fields = fields};
    g_autoptr(GError) error = NULL;
    DkmNetwork *network = dkm_network_new(&shape, f->params, &error);
    g_assert_no_error(error);
    return network;
}

static DkmNetwork *plan(Fixture *f, gboolean predict)
{
    return plan_with(f, predict, 1);
}

static void run(Fixture *f, DkmNetwork *network, float *probability)
{
    g_assert_true(dkm_network_run(network, f->x_0, f->noise, NULL, NULL));
    g_assert_true(dkm_network_get_probability(network, probability, NULL));
}

static float farthest(const float *a, const float *b)
{
    float most = 0;
    for (int i = 0; i < PIXELS; i++)
        most = MAX(most, ABS(a[i] - b[i]));
    return most;
}

/* The same weights with the same phases given from outside. */
static void test_predicted(Fixture *f, gconstpointer reading)
{
    float inside[PIXELS], outside[PIXELS], other[PIXELS], phases[2 * PIXELS];
    g_autoptr(DkmNetwork) one = plan(f, TRUE);
    run(f, one, inside);
    g_assert_true(dkm_network_get_phases(one, phases, NULL));
    f->preset.input = DKM_INPUT_POST;
    g_autoptr(DkmNetwork) two = plan(f, FALSE);
    dkm_network_set_post(two, DKM_POST_EARLY, f->early);
    dkm_network_set_post(two, DKM_POST_LATE, f->late);
    run(f, two, other);
    for (int i = 0; i < PIXELS; i++) {
        f->early[i] = phases[2 * i];
        f->late[i] = phases[2 * i + 1];
    }
    dkm_network_set_post(two, DKM_POST_EARLY, f->early);
    dkm_network_set_post(two, DKM_POST_LATE, f->late);
    run(f, two, outside);
    g_assert_cmpfloat(farthest(inside, outside), <, 1e-4f);
    g_assert_cmpfloat(farthest(inside, other), >, 1e-3f);
}

static void test_regression(Fixture *f, gconstpointer input)
{
    f->preset.reading = DKM_READING_REGRESSION;
    test_predicted(f, input);
}

/* A phase that is hidden again leaves nothing behind; one that is shown is seen, and where it is.
 */
static void test_any(Fixture *f, gconstpointer input)
{
    float seen[DKM_POST_BOTH + 1][PIXELS], again[PIXELS];
    g_autoptr(DkmNetwork) network = plan(f, FALSE);
    g_assert_cmpuint(dkm_network_shown(network), ==, DKM_POST_BOTH);
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++) {
        g_assert_true(dkm_network_accepts(network, posts));
        dkm_network_show(network, posts);
        dkm_network_set_post(network, DKM_POST_EARLY, f->early); /* not shown: without effect */
        dkm_network_set_post(network, DKM_POST_LATE, f->late);
        run(f, network, seen[posts]);
        for (guint other = 0; other < posts; other++)
            g_assert_cmpfloat(farthest(seen[posts], seen[other]), >, 1e-4f);
    }
    dkm_network_show(network, 0);
    run(f, network, again);
    g_assert_cmpmem(again, sizeof again, seen[0], sizeof again);
    memset(f->early, 0, sizeof f->early);
    memset(f->late, 0, sizeof f->late); /* phases of 0 are not the same as no phases */
    dkm_network_show(network, DKM_POST_BOTH);
    dkm_network_set_post(network, DKM_POST_EARLY, f->early);
    dkm_network_set_post(network, DKM_POST_LATE, f->late);
    run(f, network, again);
    g_assert_cmpfloat(farthest(again, seen[0]), >, 1e-4f);
}

/* Whatever noise is given: the same as noise of 0, in probability and phases. */
static void test_no_noise(Fixture *f, gconstpointer input)
{
    float zero[PIXELS] = {0}, with[PIXELS], without[PIXELS], phases[2][2 * PIXELS];
    g_autoptr(DkmNetwork) usual = plan(f, TRUE);
    g_autoptr(DkmNetwork) noiseless = plan_with(f, TRUE, DKM_NO_NOISE);
    run(f, usual, with);
    run(f, noiseless, without);
    g_assert_cmpfloat(farthest(with, without), >, 1e-4f);
    g_assert_true(dkm_network_get_phases(noiseless, phases[1], NULL));
    g_assert_true(dkm_network_run(usual, f->x_0, zero, NULL, NULL));
    g_assert_true(dkm_network_get_probability(usual, with, NULL));
    g_assert_true(dkm_network_get_phases(usual, phases[0], NULL));
    g_assert_cmpfloat(farthest(with, without), ==, 0);
    g_assert_cmpfloat(farthest(phases[0], phases[1]), ==, 0);
}

/* The mean over the fields; codes and phases are the first one's. */
static void test_noise_fields(Fixture *f, gconstpointer input)
{
    enum { FIELDS = 3 };
    float mean[PIXELS] = {0}, one[PIXELS], many[PIXELS], phases[2][2 * PIXELS];
    g_autoptr(DkmNetwork) single = plan(f, TRUE);
    g_autoptr(DkmNetwork) averaging = plan_with(f, TRUE, FIELDS);
    for (int i = FIELDS - 1; i >= 0; i--) {
        g_autofree float *noise = dkm_network_make_noise(single, 40 + (guint64)i, 3, 5, NULL);
        g_assert_true(dkm_network_run(single, f->x_0, noise, NULL, NULL));
        g_assert_true(dkm_network_get_probability(single, one, NULL));
        for (int p = 0; p < PIXELS; p++)
            mean[p] += one[p] / FIELDS;
    }
    g_assert_true(dkm_network_get_phases(single, phases[0], NULL));
    g_autofree float *noise = dkm_network_make_noise(averaging, 40, 3, 5, NULL);
    for (int again = 0; again < 2; again++) { /* nothing is left over from the first time */
        g_assert_true(dkm_network_run(averaging, f->x_0, noise, NULL, NULL));
        g_assert_true(dkm_network_get_probability(averaging, many, NULL));
        g_assert_cmpfloat(farthest(mean, many), <, 1e-6f);
        g_assert_cmpfloat(farthest(one, many), >, 1e-4f);
    }
    g_assert_true(dkm_network_get_phases(averaging, phases[1], NULL));
    g_assert_cmpmem(phases[0], sizeof phases[0], phases[1], sizeof phases[1]);
    g_assert_cmpfloat_with_epsilon(dkm_network_flop(averaging), FIELDS * dkm_network_flop(single),
                                   1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, input, test)                                                                     \
    g_test_add(path, Fixture, GINT_TO_POINTER(input), set_up, test, tear_down)
    ADD("/network/predicted", DKM_INPUT_PREDICTED, test_predicted);
    ADD("/network/predicted-by-regression", DKM_INPUT_PREDICTED, test_regression);
    ADD("/network/noise-fields", DKM_INPUT_PRE, test_noise_fields);
    ADD("/network/no-noise", DKM_INPUT_PRE, test_no_noise);
    ADD("/network/any", DKM_INPUT_ANY, test_any);
    return g_test_run();
}
