/* The definitions: shapes that follow, shapes that are refused and in which words, FLOP. */
#include "core/net/op.h"

#include <string.h>

static char present; /* stands for memory that infer() must not read */

static DkmTensor f32(int n, int h, int w, int c)
{
    return (DkmTensor){&present, {n, h, w, c}, DKM_F32};
}

static DkmTensor bf16(int n, int h, int w, int c)
{
    return (DkmTensor){&present, {n, h, w, c}, DKM_BF16};
}

/* One row: the first output where WHY is NULL, else the words of the refusal. */
typedef struct {
    DkmOpKind kind;
    DkmOpParams p;
    int n_in;
    DkmTensor in[DKM_OP_MAX_IN];
    DkmTensor out;
    const char *why;
} Row;

static void check(const Row *row)
{
    const DkmOpDef *def = dkm_op_def(row->kind);
    DkmTensor out[DKM_OP_MAX_OUT] = {0};
    const char *why = NULL;
    const gboolean fits = dkm_op_infer(row->kind, &row->p, row->in, row->n_in, out, &why);
    g_test_message("%s: %s", def->name, fits ? "fits" : why);
    if (row->why) {
        g_assert_false(fits);
        g_assert_nonnull(strstr(why, row->why));
        return;
    }
    g_assert_true(fits);
    g_assert_true(dkm_shape_equal(out[0].shape, row->out.shape));
    g_assert_cmpint(out[0].dtype, ==, row->out.dtype);
    g_assert_null(out[0].data);
}

static void convolutions(void)
{
    const DkmOpParams k3 = {.kernel = 3, .stride = 1}, down = {.kernel = 3, .stride = 2};
    const DkmOpParams half = {.kernel = 3, .stride = 1, .dtype = DKM_BF16};
    const DkmOpParams dgrad = {.kernel = 3, .stride = 2, .out_shape = {2, 7, 8, 3}};
    const DkmTensor x = f32(2, 7, 8, 3), w = f32(5, 3, 3, 3), none = {0};
    const Row rows[] = {
        {DKM_OP_CONV, k3, 2, {x, w}, f32(2, 7, 8, 5)},
        {DKM_OP_CONV, down, 2, {x, w}, f32(2, 4, 4, 5)},
        {DKM_OP_CONV, k3, 3, {x, w, f32(1, 1, 1, 5)}, f32(2, 7, 8, 5)},
        {DKM_OP_CONV, k3, 4, {x, w, f32(2, 1, 1, 5), x}, none, "the residual must have"},
        {DKM_OP_CONV, k3, 4, {x, w, none, f32(2, 7, 8, 5)}, f32(2, 7, 8, 5)},
        {DKM_OP_CONV, k3, 3, {x, w, f32(3, 1, 1, 5)}, none, "the bias must be"},
        {DKM_OP_CONV, half, 2, {bf16(2, 7, 8, 3), w}, bf16(2, 7, 8, 5)},
        {DKM_OP_CONV, k3, 2, {bf16(2, 7, 8, 3), w}, f32(2, 7, 8, 5)},
        {DKM_OP_CONV, half, 2, {x, w}, none, "the dtype of x or f32"},
        {DKM_OP_CONV, k3, 2, {x, f32(5, 3, 3, 4)}, none, "the weight must be"},
        {DKM_OP_CONV, k3, 2, {x, bf16(5, 3, 3, 3)}, none, "the weight must be"},
        {DKM_OP_CONV, {.kernel = 5, .stride = 1}, 2, {x, w}, none, "the kernel must be"},
        {DKM_OP_CONV, {.kernel = 3, .stride = 3}, 2, {x, w}, none, "the stride must be"},
        {DKM_OP_CONV, k3, 1, {x}, none, "wrong number of inputs"},
        {DKM_OP_CONV, k3, 2, {x, none}, none, "a required input is absent"},
        {DKM_OP_CONV, k3, 2, {f32(2, 0, 8, 3), w}, none, "an input has an empty side"},
        {DKM_OP_CONV_DGRAD, dgrad, 2, {f32(2, 4, 4, 5), w}, f32(2, 7, 8, 3)},
        {DKM_OP_CONV_DGRAD, dgrad, 2, {f32(2, 3, 4, 5), w}, none, "dy is not the shape"},
        {DKM_OP_CONV_WGRAD, down, 2, {x, f32(2, 4, 4, 5)}, f32(5, 3, 3, 3)},
        {DKM_OP_CONV_WGRAD, down, 2, {x, bf16(2, 4, 4, 5)}, none, "one dtype"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i]);
}

