/* Convolution and its gradients on the cpu, every instruction set, against the reference, over
 * shapes that reach each corner: borders, odd sides and channels, several chunks, blocks, groups,
 * strips. */
#include "core/net/backend.h"
#include "core/philox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int n, h, w, in, out, kernel, stride;
} Shape;

static const Shape shapes[] = {
    {1, 1, 1, 7, 5, 1, 1},
    {2, 1, 1, 64, 96, 1, 1},
    {1, 3, 5, 1, 1, 3, 1},
    {2, 7, 7, 3, 5, 3, 1},
    {1, 8, 8, 1, 32, 3, 1},
    {1, 9, 11, 32, 1, 1, 1},
    {2, 14, 14, 64, 64, 3, 1},
    {1, 16, 16, 96, 32, 3, 1},
    {1, 28, 28, 32, 64, 3, 2},
    {1, 13, 9, 16, 48, 3, 2},
    {1, 20, 24, 33, 17, 3, 1},
    {1, 6, 6, 300, 192, 3, 1},
    {1, 5, 4, 600, 130, 1, 1},
    {1, 40, 33, 8, 16, 3, 1},
    {3, 2, 300, 4, 8, 3, 1},
    {1, 4, 4, 520, 80, 3, 2},
    {1, 5, 5, 2, 64, 1, 2},
    /* Winograd's: tiles cut by the border, more tiles than a strip, chunks, every width of block */
    {2, 13, 9, 48, 64, 3, 1},
    {1, 40, 36, 32, 32, 3, 1},
    {1, 8, 4, 272, 160, 3, 1},
    {3, 18, 21, 16, 16, 3, 1},
    {1, 2, 3, 64, 144, 3, 1},
};

/* How far two results may differ, relative to the largest value: sums of up to a few thousand
 * products in f32; bf16 results are rounded to 8 bits once more. */
static double tolerance(DkmDtype dtype)
{
    return dtype == DKM_F32 ? 2e-5 : 8e-3;
}

static void *aligned_block(gsize bytes)
{
    void *memory = NULL;
    g_assert_cmpint(posix_memalign(&memory, 64, bytes), ==, 0);
    return memory;
}

static DkmTensor random_tensor(DkmShape shape, DkmDtype dtype, guint32 stream)
{
    const gsize n = dkm_shape_count(shape);
    DkmTensor t = {aligned_block(n * 4 + 64), shape, dtype};
    for (gsize i = 0; i < n; i++) {
        const float value = (float)dkm_philox_normal(11, i, stream);
        if (dtype == DKM_F32)
            ((float *)t.data)[i] = value;
        else
            ((guint16 *)t.data)[i] = dkm_bf16_from_f32(value);
    }
    return t;
}

/* Weights that keep the size of what goes through them. */
static DkmTensor random_weights(const Shape *s)
{
    DkmTensor w = random_tensor((DkmShape){s->out, s->kernel, s->kernel, s->in}, DKM_F32, 2);
    const float scale = 1.0f / sqrtf((float)(s->kernel * s->kernel * s->in));
    for (gsize i = 0; i < dkm_shape_count(w.shape); i++)
        ((float *)w.data)[i] *= scale;
    return w;
}

static float value_at(const DkmTensor *t, gsize i)
{
    return t->dtype == DKM_F32 ? ((float *)t->data)[i] : dkm_bf16_to_f32(((guint16 *)t->data)[i]);
}

static void run(const DkmBackend *backend, DkmDevice *device, DkmOpCall call, DkmTensor *out)
{
    g_autoptr(GError) error = NULL;
    gpointer prepared = NULL;
    guint64 prepared_for = 0;
    const char *why = NULL;
    g_assert_true(dkm_op_def(call.kind)->infer(call.p, call.in, call.n_in, call.out, &why));
    call.n_out = 1;
    call.prepared = &prepared;
    call.prepared_for = &prepared_for;
    call.out[0].data = aligned_block(dkm_tensor_bytes(&call.out[0]) + 64);
    const gsize bytes = backend->workspace(device, &call);
    call.workspace = aligned_block(bytes + 64);
    memset(call.workspace, 0xff, bytes); /* NaN: what is not written must not be read */
    dkm_backend_run(backend, device, &call, &error);
    g_assert_no_error(error);
    free(call.workspace);
    backend->release(device, prepared);
    *out = call.out[0];
}

