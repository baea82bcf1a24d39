/* Up-sampling and pooling by two. A thread has one vector of channels of one pixel of the smaller
 * or the larger picture, and gathers. */
#include "core/net/cuda/kernels/kernel.h"

/* Pixel and first channel of this thread in a picture of SIDES h x w. */
typedef struct {
    int inside; /* no: past the end */
    int n, h, w, c;
} Place;

INLINE Place place(const DkmResampleArgs *a, int h, int w, int width)
{
    const unsigned vectors = (unsigned)(a->channels / width);
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x, pixel = i / vectors;
    const unsigned row = pixel / (unsigned)w;
    Place p;
    p.c = (int)(i % vectors) * width;
    p.w = (int)(pixel % (unsigned)w);
    p.h = (int)(row % (unsigned)h);
    p.n = (int)(row / (unsigned)h);
    p.inside = p.n < a->samples;
    return p;
}

/* First element of pixel (H, W) beside P in a picture of sides SCALE times the small one's. */
INLINE long long pixel_at(const DkmResampleArgs *a, const Place *p, int h, int w, int scale)
{
    return (((long long)p->n * a->h * scale + h) * a->w * scale + w) * a->channels + p->c;
}

INLINE void upsample_nearest(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, a->h, a->w, width);
    float x[DKM_CUDA_WIDE];
    if (!p.inside)
        return;
    load(x, a->low, pixel_at(a, &p, p.h, p.w, 1), dtype, width);
    for (int k = 0; k < 4; k++)
        store(a->y, pixel_at(a, &p, 2 * p.h + k / 2, 2 * p.w + k % 2, 2), x, dtype, width);
}
DKM_KERNEL_WIDE(upsample_nearest, DkmResampleArgs, DKM_CUDA_THREADS)

INLINE void upsample_nearest_grad(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, a->h, a->w, width);
    float sum[DKM_CUDA_WIDE] = {0}, x[DKM_CUDA_WIDE];
    if (!p.inside)
        return;
    for (int k = 0; k < 4; k++) {
        load(x, a->high, pixel_at(a, &p, 2 * p.h + k / 2, 2 * p.w + k % 2, 2), dtype, width);
        for (int i = 0; i < width; i++)
            sum[i] += x[i];
    }
    store(a->y, pixel_at(a, &p, p.h, p.w, 1), sum, dtype, width);
}
DKM_KERNEL_WIDE(upsample_nearest_grad, DkmResampleArgs, DKM_CUDA_THREADS)

/* Share of source SOURCE in output I of a line of SIDE sources; exact up to the one division. */
INLINE float bilinear_share(int source, int i, int side)
{
    const int apart = i * (side - 1) - source * (2 * side - 1);
    const int near = 2 * side - 1 - (apart < 0 ? -apart : apart);
    return near > 0 ? (float)near / (float)(2 * side - 1) : 0.0f;
}

INLINE void upsample_bilinear(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, 2 * a->h, 2 * a->w, width);
    if (!p.inside)
        return;
    const int h0 = p.h * (a->h - 1) / (2 * a->h - 1), w0 = p.w * (a->w - 1) / (2 * a->w - 1);
    float sum[DKM_CUDA_WIDE] = {0}, x[DKM_CUDA_WIDE];
    for (int k = 0; k < 4; k++) {
        const int h = h0 + k / 2, w = w0 + k % 2;
        if (h >= a->h || w >= a->w)
            continue;
        const float share = bilinear_share(h, p.h, a->h) * bilinear_share(w, p.w, a->w);
        load(x, a->low, pixel_at(a, &p, h, w, 1), dtype, width);
        for (int i = 0; i < width; i++)
            sum[i] += share * x[i];
    }
    store(a->y, pixel_at(a, &p, p.h, p.w, 2), sum, dtype, width);
}
DKM_KERNEL_WIDE(upsample_bilinear, DkmResampleArgs, DKM_CUDA_THREADS)

/* Source k reaches outputs 2k-1 to 2k+2: those between (k-1) r and (k+1) r, r = 2 + 1/(side-1). */
INLINE void upsample_bilinear_grad(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, a->h, a->w, width);
    float sum[DKM_CUDA_WIDE] = {0}, x[DKM_CUDA_WIDE];
    if (!p.inside)
        return;
#pragma unroll 1
    for (int h = 2 * p.h - 1; h <= 2 * p.h + 2; h++) {
        const float row = h < 0 || h >= 2 * a->h ? 0.0f : bilinear_share(p.h, h, a->h);
        if (row == 0.0f)
            continue;
#pragma unroll 1
        for (int w = 2 * p.w - 1; w <= 2 * p.w + 2; w++) {
            const float share = w < 0 || w >= 2 * a->w ? 0.0f : bilinear_share(p.w, w, a->w);
            if (share == 0.0f)
                continue;
            load(x, a->high, pixel_at(a, &p, h, w, 2), dtype, width);
            for (int i = 0; i < width; i++)
                sum[i] += row * share * x[i];
        }
    }
    store(a->y, pixel_at(a, &p, p.h, p.w, 1), sum, dtype, width);
}
DKM_KERNEL_WIDE(upsample_bilinear_grad, DkmResampleArgs, DKM_CUDA_THREADS)

/* Value and place (0 to 3, row order) of the first maximum under a pooled pixel; NaN wins. */
INLINE void maximum(const DkmResampleArgs *a, const Place *p, float *most, int *best, int dtype,
                    int width)
{
    float x[DKM_CUDA_WIDE];
    load(most, a->high, pixel_at(a, p, 2 * p->h, 2 * p->w, 2), dtype, width);
    for (int i = 0; i < width; i++)
        best[i] = 0;
    for (int k = 1; k < 4; k++) {
        load(x, a->high, pixel_at(a, p, 2 * p->h + k / 2, 2 * p->w + k % 2, 2), dtype, width);
        for (int i = 0; i < width; i++)
            if (x[i] > most[i] || x[i] != x[i]) {
                most[i] = x[i];
                best[i] = k;
            }
    }
}

INLINE void max_pool(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, a->h, a->w, width);
    float most[DKM_CUDA_WIDE];
    int best[DKM_CUDA_WIDE];
    if (!p.inside)
        return;
    maximum(a, &p, most, best, dtype, width);
    store(a->y, pixel_at(a, &p, p.h, p.w, 1), most, dtype, width);
}
DKM_KERNEL_WIDE(max_pool, DkmResampleArgs, DKM_CUDA_THREADS)

INLINE void max_pool_grad(const DkmResampleArgs *a, int dtype, int width)
{
    const Place p = place(a, a->h, a->w, width);
    float dy[DKM_CUDA_WIDE], dx[DKM_CUDA_WIDE];
    int best[DKM_CUDA_WIDE];
    if (!p.inside)
        return;
    maximum(a, &p, dy, best, dtype, width);
    load(dy, a->grad, pixel_at(a, &p, p.h, p.w, 1), dtype, width);
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < width; i++)
            dx[i] = best[i] == k ? dy[i] : 0.0f;
        store(a->y, pixel_at(a, &p, 2 * p.h + k / 2, 2 * p.w + k % 2, 2), dx, dtype, width);
    }
}
DKM_KERNEL_WIDE(max_pool_grad, DkmResampleArgs, DKM_CUDA_THREADS)
