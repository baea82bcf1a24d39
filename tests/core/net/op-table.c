#include "tests/core/net/op-table.h"

#include "core/philox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, SPOILT = 0xff };

/* The inputs of each op, a letter each. Of x's dtype: X x's shape; B (1,1,1,C); C with other
 * channels; R a convolution's output; H twice the sides; D the shape of the forward op's output.
 * f32: n, l (0 or 1) x's shape; v (1,1,1,C), o the same with other channels; W a convolution's
 * weights; r, q rows (1,1,2|3,C), positive; w (C,3,3,5); p, t (N,1,1,1) positive, a time; s a step.
 * 0, 1: outputs of the forward op, which comes before the gradient in the list. */
static const char *const inputs[DKM_OP_COUNT] = {
    [DKM_OP_CONV] = "XWoR",
    [DKM_OP_CONV_DGRAD] = "RW",
    [DKM_OP_CONV_WGRAD] = "XR",
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

const OpRow op_rows[] = {
    {DKM_OP_CONV, {1, 9, 11, 7}, 1e-5, {.kernel = 3, .stride = 1}, 5},
    {DKM_OP_CONV, {2, 8, 8, 32}, 1e-5, {.kernel = 3, .stride = 1, .act = DKM_ACT_RELU}, 64},
    {DKM_OP_CONV, {1, 16, 12, 1}, 1e-5, {.kernel = 3, .stride = 1}, 32},
    {DKM_OP_CONV, {1, 16, 12, 48}, 1e-5, {.kernel = 3, .stride = 1}, 1},
    {DKM_OP_CONV, {1, 14, 10, 16}, 1e-5, {.kernel = 3, .stride = 2}, 24},
    {DKM_OP_CONV, {2, 6, 6, 40}, 1e-5, {.kernel = 1, .stride = 1, .act = DKM_ACT_SWISH}, 16},
    {DKM_OP_CONV, {3, 1, 1, 64}, 1e-5, {.kernel = 1, .stride = 1}, 96},
    {DKM_OP_CONV_DGRAD, {1, 9, 11, 7}, 1e-5, {.kernel = 3, .stride = 1}, 5},
    {DKM_OP_CONV_DGRAD, {2, 8, 8, 32}, 1e-5, {.kernel = 3, .stride = 1}, 64},
    {DKM_OP_CONV_DGRAD, {1, 14, 10, 16}, 1e-5, {.kernel = 3, .stride = 2}, 24},
    {DKM_OP_CONV_DGRAD, {2, 6, 6, 40}, 1e-5, {.kernel = 1, .stride = 1}, 16},
    {DKM_OP_CONV_WGRAD, {1, 9, 11, 7}, 1e-5, {.kernel = 3, .stride = 1}, 5},
    {DKM_OP_CONV_WGRAD, {2, 8, 8, 32}, 1e-5, {.kernel = 3, .stride = 1}, 64},
    {DKM_OP_CONV_WGRAD, {1, 14, 10, 16}, 1e-5, {.kernel = 3, .stride = 2}, 24},
    {DKM_OP_CONV_WGRAD, {2, 6, 6, 40}, 1e-5, {.kernel = 1, .stride = 1}, 16},

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

const guint n_op_rows = G_N_ELEMENTS(op_rows);

gboolean op_row_is_conv(const OpRow *row)
{
    return row->kind == DKM_OP_CONV || row->kind == DKM_OP_CONV_DGRAD ||
           row->kind == DKM_OP_CONV_WGRAD;
}

static DkmTensor tensor_new(DkmShape shape, DkmDtype dtype)
{
    DkmTensor t = {NULL, shape, dtype};
    const gsize bytes = dkm_tensor_bytes(&t);
    g_assert_cmpint(posix_memalign(&t.data, 64, bytes + GUARD), ==, 0);
    memset(t.data, SPOILT, bytes);
    return t;
}

static void tensor_clear(DkmTensor *t)
{
    free(t->data);
    *t = (DkmTensor){0};
}

double op_element(const DkmTensor *t, gsize i)
{
    return t->dtype == DKM_F32 ? ((const float *)t->data)[i]
                               : dkm_bf16_to_f32(((const guint16 *)t->data)[i]);
}

void op_set_element(const DkmTensor *t, gsize i, double value)
{
    if (t->dtype == DKM_F32)
        ((float *)t->data)[i] = (float)value;
    else
        ((guint16 *)t->data)[i] = dkm_bf16_from_f32((float)value);
}

static DkmShape input_shape(char letter, const OpRow *row, const DkmTensor *forward)
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
    case 'o':
        return (DkmShape){1, 1, 1, row->other_channels};
    case 'W':
        return (DkmShape){row->other_channels, row->p.kernel, row->p.kernel, x.c};
    case 'R':
        return (DkmShape){x.n, (x.h - 1) / row->p.stride + 1, (x.w - 1) / row->p.stride + 1,
                          row->other_channels};
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

static DkmTensor new_input(char letter, const OpRow *row, DkmDtype dtype, guint64 seed,
                           const DkmTensor *forward)
{
    const gboolean of_x = strchr("XBCHDR", letter) != NULL;
    const DkmTensor t = tensor_new(input_shape(letter, row, forward), of_x ? dtype : DKM_F32);
    for (gsize i = 0; i < dkm_shape_count(t.shape); i++)
        op_set_element(&t, i, input_value(letter, seed, i) + (letter == 'X' ? row->offset : 0));
    return t;
}

/* |a - b| / |b|; everything must be a number. */
static double distance(const DkmTensor *a, const DkmTensor *b)
{
    double difference = 0, size = 0;
    for (gsize i = 0; i < dkm_shape_count(a->shape); i++) {
        const double x = op_element(a, i), y = op_element(b, i);
        difference += (x - y) * (x - y);
        size += y * y;
    }
    return difference == 0 ? 0 : sqrt(difference / size);
}

static const char *letters_of(const OpRow *row)
{
    const gboolean broadcast = row->kind == DKM_OP_ADD && row->x.h == 1 && row->x.w == 1;
    return broadcast ? "XB" : inputs[row->kind];
}

/* -- a run on a device */

static void *upload(const DkmBackend *backend, DkmDevice *device, const void *host, gsize bytes)
{
    g_autoptr(GError) error = NULL;
    void *memory = backend->alloc(device, MAX(1, bytes), &error);
    g_assert_no_error(error);
    backend->upload(device, memory, host, bytes, &error);
    g_assert_no_error(error);
    return memory;
}

/* BYTES and a guard behind them, all spoilt. */
static void *spoilt_new(const DkmBackend *backend, DkmDevice *device, gsize bytes)
{
    g_autofree guint8 *host = g_malloc(bytes + GUARD);
    memset(host, SPOILT, bytes + GUARD);
    return upload(backend, device, host, bytes + GUARD);
}

static void assert_guard(const guint8 *end)
{
    for (int i = 0; i < GUARD; i++)
        g_assert_cmpint(end[i], ==, SPOILT);
}

/* BYTES of MEMORY, which is freed, into HOST (may be NULL); the guard is untouched. */
static void take_back(const DkmBackend *backend, DkmDevice *device, void *memory, gsize bytes,
                      void *host)
{
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *all = g_malloc(bytes + GUARD);
    backend->download(device, all, memory, bytes + GUARD, &error);
    g_assert_no_error(error);
    assert_guard(all + bytes);
    if (host)
        memcpy(host, all, bytes);
    backend->free(device, memory);
}

static void infer_outputs(DkmOpCall *call)
{
    const char *why = NULL;
    call->n_out = dkm_op_def(call->kind)->n_out;
    dkm_op_infer(call->kind, call->p, call->in, call->n_in, call->out, &why);
    g_assert_cmpstr(why, ==, NULL);
    for (int i = 0; i < call->n_out; i++)
        call->out[i] = tensor_new(call->out[i].shape, call->out[i].dtype);
}

static void run_on_device(const DkmBackend *backend, DkmDevice *device, const DkmOpCall *host)
{
    g_autoptr(GError) error = NULL;
    gpointer prepared = NULL;
    guint64 prepared_for = 0;
    DkmOpCall call = *host;
    call.prepared = &prepared;
    call.prepared_for = &prepared_for;
    for (int i = 0; i < call.n_in; i++)
        if (call.in[i].data)
            call.in[i].data =
                upload(backend, device, host->in[i].data, dkm_tensor_bytes(&host->in[i]));
    for (int i = 0; i < call.n_out; i++)
        call.out[i].data = spoilt_new(backend, device, dkm_tensor_bytes(&call.out[i]));
    const gsize bytes = backend->workspace(device, &call);
    call.workspace = spoilt_new(backend, device, bytes);
    dkm_backend_run(backend, device, &call, &error);
    g_assert_no_error(error);
    take_back(backend, device, call.workspace, bytes, NULL);
    for (int i = 0; i < call.n_out; i++)
        take_back(backend, device, call.out[i].data, dkm_tensor_bytes(&call.out[i]),
                  host->out[i].data);
    for (int i = 0; i < call.n_in; i++)
        if (call.in[i].data)
            backend->free(device, call.in[i].data);
    if (prepared)
        backend->release(device, prepared);
}

DkmOpCall op_call_run(const DkmBackend *backend, const DkmDeviceOptions *options, DkmOpCall call)
{
    g_autoptr(GError) error = NULL;
    DkmDevice *device = backend->open(options, &error);
    g_assert_no_error(error);
    infer_outputs(&call);
    run_on_device(backend, device, &call);
    backend->close(device);
    return call;
}

void op_call_clear_outputs(DkmOpCall *call)
{
    for (int i = 0; i < call->n_out; i++)
        tensor_clear(&call->out[i]);
}

/* Those of the row, and what follows from the tensors. */
static DkmOpParams *params_new(const OpRow *row, DkmDtype dtype)
{
    DkmOpParams *p = g_memdup2(&row->p, sizeof row->p);
    if (op_row_is_conv(row)) {
        p->dtype = dtype;
        p->out_shape = row->x;
    }
    return p;
}

DkmOpCall op_call_new(const OpRow *row, DkmDtype dtype, guint64 seed)
{
    DkmOpCall call = {.kind = row->kind, .p = params_new(row, dtype)}, forward = {0};
    const char *letters = letters_of(row);
    for (int i = 0; letters[i]; i++) {
        const char letter = letters[i];
        if (strchr("01D", letter) && forward.n_out == 0) {
            forward = call;
            forward.kind = row->kind - 1;
            forward.n_in = MIN(forward.n_in, dkm_op_def(forward.kind)->max_in);
            forward = op_call_run(&dkm_backend_reference, &(DkmDeviceOptions){0}, forward);
        }
        if (letter == '0' || letter == '1') {
            call.in[i] = forward.out[letter - '0'];
            forward.out[letter - '0'].data = NULL; /* now the call's */
        } else {
            call.in[i] = new_input(letter, row, dtype, seed * 100 + (guint64)i, forward.out);
        }
        call.n_in = i + 1;
    }
    op_call_clear_outputs(&forward);
    return call;
}

void op_call_clear_inputs(DkmOpCall *call)
{
    for (int i = 0; i < call->n_in; i++)
        tensor_clear(&call->in[i]);
    g_free((gpointer)call->p);
}

static double tolerance_of(const OpRow *row, const DkmTensor *out, DkmDtype dtype)
{
    if (dtype == DKM_BF16 && op_row_is_conv(row)) /* weights, or their gradient, are rounded too */
        return 1.0 / 256;
    if (out->dtype == DKM_BF16 && row->tolerance > 0)
        return MAX(row->tolerance, 1.0 / 1024);
    return dtype == DKM_BF16 ? 2 * row->tolerance : row->tolerance;
}

void op_compare(const OpRow *row, const DkmTensor *actual, const DkmTensor *expected,
                DkmDtype dtype, int i)
{
    const double d = distance(actual, expected);
    const DkmShape s = row->x;
    g_test_message("%s (%d,%d,%d,%d) %s, output %d: %.2g", dkm_op_def(row->kind)->name, s.n, s.h,
                   s.w, s.c, dtype == DKM_F32 ? "f32" : "bf16", i, d);
    g_assert_cmpfloat(d, <=, tolerance_of(row, actual, dtype));
}