static void compare(const DkmTensor *got, const DkmTensor *want, double limit, const char *what)
{
    const gsize n = dkm_shape_count(want->shape);
    double largest = 0, worst = 0;
    g_assert_true(dkm_shape_equal(got->shape, want->shape));
    for (gsize i = 0; i < n; i++) {
        const double difference = fabs((double)value_at(got, i) - (double)value_at(want, i));
        largest = fmax(largest, fabs((double)value_at(want, i)));
        worst = difference > worst || isnan(difference) ? difference : worst;
    }
    g_test_message("%s: %g off, largest value %g", what, worst, largest);
    g_assert_cmpfloat(worst, <=, limit * largest);
}

static const DkmDeviceOptions variants[] = {
    {.isa = "portable"},   {.isa = "portable", .direct = TRUE},
    {.isa = "avx2"},       {.isa = "avx2", .direct = TRUE},
    {.isa = "avx512"},     {.isa = "avx512", .direct = TRUE},
    {.isa = "avx512bf16"}, {.isa = "avx512bf16", .direct = TRUE},
    {.isa = "amx"},
};

typedef struct {
    const DkmBackend *backend;
    DkmDevice *device;
} Engine;

/* Opens the cpu of a VARIANT with THREADS; FALSE where this machine lacks it. */
static gboolean open_cpu(Engine *engine, DkmDeviceOptions variant, int threads)
{
    variant.threads = threads;
    engine->backend = &dkm_backend_cpu;
    engine->device = dkm_backend_cpu.open(&variant, NULL);
    return engine->device != NULL;
}

/* One op on every instruction set and on 1, 2 and 3 threads, with weights that stay and that do
 * not. */
static void check(DkmOpCall call, const char *name, const Shape *s)
{
    DkmTensor want, got, first = {0};
    DkmDevice *reference = dkm_backend_reference.open(NULL, NULL);
    run(&dkm_backend_reference, reference, call, &want);
    for (guint i = 0; i < G_N_ELEMENTS(variants); i++)
        for (int threads = 1; threads <= 3; threads++) {
            Engine cpu;
            if (!open_cpu(&cpu, variants[i], threads))
                continue;
            g_autofree char *what = g_strdup_printf(
                "%s %s%s %s %dx%dx%d %d->%d k%d s%d", name, variants[i].isa,
                variants[i].direct ? " direct" : "", call.in[0].dtype == DKM_F32 ? "f32" : "bf16",
                s->n, s->h, s->w, s->in, s->out, s->kernel, s->stride);
            call.version = (guint64)(threads - 1);
            run(cpu.backend, cpu.device, call, &got);
            compare(&got, &want, tolerance(call.in[0].dtype), what);
            if (threads == 1)
                first = got;
            else
                g_assert_cmpmem(got.data, dkm_tensor_bytes(&got), first.data,
                                dkm_tensor_bytes(&first));
            if (threads > 1)
                free(got.data);
            if (threads == 3)
                free(first.data);
            cpu.backend->close(cpu.device);
        }
    dkm_backend_reference.close(reference);
    free(want.data);
}

static DkmShape out_shape(const Shape *s)
{
    return (DkmShape){s->n, (s->h - 1) / s->stride + 1, (s->w - 1) / s->stride + 1, s->out};
}

static void forward(gconstpointer data)
{
    const DkmDtype dtype = (DkmDtype)GPOINTER_TO_INT(data);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const Shape *s = &shapes[i];
        const DkmAct acts[] = {DKM_ACT_NONE, DKM_ACT_RELU, DKM_ACT_SWISH, DKM_ACT_SIGMOID};
        const DkmOpParams p = {.kernel = s->kernel,
                               .stride = s->stride,
                               .act = acts[i % 4],
                               .dtype = i % 3 == 2 ? DKM_F32 : dtype};
        DkmOpCall call = {.kind = DKM_OP_CONV, .p = &p, .n_in = 4};
        call.in[0] = random_tensor((DkmShape){s->n, s->h, s->w, s->in}, dtype, 1);
        call.in[1] = random_weights(s);
        if (i % 2)
            call.in[2] = random_tensor((DkmShape){i % 4 == 1 ? s->n : 1, 1, 1, s->out}, DKM_F32, 3);
        if (i % 5 < 2)
            call.in[3] = random_tensor(out_shape(s), dtype, 4);
        check(call, "conv", s);
        for (int k = 0; k < 4; k++)
            free(call.in[k].data);
    }
}

