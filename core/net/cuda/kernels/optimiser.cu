/* Adam as PyTorch's, the moving average of weights, and the norm for clipping. An element a thread.
 */
#include "core/net/cuda/kernels/kernel.h"

INLINE long long element(void)
{
    return (long long)blockIdx.x * blockDim.x + threadIdx.x;
}

DKM_KERNEL(adam, DkmAdamArgs, DKM_CUDA_THREADS)
{
    const long long i = element();
    if (i >= a.count)
        return;
    const float param = a.param[i], g = a.grad[i] * a.grad_scale + a.weight_decay * param;
    const float m = a.beta1 * a.m[i] + (1.0f - a.beta1) * g;
    const float v = a.beta2 * a.v[i] + (1.0f - a.beta2) * g * g;
    a.param[i] = param - a.rate * m / (sqrtf(v * a.unbias2) + a.eps);
    a.m[i] = m;
    a.v[i] = v;
}

DKM_KERNEL(ema, DkmEmaArgs, DKM_CUDA_THREADS)
{
    const long long i = element();
    if (i < a.count)
        a.average[i] += a.share * (a.param[i] - a.average[i]);
}

/* Every block strides through the array; its sum in double. */
DKM_KERNEL(sum_squares, DkmSumSquaresArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_CUDA_THREADS / 32];
    double sum = 0.0;
    for (long long i = element(); i < a.count; i += (long long)gridDim.x * blockDim.x) {
        const double value = a.values[i];
        sum += value * value;
    }
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        a.partial[1 + blockIdx.x] = sum;
}

/* One block: the sum of what the others left. */
DKM_KERNEL(sum_partials, DkmSumSquaresArgs, DKM_CUDA_THREADS)
{
    __shared__ double room[DKM_CUDA_THREADS / 32];
    double sum = 0.0;
    for (int i = (int)threadIdx.x; i < a.blocks; i += DKM_CUDA_THREADS)
        sum += a.partial[1 + i];
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        a.partial[0] = sum;
}
