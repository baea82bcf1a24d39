/* Convolution in int8: every unit, portable and fast, gives the reference's bits over shapes that
 * reach each corner, for any number of threads; for extreme values too. */
#include "core/net/backend.h"
#include "core/net/int8.h"
#include "core/philox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int n, h, w, in, out, kernel, stride;
} Shape;

static const Shape shapes[] = {
    {1, 1, 1, 7, 5, 1, 1},      {2, 1, 1, 64, 96, 1, 1},   {1, 3, 5, 1, 1, 3, 1},
    {2, 7, 7, 3, 5, 3, 1},      {1, 9, 11, 32, 1, 1, 1},   {2, 9, 14, 64, 64, 3, 1},
    {1, 8, 16, 96, 32, 3, 1},   {1, 18, 28, 32, 64, 3, 2}, {1, 13, 9, 16, 48, 3, 2},
    {1, 20, 24, 33, 17, 3, 1},  {1, 4, 6, 600, 80, 3, 1},  {1, 3, 2, 2100, 130, 1, 1},
    {1, 40, 33, 8, 16, 3, 1},   {3, 2, 300, 4, 8, 3, 1},   {1, 4, 4, 520, 80, 3, 2},
    {1, 5, 5, 2, 64, 1, 2},     {3, 18, 21, 32, 16, 3, 1}, {1, 2, 3, 1030, 272, 3, 1},
    {1, 17, 15, 128, 32, 3, 2},
};

/* What is put into x and w: ordinary numbers; numbers that all saturate, of one sign or of both;
 * zeros; what is no number. */
typedef enum { NORMAL, LARGEST, SIGNS, ZEROS, ODD, VALUES } Values;
static const char *const value_names[VALUES] = {"normal", "largest", "signs", "zeros", "odd"};

static void *aligned_block(gsize bytes)
{
    void *memory = NULL;
    g_assert_cmpint(posix_memalign(&memory, 64, bytes), ==, 0);
    return memory;
}

static float make_value(Values values, gsize i, guint32 stream)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e-42f, -0.0f, 0.5f, 1.5f, -2.5f};
    switch (values) {
    case LARGEST:
        return 1e4f;
    case SIGNS:
        return (i * 7919 / 3 + stream) % 2 ? 1e4f : -1e4f;
    case ZEROS:
        return 0;
    case ODD:
        return stream == 1 ? odd[i % G_N_ELEMENTS(odd)] : (float)((int)(i % 255) - 127);
    default:
        return (float)dkm_philox_normal(11, i, stream);
    }
}

static DkmTensor make_tensor(DkmShape shape, DkmDtype dtype, Values values, guint32 stream)
{
    const gsize n = dkm_shape_count(shape);
    DkmTensor t = {aligned_block(n * 4 + 64), shape, dtype};
    for (gsize i = 0; i < n; i++) {
        const float value = make_value(values, i, stream);
        if (dtype == DKM_F32)
            ((float *)t.data)[i] = value;
        else
            ((guint16 *)t.data)[i] = dkm_bf16_from_f32(value);
    }
    return t;
}

static DkmTensor run(const DkmBackend *backend, DkmDevice *device, DkmOpCall call)
{
    g_autoptr(GError) error = NULL;
    gpointer prepared = NULL;
    guint64 prepared_for = 0;
    const char *why = NULL;
    g_assert_true(dkm_op_infer(call.kind, call.p, call.in, call.n_in, call.out, &why));
    call.n_out = 1;
    call.prepared = &prepared;
    call.prepared_for = &prepared_for;
    call.out[0].data = aligned_block(dkm_tensor_bytes(&call.out[0]) + 64);
    const gsize bytes = backend->workspace(device, &call);
    call.workspace = aligned_block(bytes + 64);
    memset(call.workspace, 0x5a, bytes); /* what is not written must not count */
    dkm_backend_run(backend, device, &call, &error);
    g_assert_no_error(error);
    free(call.workspace);
    backend->release(device, prepared);
    return call.out[0];
}

static const char *const isas[] = {"portable", "avx2", "avx512", "avx512vnni", "avx512bf16", "amx"};