static void data_gradient(gconstpointer data)
{
    const DkmDtype dtype = (DkmDtype)GPOINTER_TO_INT(data);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const Shape *s = &shapes[i];
        const DkmOpParams p = {
            .kernel = s->kernel, .stride = s->stride, .out_shape = {s->n, s->h, s->w, s->in}};
        DkmOpCall call = {.kind = DKM_OP_CONV_DGRAD, .p = &p, .n_in = 2};
        call.in[0] = random_tensor(out_shape(s), dtype, 5);
        call.in[1] = random_weights(s);
        check(call, "dgrad", s);
        for (int k = 0; k < 2; k++)
            free(call.in[k].data);
    }
}

static void weight_gradient(gconstpointer data)
{
    const DkmDtype dtype = (DkmDtype)GPOINTER_TO_INT(data);
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        const Shape *s = &shapes[i];
        const DkmOpParams p = {.kernel = s->kernel, .stride = s->stride};
        DkmOpCall call = {.kind = DKM_OP_CONV_WGRAD, .p = &p, .n_in = 2};
        call.in[0] = random_tensor((DkmShape){s->n, s->h, s->w, s->in}, dtype, 1);
        call.in[1] = random_tensor(out_shape(s), dtype, 5);
        check(call, "wgrad", s);
        for (int k = 0; k < 2; k++)
            free(call.in[k].data);
    }
}

/* Weights that stay take of the budget what Winograd's places need; without room the convolution is
 * direct, with the same sums to rounding, and what is released is there again. */
static void weights_budget(void)
{
    const DkmOpParams p = {.kernel = 3, .stride = 1};
    const Shape s = {1, 16, 16, 32, 32, 3, 1};
    DkmOpCall call = {.kind = DKM_OP_CONV, .p = &p, .n_in = 4, .version = 1};
    call.in[0] = random_tensor((DkmShape){1, 16, 16, 32}, DKM_F32, 1);
    call.in[1] = random_weights(&s);
    const gsize places = 36 * 32 * 32 * 4;
    DkmTensor rich, poor, direct, again;
    Engine cpu;
    g_assert_true(open_cpu(&cpu, (DkmDeviceOptions){.weights_bytes = places}, 1));
    run(cpu.backend, cpu.device, call, &rich);
    run(cpu.backend, cpu.device, call, &again);
    cpu.backend->close(cpu.device);
    g_assert_true(open_cpu(&cpu, (DkmDeviceOptions){.weights_bytes = places - 1}, 1));
    run(cpu.backend, cpu.device, call, &poor);
    cpu.backend->close(cpu.device);
    g_assert_true(open_cpu(&cpu, (DkmDeviceOptions){.direct = TRUE}, 1));
    run(cpu.backend, cpu.device, call, &direct);
    cpu.backend->close(cpu.device);
    g_assert_cmpmem(poor.data, dkm_tensor_bytes(&poor), direct.data, dkm_tensor_bytes(&direct));
    g_assert_cmpmem(rich.data, dkm_tensor_bytes(&rich), again.data, dkm_tensor_bytes(&again));
    g_assert_cmpint(memcmp(rich.data, direct.data, dkm_tensor_bytes(&direct)), !=, 0);
    compare(&rich, &direct, tolerance(DKM_F32), "Winograd");
    DkmTensor *all[] = {&rich, &poor, &direct, &again, &call.in[0], &call.in[1]};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        free(all[i]->data);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/conv/forward/f32", GINT_TO_POINTER(DKM_F32), forward);
    g_test_add_data_func("/conv/forward/bf16", GINT_TO_POINTER(DKM_BF16), forward);
    g_test_add_data_func("/conv/data-gradient/f32", GINT_TO_POINTER(DKM_F32), data_gradient);
    g_test_add_data_func("/conv/data-gradient/bf16", GINT_TO_POINTER(DKM_BF16), data_gradient);
    g_test_add_data_func("/conv/weight-gradient/f32", GINT_TO_POINTER(DKM_F32), weight_gradient);
    g_test_add_data_func("/conv/weight-gradient/bf16", GINT_TO_POINTER(DKM_BF16), weight_gradient);
    g_test_add_func("/conv/weights-budget", weights_budget);
    return g_test_run();
}
