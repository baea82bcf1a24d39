/* The losses and their gradients: weighted mean squared error, and cross-entropy + Dice + SSIM.
 * Sums are double; one partial sum a block, added in block order. */
#include "core/net/cpu/blocks.h"

typedef struct {
    const float *pred, *target, *weight; /* (N, values), the same, (N) */
    float *dpred;
    gsize samples, values; /* values: of one sample */
    DkmBlocks blocks;      /* of one sample's values */
    const DkmTrainRows *rows;
    double *errors;      /* (N, blocks) */
    DkmSegSums *sums;    /* (N, blocks) */
    DkmSegSlope *slopes; /* (N) */
} Job;

static void job_init(Job *job, DkmCpuDevice *device, const DkmOpCall *call, DkmScratch *scratch)
{
    const DkmShape shape = call->in[0].shape;
    *job = (Job){.pred = call->in[0].data,
                 .target = call->in[1].data,
                 .weight = call->in[2].data,
                 .dpred = call->out[0].data,
                 .samples = (gsize)shape.n,
                 .values = (gsize)shape.h * (gsize)shape.w * (gsize)shape.c,
                 .rows = dkm_cpu_rows(device)->train};
    job->blocks = dkm_blocks_of(job->values, 4); /* a logit costs about four values' time */
    const gsize items = job->samples * job->blocks.n;
    job->errors = dkm_scratch_take(scratch, items, sizeof *job->errors);
    job->sums = dkm_scratch_take(scratch, items, sizeof *job->sums);
    job->slopes = dkm_scratch_take(scratch, job->samples, sizeof *job->slopes);
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmScratch scratch = {0};
    Job job;
    job_init(&job, device, call, &scratch);
    return scratch.used;
}

static void run(Job *job, DkmCpuDevice *device, DkmPoolTask task)
{
    dkm_pool_run(device->pool, job->samples * job->blocks.n, task, job);
}

/* The first value of a pool item; how many in *COUNT, their sample in *SAMPLE. */
static gsize item_values(const Job *job, gsize item, gsize *count, gsize *sample)
{
    const gsize block = item % job->blocks.n;
    *sample = item / job->blocks.n;
    *count = dkm_blocks_count(&job->blocks, block);
    return *sample * job->values + dkm_blocks_first(&job->blocks, block);
}

static void mse_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize count, sample;
    const gsize first = item_values(job, item, &count, &sample);
    job->errors[item] = (double)job->weight[sample] *
                        job->rows->squared_error(job->pred + first, job->target + first, count);
}

static gboolean mse(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Job job;
    job_init(&job, device, call, &scratch);
    run(&job, device, mse_task);
    double total = 0.0;
    for (gsize item = 0; item < job.samples * job.blocks.n; item++)
        total += job.errors[item];
    *(float *)call->out[0].data = (float)(total / (double)(job.samples * job.values));
    return TRUE;
}

static void mse_grad_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize count, sample;
    const gsize first = item_values(job, item, &count, &sample);
    const double scale = 2.0 * (double)job->weight[sample] / (double)(job->samples * job->values);
    job->rows->squared_error_grad(job->dpred + first, job->pred + first, job->target + first, count,
                                  (float)scale);
}

static gboolean mse_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Job job;
    job_init(&job, device, call, &scratch);
    run(&job, device, mse_grad_task);
    return TRUE;
}

static void seg_sums_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize count, sample;
    const gsize first = item_values(job, item, &count, &sample);
    job->sums[item] = (DkmSegSums){0};
    job->rows->seg_sums(job->pred + first, job->target + first, count, &job->sums[item]);
}

static DkmSegSums sample_sums(const Job *job, gsize sample)
{
    DkmSegSums total = {0};
    for (gsize block = 0; block < job->blocks.n; block++) {
        const DkmSegSums *part = &job->sums[sample * job->blocks.n + block];
        total.cross_entropy += part->cross_entropy;
        total.s += part->s;
        total.g += part->g;
        total.sg += part->sg;
        total.ss += part->ss;
        total.gg += part->gg;
    }
    return total;
}

