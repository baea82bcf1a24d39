/* Convolution tiles on Intel's matrix unit (AMX): 32 pixels by 32 or 16 output channels, pairs of
 * bf16 with f32 sums, or int8 with int32 sums. Compiled with AMX instructions, called only where
 * dkm_cpu_isa_has_amx(). A thread configures the unit before its tiles and releases it after them.
 */
#include "core/net/cpu/conv-rows.h"

#include <immintrin.h>
#include <string.h>

enum { ROWS = 16, TILE_WORDS = 16 }; /* of a register: rows, words of a row */

/* All eight registers full: 16 rows of 64 bytes. Static, as gcc 12 believes that loading it reads
 * the first eight bytes only and drops stores to the rest. */
static const struct {
    guint8 palette, start_row, reserved[14];
    guint16 row_bytes[16];
    guint8 rows[16];
} config = {.palette = 1,
            .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
            .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

static void begin(void)
{
    _tile_loadconfig(&config);
}

static void end(void)
{
    _tile_release();
}

/* clang-format off: one macro a kernel shape. Sums in registers 0 to 3: (pixels 0-15, 16-31) x
 * (channels 0-15, 16-31). */
#define TILE_32x32(NAME, PRODUCT)                                                                  \
    static void NAME(const DkmConvTile *t)                                                         \
    {                                                                                              \
        enum { WIDTH = 32 };                                                                       \
        const gsize step = t->pixel_stride * 4, acc_step = WIDTH * 4;                              \
        float *low = t->acc, *high = t->acc + ROWS * WIDTH;                                        \
        const guint32 *w = t->weight;                                                              \
        if (t->add) {                                                                              \
            _tile_loadd(0, low, acc_step);                                                         \
            _tile_loadd(1, low + ROWS, acc_step);                                                  \
            _tile_loadd(2, high, acc_step);                                                        \
            _tile_loadd(3, high + ROWS, acc_step);                                                 \
        } else {                                                                                   \
            _tile_zero(0);                                                                         \
            _tile_zero(1);                                                                         \
            _tile_zero(2);                                                                         \
            _tile_zero(3);                                                                         \
        }                                                                                          \
        for (int row = 0; row < t->rows; row++) {                                                  \
            const guint32 *x = t->pixel[0] + t->row[row];                                          \
            const guint32 *x_high = x + ROWS * t->pixel_stride;                                    \
            for (int s = 0; s < t->steps; s += TILE_WORDS, w += TILE_WORDS * WIDTH) {              \
                _tile_loadd(4, x + s, step);                                                       \
                _tile_loadd(6, w, WIDTH * 4);                                                      \
                PRODUCT(0, 4, 6);                                                                  \
                _tile_loadd(7, w + TILE_WORDS, WIDTH * 4);                                         \
                PRODUCT(1, 4, 7);                                                                  \
                _tile_loadd(5, x_high + s, step);                                                  \
                PRODUCT(2, 5, 6);                                                                  \
                PRODUCT(3, 5, 7);                                                                  \
            }                                                                                      \
        }                                                                                          \
        _tile_stored(0, low, acc_step);                                                            \
        _tile_stored(1, low + ROWS, acc_step);                                                     \
        _tile_stored(2, high, acc_step);                                                           \
        _tile_stored(3, high + ROWS, acc_step);                                                    \
    }

#define TILE_32x16(NAME, PRODUCT)                                                                  \
    static void NAME(const DkmConvTile *t)                                                         \
    {                                                                                              \
        enum { WIDTH = 16 };                                                                       \
        const gsize step = t->pixel_stride * 4, acc_step = WIDTH * 4;                              \
        float *low = t->acc, *high = t->acc + ROWS * WIDTH;                                        \
        const guint32 *w = t->weight;                                                              \
        if (t->add) {                                                                              \
            _tile_loadd(0, low, acc_step);                                                         \
            _tile_loadd(2, high, acc_step);                                                        \
        } else {                                                                                   \
            _tile_zero(0);                                                                         \
            _tile_zero(2);                                                                         \
        }                                                                                          \
        for (int row = 0; row < t->rows; row++) {                                                  \
            const guint32 *x = t->pixel[0] + t->row[row];                                          \
            const guint32 *x_high = x + ROWS * t->pixel_stride;                                    \
            for (int s = 0; s < t->steps; s += TILE_WORDS, w += TILE_WORDS * WIDTH) {              \
                _tile_loadd(6, w, WIDTH * 4);                                                      \
                _tile_loadd(4, x + s, step);                                                       \
                PRODUCT(0, 4, 6);                                                                  \
                _tile_loadd(5, x_high + s, step);                                                  \
                PRODUCT(2, 5, 6);                                                                  \
            }                                                                                      \
        }                                                                                          \
        _tile_stored(0, low, acc_step);                                                            \
        _tile_stored(2, high, acc_step);                                                           \
    }

/* Runs ROUNDS of four products and returns their FLOP; a word holds VALUES. */
#define MULTIPLY_ADD(NAME, PRODUCT, VALUES)                                                        \
    static double NAME(void)                                                                       \
    {                                                                                              \
        enum { ROUNDS = 2000, PRODUCTS = 4 };                                                      \
        begin();                                                                                   \
        _tile_zero(0);                                                                             \
        _tile_zero(1);                                                                             \
        _tile_zero(2);                                                                             \
        _tile_zero(3);                                                                             \
        _tile_zero(4);                                                                             \
        _tile_zero(5);                                                                             \
        _tile_zero(6);                                                                             \
        _tile_zero(7);                                                                             \
        for (int i = 0; i < ROUNDS; i++) {                                                         \
            PRODUCT(0, 4, 6);                                                                      \
            PRODUCT(1, 4, 7);                                                                      \
            PRODUCT(2, 5, 6);                                                                      \
            PRODUCT(3, 5, 7);                                                                      \
        }                                                                                          \
        end();                                                                                     \
        return 2.0 * ROUNDS * PRODUCTS * ROWS * ROWS * (VALUES)*TILE_WORDS;                        \
    }
/* clang-format on */

TILE_32x32(tile_32x32, _tile_dpbf16ps) TILE_32x16(tile_32x16, _tile_dpbf16ps)
    MULTIPLY_ADD(multiply_add, _tile_dpbf16ps, 2) TILE_32x32(tile_32x32_int8, _tile_dpbssd)
        TILE_32x16(tile_32x16_int8, _tile_dpbssd) MULTIPLY_ADD(multiply_add_int8, _tile_dpbssd, 4)

            static const DkmConvKernel kernels[] = {
                {.pixels = 32, .width = 32, .tile = {NULL, tile_32x32, tile_32x32_int8}},
                {.pixels = 32, .width = 16, .tile = {NULL, tile_32x16, tile_32x16_int8}},
};
extern const DkmConvMatrix dkm_conv_amx;
const DkmConvMatrix dkm_conv_amx = {kernels, G_N_ELEMENTS(kernels), begin,
                                    end,     multiply_add,          multiply_add_int8};
