/* Every op of the CUDA module but convolution agrees with the reference, in the emulator: shapes
 * with tails and odd channels, dtypes, seeds; the same bits in whatever order blocks and threads
 * run; nothing written beside an output. Tolerances are relative L2 distances, written per row. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/fixture.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

enum { GUARD = 64, SPOILT = 0xff };

/* One op at one shape. TOLERANCE in f32; where bf16 comes out 2^-10 is let through, as
 * both sides round and now and then to different neighbours. */
typedef struct {
    DkmOpKind kind;
    DkmShape x;
    double tolerance;
    DkmOpParams p;
    int other_channels; /* CONCAT */
    float offset;       /* added to every normal number of x */
} Row;

/* The inputs of each op, a letter each. Of x's dtype: X x's shape; B (1,1,1,C); C with other
 * channels; H twice the sides; D the shape of the forward op's output. f32: n, l (0 or 1) x's
 * shape; v (1,1,1,C); r, q rows (1,1,2|3,C), positive; w (C,3,3,5); p, t (N,1,1,1) positive, a
 * time; s a step. 0, 1: outputs of the forward op, which comes before the gradient in the list. */
static const char *const inputs[DKM_OP_COUNT] = {
    [DKM_OP_GROUP_NORM] = "Xvv",
    [DKM_OP_GROUP_NORM_GRAD] = "Xvv1D",
    [DKM_OP_BATCH_NORM] = "Xvv",
    [DKM_OP_BATCH_NORM_GRAD] = "Xvv1D",
    [DKM_OP_BATCH_NORM_RUNNING] = "rq",
    [DKM_OP_BATCH_NORM_FOLD] = "wvvr",
    [DKM_OP_ADD] = "XX",
    [DKM_OP_ACT] = "X",
    [DKM_OP_ACT_GRAD] = "XX",
    [DKM_OP_CAST] = "X",
    [DKM_OP_CONCAT] = "XC",
    [DKM_OP_SLICE] = "X",
    [DKM_OP_REDUCE] = "X",
    [DKM_OP_UPSAMPLE_NEAREST] = "X",
    [DKM_OP_UPSAMPLE_NEAREST_GRAD] = "H",
    [DKM_OP_UPSAMPLE_BILINEAR] = "X",
    [DKM_OP_UPSAMPLE_BILINEAR_GRAD] = "H",
    [DKM_OP_MAX_POOL] = "X",
    [DKM_OP_MAX_POOL_GRAD] = "X0D",
    [DKM_OP_ATTENTION] = "XXX",
    [DKM_OP_ATTENTION_GRAD] = "XXX0D1",
    [DKM_OP_DROPOUT] = "Xs",
    [DKM_OP_TIME_EMBED] = "t",
    [DKM_OP_LOSS_MSE] = "nnp",
    [DKM_OP_LOSS_MSE_GRAD] = "nnp",
    [DKM_OP_LOSS_SEG] = "nl",
    [DKM_OP_LOSS_SEG_GRAD] = "nl",
};

