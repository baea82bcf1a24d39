/* What stands between our tensors and cuDNN's: other dtypes, padded channels, the epilogue of a
 * convolution that was not fused. */
#include "core/net/cuda/kernels/kernel.h"

/* An element of to a thread. */
INLINE void pad(const DkmPadArgs *a, int from_dtype, int to_dtype)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    const unsigned row = i / (unsigned)a->to_channels, c = i % (unsigned)a->to_channels;
    if (row >= a->to_rows)
        return;
    float value = 0.0f;
    if (c < (unsigned)a->from_channels && (a->broadcast || row < a->from_rows))
        value =
            load1(a->from, (long long)(a->broadcast ? 0 : row) * a->from_channels + c, from_dtype);
    if (a->accumulate)
        value += load1(a->to, i, to_dtype);
    store1(a->to, i, value, to_dtype);
}

#define PAD(NAME, FROM, TO)                                                                        \
    DKM_KERNEL(NAME, DkmPadArgs, DKM_CUDA_THREADS)                                                 \
    {                                                                                              \
        pad(&a, FROM, TO);                                                                         \
    }
PAD(pad_f32_f32, DKM_CUDA_F32, DKM_CUDA_F32)
PAD(pad_f32_bf16, DKM_CUDA_F32, DKM_CUDA_BF16)
PAD(pad_bf16_f32, DKM_CUDA_BF16, DKM_CUDA_F32)
PAD(pad_bf16_bf16, DKM_CUDA_BF16, DKM_CUDA_BF16)

/* Eight elements from I on of the bias that goes with y. */
INLINE void load_bias(float *bias, const DkmEpilogueArgs *a, long long i)
{
    const unsigned channels = a->channels;
    if (channels % DKM_CUDA_WIDE == 0) {
        const unsigned vector = (unsigned)(i / DKM_CUDA_WIDE);
        const unsigned row = vector / (unsigned)(a->bias_period / DKM_CUDA_WIDE);
        const unsigned c = vector % (channels / DKM_CUDA_WIDE) * DKM_CUDA_WIDE;
        load8(bias, a->bias, (long long)row * channels + c, DKM_CUDA_F32);
        return;
    }
    for (int k = 0; k < DKM_CUDA_WIDE; k++) {
        const unsigned j = (unsigned)i + (unsigned)k;
        bias[k] = i + k < a->count
                      ? a->bias[(long long)(j / (unsigned)a->bias_period) * channels + j % channels]
                      : 0.0f;
    }
}

INLINE void epilogue(const DkmEpilogueArgs *a, int from_dtype, int to_dtype)
{
    const long long i = flat_first();
    float x[DKM_CUDA_WIDE], other[DKM_CUDA_WIDE];
    if (i >= a->count)
        return;
    load_flat(x, a->x, i, a->count, from_dtype);
    if (a->bias) {
        load_bias(other, a, i);
        for (int k = 0; k < DKM_CUDA_WIDE; k++)
            x[k] += other[k];
    }
    if (a->residual) {
        load_flat(other, a->residual, i, a->count, a->residual_dtype);
        for (int k = 0; k < DKM_CUDA_WIDE; k++)
            x[k] += other[k];
    }
    for (int k = 0; k < DKM_CUDA_WIDE; k++)
        x[k] = activate(a->act, x[k]);
    store_flat(a->y, i, a->count, x, to_dtype);
}

#define EPILOGUE(NAME, FROM, TO)                                                                   \
    DKM_KERNEL(NAME, DkmEpilogueArgs, DKM_CUDA_THREADS)                                            \
    {                                                                                              \
        epilogue(&a, FROM, TO);                                                                    \
    }
EPILOGUE(epilogue_f32_f32, DKM_CUDA_F32, DKM_CUDA_F32)
EPILOGUE(epilogue_f32_bf16, DKM_CUDA_F32, DKM_CUDA_BF16)
EPILOGUE(epilogue_bf16_f32, DKM_CUDA_BF16, DKM_CUDA_F32)
EPILOGUE(epilogue_bf16_bf16, DKM_CUDA_BF16, DKM_CUDA_BF16)
