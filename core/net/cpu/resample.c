/* Ops that change the sides of images: up-sampling by two and its gradient, pooling and its. Up-
 * sampling of both kinds and both directions is one separable linear map, told by its taps. */
#include "core/net/cpu/blocks.h"

typedef struct {
    const DkmTensor *x, *y;
    DkmTaps *rows, *columns; /* one an output row, one an output column */
    float *blended;          /* (workers, W of x, C): rows of x, blended */
    gsize row;               /* floats of one row of x */
    const DkmRows *kernels;
} Job;

static void job_init(Job *job, DkmCpuDevice *device, const DkmOpCall *call, DkmScratch *scratch)
{
    const DkmShape from = call->in[0].shape, to = call->out[0].shape;
    *job = (Job){.x = &call->in[0], .y = &call->out[0], .kernels = dkm_cpu_rows(device)};
    job->row = (gsize)from.w * (gsize)from.c;
    job->rows = dkm_scratch_take(scratch, (gsize)to.h, sizeof *job->rows);
    job->columns = dkm_scratch_take(scratch, (gsize)to.w, sizeof *job->columns);
    job->blended = dkm_scratch_take(scratch, (gsize)dkm_pool_threads(device->pool) * job->row,
                                    sizeof *job->blended);
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmScratch scratch = {0};
    Job job;
    job_init(&job, device, call, &scratch);
    return scratch.used;
}

static void row_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    const DkmShape from = job->x->shape, to = job->y->shape;
    const gsize sample = item / (gsize)to.h, y = item % (gsize)to.h;
    float *blended = job->blended + (gsize)worker * job->row;
    job->kernels->plane->rows_blend(blended,
                                    dkm_tensor_at(job->x, sample * (gsize)from.h * job->row),
                                    job->rows + y, job->row, job->x->dtype);
    job->kernels->plane->pixels_blend(dkm_tensor_at(job->y, item * (gsize)to.w * (gsize)to.c),
                                      blended, job->columns, (gsize)to.w, (gsize)to.c,
                                      job->y->dtype);
}

/* TAPS gets one record for each of N_OUT positions. */
typedef void (*TapsOf)(DkmTaps *taps, int n_in, int n_out);

static gboolean resample(DkmCpuDevice *device, const DkmOpCall *call, TapsOf taps_of)
{
    DkmScratch scratch = {call->workspace, 0};
    Job job;
    job_init(&job, device, call, &scratch);
    const DkmShape from = job.x->shape, to = job.y->shape;
    taps_of(job.rows, from.h, to.h);
    taps_of(job.columns, from.w, to.w);
    dkm_pool_run(device->pool, (gsize)to.n * (gsize)to.h, row_task, &job);
    return TRUE;
}

static void nearest_taps(DkmTaps *taps, int n_in, int n_out)
{
    for (int i = 0; i < n_out; i++)
        taps[i] = (DkmTaps){i / 2, 1, {1.0f}};
}

static void nearest_grad_taps(DkmTaps *taps, int n_in, int n_out)
{
    for (int i = 0; i < n_out; i++)
        taps[i] = (DkmTaps){2 * i, 2, {1.0f, 1.0f}};
}

/* align_corners: output I lies at i (n_in - 1) / (n_out - 1). */
static DkmTaps bilinear_tap(int i, int n_in, int n_out)
{
    const double at = n_out > 1 ? (double)i * (n_in - 1) / (n_out - 1) : 0.0;
    const int first = MIN((int)at, n_in - 1);
    const double rest = at - first;
    if (first == n_in - 1)
        return (DkmTaps){first, 1, {1.0f}};
    return (DkmTaps){first, 2, {(float)(1.0 - rest), (float)rest}};
}

static void bilinear_taps(DkmTaps *taps, int n_in, int n_out)
{
    for (int i = 0; i < n_out; i++)
        taps[i] = bilinear_tap(i, n_in, n_out);
}

/* The transpose: every position of the small side gathers what it gave to the N_IN of the large. */
static void bilinear_grad_taps(DkmTaps *taps, int n_in, int n_out)
{
    for (int i = 0; i < n_out; i++)
        taps[i] = (DkmTaps){0};
    for (int i = 0; i < n_in; i++) {
        const DkmTaps tap = bilinear_tap(i, n_out, n_in);
        for (int k = 0; k < tap.count; k++) {
            DkmTaps *back = &taps[tap.first + k];
            if (tap.weight[k] == 0.0f)
                continue;
            if (back->count == 0)
                back->first = i;
            back->weight[i - back->first] = tap.weight[k];
            back->count = i - back->first + 1;
        }
    }
}

static gboolean nearest(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return resample(device, call, nearest_taps);
}

static gboolean nearest_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return resample(device, call, nearest_grad_taps);
}

static gboolean bilinear(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return resample(device, call, bilinear_taps);
}

static gboolean bilinear_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    return resample(device, call, bilinear_grad_taps);
}

typedef struct {
    const DkmTensor *x, *y, *dy, *out;
    void (*run)(const DkmPoolRows *rows);
} PoolJob;

/* ITEM: a row of y over all samples. */
static void pool_task(gpointer data, gsize item, int worker)
{
    const PoolJob *job = data;
    const gsize width = (gsize)job->y->shape.w, channels = (gsize)job->y->shape.c;
    const gsize small = item * width * channels, large = 4 * small;
    const DkmPoolRows rows = {
        .dtype = job->x->dtype,
        .out_width = width,
        .channels = channels,
        .x = dkm_tensor_at(job->x, large),
        .y = dkm_tensor_at(job->y, small),
        .dy = job->dy ? dkm_tensor_at(job->dy, small) : NULL,
        .out = dkm_tensor_at(job->out, job->dy ? large : small),
    };
    job->run(&rows);
}

static gboolean max_pool(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *y = &call->out[0];
    PoolJob job = {&call->in[0], y, NULL, y, dkm_cpu_rows(device)->plane->max_pool};
    dkm_pool_run(device->pool, (gsize)y->shape.n * (gsize)y->shape.h, pool_task, &job);
    return TRUE;
}

static gboolean max_pool_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmTensor *y = &call->in[1];
    PoolJob job = {&call->in[0], y, &call->in[2], &call->out[0],
                   dkm_cpu_rows(device)->plane->max_pool_grad};
    dkm_pool_run(device->pool, (gsize)y->shape.n * (gsize)y->shape.h, pool_task, &job);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_upsample_nearest = {nearest, workspace};
const DkmCpuKernel dkm_cpu_upsample_nearest_grad = {nearest_grad, workspace};
const DkmCpuKernel dkm_cpu_upsample_bilinear = {bilinear, workspace};
const DkmCpuKernel dkm_cpu_upsample_bilinear_grad = {bilinear_grad, workspace};
const DkmCpuKernel dkm_cpu_max_pool = {max_pool, NULL};
const DkmCpuKernel dkm_cpu_max_pool_grad = {max_pool_grad, NULL};