static const Row rows[] = {
    {DKM_OP_ADD, {2, 5, 3, 16}, 1e-7},
    {DKM_OP_ADD, {1, 3, 3, 7}, 1e-7, {.act = DKM_ACT_RELU}},
    {DKM_OP_ADD, {3, 1, 1, 24}, 1e-7},
    {DKM_OP_ACT, {1, 7, 9, 5}, 1e-7, {.act = DKM_ACT_RELU}},
    {DKM_OP_ACT, {2, 9, 9, 16}, 3e-7, {.act = DKM_ACT_SWISH}},
    {DKM_OP_ACT, {1, 1, 1, 3}, 3e-7, {.act = DKM_ACT_SIGMOID}},
    {DKM_OP_ACT_GRAD, {1, 7, 9, 5}, 0, {.act = DKM_ACT_RELU}},
    {DKM_OP_ACT_GRAD, {2, 9, 9, 16}, 3e-7, {.act = DKM_ACT_SWISH}},
    {DKM_OP_ACT_GRAD, {1, 1, 1, 3}, 3e-7, {.act = DKM_ACT_SIGMOID}},
    {DKM_OP_ACT_GRAD, {1, 2, 1, 3}, 0, {.act = DKM_ACT_NONE}},
    {DKM_OP_CAST, {1, 3, 5, 17}, 0, {.dtype = DKM_F32}},
    {DKM_OP_CAST, {2, 3, 5, 8}, 0, {.dtype = DKM_BF16}},
    {DKM_OP_CONCAT, {2, 3, 5, 16}, 0, {0}, 8},
    {DKM_OP_CONCAT, {2, 3, 5, 3}, 0, {0}, 4},
    {DKM_OP_SLICE, {2, 3, 5, 24}, 0, {.first = 8, .channels = 8}},
    {DKM_OP_SLICE, {2, 3, 5, 7}, 0, {.first = 2, .channels = 5}},
    {DKM_OP_REDUCE, {3, 8, 8, 16}, 3e-7},
    {DKM_OP_REDUCE, {2, 37, 5, 264}, 3e-7, {.per_sample = TRUE}},
    {DKM_OP_REDUCE, {2, 50, 9, 3}, 3e-7, {.per_sample = TRUE}},
    {DKM_OP_REDUCE, {2, 1, 1, 5}, 3e-7},
    {DKM_OP_REDUCE, {1, 131, 127, 17}, 3e-7}, /* chunks that the rows of a block do not divide */
    {DKM_OP_DROPOUT, {2, 5, 7, 9}, 1e-7, {.rate = 0.1f, .salt = 77}},
    {DKM_OP_DROPOUT, {1, 4, 4, 8}, 1e-7, {.rate = 0.5f, .salt = 0xdeadbeef}},
    {DKM_OP_DROPOUT, {1, 4, 4, 8}, 0, {.rate = 0.0f, .salt = 1}},
    {DKM_OP_TIME_EMBED, {3, 1, 1, 1}, 1e-7, {.out_shape = {3, 1, 1, 128}}},
    {DKM_OP_TIME_EMBED, {2, 1, 1, 1}, 1e-7, {.out_shape = {2, 1, 1, 6}}},

    {DKM_OP_GROUP_NORM, {2, 9, 7, 64}, 1e-6, {.groups = 32, .eps = 1e-6f, .act = DKM_ACT_SWISH}},
    {DKM_OP_GROUP_NORM, {2, 20, 20, 8}, 1e-6, {.groups = 4, .eps = 1e-6f}},
    {DKM_OP_GROUP_NORM, {1, 5, 5, 6}, 1e-6, {.groups = 2, .eps = 1e-5f, .act = DKM_ACT_SWISH}},
    {DKM_OP_GROUP_NORM, {2, 4, 4, 288}, 1e-6, {.groups = 1, .eps = 1e-5f}},
    {DKM_OP_GROUP_NORM, {1, 33, 31, 16}, 1e-4, {.groups = 2, .eps = 1e-6f}, 0, 1000},
    {DKM_OP_GROUP_NORM_GRAD,
     {2, 9, 7, 64},
     2e-6,
     {.groups = 32, .eps = 1e-6f, .act = DKM_ACT_SWISH}},
    {DKM_OP_GROUP_NORM_GRAD, {2, 20, 20, 8}, 2e-6, {.groups = 4, .eps = 1e-6f}},
    {DKM_OP_GROUP_NORM_GRAD, {1, 5, 5, 6}, 2e-6, {.groups = 2, .eps = 1e-5f, .act = DKM_ACT_SWISH}},
    {DKM_OP_GROUP_NORM_GRAD, {2, 4, 4, 288}, 2e-6, {.groups = 1, .eps = 1e-5f}},
    {DKM_OP_BATCH_NORM, {3, 9, 7, 16}, 1e-6, {.eps = 1e-5f, .act = DKM_ACT_RELU}},
    {DKM_OP_BATCH_NORM, {2, 30, 20, 5}, 1e-6, {.eps = 1e-5f}},
    {DKM_OP_BATCH_NORM, {2, 3, 3, 40}, 1e-4, {.eps = 1e-5f}, 0, 1000},
    {DKM_OP_BATCH_NORM_GRAD, {3, 9, 7, 16}, 2e-6, {.eps = 1e-5f, .act = DKM_ACT_RELU}},
    {DKM_OP_BATCH_NORM_GRAD, {2, 30, 20, 5}, 2e-6, {.eps = 1e-5f}},
    {DKM_OP_BATCH_NORM_RUNNING, {1, 1, 1, 19}, 2e-7, {.momentum = 0.1f, .count = 50}},
    {DKM_OP_BATCH_NORM_FOLD, {1, 1, 1, 19}, 3e-7, {.eps = 1e-5f}},

    {DKM_OP_UPSAMPLE_NEAREST, {2, 3, 5, 16}, 0},
    {DKM_OP_UPSAMPLE_NEAREST, {2, 3, 5, 3}, 0},
    {DKM_OP_UPSAMPLE_NEAREST_GRAD, {2, 3, 5, 16}, 1e-7},
    {DKM_OP_UPSAMPLE_NEAREST_GRAD, {2, 3, 5, 3}, 1e-7},
    {DKM_OP_UPSAMPLE_BILINEAR, {2, 3, 5, 16}, 3e-7},
    {DKM_OP_UPSAMPLE_BILINEAR, {1, 1, 7, 3}, 3e-7},
    {DKM_OP_UPSAMPLE_BILINEAR_GRAD, {2, 3, 5, 16}, 3e-7},
    {DKM_OP_UPSAMPLE_BILINEAR_GRAD, {1, 1, 7, 3}, 3e-7},
    {DKM_OP_UPSAMPLE_BILINEAR_GRAD, {1, 2, 40, 1}, 3e-7},
    {DKM_OP_UPSAMPLE_BILINEAR_GRAD, {1, 33, 4, 8}, 3e-7},
    {DKM_OP_MAX_POOL, {2, 6, 10, 16}, 0},
    {DKM_OP_MAX_POOL, {2, 6, 10, 3}, 0},
    {DKM_OP_MAX_POOL_GRAD, {2, 6, 10, 16}, 0},
    {DKM_OP_MAX_POOL_GRAD, {2, 6, 10, 3}, 0},

    {DKM_OP_ATTENTION, {2, 5, 8, 40}, 2e-6},
    {DKM_OP_ATTENTION, {1, 3, 3, 7}, 2e-6},
    {DKM_OP_ATTENTION, {1, 6, 6, 264}, 2e-6},
    {DKM_OP_ATTENTION_GRAD, {2, 5, 8, 40}, 5e-6},
    {DKM_OP_ATTENTION_GRAD, {1, 3, 3, 7}, 5e-6},
    {DKM_OP_ATTENTION_GRAD, {1, 6, 6, 264}, 5e-6},

    {DKM_OP_LOSS_MSE, {3, 20, 9, 6}, 1e-6},
    {DKM_OP_LOSS_MSE_GRAD, {3, 7, 9, 2}, 3e-7},
    {DKM_OP_LOSS_SEG, {3, 40, 30, 1}, 1e-6, {.lambda = 0.5f}},
    {DKM_OP_LOSS_SEG_GRAD, {3, 40, 30, 1}, 2e-6, {.lambda = 0.5f}},
};

