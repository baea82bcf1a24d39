/* Shapes and dense tensors. Values: copied; a tensor does not own its data.
 * Shape letters, everywhere: N samples (slices), H rows, W columns, C channels; layout NHWC, C
 * fastest. Convolution weights use the same record as OHWI: n = output channels, h, w = kernel, c =
 * input channels. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { DKM_F32, DKM_BF16 } DkmDtype;

typedef struct {
    int n, h, w, c;
} DkmShape;

typedef struct {
    void *data; /* NHWC, in the device's memory */
    DkmShape shape;
    DkmDtype dtype;
} DkmTensor;

static inline gsize dkm_shape_count(DkmShape s)
{
    return (gsize)s.n * (gsize)s.h * (gsize)s.w * (gsize)s.c;
}
static inline gboolean dkm_shape_equal(DkmShape a, DkmShape b)
{
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}
static inline gsize dkm_dtype_size(DkmDtype dtype)
{
    return dtype == DKM_F32 ? 4 : 2;
}
static inline gsize dkm_tensor_bytes(const DkmTensor *t)
{
    return dkm_shape_count(t->shape) * dkm_dtype_size(t->dtype);
}

/* bfloat16: the upper half of a float, rounded to nearest even; NaN stays NaN. */
static inline guint16 dkm_bf16_from_f32(float value)
{
    union {
        float f;
        guint32 u;
    } v = {.f = value};
    if ((v.u & 0x7fffffffu) > 0x7f800000u)
        return (guint16)(v.u >> 16 | 0x40);
    return (guint16)((v.u + 0x7fffu + (v.u >> 16 & 1u)) >> 16);
}
static inline float dkm_bf16_to_f32(guint16 value)
{
    const union {
        guint32 u;
        float f;
    } v = {.u = (guint32)value << 16};
    return v.f;
}

G_END_DECLS
