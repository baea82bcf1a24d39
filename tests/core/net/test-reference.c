/* The reference against values known by other means: worked by hand, or what a property demands.
 * That its gradients are gradients is test-gradients.c's. */
#include "core/net/backend.h"
#include "core/philox.h"

#include <math.h>
#include <string.h>

enum { MOST = 4096 };

/* One run; OUT's data are static and live until the next run. */
static void run(DkmOpKind kind, DkmOpParams p, const DkmTensor *in, int n_in, DkmTensor *out)
{
    static float memory[DKM_OP_MAX_OUT][MOST];
    static double workspace[MOST];
    const DkmBackend *backend = &dkm_backend_reference;
    g_autoptr(GError) error = NULL;
    const char *why = NULL;
    DkmOpCall call = {.kind = kind, .p = &p, .n_in = n_in, .workspace = workspace};
    dkm_op_infer(kind, &p, in, n_in, call.out, &why);
    g_assert_cmpstr(why, ==, NULL);
    call.n_out = dkm_op_def(kind)->n_out;
    for (int i = 0; i < n_in; i++)
        call.in[i] = in[i];
    for (int k = 0; k < call.n_out; k++) {
        g_assert_cmpuint(dkm_shape_count(call.out[k].shape), <=, MOST);
        call.out[k].data = memory[k];
        out[k] = call.out[k];
    }
    DkmDevice *device = backend->open(&(DkmDeviceOptions){0}, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(backend->workspace(device, &call), <=, sizeof workspace);
    dkm_backend_run(backend, device, &call, &error);
    g_assert_no_error(error);
    backend->close(device);
}

static DkmTensor tensor(const float *data, int n, int h, int w, int c)
{
    return (DkmTensor){(float *)data, {n, h, w, c}, DKM_F32};
}

static float at(const DkmTensor *t, gsize i)
{
    return ((const float *)t->data)[i];
}

static void assert_values(const DkmTensor *t, const float *expected, gsize n)
{
    g_assert_cmpuint(dkm_shape_count(t->shape), ==, n);
    for (gsize i = 0; i < n; i++)
        g_assert_cmpfloat_with_epsilon(at(t, i), expected[i], 1e-6);
}

/* Ones under a kernel of ones: the number of taps inside the picture, plus bias and residual. */
static void conv_counts_its_taps(void)
{
    float ones[64], residual[9];
    const float bias = 10;
    for (int i = 0; i < 64; i++)
        ones[i] = 1;
    for (int i = 0; i < 9; i++)
        residual[i] = (float)(100 * i);
    const DkmTensor in[] = {tensor(ones, 1, 3, 3, 1), tensor(ones, 1, 3, 3, 1),
                            tensor(&bias, 1, 1, 1, 1), tensor(residual, 1, 3, 3, 1)};
    const float expected[] = {14, 116, 214, 316, 419, 516, 614, 716, 814};
    DkmTensor y;
    run(DKM_OP_CONV, (DkmOpParams){.kernel = 3, .stride = 1}, in, 4, &y);
    assert_values(&y, expected, 9);
    const DkmTensor wide[] = {tensor(ones, 1, 4, 5, 1), in[1]};
    const float strided[] = {4, 6, 4, 6, 9, 6}; /* rows 0, 2; columns 0, 2, 4; pad 1 on all sides */
    run(DKM_OP_CONV, (DkmOpParams){.kernel = 3, .stride = 2}, wide, 2, &y);
    assert_values(&y, strided, 6);
}

/* A kernel with one tap moves the picture: correlation, not a flipped convolution. */
static void conv_does_not_flip(void)
{
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[] = {0, 0, 0, 0, 0, 1, 0, 0, 0};
    const float expected[] = {2, 3, 0, 5, 6, 0, 8, 9, 0};
    const DkmTensor in[] = {tensor(x, 1, 3, 3, 1), tensor(w, 1, 3, 3, 1)};
    DkmTensor y;
    run(DKM_OP_CONV, (DkmOpParams){.kernel = 3, .stride = 1}, in, 2, &y);
    assert_values(&y, expected, 9);
}

static void bf16_rounds_to_nearest_even(void)
{
    const float x[] = {1.0f, 1.00390625f, 1.01171875f, -3.14159274f};
    const float expected[] = {1.0f, 1.0f, 1.015625f, -3.140625f};
    const DkmTensor in = tensor(x, 1, 1, 1, 4);
    DkmTensor half, back;
    run(DKM_OP_CAST, (DkmOpParams){.dtype = DKM_BF16}, &in, 1, &half);
    guint16 copy[4];
    memcpy(copy, half.data, sizeof copy);
    half.data = copy;
    run(DKM_OP_CAST, (DkmOpParams){.dtype = DKM_F32}, &half, 1, &back);
    assert_values(&back, expected, 4);
}

static void group_norm_normalises(void)
{
    float x[2 * 3 * 4 * 6];
    const float gamma[] = {1, 1, 1, 1, 1, 1}, beta[6] = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(x); i++)
        x[i] = 5 + 3 * (float)dkm_philox_normal(2, i, 0);
    const DkmTensor in[] = {tensor(x, 2, 3, 4, 6), tensor(gamma, 1, 1, 1, 6),
                            tensor(beta, 1, 1, 1, 6)};
    DkmTensor out[2];
    run(DKM_OP_GROUP_NORM, (DkmOpParams){.groups = 3}, in, 3, out);
    for (gsize n = 0; n < 2; n++)
        for (gsize g = 0; g < 3; g++) {
            double sum = 0, squares = 0;
            for (gsize i = 0; i < 12; i++)
                for (gsize c = 2 * g; c < 2 * g + 2; c++) {
                    const double y = at(&out[0], (n * 12 + i) * 6 + c);
                    sum += y;
                    squares += y * y;
                }
            g_assert_cmpfloat_with_epsilon(sum / 24, 0, 1e-6);
            g_assert_cmpfloat_with_epsilon(squares / 24, 1, 1e-6);
        }
}

