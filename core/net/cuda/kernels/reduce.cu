/* Sums over pixels: a chunk of them a block, then the chunks in their order. */
#include "core/net/cuda/kernels/kernel.h"

INLINE void channel_sums(const DkmChannelSumArgs *a, int dtype, int width)
{
    __shared__ float room[DKM_CUDA_WIDE * DKM_CUDA_THREADS];
    const Walk w = walk(&a->columns, width);
    float sum[DKM_CUDA_WIDE] = {0}, x[DKM_CUDA_WIDE];
    long long at = w.at;
#pragma unroll 4
    for (int i = 0; i < w.count; i++, at += w.step) {
        load(x, a->x, at, dtype, width);
        for (int k = 0; k < width; k++)
            sum[k] += x[k];
    }
    rows_sum(room, sum, w.thread, width);
    if (threadIdx.y == 0 && w.active)
        store(a->partial, w.block_row * a->columns.channels + w.channel, sum, DKM_CUDA_F32, width);
}
DKM_KERNEL_WIDE(channel_sums, DkmChannelSumArgs, DKM_CUDA_THREADS)

/* 32 items side by side; each row of the block has every eighth chunk. */
DKM_KERNEL(merge_sums, DkmMergeArgs, DKM_CUDA_THREADS)
{
    __shared__ float room[DKM_CUDA_THREADS];
    const int item = (int)(blockIdx.x * 32 + threadIdx.x), sample = (int)blockIdx.z;
    const int thread = (int)(threadIdx.y * 32 + threadIdx.x);
    float sum = 0.0f;
    if (item < a.items)
        for (int chunk = (int)threadIdx.y; chunk < a.chunks; chunk += DKM_CUDA_THREADS / 32)
            sum += a.partial[((long long)sample * a.chunks + chunk) * a.items + item];
    rows_sum(room, &sum, thread, 1);
    if (threadIdx.y == 0 && item < a.items)
        a.y[(long long)sample * a.items + item] = sum;
}
