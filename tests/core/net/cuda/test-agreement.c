/* Every op of the CUDA module but convolution agrees with the reference, in the emulator: shapes
 * with tails and odd channels, dtypes, seeds; the same bits in whatever order blocks and threads
 * run; nothing written beside an output. The rows are op-table.c's. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/op-table.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

static DkmOpCall emulate(int order, DkmOpCall call)
{
    return op_call_run(&emulated_backend, &(DkmDeviceOptions){.threads = order}, call);
}

static void agrees(const OpRow *row, DkmDtype dtype, guint64 seed)
{
    DkmOpCall call = op_call_new(row, dtype, seed);
    DkmOpCall expected = op_call_run(&dkm_backend_reference, &(DkmDeviceOptions){0}, call);
    DkmOpCall forward = emulate(EMULATED_FORWARD, call);
    for (int i = 0; i < call.n_out || i < expected.n_out; i++)
        op_compare(row, &forward.out[i], &expected.out[i], dtype, i);
    for (int order = EMULATED_REVERSE; order <= EMULATED_RANDOM; order++) {
        DkmOpCall other = emulate(order, call);
        for (int i = 0; i < forward.n_out; i++)
            g_assert_cmpmem(forward.out[i].data, dkm_tensor_bytes(&forward.out[i]),
                            other.out[i].data, dkm_tensor_bytes(&other.out[i]));
        op_call_clear_outputs(&other);
    }
    op_call_clear_outputs(&forward);
    op_call_clear_outputs(&expected);
    op_call_clear_inputs(&call);
}

static void one_row(gconstpointer data)
{
    for (guint64 seed = 1; seed <= 2; seed++) {
        agrees(data, DKM_F32, seed);
        agrees(data, DKM_BF16, seed);
    }
}

/* NaN wins a pool and shows at the end of every activation. */
static void nan_is_kept(void)
{
    const OpRow pool = {DKM_OP_MAX_POOL, {1, 4, 4, 8}, 0};
    const OpRow act = {DKM_OP_ACT, {1, 4, 4, 8}, 0, {.act = DKM_ACT_RELU}};
    const OpRow *both[] = {&pool, &act};
    for (int i = 0; i < 2; i++) {
        DkmOpCall call = op_call_new(both[i], DKM_BF16, 1);
        op_set_element(&call.in[0], 8, NAN);
        DkmOpCall run = emulate(EMULATED_FORWARD, call);
        g_assert_true(isnan(op_element(&run.out[0], i == 0 ? 0 : 8)));
        g_assert_false(isnan(op_element(&run.out[0], 1)));
        op_call_clear_outputs(&run);
        op_call_clear_inputs(&call);
    }
}

/* What the kernels could not count is refused before anything is launched. */
static void too_large_is_refused(void)
{
    const DkmOpKind kinds[] = {DKM_OP_ADD, DKM_OP_CONCAT, DKM_OP_LOSS_MSE, DKM_OP_UPSAMPLE_NEAREST,
                               DKM_OP_UPSAMPLE_BILINEAR};
    const DkmTensor huge = {NULL, {1, 65536, 32768, 32}, DKM_F32};
    const DkmTensor joined = {NULL, {1, 65536, 32768, 64}, DKM_F32};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        EmulatedDevice device = {0};
        g_autoptr(GError) error = NULL;
        const DkmOpCall call = {.kind = kinds[i],
                                .p = &(DkmOpParams){0},
                                .in = {huge, huge},
                                .out = {joined},
                                .n_in = 2};
        g_assert_false(dkm_cuda_own_ops[kinds[i]]->run((DkmCudaDevice *)&device, &call, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED);
        g_assert_cmpuint(device.launches, ==, 0);
    }
}

/* After all others: a kernel that no row reaches proves nothing. */
static void every_kernel_ran(void)
{
    g_autofree char *unused = emulated_unused(EMULATED_NO_OPS, FALSE);
    g_assert_cmpstr(unused, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < n_op_rows; i++) {
        if (op_row_is_conv(&op_rows[i])) /* cuDNN's work */
            continue;
        g_autofree char *name =
            g_strdup_printf("/cuda/ops/%s/%zu", dkm_op_def(op_rows[i].kind)->name, i);
        g_test_add_data_func(name, &op_rows[i], one_row);
    }
    g_test_add_func("/cuda/ops/nan-is-kept", nan_is_kept);
    g_test_add_func("/cuda/ops/too-large-is-refused", too_large_is_refused);
    g_test_add_func("/cuda/all/every-kernel-ran", every_kernel_ran);
    return g_test_run();
}