/* Mean 2, biased variance 2/3 of 1, 2, 3; running values move by momentum, unbiased variance 1. */
static void batch_norm_statistics(void)
{
    const float x[] = {1, 2, 3}, one = 1, zero = 0, running[] = {10, 4};
    const DkmTensor in[] = {tensor(x, 3, 1, 1, 1), tensor(&one, 1, 1, 1, 1),
                            tensor(&zero, 1, 1, 1, 1)};
    const float stats_expected[] = {2, 1.2247449f, 0.6666667f};
    const float running_expected[] = {9.2f, 3.7f};
    DkmTensor out[2], moved;
    run(DKM_OP_BATCH_NORM, (DkmOpParams){0}, in, 3, out);
    assert_values(&out[1], stats_expected, 3);
    float stats[3];
    memcpy(stats, out[1].data, sizeof stats);
    const DkmTensor update[] = {tensor(running, 1, 1, 2, 1), tensor(stats, 1, 1, 3, 1)};
    run(DKM_OP_BATCH_NORM_RUNNING, (DkmOpParams){.momentum = 0.1f, .count = 3}, update, 2, &moved);
    assert_values(&moved, running_expected, 2);
}

/* conv then batch norm at test time = the folded convolution. */
static void batch_norm_folds(void)
{
    const float w[] = {2, 3}, gamma[] = {4, 1}, beta[] = {5, 7}, running[] = {1, 2, 3, 0.25f};
    const DkmTensor in[] = {tensor(w, 2, 1, 1, 1), tensor(gamma, 1, 1, 1, 2),
                            tensor(beta, 1, 1, 1, 2), tensor(running, 1, 1, 2, 2)};
    DkmTensor out[2];
    run(DKM_OP_BATCH_NORM_FOLD, (DkmOpParams){.eps = 1}, in, 4, out);
    assert_values(&out[0], (float[]){4, 3 / sqrtf(1.25f)}, 2);
    assert_values(&out[1], (float[]){3, 7 - 2 / sqrtf(1.25f)}, 2);
}

