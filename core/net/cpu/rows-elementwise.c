/* Maps over neighbouring values: sums, activations, conversions, dropout. */
#include "core/net/cpu/math-fast.h"
#include "core/net/cpu/rows.h"

/* FUNCTION with the activation as a constant last argument. */
#define WITH_ACT(act, function, ...)                                                               \
    do {                                                                                           \
        if ((act) == DKM_ACT_SWISH)                                                                \
            function(__VA_ARGS__, DKM_ACT_SWISH);                                                  \
        else if ((act) == DKM_ACT_SIGMOID)                                                         \
            function(__VA_ARGS__, DKM_ACT_SIGMOID);                                                \
        else if ((act) == DKM_ACT_RELU)                                                            \
            function(__VA_ARGS__, DKM_ACT_RELU);                                                   \
        else                                                                                       \
            function(__VA_ARGS__, DKM_ACT_NONE);                                                   \
    } while (0)

/* The operands of a map; B and DY may be absent. */
typedef struct {
    void *out;
    const void *x, *b;
    gsize count;
} Operands;

INLINE void add_act(Operands o, DkmDtype dtype, DkmAct act)
{
    EACH_VEC(i, n, o.count, {
        const Vec sum = vec_load_some(o.x, i, n, dtype) + vec_load_some(o.b, i, n, dtype);
        vec_store_some(o.out, i, n, vec_act(sum, act), dtype);
    });
}

INLINE void add_typed(Operands o, DkmAct act, DkmDtype dtype)
{
    if (act == DKM_ACT_RELU)
        add_act(o, dtype, DKM_ACT_RELU);
    else
        add_act(o, dtype, DKM_ACT_NONE);
}

static void add(void *out, const void *a, const void *b, gsize count, DkmAct act, DkmDtype dtype)
{
    const Operands o = {out, a, b, count};
    WITH_DTYPE(dtype, add_typed, o, act);
}

INLINE void act_const(Operands o, DkmDtype dtype, DkmAct act)
{
    EACH_VEC(i, n, o.count, {
        vec_store_some(o.out, i, n, vec_act(vec_load_some(o.x, i, n, dtype), act), dtype);
    });
}

INLINE void act_typed(Operands o, DkmAct act, DkmDtype dtype)
{
    WITH_ACT(act, act_const, o, dtype);
}

static void activate(void *out, const void *x, gsize count, DkmAct act, DkmDtype dtype)
{
    const Operands o = {out, x, NULL, count};
    WITH_DTYPE(dtype, act_typed, o, act);
}

INLINE void act_grad_const(Operands o, DkmDtype dtype, DkmAct act)
{
    EACH_VEC(i, n, o.count, {
        const Vec x = vec_load_some(o.x, i, n, dtype), dy = vec_load_some(o.b, i, n, dtype);
        vec_store_some(o.out, i, n, vec_act_grad(x, dy, act), dtype);
    });
}

INLINE void act_grad_typed(Operands o, DkmAct act, DkmDtype dtype)
{
    WITH_ACT(act, act_grad_const, o, dtype);
}

static void act_grad(void *dx, const void *x, const void *dy, gsize count, DkmAct act,
                     DkmDtype dtype)
{
    const Operands o = {dx, x, dy, count};
    WITH_DTYPE(dtype, act_grad_typed, o, act);
}

INLINE void to_f32_typed(Operands o, DkmDtype dtype)
{
    EACH_VEC(i, n, o.count,
             { vec_store_some(o.out, i, n, vec_load_some(o.x, i, n, dtype), DKM_F32); });
}

static void to_f32(float *out, const void *x, gsize count, DkmDtype dtype)
{
    const Operands o = {out, x, NULL, count};
    WITH_DTYPE(dtype, to_f32_typed, o);
}

INLINE void from_f32_typed(Operands o, DkmDtype dtype)
{
    EACH_VEC(i, n, o.count,
             { vec_store_some(o.out, i, n, vec_load_some(o.x, i, n, DKM_F32), dtype); });
}

static void from_f32(void *out, const float *x, gsize count, DkmDtype dtype)
{
    const Operands o = {out, x, NULL, count};
    WITH_DTYPE(dtype, from_f32_typed, o);
}

/* core/philox.h, LANES counters at once: counters FIRST, FIRST + 1, ... (64 bits), then STEP, 0.
 * WORDS[4 l + k] is word k of counter l. */
INLINE void philox_lanes(guint32 salt, guint64 first, guint32 step, guint32 words[4 * LANES])
{
    VecBits c0 = {0}, c1 = {0}, c2 = step - (VecBits){0}, c3 = {0};
    for (int lane = 0; lane < LANES; lane++) {
        c0[lane] = (guint32)(first + (guint64)lane);
        c1[lane] = (guint32)((first + (guint64)lane) >> 32);
    }
    guint32 k0 = salt, k1 = 0;
    for (int round = 0; round < 10; round++) {
        VecBits high0, low0, high1, low1;
        vec_multiply_wide(c0, 0xD2511F53u, &high0, &low0);
        vec_multiply_wide(c2, 0xCD9E8D57u, &high1, &low1);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int lane = 0; lane < LANES; lane++) {
        words[4 * lane] = c0[lane];
        words[4 * lane + 1] = c1[lane];
        words[4 * lane + 2] = c2[lane];
        words[4 * lane + 3] = c3[lane];
    }
}

INLINE void dropout_typed(const DkmDropoutBlock *block, void *out, const void *x, DkmDtype dtype)
{
    guint32 words[4 * LANES];
    for (gsize start = 0; start < block->count; start += 4 * LANES) {
        philox_lanes(block->salt, (block->first + start) / 4, block->step, words);
        EACH_VEC(i, n, MIN((gsize)4 * LANES, block->count - start), {
            VecBits word;
            memcpy(&word, words + i, sizeof word);
            const Vec kept = vec_load_some(x, start + i, n, dtype) * block->scale;
            const Vec y = vec_select(word >= block->threshold, kept, (Vec){0});
            vec_store_some(out, start + i, n, y, dtype);
        });
    }
}

static void dropout(const DkmDropoutBlock *block, void *out, const void *x)
{
    WITH_DTYPE(block->dtype, dropout_typed, block, out, x);
}

const DkmElementRows ISA_NAME(dkm_element_rows) = {add,    activate, act_grad,
                                                   to_f32, from_f32, dropout};