static void norms(void)
{
    const DkmOpParams groups = {.groups = 2}, none_p = {0};
    const DkmTensor x = bf16(2, 3, 4, 6), v = f32(1, 1, 1, 6), none = {0};
    const DkmTensor group_stats = f32(2, 1, 2, 2), batch_stats = f32(1, 1, 3, 6);
    const Row rows[] = {
        {DKM_OP_GROUP_NORM, groups, 3, {x, v, v}, x},
        {DKM_OP_GROUP_NORM, {.groups = 4}, 3, {x, v, v}, none, "a multiple of the groups"},
        {DKM_OP_GROUP_NORM, none_p, 3, {x, v, v}, none, "a multiple of the groups"},
        {DKM_OP_GROUP_NORM, {.groups = 2, .act = DKM_ACT_RELU}, 3, {x, v, v}, none, "or swish"},
        {DKM_OP_GROUP_NORM, groups, 3, {x, v, f32(1, 1, 1, 5)}, none, "gamma and beta"},
        {DKM_OP_GROUP_NORM_GRAD, groups, 5, {x, v, v, group_stats, x}, x},
        {DKM_OP_GROUP_NORM_GRAD, groups, 5, {x, v, v, batch_stats, x}, none, "the statistics"},
        {DKM_OP_BATCH_NORM, none_p, 3, {x, v, v}, x},
        {DKM_OP_BATCH_NORM, {.act = DKM_ACT_SWISH}, 3, {x, v, v}, none, "or ReLU"},
        {DKM_OP_BATCH_NORM_GRAD, none_p, 5, {x, v, v, batch_stats, x}, x},
        {DKM_OP_BATCH_NORM_GRAD, none_p, 5, {x, v, v, batch_stats, v}, none, "x and dy"},
        {DKM_OP_BATCH_NORM_RUNNING,
         {.count = 24},
         2,
         {f32(1, 1, 2, 6), batch_stats},
         f32(1, 1, 2, 6)},
        {DKM_OP_BATCH_NORM_RUNNING,
         {.count = 1},
         2,
         {f32(1, 1, 2, 6), batch_stats},
         none,
         "two values"},
        {DKM_OP_BATCH_NORM_FOLD,
         none_p,
         4,
         {f32(6, 3, 3, 2), v, v, f32(1, 1, 2, 6)},
         f32(6, 3, 3, 2)},
        {DKM_OP_BATCH_NORM_FOLD, none_p, 4, {f32(6, 3, 3, 2), v, v, v}, none, "running must"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i]);
}

static void elementwise_and_channels(void)
{
    const DkmTensor x = bf16(2, 3, 4, 6), step = f32(1, 1, 1, 1), none = {0};
    const Row rows[] = {
        {DKM_OP_ADD, {0}, 2, {x, x}, x},
        {DKM_OP_ADD, {0}, 2, {f32(3, 1, 1, 6), f32(1, 1, 1, 6)}, f32(3, 1, 1, 6)},
        {DKM_OP_ADD, {0}, 2, {x, bf16(1, 1, 1, 6)}, none, "a and b must be alike"},
        {DKM_OP_ADD, {.act = DKM_ACT_SWISH}, 2, {x, x}, none, "or ReLU"},
        {DKM_OP_ACT, {.act = DKM_ACT_SWISH}, 1, {x}, x},
        {DKM_OP_ACT_GRAD, {0}, 2, {x, f32(2, 3, 4, 6)}, none, "x and dy must be alike"},
        {DKM_OP_CAST, {.dtype = DKM_F32}, 1, {x}, f32(2, 3, 4, 6)},
        {DKM_OP_DROPOUT, {.rate = 0.1f}, 2, {x, step}, x},
        {DKM_OP_DROPOUT, {.rate = 1}, 2, {x, step}, none, "the rate must be"},
        {DKM_OP_TIME_EMBED, {.out_shape = {2, 1, 1, 8}}, 1, {f32(2, 1, 1, 1)}, f32(2, 1, 1, 8)},
        {DKM_OP_TIME_EMBED, {.out_shape = {2, 1, 1, 2}}, 1, {f32(2, 1, 1, 1)}, none, "C even"},
        {DKM_OP_CONCAT, {0}, 2, {x, bf16(2, 3, 4, 1)}, bf16(2, 3, 4, 7)},
        {DKM_OP_CONCAT, {0}, 2, {x, f32(2, 3, 4, 1)}, none, "but for their channels"},
        {DKM_OP_SLICE, {.first = 4, .channels = 2}, 1, {x}, bf16(2, 3, 4, 2)},
        {DKM_OP_SLICE, {.first = 5, .channels = 2}, 1, {x}, none, "outside the channels"},
        {DKM_OP_REDUCE, {0}, 1, {x}, f32(1, 1, 1, 6)},
        {DKM_OP_REDUCE, {.per_sample = TRUE}, 1, {x}, f32(2, 1, 1, 6)},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i]);
}