/* The factors of SSIM over one global window (dkm.md section 3): a1 a2 / (b1 b2). */
typedef struct {
    double mean_s, mean_g, a1, a2, b1, b2, ssim;
} Ssim;

static Ssim ssim_of(const DkmSegSums *t, double n)
{
    const double c1 = 1e-4, c2 = 9e-4;
    Ssim w = {.mean_s = t->s / n, .mean_g = t->g / n};
    const double variance_s = t->ss / n - w.mean_s * w.mean_s;
    const double variance_g = t->gg / n - w.mean_g * w.mean_g;
    w.a1 = 2.0 * w.mean_s * w.mean_g + c1;
    w.a2 = 2.0 * (t->sg / n - w.mean_s * w.mean_g) + c2;
    w.b1 = w.mean_s * w.mean_s + w.mean_g * w.mean_g + c1;
    w.b2 = variance_s + variance_g + c2;
    w.ssim = w.a1 * w.a2 / (w.b1 * w.b2);
    return w;
}

static gboolean seg(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Job job;
    job_init(&job, device, call, &scratch);
    run(&job, device, seg_sums_task);
    float *parts = call->out[1].data;
    double loss = 0.0;
    for (gsize sample = 0; sample < job.samples; sample++) {
        const DkmSegSums t = sample_sums(&job, sample);
        const double ce = t.cross_entropy / (double)job.values;
        const double dice = 1.0 - (2.0 * t.sg + 1.0) / (t.s + t.g + 1.0);
        const double unlike = 1.0 - ssim_of(&t, (double)job.values).ssim;
        loss += (ce + dice + (double)call->p->lambda * unlike) / (double)job.samples;
        parts[3 * sample] = (float)ce;
        parts[3 * sample + 1] = (float)dice;
        parts[3 * sample + 2] = (float)unlike;
    }
    *(float *)call->out[0].data = (float)loss;
    return TRUE;
}

/* d loss / d S_i is linear in G_i and S_i (dkm.md section 3). */
static DkmSegSlope slope_of(const Job *job, gsize sample, double lambda)
{
    const DkmSegSums t = sample_sums(job, sample);
    const double n = (double)job->values, share = 1.0 / (double)job->samples;
    const Ssim w = ssim_of(&t, n);
    const double size = t.s + t.g + 1.0, overlap = 2.0 * t.sg + 1.0;
    const double window = -lambda * share * 2.0 / n, b = w.b1 * w.b2;
    const double constant =
        (w.mean_g * w.a2 - w.mean_g * w.a1) / b - w.ssim * (w.mean_s / w.b1 - w.mean_s / w.b2);
    return (DkmSegSlope){
        .ce = (float)(share / n),
        .constant = (float)(share * overlap / (size * size) + window * constant),
        .label = (float)(-share * 2.0 / size + window * w.a1 / b),
        .probability = (float)(window * -w.ssim / w.b2),
    };
}

static void seg_grad_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize count, sample;
    const gsize first = item_values(job, item, &count, &sample);
    job->rows->seg_grad(job->dpred + first, job->pred + first, job->target + first, count,
                        &job->slopes[sample]);
}

static gboolean seg_grad(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    Job job;
    job_init(&job, device, call, &scratch);
    run(&job, device, seg_sums_task);
    for (gsize sample = 0; sample < job.samples; sample++)
        job.slopes[sample] = slope_of(&job, sample, (double)call->p->lambda);
    run(&job, device, seg_grad_task);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_loss_mse = {mse, workspace};
const DkmCpuKernel dkm_cpu_loss_mse_grad = {mse_grad, workspace};
const DkmCpuKernel dkm_cpu_loss_seg = {seg, workspace};
const DkmCpuKernel dkm_cpu_loss_seg_grad = {seg_grad, workspace};
