/* Kernels with faults that the emulator must find; test-emulator.c runs them. */
#include "core/net/cuda/kernels/kernel.h"

typedef struct {
    const float *x;
    float *y;
    int fault;
} PlantedArgs;

/* y is x of the block backward, through shared memory. FAULT: without the barrier between. */
DKM_KERNEL(planted_reverse, PlantedArgs, 256)
{
    __shared__ float room[256];
    const int t = (int)threadIdx.x, last = (int)blockDim.x - 1;
    room[t] = a.x[t];
    if (!a.fault)
        __syncthreads();
    a.y[t] = room[last - t];
}

/* Half of the block waits for the other half, which waits elsewhere. */
DKM_KERNEL(planted_barrier, PlantedArgs, 256)
{
    a.y[threadIdx.x] = a.x[threadIdx.x];
    if (threadIdx.x < 32 || !a.fault)
        __syncthreads();
}

/* The sum of a warp in every lane; FAULT: one lane is not there. */
DKM_KERNEL(planted_shuffle, PlantedArgs, 256)
{
    float sum = a.x[threadIdx.x];
    if (a.fault && threadIdx.x % 32 == 31)
        return;
    for (int lanes = 16; lanes > 0; lanes /= 2)
        sum += __shfl_xor_sync(ALL_LANES, sum, lanes);
    a.y[threadIdx.x] = sum;
}

/* Reads shared memory that nobody wrote. */
DKM_KERNEL(planted_unset, PlantedArgs, 256)
{
    __shared__ float room[256];
    a.y[threadIdx.x] = a.fault ? room[threadIdx.x] : a.x[threadIdx.x];
}
