/* Every op on the device agrees with the reference, and gives the same bits twice. The rows, with
 * their tolerances, are those that the emulator runs, and the convolutions. */
#include "tests/core/net/op-table.h"
#include "tests/gpu/device.h"

static const DkmBackend *backend;

static void agrees(const OpRow *row, DkmDtype dtype, guint64 seed)
{
    const DkmDeviceOptions options = {0};
    DkmOpCall call = op_call_new(row, dtype, seed);
    DkmOpCall expected = op_call_run(&dkm_backend_reference, &options, call);
    DkmOpCall first = op_call_run(backend, &options, call);
    DkmOpCall second = op_call_run(backend, &options, call);
    for (int i = 0; i < first.n_out; i++) {
        op_compare(row, &first.out[i], &expected.out[i], dtype, i);
        g_assert_cmpmem(first.out[i].data, dkm_tensor_bytes(&first.out[i]), second.out[i].data,
                        dkm_tensor_bytes(&second.out[i]));
    }
    op_call_clear_outputs(&second);
    op_call_clear_outputs(&first);
    op_call_clear_outputs(&expected);
    op_call_clear_inputs(&call);
}

static gboolean has_dtype(DkmDtype dtype)
{
    g_autoptr(GError) error = NULL;
    DkmDevice *device = backend->open(&(DkmDeviceOptions){0}, &error);
    g_assert_no_error(error);
    const gboolean has = !backend->has_dtype || backend->has_dtype(device, dtype);
    backend->close(device);
    return has;
}

static void one_row(gconstpointer data)
{
    agrees(data, DKM_F32, 1);
    if (has_dtype(DKM_BF16))
        agrees(data, DKM_BF16, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    backend = test_device();
    if (!backend)
        return 0;
    for (guint i = 0; i < n_op_rows; i++) {
        g_autofree char *name =
            g_strdup_printf("/%s/%s/%u", backend->name, dkm_op_def(op_rows[i].kind)->name, i);
        g_test_add_data_func(name, &op_rows[i], one_row);
    }
    return g_test_run();
}
