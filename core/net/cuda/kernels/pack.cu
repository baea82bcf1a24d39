/* What stands between our tensors and cuDNN's: other dtypes, padded channels, the epilogue of a
 * convolution that was not fused. */
#include "core/net/cuda/kernels/kernel.h"

/* WIDTH channels from C on of row ROW of from; zeros outside. */
INLINE void load_padded(float *v, const DkmPadArgs *a, unsigned row, unsigned c, int dtype,
                        int width)
{
    const unsigned channels = (unsigned)a->from_channels;
    const long long at = (a->broadcast ? 0 : (long long)row * channels) + c;
    const int inside = a->broadcast || row < a->from_rows;
    if (inside && c < channels && channels % DKM_CUDA_WIDE == 0 && width == DKM_CUDA_WIDE)
        load8(v, a->from, at, dtype);
    else
        for (unsigned k = 0; k < (unsigned)width; k++)
            v[k] = inside && c + k < channels ? load1(a->from, at + k, dtype) : 0.0f;
}

/* WIDTH channels of to a thread. */
INLINE void pad_vector(const DkmPadArgs *a, int from_dtype, int to_dtype, int width)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    const unsigned vectors = (unsigned)(a->to_channels / width);
    const unsigned row = i / vectors, c = i % vectors * (unsigned)width;
    const long long at = (long long)i * width;
    float v[DKM_CUDA_WIDE], before[DKM_CUDA_WIDE];
    if (row >= a->to_rows)
        return;
    load_padded(v, a, row, c, from_dtype, width);
    if (a->accumulate) {
        load(before, a->to, at, to_dtype, width);
        for (int k = 0; k < width; k++)
            v[k] += before[k];
    }
    store(a->to, at, v, to_dtype, width);
}

#define PAD(NAME, FROM, TO)                                                                        \
    DKM_KERNEL(NAME, DkmPadArgs, DKM_CUDA_THREADS)                                                 \
    {                                                                                              \
        if (a.to_channels % DKM_CUDA_WIDE == 0)                                                    \
            pad_vector(&a, FROM, TO, DKM_CUDA_WIDE);                                               \
        else                                                                                       \
            pad_vector(&a, FROM, TO, 1);                                                           \
    }
PAD(pad_f32_f32, DKM_CUDA_F32, DKM_CUDA_F32)
PAD(pad_f32_bf16, DKM_CUDA_F32, DKM_CUDA_BF16)
PAD(pad_f32_f16, DKM_CUDA_F32, DKM_CUDA_F16)
PAD(pad_bf16_f32, DKM_CUDA_BF16, DKM_CUDA_F32)
PAD(pad_bf16_bf16, DKM_CUDA_BF16, DKM_CUDA_BF16)
PAD(pad_bf16_f16, DKM_CUDA_BF16, DKM_CUDA_F16)
PAD(pad_f16_f32, DKM_CUDA_F16, DKM_CUDA_F32)
PAD(pad_f16_bf16, DKM_CUDA_F16, DKM_CUDA_BF16)
PAD(pad_f16_f16, DKM_CUDA_F16, DKM_CUDA_F16)

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
    activate(a->act, x, DKM_CUDA_WIDE);
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
EPILOGUE(epilogue_f16_f32, DKM_CUDA_F16, DKM_CUDA_F32)
EPILOGUE(epilogue_f16_bf16, DKM_CUDA_F16, DKM_CUDA_BF16)
