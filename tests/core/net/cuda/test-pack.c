/* Padding, converting and the unfused epilogue against plain loops; the optimiser against the
 * reference. In all three orders. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/cuda/half.h"
#include "tests/core/net/fixture.h"

#include <math.h>
#include <string.h>

static double get(const void *data, DkmDtype dtype, gsize i)
{
    if (dtype == DKM_CUDA_DTYPE_F16)
        return half_to_float(((const guint16 *)data)[i]);
    return dtype == DKM_F32 ? ((const float *)data)[i]
                            : dkm_bf16_to_f32(((const guint16 *)data)[i]);
}

/* VALUE as DTYPE holds it. */
static double rounded(double value, DkmDtype dtype)
{
    if (dtype == DKM_CUDA_DTYPE_F16)
        return half_to_float(half_from_float((float)value));
    return dtype == DKM_F32 ? (float)value : dkm_bf16_to_f32(dkm_bf16_from_f32((float)value));
}

/* Normals of DTYPE; g_free. */
static void *new_data(gsize count, DkmDtype dtype, guint64 seed)
{
    g_autofree float *wide = new_normal(count, seed);
    if (dtype == DKM_F32)
        return g_steal_pointer(&wide);
    guint16 *narrow = g_new(guint16, count);
    for (gsize i = 0; i < count; i++)
        narrow[i] = dtype == DKM_BF16 ? dkm_bf16_from_f32(wide[i]) : half_from_float(wide[i]);
    return narrow;
}

static double padded(const DkmCudaPad *pad, const void *before, gsize row, int c)
{
    const gsize i = row * (gsize)pad->to_channels + (gsize)c;
    const gsize from_row = pad->broadcast ? 0 : row;
    double value = 0;
    if (from_row < pad->from_rows && c < pad->from_channels)
        value = get(pad->from, pad->from_dtype, from_row * (gsize)pad->from_channels + (gsize)c);
    return rounded(value + (pad->accumulate ? get(before, pad->to_dtype, i) : 0), pad->to_dtype);
}

static void check_pad(DkmCudaPad pad)
{
    enum { ROOM = 400 };
    for (int order = EMULATED_FORWARD; order <= EMULATED_RANDOM; order++) {
        EmulatedDevice device = {.order = order};
        g_autoptr(GError) error = NULL;
        g_autofree void *from = new_data(ROOM, pad.from_dtype, 1);
        g_autofree void *to = new_data(ROOM, pad.to_dtype, 2);
        g_autofree void *before = new_data(ROOM, pad.to_dtype, 2);
        pad.from = from;
        pad.to = to;
        dkm_cuda_pad((DkmCudaDevice *)&device, &pad, &error);
        g_assert_no_error(error);
        for (gsize row = 0; row < pad.to_rows; row++)
            for (int c = 0; c < pad.to_channels; c++)
                g_assert_cmpfloat(get(to, pad.to_dtype, row * (gsize)pad.to_channels + (gsize)c),
                                  ==, padded(&pad, before, row, c));
        const gsize written = pad.to_rows * (gsize)pad.to_channels * dkm_dtype_size(pad.to_dtype);
        g_assert_cmpmem((char *)to + written, 16, (char *)before + written, 16);
    }
}

/* Data, then rows and channels of the source, then of the target. */
static void pads(void)
{
    for (int from = DKM_F32; from <= (int)DKM_CUDA_DTYPE_F16; from++)
        for (int to = DKM_F32; to <= (int)DKM_CUDA_DTYPE_F16; to++) {
            check_pad((DkmCudaPad){NULL, NULL, from, to, 45, 45, 2, 8});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 36, 27, 8, 3});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 9, 36, 5, 8});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 1, 4, 5, 8, .broadcast = TRUE});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 1, 4, 3, 3, .broadcast = TRUE});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 5, 7, 16, 24});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 5, 4, 16, 8});
            check_pad((DkmCudaPad){NULL, NULL, from, to, 9, 9, 16, 16, .accumulate = TRUE});
        }
}

static void halves(void)
{
    static const struct {
        float value;
        guint16 half;
    } known[] = {{0, 0},          {-0.0f, 0x8000},      {1, 0x3c00},
                 {-2, 0xc000},    {65504, 0x7bff},      {65519, 0x7bff},
                 {65520, 0x7c00}, {INFINITY, 0x7c00},   {1.0f + 1.0f / 2048, 0x3c00},
                 {0x1p-24f, 1},   {1.5f * 0x1p-24f, 2}, {0x1p-14f, 0x0400},
                 {0x1p-26f, 0},   {1.0f / 3, 0x3555},   {1.0f + 3.0f / 2048, 0x3c02}};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        g_assert_cmphex(half_from_float(known[i].value), ==, known[i].half);
    for (guint half = 0; half < 0x10000; half++)
        if ((half & 0x7fff) <= 0x7c00)
            g_assert_cmphex(half_from_float(half_to_float((guint16)half)), ==, half);
    g_assert_true(isnan(half_to_float(half_from_float(NAN))));
}

typedef struct {
    DkmShape y;
    int bias_rows; /* 0: none */
    gboolean residual;
    DkmAct act;
} EpilogueRow;

static double act(DkmAct kind, double z)
{
    if (kind == DKM_ACT_RELU)
        return z < 0 ? 0 : z;
    return kind == DKM_ACT_SWISH ? z / (1 + exp(-z)) : z;
}