static DkmTensor tensor_new(DkmShape shape, DkmDtype dtype)
{
    g_autoptr(GError) error = NULL;
    DkmTensor t = {NULL, shape, dtype};
    t.data = dkm_backend_reference.alloc(NULL, dkm_tensor_bytes(&t) + GUARD, &error);
    g_assert_no_error(error);
    memset(t.data, SPOILT, dkm_tensor_bytes(&t) + GUARD);
    return t;
}

static void tensor_clear(DkmTensor *t)
{
    if (t->data)
        dkm_backend_reference.free(NULL, t->data);
    *t = (DkmTensor){0};
}

static double element(const DkmTensor *t, gsize i)
{
    return t->dtype == DKM_F32 ? ((const float *)t->data)[i]
                               : dkm_bf16_to_f32(((const guint16 *)t->data)[i]);
}

static void set_element(const DkmTensor *t, gsize i, double value)
{
    if (t->dtype == DKM_F32)
        ((float *)t->data)[i] = (float)value;
    else
        ((guint16 *)t->data)[i] = dkm_bf16_from_f32((float)value);
}

static DkmShape input_shape(char letter, const Row *row, const DkmTensor *forward)
{
    const DkmShape x = row->x;
    switch (letter) {
    case 'v':
    case 'B':
        return (DkmShape){1, 1, 1, x.c};
    case 'r':
        return (DkmShape){1, 1, 2, x.c};
    case 'q':
        return (DkmShape){1, 1, 3, x.c};
    case 'w':
        return (DkmShape){x.c, 3, 3, 5};
    case 'p':
    case 't':
        return (DkmShape){x.n, 1, 1, 1};
    case 's':
        return (DkmShape){1, 1, 1, 1};
    case 'C':
        return (DkmShape){x.n, x.h, x.w, row->other_channels};
    case 'H':
        return (DkmShape){x.n, 2 * x.h, 2 * x.w, x.c};
    case 'D':
        return forward[0].shape;
    default:
        return x;
    }
}