/* The bits of WANT on every instruction set, on 1 to 3 threads, with weights that stay and that do
 * not. */
static void check(DkmOpCall call, const DkmTensor *want, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(isas); i++)
        for (int threads = 1; threads <= 3; threads++) {
            const DkmDeviceOptions options = {.isa = isas[i], .threads = threads};
            DkmDevice *cpu = dkm_backend_cpu.open(&options, NULL);
            if (!cpu)
                continue;
            call.version = (guint64)(threads - 1);
            const DkmTensor got = run(&dkm_backend_cpu, cpu, call);
            g_test_message("%s %s", name, isas[i]);
            g_assert_cmpmem(got.data, dkm_tensor_bytes(&got), want->data, dkm_tensor_bytes(want));
            free(got.data);
            dkm_backend_cpu.close(cpu);
        }
}

static void check_shape(guint i, DkmDtype dtype, Values values)
{
    const Shape *s = &shapes[i];
    const DkmShape y = {s->n, (s->h - 1) / s->stride + 1, (s->w - 1) / s->stride + 1, s->out};
    const DkmOpParams p = {.kernel = s->kernel,
                           .stride = s->stride,
                           .act = i % 2 ? DKM_ACT_RELU : DKM_ACT_NONE,
                           .dtype = i % 3 == 2 ? DKM_F32 : dtype,
                           .input_scale = values == ODD ? 1 : 0.02f};
    DkmOpCall call = {.kind = DKM_OP_CONV, .p = &p, .n_in = 4};
    call.in[0] = make_tensor((DkmShape){s->n, s->h, s->w, s->in}, dtype, values, 1);
    call.in[1] = make_tensor((DkmShape){s->out, s->kernel, s->kernel, s->in}, DKM_F32, values, 2);
    if (i % 2)
        call.in[2] =
            make_tensor((DkmShape){i % 4 == 1 ? s->n : 1, 1, 1, s->out}, DKM_F32, NORMAL, 3);
    if (i % 5 < 2)
        call.in[3] = make_tensor(y, dtype, NORMAL, 4);
    g_autofree char *name = g_strdup_printf("%s %s %dx%dx%d %d->%d k%d s%d", value_names[values],
                                            dtype == DKM_F32 ? "f32" : "bf16", s->n, s->h, s->w,
                                            s->in, s->out, s->kernel, s->stride);
    DkmDevice *reference = dkm_backend_reference.open(NULL, NULL);
    const DkmTensor want = run(&dkm_backend_reference, reference, call);
    dkm_backend_reference.close(reference);
    check(call, &want, name);
    free(want.data);
    for (int k = 0; k < 4; k++)
        free(call.in[k].data);
}

static void same_bits(gconstpointer data)
{
    const DkmDtype dtype = (DkmDtype)GPOINTER_TO_INT(data);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
        check_shape(i, dtype, NORMAL);
}

static void extreme_values(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++)
        check_shape(i, i % 2 ? DKM_BF16 : DKM_F32, LARGEST + i % (VALUES - LARGEST));
}

/* The definition itself, by hand: 2.4 and -0.3 in steps of 0.5 are 5 and -1 (halves to even: 1.25
 * is 2 of them, 0.75 is 2); weights 1 and -0.5 are 127 and -64 of 127ths. */
static void known_values(void)
{
    float x[] = {2.4f, -0.3f, 1.25f, 0.75f}, w[] = {1, -0.5f}, y[2];
    const DkmOpParams p = {.kernel = 1, .stride = 1, .input_scale = 0.5f};
    DkmOpCall call = {.kind = DKM_OP_CONV, .p = &p, .n_in = 4};
    call.in[0] = (DkmTensor){x, {1, 1, 2, 2}, DKM_F32};
    call.in[1] = (DkmTensor){w, {1, 1, 1, 2}, DKM_F32};
    DkmDevice *reference = dkm_backend_reference.open(NULL, NULL);
    const DkmTensor got = run(&dkm_backend_reference, reference, call);
    memcpy(y, got.data, sizeof y);
    g_assert_cmpfloat_with_epsilon(y[0], (5 * 127 + 1 * 64) * 0.5 / 127, 1e-6);
    g_assert_cmpfloat_with_epsilon(y[1], (2 * 127 - 2 * 64) * 0.5 / 127, 1e-6);
    free(got.data);
    dkm_backend_reference.close(reference);
    g_assert_cmpint(dkm_int8(1e9f, 1), ==, 127);
    g_assert_cmpint(dkm_int8(-1e9f, 1), ==, -127);
    g_assert_cmpint(dkm_int8(NAN, 1), ==, -127);
    g_assert_cmpint(dkm_int8(2.5f, 1), ==, 2);
}