/* y stands on x where they are of one dtype: so conv.c finishes sums in their place. */
static void check_epilogue(const EpilogueRow *row, DkmDtype from, DkmDtype with, DkmDtype to)
{
    const gsize count = dkm_shape_count(row->y), channels = (gsize)row->y.c;
    g_autofree void *x_data = new_data(count, from, 1), *y_data = new_data(count, to, 2);
    g_autofree void *residual_data = new_data(count, with, 3);
    g_autofree float *bias_data = new_data(channels * 8, DKM_F32, 4);
    g_autofree void *sums = new_data(count, from, 1);
    void *out = from == to ? sums : y_data;
    const DkmTensor x = {sums, row->y, from}, y = {out, row->y, to};
    const DkmTensor bias = {bias_data, {row->bias_rows, 1, 1, row->y.c}, DKM_F32};
    const DkmTensor residual = {residual_data, row->y, with};
    const DkmCudaEpilogue epilogue = {&x, &y, row->bias_rows ? &bias : NULL,
                                      row->residual ? &residual : NULL, row->act};
    EmulatedDevice device = {.order = EMULATED_RANDOM};
    g_autoptr(GError) error = NULL;
    dkm_cuda_epilogue((DkmCudaDevice *)&device, &epilogue, &error);
    g_assert_no_error(error);
    for (gsize i = 0; i < count; i++) {
        const gsize sample = row->bias_rows > 1 ? i / (count / (gsize)row->y.n) : 0;
        double z = get(x_data, from, i);
        z += row->bias_rows ? bias_data[sample * channels + i % channels] : 0;
        z += row->residual ? get(residual_data, with, i) : 0;
        const double expected = act(row->act, z), apart = get(out, to, i) - expected;
        g_assert_cmpfloat(fabs(apart), <=, to == DKM_F32 ? 1e-6 : 1e-6 + fabs(expected) / 256);
    }
}

static void epilogues(void)
{
    static const EpilogueRow rows[] = {{{3, 5, 3, 8}, 1, FALSE, DKM_ACT_RELU},
                                       {{3, 5, 3, 16}, 3, TRUE, DKM_ACT_SWISH},
                                       {{3, 5, 3, 5}, 3, TRUE, DKM_ACT_NONE},
                                       {{1, 1, 1, 1}, 1, FALSE, DKM_ACT_NONE},
                                       {{2, 7, 1, 3}, 0, TRUE, DKM_ACT_RELU}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int from = DKM_F32; from <= (int)DKM_CUDA_DTYPE_F16; from++)
            for (int with = DKM_F32; with <= DKM_BF16; with++)
                for (int to = DKM_F32; to <= DKM_BF16; to++)
                    check_epilogue(&rows[i], from, with, to);
}

enum { COUNT = 5003 };

typedef struct {
    float *param, *m, *v, *average;
    double sum;
} Trained;

/* Three steps of Adam, one average, one norm. */
static Trained train(const DkmBackend *backend, int order)
{
    g_autoptr(GError) error = NULL;
    DkmDevice *device = backend->open(&(DkmDeviceOptions){.threads = order}, &error);
    Trained t = {new_normal(COUNT, 1), g_new0(float, COUNT), g_new0(float, COUNT),
                 new_normal(COUNT, 9), 0};
    for (int step = 1; step <= 3; step++) {
        g_autofree float *grad = new_normal(COUNT, 100 + (guint64)step);
        const DkmAdamArrays arrays = {t.param, t.m, t.v, grad, COUNT};
        const DkmAdamStep how = {1e-2f, 0.9f, 0.999f, 1e-8f, 1e-2f, 0.7f, step};
        backend->adam(device, &arrays, &how, &error);
        g_assert_no_error(error);
    }
    backend->ema(device, t.average, t.param, COUNT, 0.999f, &error);
    g_assert_no_error(error);
    backend->sum_squares(device, t.param, COUNT, &t.sum, &error);
    g_assert_no_error(error);
    backend->close(device);
    return t;
}

static void clear_trained(Trained *t)
{
    g_free(t->param);
    g_free(t->m);
    g_free(t->v);
    g_free(t->average);
}

static double apart(const float *a, const float *b)
{
    double most = 0;
    for (int i = 0; i < COUNT; i++)
        most = MAX(most, fabs((double)a[i] - b[i]) / (1e-2 + fabs(b[i])));
    return most;
}

static void optimiser(void)
{
    Trained expected = train(&dkm_backend_reference, 0);
    Trained forward = train(&emulated_backend, EMULATED_FORWARD);
    g_assert_cmpfloat(apart(forward.param, expected.param), <=, 2e-5);
    g_assert_cmpfloat(apart(forward.m, expected.m), <=, 1e-5);
    g_assert_cmpfloat(apart(forward.v, expected.v), <=, 1e-5);
    g_assert_cmpfloat(apart(forward.average, expected.average), <=, 1e-6);
    g_assert_cmpfloat(fabs(forward.sum - expected.sum), <=, 1e-5 * expected.sum);
    for (int order = EMULATED_REVERSE; order <= EMULATED_RANDOM; order++) {
        Trained other = train(&emulated_backend, order);
        g_assert_cmpmem(forward.param, COUNT * 4, other.param, COUNT * 4);
        g_assert_cmpmem(&forward.sum, sizeof(double), &other.sum, sizeof(double));
        clear_trained(&other);
    }
    clear_trained(&forward);
    clear_trained(&expected);
}

/* After all others: a kernel that no row reaches proves nothing. */
static void every_kernel_ran(void)
{
    g_autofree char *unused = emulated_unused(EMULATED_NO_OPS, TRUE);
    g_assert_cmpstr(unused, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda/pack/halves", halves);
    g_test_add_func("/cuda/pack/pads", pads);
    g_test_add_func("/cuda/pack/epilogues", epilogues);
    g_test_add_func("/cuda/optimiser", optimiser);
    g_test_add_func("/cuda/all/every-kernel-ran", every_kernel_ran);
    return g_test_run();
}