/* Corners stay, the outer source never reaches past its neighbour. */
static void bilinear_aligns_corners(void)
{
    const float x[] = {0, 3, 6, 9};
    const float expected[] = {0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9};
    const DkmTensor in = tensor(x, 1, 2, 2, 1);
    DkmTensor y;
    run(DKM_OP_UPSAMPLE_BILINEAR, (DkmOpParams){0}, &in, 1, &y);
    assert_values(&y, expected, 16);
    const float line[] = {0, 5, 10}, longer[] = {0, 2, 4, 6, 8, 10, 0, 2, 4, 6, 8, 10};
    const DkmTensor row = tensor(line, 1, 1, 3, 1);
    run(DKM_OP_UPSAMPLE_BILINEAR, (DkmOpParams){0}, &row, 1, &y);
    assert_values(&y, longer, 12);
}

static void nearest_repeats(void)
{
    const float x[] = {1, 2}, expected[] = {1, 1, 2, 2, 1, 1, 2, 2};
    const DkmTensor in = tensor(x, 1, 1, 2, 1);
    DkmTensor y;
    run(DKM_OP_UPSAMPLE_NEAREST, (DkmOpParams){0}, &in, 1, &y);
    assert_values(&y, expected, 8);
}

/* Of equal maxima the first in row order takes the gradient. */
static void max_pool_tie(void)
{
    const float x[] = {1, 7, 5, 5, 7, 7, 5, 5}, y_values[] = {7, 5}, dy[] = {3, 4};
    const float expected[] = {0, 3, 4, 0, 0, 0, 0, 0};
    const DkmTensor in[] = {tensor(x, 1, 2, 4, 1), tensor(y_values, 1, 1, 2, 1),
                            tensor(dy, 1, 1, 2, 1)};
    DkmTensor y;
    run(DKM_OP_MAX_POOL, (DkmOpParams){0}, in, 1, &y);
    assert_values(&y, y_values, 2);
    run(DKM_OP_MAX_POOL_GRAD, (DkmOpParams){0}, in, 3, &y);
    assert_values(&y, expected, 8);
}

/* Equal keys: every token gets the mean of v; lse = q.k / sqrt(C) + ln(T). */
static void attention_of_equal_keys(void)
{
    const float q[] = {1, 2, 3, 4, 5, 6, 7, 8}, k[] = {1, 1, 1, 1, 1, 1, 1, 1};
    const float v[] = {1, 10, 2, 20, 3, 30, 6, 60};
    const DkmTensor in[] = {tensor(q, 1, 2, 2, 2), tensor(k, 1, 2, 2, 2), tensor(v, 1, 2, 2, 2)};
    const float mean[] = {3, 30, 3, 30, 3, 30, 3, 30};
    DkmTensor out[2];
    run(DKM_OP_ATTENTION, (DkmOpParams){0}, in, 3, out);
    for (gsize i = 0; i < 8; i++)
        g_assert_cmpfloat_with_epsilon(at(&out[0], i), mean[i], 1e-5);
    for (gsize i = 0; i < 4; i++)
        g_assert_cmpfloat_with_epsilon(at(&out[1], i),
                                       (q[2 * i] + q[2 * i + 1]) / sqrt(2.0) + log(4.0), 1e-5);
}

/* The rate is kept, the sum too, and one known word decides one known element. */
static void dropout_keeps_its_rate(void)
{
    static float ones[MOST];
    const float step = 12;
    const DkmOpParams p = {.rate = 0.25f, .salt = 77};
    guint32 word[4];
    int kept = 0;
    for (int i = 0; i < MOST; i++)
        ones[i] = 1;
    const DkmTensor in[] = {tensor(ones, 1, 1, 1, MOST), tensor(&step, 1, 1, 1, 1)};
    DkmTensor y;
    run(DKM_OP_DROPOUT, p, in, 2, &y);
    for (gsize i = 0; i < MOST; i++) {
        dkm_philox((guint32[]){77, 0}, (guint32[]){(guint32)i / 4, 0, 12, 0}, word);
        const gboolean keep = word[i % 4] / 4294967296.0 >= 0.25;
        g_assert_cmpfloat_with_epsilon(at(&y, i), keep ? 4.0 / 3 : 0, 1e-6);
        kept += keep;
    }
    g_assert_cmpfloat_with_epsilon((double)kept / MOST, 0.75, 0.02); /* 3 sd: 0.0203 */
}