/* With a scale that fits its input, near the convolution in f32. */
static void near_f32(void)
{
    const Shape s = {1, 8, 16, 96, 32, 3, 1};
    DkmOpParams p = {.kernel = 3, .stride = 1};
    DkmOpCall call = {.kind = DKM_OP_CONV, .p = &p, .n_in = 4};
    call.in[0] = make_tensor((DkmShape){s.n, s.h, s.w, s.in}, DKM_F32, NORMAL, 1);
    call.in[1] = make_tensor((DkmShape){s.out, 3, 3, s.in}, DKM_F32, NORMAL, 2);
    DkmDevice *cpu = dkm_backend_cpu.open(NULL, NULL);
    const DkmTensor exact = run(&dkm_backend_cpu, cpu, call);
    p.input_scale = 4.0f / 127;
    const DkmTensor got = run(&dkm_backend_cpu, cpu, call);
    dkm_backend_cpu.close(cpu);
    double off = 0, size = 0;
    for (gsize i = 0; i < dkm_shape_count(exact.shape); i++) {
        const double want = ((float *)exact.data)[i], is = ((float *)got.data)[i];
        off += (is - want) * (is - want);
        size += want * want;
    }
    g_assert_cmpfloat(sqrt(off / size), <, 0.02);
    g_assert_cmpfloat(sqrt(off / size), >, 1e-4);
    float *data[] = {exact.data, got.data, call.in[0].data, call.in[1].data};
    for (guint i = 0; i < G_N_ELEMENTS(data); i++)
        free(data[i]);
}

/* Scales that are none, and sums that could leave 32 bits. */
static void refusals(void)
{
    static const float scales[] = {-1, NAN, INFINITY, 1e-42f};
    float dummy = 0;
    DkmTensor in[4] = {{&dummy, {1, 4, 4, 8}, DKM_F32}, {&dummy, {8, 3, 3, 8}, DKM_F32}}, out[1];
    const char *why = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(scales); i++) {
        const DkmOpParams p = {.kernel = 3, .stride = 1, .input_scale = scales[i]};
        g_assert_false(dkm_op_infer(DKM_OP_CONV, &p, in, 4, out, &why));
        g_assert_nonnull(strstr(why, "positive"));
    }
    const DkmOpParams p = {.kernel = 3, .stride = 1, .input_scale = 1};
    in[0].shape.c = in[1].shape.c = DKM_INT8_MAX_INPUTS / 9 + 1;
    g_assert_false(dkm_op_infer(DKM_OP_CONV, &p, in, 4, out, &why));
    g_assert_nonnull(strstr(why, "too many"));
}

/* Where the machine has a unit for it, and nowhere else, int8 is offered. */
static void offered(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(isas); i++) {
        const DkmDeviceOptions options = {.isa = isas[i], .threads = 1};
        DkmDevice *cpu = dkm_backend_cpu.open(&options, NULL);
        if (!cpu)
            continue;
        g_assert_cmpint(dkm_backend_cpu.has_int8(cpu), ==, i >= 3);
        dkm_backend_cpu.close(cpu);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/conv-int8/same-bits/f32", GINT_TO_POINTER(DKM_F32), same_bits);
    g_test_add_data_func("/conv-int8/same-bits/bf16", GINT_TO_POINTER(DKM_BF16), same_bits);
    g_test_add_func("/conv-int8/extreme-values", extreme_values);
    g_test_add_func("/conv-int8/known-values", known_values);
    g_test_add_func("/conv-int8/near-f32", near_f32);
    g_test_add_func("/conv-int8/refusals", refusals);
    g_test_add_func("/conv-int8/offered", offered);
    return g_test_run();
}
