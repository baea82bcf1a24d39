#include "core/net/cuda/conv-tune.h"

#include "core/error.h"
#include "core/net/cuda/tune.h"

#include <math.h>

enum { RUNS = 5, TENSORS = 5 };

typedef struct {
    DkmCudaDevice *device;
    cudaEvent_t begin, end;
    DkmCudnnBinding binding;
    void *memory;
} Tuning;

static void tuning_clear(Tuning *tuning)
{
    dkm_cuda_free(tuning->device, tuning->memory);
    if (tuning->begin)
        cudaEventDestroy(tuning->begin);
    if (tuning->end)
        cudaEventDestroy(tuning->end);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tuning, tuning_clear)

static gsize aligned(gsize bytes)
{
    return (bytes + 255) / 256 * 256;
}

/* One block for all tensors and the largest workspace. */
static gboolean tuning_init(Tuning *tuning, const DkmConvGraph *graph, const GPtrArray *plans,
                            GError **error)
{
    const DkmCudnnTensor tensors[TENSORS] = {graph->x, graph->w, graph->y, graph->bias,
                                             graph->residual};
    DkmCudnnBinding *binding = &tuning->binding;
    gsize offsets[TENSORS], bytes = 0, workspace = 0;
    for (int i = 0; i < TENSORS; i++) {
        if (!tensors[i])
            continue;
        offsets[binding->n] = bytes;
        binding->uids[binding->n++] = tensors[i];
        bytes += aligned(dkm_cudnn_graph_bytes(graph->graph, tensors[i]));
    }
    for (guint i = 0; i < plans->len; i++)
        workspace =
            MAX(workspace, ((const DkmCudnnPlan *)g_ptr_array_index(plans, i))->workspace_bytes);
    tuning->memory = dkm_cuda_alloc(tuning->device, bytes + workspace, error);
    if (!tuning->memory || !dkm_cuda_zero(tuning->device, tuning->memory, bytes + workspace, error))
        return FALSE;
    for (int i = 0; i < binding->n; i++)
        binding->data[i] = (guint8 *)tuning->memory + offsets[i];
    binding->workspace = (guint8 *)tuning->memory + bytes;
    return dkm_cuda_check(tuning->device, cudaEventCreateWithFlags(&tuning->begin, 0), "an event",
                          error) &&
           dkm_cuda_check(tuning->device, cudaEventCreateWithFlags(&tuning->end, 0), "an event",
                          error);
}

/* Milliseconds of one run, NAN where it fails. */
static float time_run(Tuning *tuning, const DkmCudnnPlan *plan)
{
    const cudaStream_t stream = tuning->device->stream;
    float ms = NAN;
    const gboolean done = cudaEventRecord(tuning->begin, stream) == cudaSuccess &&
                          dkm_cudnn_plan_run(plan, tuning->device->cudnn, &tuning->binding, NULL) &&
                          cudaEventRecord(tuning->end, stream) == cudaSuccess &&
                          cudaEventSynchronize(tuning->end) == cudaSuccess &&
                          cudaEventElapsedTime(&ms, tuning->begin, tuning->end) == cudaSuccess;
    return done ? ms : NAN;
}

/* The first run of each loads its kernels and does not count. */
static int measure(Tuning *tuning, const GPtrArray *plans)
{
    g_autofree float *ms = g_new(float, (gsize)plans->len *RUNS);
    for (guint i = 0; i < plans->len; i++) {
        const DkmCudnnPlan *plan = g_ptr_array_index(plans, i);
        const gboolean works = isfinite(time_run(tuning, plan));
        for (int run = 0; run < RUNS; run++)
            ms[i * RUNS + (guint)run] = works ? time_run(tuning, plan) : NAN;
    }
    return dkm_tune_choose(ms, (int)plans->len, RUNS);
}

int dkm_conv_tune(DkmCudaDevice *device, const DkmConvGraph *graph, const GPtrArray *plans,
                  GError **error)
{
    g_auto(Tuning) tuning = {.device = device};
    if (!tuning_init(&tuning, graph, plans, error))
        return -1;
    const int best = measure(&tuning, plans);
    cudaGetLastError(); /* of an engine that was passed over; a lost device says so again */
    if (!dkm_cuda_check(device, cudaStreamSynchronize(device->stream), "timing engines", error))
        return -1;
    if (best < 0)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_DEVICE, "no engine of cuDNN ran");
    return best;
}