static void time_embedding(void)
{
    const float t[] = {0, 1};
    const float expected[] = {0, 0, 1, 1, 0.841470985f, 1e-4f, 0.540302306f, 1};
    const DkmTensor in = tensor(t, 2, 1, 1, 1);
    DkmTensor y;
    run(DKM_OP_TIME_EMBED, (DkmOpParams){.out_shape = {2, 1, 1, 4}}, &in, 1, &y);
    assert_values(&y, expected, 8);
}

static void channels(void)
{
    const float a[] = {1, 2, 3, 4}, b[] = {5, 6};
    const DkmTensor in[] = {tensor(a, 2, 1, 1, 2), tensor(b, 2, 1, 1, 1)};
    DkmTensor y;
    run(DKM_OP_CONCAT, (DkmOpParams){0}, in, 2, &y);
    assert_values(&y, (float[]){1, 2, 5, 3, 4, 6}, 6);
    run(DKM_OP_SLICE, (DkmOpParams){.first = 1, .channels = 1}, in, 1, &y);
    assert_values(&y, (float[]){2, 4}, 2);
    run(DKM_OP_REDUCE, (DkmOpParams){0}, in, 1, &y);
    assert_values(&y, (float[]){4, 6}, 2);
    run(DKM_OP_REDUCE, (DkmOpParams){.per_sample = TRUE}, in, 1, &y);
    assert_values(&y, a, 4);
}

/* S = G (logits far out): all three parts are 0; S = 1 - G: Dice and entropy are at their worst. */
static void segmentation_loss(void)
{
    float label[64], logit[64], wrong[64];
    for (int i = 0; i < 64; i++) {
        label[i] = i % 3 == 0;
        logit[i] = label[i] > 0 ? 60 : -60;
        wrong[i] = -logit[i];
    }
    const DkmOpParams p = {.lambda = 0.5f};
    const DkmTensor right[] = {tensor(logit, 1, 8, 8, 1), tensor(label, 1, 8, 8, 1)};
    const DkmTensor worst[] = {tensor(wrong, 1, 8, 8, 1), right[1]};
    DkmTensor out[2];
    run(DKM_OP_LOSS_SEG, p, right, 2, out);
    assert_values(&out[1], (float[]){0, 0, 0}, 3);
    assert_values(&out[0], (float[]){0}, 1);
    run(DKM_OP_LOSS_SEG, p, worst, 2, out);
    g_assert_cmpfloat_with_epsilon(at(&out[1], 0), 60, 1e-4);
    g_assert_cmpfloat_with_epsilon(at(&out[1], 1), 1 - 1.0 / 65, 1e-6);
    g_assert_cmpfloat(at(&out[1], 2), >, 1); /* covariance below 0 */
}

/* An empty slice, logits 0: CE = ln 2, Dice = 1 - 1/(P/2 + 1), SSIM = C1 C2 / ((0.25 + C1) C2). */
static void segmentation_loss_of_nothing(void)
{
    const float zeros[2 * 16] = {0};
    const double ssim = 1e-4 / (0.25 + 1e-4);
    const DkmTensor in[] = {tensor(zeros, 2, 4, 4, 1), tensor(zeros, 2, 4, 4, 1)};
    DkmTensor out[2];
    run(DKM_OP_LOSS_SEG, (DkmOpParams){.lambda = 0.5f}, in, 2, out);
    for (gsize n = 0; n < 2; n++) {
        g_assert_cmpfloat_with_epsilon(at(&out[1], 3 * n), G_LN2, 1e-6);
        g_assert_cmpfloat_with_epsilon(at(&out[1], 3 * n + 1), 1 - 1.0 / 9, 1e-6);
        g_assert_cmpfloat_with_epsilon(at(&out[1], 3 * n + 2), 1 - ssim, 1e-6);
    }
    g_assert_cmpfloat_with_epsilon(at(&out[0], 0), G_LN2 + 1 - 1.0 / 9 + 0.5 * (1 - ssim), 1e-6);
}