static void resampling_attention_losses(void)
{
    const DkmTensor x = bf16(2, 4, 6, 3), half = bf16(2, 2, 3, 3), none = {0};
    const DkmTensor logits = f32(2, 4, 6, 1), lse = f32(2, 1, 24, 1), weight = f32(2, 1, 1, 1);
    const Row rows[] = {
        {DKM_OP_UPSAMPLE_NEAREST, {0}, 1, {half}, x},
        {DKM_OP_UPSAMPLE_BILINEAR, {0}, 1, {half}, x},
        {DKM_OP_UPSAMPLE_NEAREST_GRAD, {0}, 1, {x}, half},
        {DKM_OP_UPSAMPLE_BILINEAR_GRAD, {0}, 1, {half}, none, "the sides must be even"},
        {DKM_OP_MAX_POOL, {0}, 1, {x}, half},
        {DKM_OP_MAX_POOL_GRAD, {0}, 3, {x, half, half}, x},
        {DKM_OP_MAX_POOL_GRAD, {0}, 3, {x, half, x}, none, "half the sides"},
        {DKM_OP_ATTENTION, {0}, 3, {x, x, x}, x},
        {DKM_OP_ATTENTION, {0}, 3, {x, x, half}, none, "must be alike"},
        {DKM_OP_ATTENTION_GRAD, {0}, 6, {x, x, x, x, x, lse}, x},
        {DKM_OP_ATTENTION_GRAD, {0}, 6, {x, x, x, x, x, weight}, none, "log-sum-exp"},
        {DKM_OP_LOSS_MSE, {0}, 3, {logits, logits, weight}, f32(1, 1, 1, 1)},
        {DKM_OP_LOSS_MSE, {0}, 3, {x, x, weight}, none, "f32 of one shape"},
        {DKM_OP_LOSS_MSE_GRAD, {0}, 3, {logits, logits, lse}, none, "the weight must be"},
        {DKM_OP_LOSS_SEG, {0}, 2, {logits, logits}, f32(1, 1, 1, 1)},
        {DKM_OP_LOSS_SEG_GRAD, {0}, 2, {logits, logits}, logits},
        {DKM_OP_LOSS_SEG, {0}, 2, {x, x}, none, "logits and label"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        check(&rows[i]);
}

/* 2 per multiply-add, convolutions and attention products only. */
static void flop(void)
{
    const DkmOpParams p = {.kernel = 3, .stride = 2, .out_shape = {2, 8, 8, 3}};
    const DkmTensor x = f32(2, 8, 8, 3), w = f32(5, 3, 3, 3), y = f32(2, 4, 4, 5);
    const double conv = 2.0 * (2 * 4 * 4 * 5) * (3 * 3 * 3), product = 2.0 * 2 * 64 * 64 * 3;
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_CONV, &p, (DkmTensor[]){x, w}, &y), ==, conv);
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_CONV_DGRAD, &p, (DkmTensor[]){y, w}, &x), ==, conv);
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_CONV_WGRAD, &p, (DkmTensor[]){x, y}, &w), ==, conv);
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_ATTENTION, &p, &x, &x), ==, 2 * product);
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_ATTENTION_GRAD, &p, &x, &x), ==, 5 * product);
    g_assert_cmpfloat(dkm_op_flop(DKM_OP_ADD, &p, &x, &x), ==, 0);
}

/* Every kind has a name of its own and fits the limits of a call. */
static void the_table_is_full(void)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (int kind = 0; kind < DKM_OP_COUNT; kind++) {
        const DkmOpDef *def = dkm_op_def(kind);
        g_assert_nonnull(def);
        g_assert_true(g_hash_table_add(names, (gpointer)def->name));
        g_assert_cmpint(def->max_in, <=, DKM_OP_MAX_IN);
        g_assert_cmpint(def->n_out, <=, DKM_OP_MAX_OUT);
        g_assert_nonnull(def->infer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op/convolutions", convolutions);
    g_test_add_func("/op/norms", norms);
    g_test_add_func("/op/elementwise-and-channels", elementwise_and_channels);
    g_test_add_func("/op/resampling-attention-losses", resampling_attention_losses);
    g_test_add_func("/op/flop", flop);
    g_test_add_func("/op/the-table-is-full", the_table_is_full);
    return g_test_run();
}
