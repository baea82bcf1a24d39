/* Ops that map values one by one: add, activation and its gradient, cast, dropout. */
#include "core/net/cpu/blocks.h"

#include <math.h>

typedef struct {
    const DkmOpCall *call;
    const DkmRows *rows;
    DkmBlocks blocks;
    DkmDropoutBlock dropout;
} Job;

/* TASK for each block of the first input. */
static gboolean map(DkmCpuDevice *device, const DkmOpCall *call, DkmPoolTask task)
{
    Job job = {.call = call,
               .rows = dkm_cpu_rows(device),
               .blocks = dkm_blocks_of(dkm_shape_count(call->in[0].shape), 1)};
    dkm_pool_run(device->pool, job.blocks.n, task, &job);
    return TRUE;
}

/* Where a block starts in one of the call's tensors. */
static void *at(const Job *job, const DkmTensor *tensor, gsize block)
{
    return dkm_tensor_at(tensor, dkm_blocks_first(&job->blocks, block));
}

static void add_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmOpCall *call = job->call;
    job->rows->element->add(at(job, &call->out[0], item), at(job, &call->in[0], item),
                            at(job, &call->in[1], item), dkm_blocks_count(&job->blocks, item),
                            call->p->act, call->in[0].dtype);
}

/* B holds one pixel, A one a sample: ITEM. */
static void add_pixel_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmOpCall *call = job->call;
    const gsize channels = (gsize)call->in[0].shape.c;
    job->rows->element->add(dkm_tensor_at(&call->out[0], item * channels),
                            dkm_tensor_at(&call->in[0], item * channels), call->in[1].data,
                            channels, call->p->act, call->in[0].dtype);
}

static gboolean add(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmShape a = call->in[0].shape;
    if (dkm_shape_equal(a, call->in[1].shape))
        return map(device, call, add_task);
    Job job = {.call = call, .rows = dkm_cpu_rows(device)};
    dkm_pool_run(device->pool, (gsize)a.n, add_pixel_task, &job);
    return TRUE;
}

static void act_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmOpCall *call = job->call;
    job->rows->element->act(at(job, &call->out[0], item), at(job, &call->in[0], item),
                            dkm_blocks_count(&job->blocks, item), call->p->act, call->in[0].dtype);
}

static gboolean act(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return map(device, call, act_task);
}

static void act_grad_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmOpCall *call = job->call;
    job->rows->element->act_grad(at(job, &call->out[0], item), at(job, &call->in[0], item),
                                 at(job, &call->in[1], item), dkm_blocks_count(&job->blocks, item),
                                 call->p->act, call->in[0].dtype);
}

static gboolean act_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return map(device, call, act_grad_task);
}

static void cast_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmTensor *x = &job->call->in[0], *y = &job->call->out[0];
    const gsize count = dkm_blocks_count(&job->blocks, item);
    if (x->dtype == DKM_F32)
        job->rows->element->from_f32(at(job, y, item), at(job, x, item), count, y->dtype);
    else if (y->dtype == DKM_F32)
        job->rows->element->to_f32(at(job, y, item), at(job, x, item), count, x->dtype);
    else
        job->rows->plane->copy(at(job, y, item), 0, at(job, x, item), 0,
                               count * dkm_dtype_size(x->dtype), 1);
}

static gboolean cast(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return map(device, call, cast_task);
}

static void dropout_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    DkmDropoutBlock block = job->dropout;
    block.first = dkm_blocks_first(&job->blocks, item);
    block.count = dkm_blocks_count(&job->blocks, item);
    job->rows->element->dropout(&block, at(job, &job->call->out[0], item),
                                at(job, &job->call->in[0], item));
}

static gboolean dropout(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const double rate = (double)call->p->rate;
    Job job = {.call = call,
               .rows = dkm_cpu_rows(device),
               .blocks = dkm_blocks_of(dkm_shape_count(call->in[0].shape), 1),
               .dropout = {.dtype = call->in[0].dtype,
                           .salt = call->p->salt,
                           .step = (guint32) * (const float *)call->in[1].data,
                           .threshold = (guint32)ceil(rate * 4294967296.0),
                           .scale = (float)(1.0 / (1.0 - rate))}};
    dkm_pool_run(device->pool, job.blocks.n, dropout_task, &job);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_add = {add, NULL};
const DkmCpuKernel dkm_cpu_act = {act, NULL};
const DkmCpuKernel dkm_cpu_act_grad = {act_grad, NULL};
const DkmCpuKernel dkm_cpu_cast = {cast, NULL};
const DkmCpuKernel dkm_cpu_dropout = {dropout, NULL};
