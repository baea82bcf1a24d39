/* Element by element: activations, sums, casts, dropout; joining and cutting channels; the time
 * embedding. */
#include "core/net/cuda/ops.h"

#include <math.h>

static gboolean run_flat(DkmCudaDevice *device, const DkmOpCall *call, const char *kernel,
                         GError **error)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1];
    const gsize count = dkm_shape_count(a->shape);
    const DkmFlatArgs args = {.a = a->data,
                              .b = call->n_in > 1 ? b->data : NULL,
                              .y = call->out[0].data,
                              .count = (long long)count,
                              .period =
                                  (long long)(call->n_in > 1 ? dkm_shape_count(b->shape) : count),
                              .act = (int)call->p->act};
    return dkm_cuda_go_flat(device, kernel, dkm_cuda_vectors(count), &args, error);
}

static gboolean run_add(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    return run_flat(device, call, DKM_CUDA_TYPED("add", call->in[0].dtype), error);
}

static gboolean run_act(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    return run_flat(device, call, DKM_CUDA_TYPED("act", call->in[0].dtype), error);
}

static gboolean run_act_grad(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    return run_flat(device, call, DKM_CUDA_TYPED("act_grad", call->in[0].dtype), error);
}

/* To the same dtype it is a copy: an activation that is none (a CAST names no act). */
static gboolean run_cast(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmDtype from = call->in[0].dtype;
    const gboolean copies = from == call->out[0].dtype;
    return run_flat(device, call,
                    copies ? DKM_CUDA_TYPED("act", from) : DKM_CUDA_TYPED("cast", from), error);
}

static gboolean run_dropout(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *x = &call->in[0];
    const double rate = call->p->rate;
    const gsize count = dkm_shape_count(x->shape);
    const DkmDropoutArgs args = {.x = x->data,
                                 .y = call->out[0].data,
                                 .step = call->in[1].data,
                                 .count = (long long)count,
                                 .salt = call->p->salt,
                                 .threshold = (unsigned)ceil(rate * 4294967296.0),
                                 .scale = (float)(1.0 / (1.0 - rate))};
    return dkm_cuda_go_flat(device, DKM_CUDA_TYPED("dropout", x->dtype), dkm_cuda_vectors(count),
                            &args, error);
}

static gboolean run_time_embed(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmShape y = call->out[0].shape;
    const DkmTimeEmbedArgs args = {call->in[0].data, call->out[0].data, y.n, y.c};
    return dkm_cuda_go_flat(device, "dkm_time_embed", (gsize)y.n * (gsize)(y.c / 2), &args, error);
}

/* In units as large as divide all that is copied: ARGS comes in channels. */
static gboolean run_join(DkmCudaDevice *device, const DkmTensor *y, DkmJoinArgs args,
                         GError **error)
{
    const int size = (int)dkm_dtype_size(y->dtype);
    const int all = (args.a_row | args.a_first | args.a_units | args.b_units) * size;
    const int unit = all % 16 == 0 ? 16 : size;
    const gsize units = dkm_tensor_bytes(y) / (gsize)unit;
    args.a_row = args.a_row * size / unit;
    args.a_first = args.a_first * size / unit;
    args.a_units = args.a_units * size / unit;
    args.b_units = args.b_units * size / unit;
    args.units = (unsigned)units; /* too many are refused by their launch */
    const char *kernel = unit == 16 ? "dkm_join_16" : unit == 4 ? "dkm_join_4" : "dkm_join_2";
    return dkm_cuda_go_flat(device, kernel, units, &args, error);
}

static gboolean run_concat(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *a = &call->in[0], *b = &call->in[1];
    return run_join(device, &call->out[0],
                    (DkmJoinArgs){.a = a->data,
                                  .b = b->data,
                                  .y = call->out[0].data,
                                  .a_row = a->shape.c,
                                  .a_units = a->shape.c,
                                  .b_units = b->shape.c},
                    error);
}

static gboolean run_slice(DkmCudaDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *x = &call->in[0];
    return run_join(device, &call->out[0],
                    (DkmJoinArgs){.a = x->data,
                                  .y = call->out[0].data,
                                  .a_row = x->shape.c,
                                  .a_first = call->p->first,
                                  .a_units = call->p->channels},
                    error);
}

const DkmCudaOp dkm_cuda_add = {run_add, NULL};
const DkmCudaOp dkm_cuda_act = {run_act, NULL};
const DkmCudaOp dkm_cuda_act_grad = {run_act_grad, NULL};
const DkmCudaOp dkm_cuda_cast = {run_cast, NULL};
const DkmCudaOp dkm_cuda_dropout = {run_dropout, NULL};
const DkmCudaOp dkm_cuda_time_embed = {run_time_embed, NULL};
const DkmCudaOp dkm_cuda_concat = {run_concat, NULL};
const DkmCudaOp dkm_cuda_slice = {run_slice, NULL};
