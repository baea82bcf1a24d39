/* Rows of images: copies into and out of channel ranges, linear resampling, pooling. */
#include "core/net/cpu/rows.h"
#include "core/net/cpu/vector.h"

typedef guint8 Bytes __attribute__((vector_size(LANES * 4)));

/* Vectors, the last one overlapping where BYTES is no multiple. */
INLINE void copy_bytes(guint8 *to, const guint8 *from, gsize bytes)
{
    Bytes v;
    gsize i = 0;
    for (; i + sizeof v <= bytes; i += sizeof v) {
        memcpy(&v, from + i, sizeof v);
        memcpy(to + i, &v, sizeof v);
    }
    if (i == bytes)
        return;
    if (bytes < sizeof v) {
        for (; i + 2 <= bytes; i += 2)
            memcpy(to + i, from + i, 2);
        return;
    }
    memcpy(&v, from + bytes - sizeof v, sizeof v);
    memcpy(to + bytes - sizeof v, &v, sizeof v);
}

static void copy(void *to, gsize to_stride, const void *from, gsize from_stride, gsize bytes,
                 gsize rows)
{
    guint8 *target = to;
    const guint8 *source = from;
    for (gsize row = 0; row < rows; row++, target += to_stride, source += from_stride)
        copy_bytes(target, source, bytes);
}

INLINE void rows_blend_typed(float *out, const void *x, const DkmTaps *taps, gsize count,
                             DkmDtype dtype)
{
    const gsize first = (gsize)taps->first * count;
    EACH_VEC(i, n, count, {
        Vec sum = {0};
        for (int k = 0; k < taps->count; k++)
            sum += taps->weight[k] * vec_load_some(x, first + (gsize)k * count + i, n, dtype);
        vec_store_some(out, i, n, sum, DKM_F32);
    });
}

static void rows_blend(float *out, const void *x, const DkmTaps *taps, gsize count, DkmDtype dtype)
{
    WITH_DTYPE(dtype, rows_blend_typed, out, x, taps, count);
}

INLINE void pixel_blend(void *out, gsize at, const float *x, const DkmTaps *taps, gsize channels,
                        DkmDtype dtype)
{
    EACH_VEC(c, n, channels, {
        Vec sum = {0};
        for (int k = 0; k < taps->count; k++)
            sum += taps->weight[k] *
                   vec_load_some(x, (gsize)(taps->first + k) * channels + c, n, DKM_F32);
        vec_store_some(out, at + c, n, sum, dtype);
    });
}

static void pixels_blend(void *out, const float *x, const DkmTaps *taps, gsize count,
                         gsize channels, DkmDtype dtype)
{
    for (gsize pixel = 0; pixel < count; pixel++)
        WITH_DTYPE(dtype, pixel_blend, out, pixel * channels, x, taps + pixel, channels);
}

INLINE void max_pool_typed(const DkmPoolRows *r, DkmDtype dtype)
{
    const gsize row = 2 * r->out_width * r->channels;
    for (gsize pixel = 0; pixel < r->out_width; pixel++) {
        const gsize corner = 2 * pixel * r->channels;
        EACH_VEC(c, n, r->channels, {
            const gsize at = corner + c;
            const Vec a = vec_load_some(r->x, at, n, dtype);
            const Vec b = vec_load_some(r->x, at + r->channels, n, dtype);
            const Vec d = vec_load_some(r->x, at + row, n, dtype);
            const Vec e = vec_load_some(r->x, at + row + r->channels, n, dtype);
            const Vec y = vec_max(vec_max(a, b), vec_max(d, e));
            vec_store_some(r->out, pixel * r->channels + c, n, y, dtype);
        });
    }
}

static void max_pool(const DkmPoolRows *rows)
{
    WITH_DTYPE(rows->dtype, max_pool_typed, rows);
}

INLINE void max_pool_grad_typed(const DkmPoolRows *r, DkmDtype dtype)
{
    const gsize row = 2 * r->out_width * r->channels;
    for (gsize pixel = 0; pixel < r->out_width; pixel++) {
        EACH_VEC(c, n, r->channels, {
            const Vec y = vec_load_some(r->y, pixel * r->channels + c, n, dtype);
            const Vec dy = vec_load_some(r->dy, pixel * r->channels + c, n, dtype);
            VecMask taken = {0};
            for (gsize k = 0; k < 4; k++) {
                const gsize at = (2 * pixel + k % 2) * r->channels + k / 2 * row + c;
                const VecMask here = (vec_load_some(r->x, at, n, dtype) == y) & ~taken;
                vec_store_some(r->out, at, n, vec_select(here, dy, (Vec){0}), dtype);
                taken |= here;
            }
        });
    }
}

static void max_pool_grad(const DkmPoolRows *rows)
{
    WITH_DTYPE(rows->dtype, max_pool_grad_typed, rows);
}

const DkmPlaneRows ISA_NAME(dkm_plane_rows) = {copy, rows_blend, pixels_blend, max_pool,
                                               max_pool_grad};
