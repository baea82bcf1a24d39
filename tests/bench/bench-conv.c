/* Convolution layer by layer: milliseconds, GFLOP/s and the share of the multiply-add peak that is
 * measured in the same run. Built by the tests, run by hand: bench-conv [f32|bf16] [threads] */
#include "core/net/backend.h"
#include "core/net/cpu/peak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *what;
    int n, side, in, out, kernel, stride;
} Layer;

static const Layer layers[] = {
    {"paper d1", 1, 256, 128, 128, 3, 1},  {"paper u2", 1, 128, 256, 256, 3, 1},
    {"paper u3", 1, 64, 512, 256, 3, 1},   {"paper d4", 1, 32, 256, 256, 3, 1},
    {"paper k4", 1, 32, 1024, 1024, 3, 1}, {"small d1", 1, 256, 32, 32, 3, 1},
    {"small d2", 1, 128, 64, 64, 3, 1},    {"small u3", 1, 64, 128, 64, 3, 1},
    {"small d4", 1, 32, 64, 64, 3, 1},     {"small k4", 1, 32, 192, 256, 3, 1},
    {"small up1", 1, 256, 64, 16, 3, 1},   {"small up1b", 1, 256, 16, 16, 3, 1},
    {"small in", 1, 256, 1, 32, 3, 1},     {"small head", 1, 256, 16, 1, 1, 1},
    {"stride 2", 1, 256, 32, 32, 3, 2},    {"skip 1x1", 1, 64, 128, 64, 1, 1},
    {"train d1", 4, 112, 32, 32, 3, 1},    {"train d2", 4, 56, 64, 64, 3, 1},
    {"train u1", 4, 112, 96, 32, 3, 1},    {"train u2", 4, 56, 128, 64, 3, 1},
    {"train u4", 4, 14, 128, 64, 3, 1},    {"train up", 4, 112, 64, 64, 3, 1},
};

static DkmTensor make(DkmShape shape, DkmDtype dtype)
{
    DkmTensor t = {NULL, shape, dtype};
    if (posix_memalign(&t.data, 64, dkm_tensor_bytes(&t) + 64) != 0)
        return t;
    for (gsize i = 0; i < dkm_shape_count(shape); i++) {
        const float value = (float)(i * 7919 % 1000) / 500.0f - 1.0f;
        if (dtype == DKM_F32)
            ((float *)t.data)[i] = value;
        else
            ((guint16 *)t.data)[i] = dkm_bf16_from_f32(value);
    }
    return t;
}

/* Best of a few runs, in seconds. */
static double best_seconds(DkmDevice *device, DkmOpCall *call)
{
    gpointer prepared = NULL;
    guint64 prepared_for = 0;
    void *workspace = NULL;
    const char *why = NULL;
    double best = 1e9;
    dkm_op_def(call->kind)->infer(call->p, call->in, call->n_in, call->out, &why);
    call->out[0] = make(call->out[0].shape, call->out[0].dtype);
    call->n_out = 1;
    call->prepared = &prepared;
    call->prepared_for = &prepared_for;
    const gsize bytes = dkm_backend_cpu.workspace(device, call);
    if (posix_memalign(&workspace, 64, bytes + 64) != 0)
        return best;
    call->workspace = workspace;
    for (int run = 0; run < 9; run++) {
        const gint64 start = g_get_monotonic_time();
        dkm_backend_run(&dkm_backend_cpu, device, call, NULL);
        best = MIN(best, (double)(g_get_monotonic_time() - start) / 1e6);
    }
    free(workspace);
    free(call->out[0].data);
    dkm_backend_cpu.release(device, prepared);
    return best;
}

static double flop(const Layer *l)
{
    const double side = (l->side - 1) / l->stride + 1;
    return 2.0 * l->n * side * side * l->kernel * l->kernel * l->in * l->out;
}

static void bench_layer(DkmDevice *device, const Layer *l, DkmDtype dtype, double peak)
{
    const int side = (l->side - 1) / l->stride + 1;
    const DkmTensor x = make((DkmShape){l->n, l->side, l->side, l->in}, dtype);
    const DkmTensor dy = make((DkmShape){l->n, side, side, l->out}, dtype);
    const DkmTensor w = make((DkmShape){l->out, l->kernel, l->kernel, l->in}, DKM_F32);
    const DkmOpParams p = {
        .kernel = l->kernel, .stride = l->stride, .dtype = dtype, .out_shape = x.shape};
    DkmOpCall calls[3] = {
        {.kind = DKM_OP_CONV, .p = &p, .in = {x, w}, .n_in = 4, .version = 1},
        {.kind = DKM_OP_CONV_DGRAD, .p = &p, .in = {dy, w}, .n_in = 2},
        {.kind = DKM_OP_CONV_WGRAD, .p = &p, .in = {x, dy}, .n_in = 2},
    };
    printf("%-11s %4d->%-4d %3dx%-3d k%d s%d n%d ", l->what, l->in, l->out, l->side, l->side,
           l->kernel, l->stride, l->n);
    for (int k = 0; k < 3; k++) {
        const double seconds = best_seconds(device, &calls[k]);
        const double rate = flop(l) / seconds / 1e9;
        printf(" | %7.3f ms %5.0f %3.0f%%", seconds * 1e3, rate, 100 * rate / peak);
    }
    printf("\n");
    free(x.data);
    free(dy.data);
    free(w.data);
}

int main(int argc, char **argv)
{
    const DkmDtype dtype = argc > 1 && strcmp(argv[1], "bf16") == 0 ? DKM_BF16 : DKM_F32;
    const int threads = argc > 2 ? (int)g_ascii_strtoll(argv[2], NULL, 10) : 0;
    DkmDevice *device =
        dkm_backend_cpu.open(&(DkmDeviceOptions){threads, g_getenv("DKM_ISA")}, NULL);
    if (!device)
        return 1;
    DkmCpuPeak measured;
    if (!dkm_cpu_peak_measure(device, &measured, NULL))
        return 1;
    const double peak = (dtype == DKM_F32 ? measured.f32_flop : measured.bf16_flop) / 1e9;
    printf("%s, peak %.0f GFLOP/s\n%-40s  | forward (ms, GFLOP/s, share) | data gradient | weight "
           "gradient\n",
           dkm_backend_cpu.describe(device), peak, "layer");
    for (gsize i = 0; i < G_N_ELEMENTS(layers); i++)
        bench_layer(device, &layers[i], dtype, peak);
    dkm_backend_cpu.close(device);
    return 0;
}