/* The first step of Adam moves by the rate against the gradient's sign, whatever the scale; decay
 * is part of the gradient. */
static void adam_steps(void)
{
    const DkmBackend *backend = &dkm_backend_reference;
    float param[] = {1, 1, 2}, m[3] = {0}, v[3] = {0};
    const float grad[] = {0.5f, -4, 0};
    DkmAdamStep step = {
        .rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .grad_scale = 0.1f, .step = 1};
    const DkmAdamArrays arrays = {.param = param, .m = m, .v = v, .grad = grad, .count = 3};
    g_assert_true(backend->adam(NULL, &arrays, &step, NULL));
    g_assert_cmpfloat_with_epsilon(param[0], 0.99, 1e-6);
    g_assert_cmpfloat_with_epsilon(param[1], 1.01, 1e-6);
    g_assert_cmpfloat(param[2], ==, 2);
    g_assert_cmpfloat_with_epsilon(m[0], 0.005, 1e-8);
    step.step = 2;
    step.weight_decay = 0.5f;
    g_assert_true(backend->adam(NULL, &arrays, &step, NULL));
    g_assert_cmpfloat(param[0], <, 0.985);
    const double g = 1.0; /* of the third: 0.1 * 0 + 0.5 * 2 */
    const double expected = 2 - 0.01 * (0.1 * g / (1 - 0.81)) / sqrt(0.001 * g / (1 - 0.998001));
    g_assert_cmpfloat_with_epsilon(param[2], expected, 1e-5);
}

static void averages_and_sums(void)
{
    const DkmBackend *backend = &dkm_backend_reference;
    float average[] = {1, 2};
    const float param[] = {3, -2};
    double sum;
    g_assert_true(backend->ema(NULL, average, param, 2, 0.75f, NULL));
    g_assert_cmpfloat_with_epsilon(average[0], 1.5, 1e-6);
    g_assert_cmpfloat_with_epsilon(average[1], 1, 1e-6);
    g_assert_true(backend->sum_squares(NULL, param, 2, &sum, NULL));
    g_assert_cmpfloat(sum, ==, 13);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reference/conv-counts-its-taps", conv_counts_its_taps);
    g_test_add_func("/reference/conv-does-not-flip", conv_does_not_flip);
    g_test_add_func("/reference/bf16", bf16_rounds_to_nearest_even);
    g_test_add_func("/reference/group-norm", group_norm_normalises);
    g_test_add_func("/reference/batch-norm-statistics", batch_norm_statistics);
    g_test_add_func("/reference/batch-norm-folds", batch_norm_folds);
    g_test_add_func("/reference/bilinear", bilinear_aligns_corners);
    g_test_add_func("/reference/nearest", nearest_repeats);
    g_test_add_func("/reference/max-pool-tie", max_pool_tie);
    g_test_add_func("/reference/attention", attention_of_equal_keys);
    g_test_add_func("/reference/dropout", dropout_keeps_its_rate);
    g_test_add_func("/reference/time-embedding", time_embedding);
    g_test_add_func("/reference/channels", channels);
    g_test_add_func("/reference/segmentation-loss", segmentation_loss);
    g_test_add_func("/reference/segmentation-loss-of-nothing", segmentation_loss_of_nothing);
    g_test_add_func("/reference/adam", adam_steps);
    g_test_add_func("/reference/averages-and-sums", averages_and_sums);
    return g_test_run();
}
