/* Whole networks on the CUDA module's own ops, in the emulator: forward and backward as the
 * reference computes them, the same bits in every order. The sample network has the ops, one
 * training step of the product's two modules (preset tiny) has their shapes. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/sample-run.h"

#include "core/model/diffusion.h"
#include "core/model/segmentation.h"

enum { SAMPLES = 2, SIDE = 16 };

static DkmPreset tiny(void)
{
    DkmPreset preset;
    g_autoptr(GError) error = NULL;
    dkm_preset_find("tiny", &preset, &error);
    g_assert_no_error(error);
    return preset;
}

/* Moves every weight a little: those that begin at zero would hide all gradients behind them. */
static void move_params(DkmParams *params)
{
    for (guint i = 0; i < dkm_params_count(params); i++) {
        g_autoptr(GError) error = NULL;
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        const gsize count = dkm_shape_count(shape);
        g_autofree float *data = g_new(float, count);
        g_autofree float *shift = new_normal(count, 70 + i);
        dkm_params_get(params, name, data, count, &error);
        g_assert_no_error(error);
        for (gsize k = 0; k < count; k++)
            data[k] += 0.05f * shift[k];
        dkm_params_set(params, name, shape, data, &error);
        g_assert_no_error(error);
    }
}

static GPtrArray *compute_and_free(Fixture *f, DkmGraph *graph, DkmValue y, DkmValue loss)
{
    g_autoptr(GError) error = NULL;
    dkm_params_init(f->params, graph, 1, &error);
    g_assert_no_error(error);
    move_params(f->params);
    GPtrArray *all = compute_graph(f, graph, y, loss);
    dkm_graph_free(graph);
    fixture_close(f);
    return all;
}

static GPtrArray *compute_dm(const DkmBackend *backend, int order, DkmDtype dtype)
{
    const DkmPreset preset = tiny();
    const DkmShape image = {SAMPLES, SIDE, SIDE, 1}, one = {SAMPLES, 1, 1, 1};
    Fixture f = fixture_open_with(backend, &(DkmDeviceOptions){.threads = order});
    DkmGraph *graph = dkm_graph_new(dtype);
    const DkmDiffusionInput input = {.x = dkm_graph_input(graph, "x", image),
                                     .time = dkm_graph_input(graph, "time", one),
                                     .dropout_step =
                                         dkm_graph_input(graph, "step", (DkmShape){1, 1, 1, 1})};
    const DkmDiffusion dm = dkm_diffusion_build(graph, &preset, &input);
    const DkmValue in[] = {dm.prediction, dkm_graph_input(graph, "target", image),
                           dkm_graph_input(graph, "weight", one)};
    const DkmValue loss = dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
    return compute_and_free(&f, graph, dm.prediction, loss);
}

static GPtrArray *compute_sm(const DkmBackend *backend, int order, DkmDtype dtype)
{
    const DkmPreset preset = tiny();
    const DkmShape image = {SAMPLES, SIDE, SIDE, 1};
    Fixture f = fixture_open_with(backend, &(DkmDeviceOptions){.threads = order});
    DkmGraph *graph = dkm_graph_new(dtype);
    DkmSegmentationInput input = {.training = TRUE, .x = dkm_graph_input(graph, "x_0", image)};
    for (int i = 0; i < DKM_LEVELS; i++) {
        const DkmShape shape = {SAMPLES, SIDE >> i, SIDE >> i,
                                dkm_preset_code_channels(&preset, i)};
        g_autofree char *name = g_strdup_printf("f%d", i + 1);
        input.code[i] = preset.fuse[i] ? dkm_graph_input(graph, name, shape) : DKM_NO_VALUE;
    }
    const DkmSegmentation sm = dkm_segmentation_build(graph, &preset, &input);
    const DkmValue in[] = {sm.logits, dkm_graph_input(graph, "label", image)};
    const DkmOpParams p = {.lambda = 0.5f};
    return compute_and_free(&f, graph, sm.logits, dkm_graph_add(graph, DKM_OP_LOSS_SEG, &p, in, 2));
}

typedef GPtrArray *(*Compute)(const DkmBackend *backend, int order, DkmDtype dtype);

static double mean_square(const GArray *a, const GArray *b)
{
    return squares(a, b) / a->len;
}

/* The largest |a - b| / |b| of a tensor; every one must be there. What should be zero and is
 * rounding alone (the gradient of a bias before a norm, or of the keys' bias) is measured by a
 * thousandth of what the others have. */
static double worst_distance(const GPtrArray *a, const GPtrArray *b)
{
    double usual = 0, worst = 0;
    for (guint i = 0; i < b->len; i++) {
        g_assert_cmpfloat(mean_square(b->pdata[i], NULL), >, 0);
        usual += log(mean_square(b->pdata[i], NULL)) / b->len;
    }
    for (guint i = 0; i < a->len; i++) {
        const double size = MAX(mean_square(b->pdata[i], NULL), exp(usual) * 1e-6);
        worst = MAX(worst, mean_square(a->pdata[i], b->pdata[i]) / size);
    }
    return sqrt(worst);
}

static void agrees(Compute network, DkmDtype dtype, double tolerance)
{
    g_autoptr(GPtrArray) expected = network(&dkm_backend_reference, 0, dtype);
    g_autoptr(GPtrArray) forward = network(&emulated_backend, EMULATED_FORWARD, dtype);
    const double d = distance(forward, expected), worst = worst_distance(forward, expected);
    g_test_message("%s: %.2g from the reference, %.2g at worst in one of %u tensors",
                   dtype == DKM_F32 ? "f32" : "bf16", d, worst, forward->len);
    g_assert_cmpfloat(d, <=, tolerance);
    if (dtype == DKM_F32) /* in bf16 what should be zero is no longer small */
        g_assert_cmpfloat(worst, <=, 10 * tolerance);
    for (int order = EMULATED_REVERSE; order <= EMULATED_RANDOM; order++) {
        g_autoptr(GPtrArray) other = network(&emulated_backend, order, dtype);
        assert_same_bits(forward, other);
    }
}

static void sample(void)
{
    agrees(compute, DKM_F32, 1e-5);
    agrees(compute, DKM_BF16, 2e-2);
}

static void diffusion(void)
{
    agrees(compute_dm, DKM_F32, 1e-5);
    agrees(compute_dm, DKM_BF16, 2e-2);
}

static void segmentation(void)
{
    agrees(compute_sm, DKM_F32, 1e-5);
    agrees(compute_sm, DKM_BF16, 2e-2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/network/sample", sample);
    g_test_add_func("/cuda/network/diffusion", diffusion);
    g_test_add_func("/cuda/network/segmentation", segmentation);
    return g_test_run();
}
