/* The losses and their gradients. Sums in double: they are few. */
#include "core/net/cuda/kernels/kernel.h"

DKM_KERNEL(mse_sums, DkmMseArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_CUDA_THREADS / 32];
    double sum = 0.0;
    for (long long i = blockIdx.x * blockDim.x + threadIdx.x; i < a.count;
         i += (long long)a.blocks * DKM_CUDA_THREADS) {
        const float apart = a.pred[i] - a.target[i];
        sum += a.weight[(unsigned)i / a.sample] * apart * apart;
    }
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        a.partial[blockIdx.x] = sum;
}

/* One block. */
DKM_KERNEL(mse_finish, DkmMseArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_CUDA_THREADS / 32];
    double sum = 0.0;
    for (int i = (int)threadIdx.x; i < a.blocks; i += DKM_CUDA_THREADS)
        sum += a.partial[i];
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        a.loss[0] = (float)(sum / (double)a.count);
}

DKM_KERNEL(mse_grad, DkmMseArgs, DKM_CUDA_THREADS)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < a.count)
        a.dpred[i] = 2.0f / (float)a.count * a.weight[i / a.sample] * (a.pred[i] - a.target[i]);
}

/* The loss's own: to the last bits. */
INLINE float probability(float logit)
{
    return 1.0f / (1.0f + expf(-logit));
}

DKM_KERNEL(seg_sums, DkmSegArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_SEG_SUMS][DKM_CUDA_THREADS / 32];
    const long long first = (long long)blockIdx.z * a.pixels;
    double sum[DKM_SEG_SUMS] = {0};
    for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < a.pixels;
         i += (unsigned)a.blocks * DKM_CUDA_THREADS) {
        const float z = a.logits[first + i], g = a.label[first + i], s = probability(z);
        sum[DKM_SEG_ENTROPY] += fmaxf(z, 0.0f) - z * g + log1pf(expf(-fabsf(z)));
        sum[DKM_SEG_S] += s;
        sum[DKM_SEG_G] += g;
        sum[DKM_SEG_SG] += (double)s * g;
        sum[DKM_SEG_SS] += (double)s * s;
        sum[DKM_SEG_GG] += (double)g * g;
    }
    for (int k = 0; k < DKM_SEG_SUMS; k++) {
        const double total = block_sum(sum[k], room[k]);
        if (threadIdx.x == 0)
            a.partial[((long long)blockIdx.z * a.blocks + blockIdx.x) * DKM_SEG_SUMS + k] = total;
    }
}

/* The measures of one sample; as in the reference. */
typedef struct {
    double pixels, entropy, mean_s, mean_g, overlap, total;
    double a1, a2, b1, b2, ssim, dice;
} Segmentation;

INLINE Segmentation measure(const DkmSegArgs *a, int n)
{
    const double c1 = 1e-4, c2 = 9e-4, pixels = a->pixels;
    double sum[DKM_SEG_SUMS] = {0};
    for (int block = 0; block < a->blocks; block++)
        for (int k = 0; k < DKM_SEG_SUMS; k++)
            sum[k] += a->partial[((long long)n * a->blocks + block) * DKM_SEG_SUMS + k];
    Segmentation m;
    m.pixels = pixels;
    m.entropy = sum[DKM_SEG_ENTROPY] / pixels;
    m.mean_s = sum[DKM_SEG_S] / pixels;
    m.mean_g = sum[DKM_SEG_G] / pixels;
    m.overlap = sum[DKM_SEG_SG];
    m.total = sum[DKM_SEG_S] + sum[DKM_SEG_G];
    m.a1 = 2 * m.mean_s * m.mean_g + c1;
    m.a2 = 2 * (m.overlap / pixels - m.mean_s * m.mean_g) + c2;
    m.b1 = m.mean_s * m.mean_s + m.mean_g * m.mean_g + c1;
    m.b2 = (sum[DKM_SEG_SS] + sum[DKM_SEG_GG]) / pixels + c1 - m.b1 + c2;
    m.ssim = m.a1 * m.a2 / (m.b1 * m.b2);
    m.dice = 1 - (2 * m.overlap + 1) / (m.total + 1);
    return m;
}

/* The derivatives of the reference's loss.c, sorted by what they multiply. */
INLINE DkmSegSlopes slopes_of(const Segmentation *m, double lambda, int samples)
{
    const double d = m->total + 1, b = m->b1 * m->b2, ssim = 2 * lambda / m->pixels;
    DkmSegSlopes slopes;
    slopes.entropy = (float)(1 / m->pixels / samples);
    slopes.slope_g = (float)((-2 / d - ssim * m->a1 / b) / samples);
    slopes.slope_s = (float)(ssim * m->ssim / m->b2 / samples);
    slopes.slope_1 = (float)(((2 * m->overlap + 1) / (d * d) -
                              ssim * (m->mean_g * (m->a2 - m->a1) / b -
                                      m->ssim * m->mean_s * (1 / m->b1 - 1 / m->b2))) /
                             samples);
    return slopes;
}

/* One block; a thread has every 256th sample. */
DKM_KERNEL(seg_finish, DkmSegArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_CUDA_THREADS / 32];
    double sum = 0.0;
    for (int n = (int)threadIdx.x; n < a.samples; n += DKM_CUDA_THREADS) {
        const Segmentation m = measure(&a, n);
        if (a.loss) {
            a.parts[3 * n] = (float)m.entropy;
            a.parts[3 * n + 1] = (float)m.dice;
            a.parts[3 * n + 2] = (float)(1 - m.ssim);
            sum += m.entropy + m.dice + a.lambda * (1 - m.ssim);
        } else {
            a.slopes[n] = slopes_of(&m, a.lambda, a.samples);
        }
    }
    sum = block_sum(sum, room);
    if (threadIdx.x == 0 && a.loss)
        a.loss[0] = (float)(sum / a.samples);
}

DKM_KERNEL(seg_grad, DkmSegArgs, DKM_CUDA_THREADS)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    const long long at = (long long)blockIdx.z * a.pixels + i;
    if (i >= a.pixels)
        return;
    const DkmSegSlopes f = a.slopes[blockIdx.z];
    const float g = a.label[at], s = probability(a.logits[at]);
    const float ds = f.slope_g * g + f.slope_s * s + f.slope_1;
    a.dlogits[at] = (s - g) * f.entropy + ds * s * (1.0f - s);
}
