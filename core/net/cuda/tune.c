/* Which of several engines of cuDNN is the fastest for one convolution, found by running them. */
#include "core/net/cuda/device.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS = 5, BUFFERS = 5, FILL = 0x3c }; /* 0.0115 in f32 and in bf16 */

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

guint dkm_cuda_fastest(float *ms, guint rows, guint runs)
{
    guint best = 0;
    for (guint r = 0; r < rows; r++) {
        qsort(ms + r * runs, runs, sizeof *ms, compare);
        if (ms[r * runs + runs / 2] < ms[best * runs + runs / 2])
            best = r;
    }
    return best;
}

/* Memory that any tensor of the call fits in. */
static gsize largest_tensor(const DkmConvCall *call)
{
    gsize most = dkm_shape_count(call->out[0].shape);
    for (int i = 0; i < 4; i++)
        if (call->in[i].data)
            most = MAX(most, dkm_shape_count(call->in[i].shape));
    return most * sizeof(float);
}

typedef struct {
    DkmCudnnBinding binding;
    void *buffers[BUFFERS], *scratch;
    cudaEvent_t start, end;
} Trial;

static void trial_clear(DkmCudaDevice *device, Trial *trial)
{
    for (int i = 0; i < BUFFERS; i++)
        dkm_cuda_free(device, trial->buffers[i]);
    dkm_cuda_free(device, trial->scratch);
    if (trial->start)
        cudaEventDestroy(trial->start);
    if (trial->end)
        cudaEventDestroy(trial->end);
}

static gboolean trial_init(DkmCudaDevice *device, Trial *trial, const DkmConvCall *call,
                           const DkmConvGraph *graph, gsize scratch)
{
    const DkmCudnnTensor uids[BUFFERS] = {graph->x, graph->w, graph->y, graph->bias,
                                          graph->residual};
    const gsize bytes = largest_tensor(call);
    for (int i = 0; i < BUFFERS; i++) {
        if (!uids[i])
            continue;
        trial->buffers[i] = dkm_cuda_alloc(device, bytes, NULL);
        if (!trial->buffers[i] ||
            cudaMemsetAsync(trial->buffers[i], FILL, bytes, device->stream) != cudaSuccess)
            return FALSE;
        trial->binding.uids[trial->binding.n] = uids[i];
        trial->binding.data[trial->binding.n++] = trial->buffers[i];
    }
    trial->scratch = dkm_cuda_alloc(device, scratch, NULL);
    trial->binding.workspace = trial->scratch;
    return trial->scratch && cudaEventCreate(&trial->start) == cudaSuccess &&
           cudaEventCreate(&trial->end) == cudaSuccess;
}

/* Milliseconds of one run; INFINITY where it fails. */
static float run_once(DkmCudaDevice *device, const Trial *trial, const DkmCudnnPlan *plan)
{
    float ms = INFINITY;
    const gboolean ran = cudaEventRecord(trial->start, device->stream) == cudaSuccess &&
                         dkm_cudnn_plan_run(plan, device->cudnn, &trial->binding, NULL) &&
                         cudaEventRecord(trial->end, device->stream) == cudaSuccess &&
                         cudaEventSynchronize(trial->end) == cudaSuccess &&
                         cudaEventElapsedTime(&ms, trial->start, trial->end) == cudaSuccess;
    return ran ? ms : INFINITY;
}

void dkm_cuda_tune(DkmCudaDevice *device, const DkmConvCall *call, const DkmConvGraph *graph,
                   GPtrArray *plans)
{
    Trial trial = {0};
    gsize scratch = 0;
    for (guint i = 0; i < plans->len; i++)
        scratch = MAX(scratch, ((const DkmCudnnPlan *)plans->pdata[i])->workspace_bytes);
    if (trial_init(device, &trial, call, graph, scratch)) {
        g_autofree float *ms = g_new(float, plans->len *RUNS);
        for (guint i = 0; i < plans->len; i++) {
            run_once(device, &trial, plans->pdata[i]); /* loads it */
            for (guint r = 0; r < RUNS; r++)
                ms[i * RUNS + r] = run_once(device, &trial, plans->pdata[i]);
        }
        const guint best = dkm_cuda_fastest(ms, plans->len, RUNS);
        gpointer first = plans->pdata[0];
        plans->pdata[0] = plans->pdata[best];
        plans->pdata[best] = first;
    }
    trial_clear(device, &trial);
    dkm_cuda_check(device, cudaGetLastError(), "timing engines", NULL);
}
