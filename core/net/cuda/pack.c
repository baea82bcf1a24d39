/* What convolutions need around cuDNN: dtypes, padded channels, an epilogue that was not fused. */
#include "core/net/cuda/ops.h"

gboolean dkm_cuda_pad(DkmCudaDevice *device, const DkmCudaPad *pad, GError **error)
{
    static const char *const kernels[3][3] = {
        {"dkm_pad_f32_f32", "dkm_pad_f32_bf16", "dkm_pad_f32_f16"},
        {"dkm_pad_bf16_f32", "dkm_pad_bf16_bf16", "dkm_pad_bf16_f16"},
        {"dkm_pad_f16_f32", "dkm_pad_f16_bf16", "dkm_pad_f16_f16"}};
    const gsize vectors = (gsize)(pad->to_channels / dkm_cuda_width(pad->to_channels));
    const DkmPadArgs args = {.from = pad->from,
                             .to = pad->to,
                             .from_rows = (long long)pad->from_rows,
                             .to_rows = (long long)pad->to_rows,
                             .from_channels = pad->from_channels,
                             .to_channels = pad->to_channels,
                             .broadcast = pad->broadcast,
                             .accumulate = pad->accumulate};
    return dkm_cuda_go_flat(device, kernels[pad->from_dtype][pad->to_dtype], pad->to_rows * vectors,
                            &args, error);
}

gboolean dkm_cuda_epilogue(DkmCudaDevice *device, const DkmCudaEpilogue *epilogue, GError **error)
{
    static const char *const kernels[3][2] = {{"dkm_epilogue_f32_f32", "dkm_epilogue_f32_bf16"},
                                              {"dkm_epilogue_bf16_f32", "dkm_epilogue_bf16_bf16"},
                                              {"dkm_epilogue_f16_f32", "dkm_epilogue_f16_bf16"}};
    const DkmTensor *x = epilogue->x, *y = epilogue->y;
    const DkmTensor *bias = epilogue->bias, *residual = epilogue->residual;
    const gsize count = dkm_shape_count(y->shape);
    const gsize bias_rows = bias ? (gsize)bias->shape.n : 1;
    const DkmEpilogueArgs args = {.x = x->data,
                                  .residual = residual ? residual->data : NULL,
                                  .bias = bias ? bias->data : NULL,
                                  .y = y->data,
                                  .count = (long long)count,
                                  .channels = (unsigned)y->shape.c,
                                  .bias_period = (long long)(count / bias_rows),
                                  .act = (int)epilogue->act,
                                  .residual_dtype = residual ? (int)residual->dtype : 0};
    return dkm_cuda_go_flat(device, kernels[x->dtype][y->dtype], dkm_cuda_vectors(count), &args,
                            error);
}