static double input_value(char letter, guint64 seed, gsize i)
{
    const double normal = dkm_philox_normal(seed, i, 3);
    switch (letter) {
    case 'r':
    case 'q':
    case 'p':
        return fabs(normal) + 0.1;
    case 't':
        return dkm_philox_uniform(seed, i, 3) * 999;
    case 's':
        return 7;
    case 'l':
        return normal > 0.5;
    default:
        return normal;
    }
}

static DkmTensor new_input(char letter, const Row *row, DkmDtype dtype, guint64 seed,
                           const DkmTensor *forward)
{
    const gboolean of_x = strchr("XBCHD", letter) != NULL;
    const DkmTensor t = tensor_new(input_shape(letter, row, forward), of_x ? dtype : DKM_F32);
    for (gsize i = 0; i < dkm_shape_count(t.shape); i++)
        set_element(&t, i, input_value(letter, seed, i) + (letter == 'X' ? row->offset : 0));
    return t;
}

/* Fills the shapes of CALL's outputs and allocates them and the workspace. */
static void prepare_outputs(DkmOpCall *call, const DkmBackend *backend, DkmDevice *device)
{
    const char *why = NULL;
    g_autoptr(GError) error = NULL;
    call->n_out = dkm_op_def(call->kind)->n_out;
    dkm_op_infer(call->kind, call->p, call->in, call->n_in, call->out, &why);
    g_assert_cmpstr(why, ==, NULL);
    for (int i = 0; i < call->n_out; i++)
        call->out[i] = tensor_new(call->out[i].shape, call->out[i].dtype);
    const gsize bytes = backend->workspace(device, call);
    call->workspace = backend->alloc(device, bytes + GUARD, &error);
    g_assert_no_error(error);
    memset(call->workspace, SPOILT, bytes + GUARD);
}

static gboolean is_spoilt(const void *memory)
{
    for (int i = 0; i < GUARD; i++)
        if (((const guint8 *)memory)[i] != SPOILT)
            return FALSE;
    return TRUE;
}

/* A run with outputs of its own; free them with clear_outputs(). */
static DkmOpCall run_on(const DkmBackend *backend, int order, DkmOpCall call)
{
    g_autoptr(GError) error = NULL;
    DkmDevice *device = backend->open(&(DkmDeviceOptions){.threads = order}, &error);
    g_assert_no_error(error);
    prepare_outputs(&call, backend, device);
    dkm_backend_run(backend, device, &call, &error);
    g_assert_no_error(error);
    g_assert_true(is_spoilt((char *)call.workspace + backend->workspace(device, &call)));
    for (int i = 0; i < call.n_out; i++)
        g_assert_true(is_spoilt((char *)call.out[i].data + dkm_tensor_bytes(&call.out[i])));
    backend->free(device, call.workspace);
    backend->close(device);
    return call;
}

static void clear_outputs(DkmOpCall *call)
{
    for (int i = 0; i < call->n_out; i++)
        tensor_clear(&call->out[i]);
}

/* |a - b| / |b|; everything must be a number. */
static double distance(const DkmTensor *a, const DkmTensor *b)
{
    double difference = 0, size = 0;
    for (gsize i = 0; i < dkm_shape_count(a->shape); i++) {
        const double x = element(a, i), y = element(b, i);
        difference += (x - y) * (x - y);
        size += y * y;
    }
    return difference == 0 ? 0 : sqrt(difference / size);
}

static const char *letters_of(const Row *row)
{
    const gboolean broadcast = row->kind == DKM_OP_ADD && row->x.h == 1 && row->x.w == 1;
    return broadcast ? "XB" : inputs[row->kind];
}

/* The call that the row describes, without outputs. Free its inputs with clear_inputs(). */
static DkmOpCall new_call(const Row *row, DkmDtype dtype, guint64 seed)
{
    DkmOpCall call = {.kind = row->kind, .p = &row->p}, forward = {0};
    const char *letters = letters_of(row);
    for (int i = 0; letters[i]; i++) {
        const char letter = letters[i];
        if (strchr("01D", letter) && forward.n_out == 0) {
            forward = call;
            forward.kind = row->kind - 1;
            forward.n_in = MIN(forward.n_in, dkm_op_def(forward.kind)->max_in);
            forward = run_on(&dkm_backend_reference, 0, forward);
        }
        if (letter == '0' || letter == '1') {
            call.in[i] = forward.out[letter - '0'];
            forward.out[letter - '0'].data = NULL; /* now the call's */
        } else {
            call.in[i] = new_input(letter, row, dtype, seed * 100 + (guint64)i, forward.out);
        }
        call.n_in = i + 1;
    }
    clear_outputs(&forward);
    return call;
}

static void clear_inputs(DkmOpCall *call)
{
    for (int i = 0; i < call->n_in; i++)
        tensor_clear(&call->in[i]);
}

static double tolerance_of(const Row *row, const DkmTensor *out, DkmDtype dtype)
{
    const double flips = 1.0 / 1024;
    return out->dtype == DKM_BF16 && row->tolerance > 0 ? MAX(row->tolerance, flips)
           : dtype == DKM_BF16                          ? 2 * row->tolerance
                                                        : row->tolerance;
}

static void compare_output(const Row *row, const DkmTensor *actual, const DkmTensor *expected,
                           DkmDtype dtype, int i)
{
    const double d = distance(actual, expected);
    const DkmShape s = row->x;
    g_test_message("%s (%d,%d,%d,%d) %s, output %d: %.2g", dkm_op_def(row->kind)->name, s.n, s.h,
                   s.w, s.c, dtype == DKM_F32 ? "f32" : "bf16", i, d);
    g_assert_cmpfloat(d, <=, tolerance_of(row, actual, dtype));
}

static void agrees(const Row *row, DkmDtype dtype, guint64 seed)
{
    DkmOpCall call = new_call(row, dtype, seed);
    DkmOpCall expected = run_on(&dkm_backend_reference, 0, call);
    DkmOpCall forward = run_on(&emulated_backend, EMULATED_FORWARD, call);
    for (int i = 0; i < call.n_out || i < expected.n_out; i++)
        compare_output(row, &forward.out[i], &expected.out[i], dtype, i);
    for (int order = EMULATED_REVERSE; order <= EMULATED_RANDOM; order++) {
        DkmOpCall other = run_on(&emulated_backend, order, call);
        for (int i = 0; i < forward.n_out; i++)
            g_assert_cmpmem(forward.out[i].data, dkm_tensor_bytes(&forward.out[i]),
                            other.out[i].data, dkm_tensor_bytes(&other.out[i]));
        clear_outputs(&other);
    }
    clear_outputs(&forward);
    clear_outputs(&expected);
    clear_inputs(&call);
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
    const Row pool = {DKM_OP_MAX_POOL, {1, 4, 4, 8}, 0};
    const Row act = {DKM_OP_ACT, {1, 4, 4, 8}, 0, {.act = DKM_ACT_RELU}};
    const Row *both[] = {&pool, &act};
    for (int i = 0; i < 2; i++) {
        DkmOpCall call = new_call(both[i], DKM_BF16, 1);
        set_element(&call.in[0], 8, NAN);
        DkmOpCall run = run_on(&emulated_backend, EMULATED_FORWARD, call);
        g_assert_true(isnan(element(&run.out[0], i == 0 ? 0 : 8)));
        g_assert_false(isnan(element(&run.out[0], 1)));
        clear_outputs(&run);
        clear_inputs(&call);
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
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name =
            g_strdup_printf("/cuda/ops/%s/%zu", dkm_op_def(rows[i].kind)->name, i);
        g_test_add_data_func(name, &rows[i], one_row);
    }
    g_test_add_func("/cuda/ops/nan-is-kept", nan_is_kept);
    g_test_add_func("/cuda/ops/too-large-is-refused", too_large_is_refused);
    g_test_add_func("/cuda/all/every-kernel-ran", every_kernel_ran);
    return g_test_run();
}
