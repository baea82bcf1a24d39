/* The weight gradient: dw[o][tap][i] = sum over pixels of dy[pixel][o] x[pixel + tap][i].
 * An item sums a block of output channels and a block of input channels over a group of strips of
 * output rows; groups are added in their order at the end, so that sums do not depend on threads.
 */
#include "core/net/cpu/blocks.h"
#include "core/net/cpu/conv.h"

#include <string.h>

enum { STRIP_PIXELS = 256, MIN_ITEMS = 8, INPUT_CHANNELS = 64 };

typedef struct {
    const DkmCpuDevice *device;
    const DkmConvKernel *kernel;
    DkmWord word;
    int pixels_per_word; /* along a row: 2 for bf16 pairs */
    const DkmTensor *x, *dy;
    float *dw; /* (O,k,k,I) */
    int side, stride, taps;
    int rows, strips_per_sample, strips; /* output rows of a strip; strips of all samples */
    int steps;                           /* words of an output row */
    int inputs;                          /* input channels of a block: whole tiles */
    int in_blocks, out_blocks, groups;
    int strip_rows; /* input rows of a strip */
    /* Taps of a row whose columns are PERIOD apart read the same words, one step further on. */
    int period, arrays, entries;
    float *partial; /* items x taps x inputs x width */
    guint8 *scratch;
    gsize scratch_bytes;
} GradJob;

typedef struct {
    guint32 *x;  /* arrays x strip rows x entries x inputs */
    guint32 *dy; /* rows x steps x width */
} WorkerScratch;

static gsize partial_size(const GradJob *job)
{
    return (gsize)job->taps * (gsize)job->inputs * (gsize)job->kernel->width;
}

static gsize array_size(const GradJob *job)
{
    return (gsize)job->strip_rows * (gsize)job->entries * (gsize)job->inputs;
}

static gsize dy_size(const GradJob *job)
{
    return (gsize)job->rows * (gsize)job->steps * (gsize)job->kernel->width;
}

static WorkerScratch cut_scratch(const GradJob *job, DkmScratch *scratch)
{
    guint32 *x = dkm_scratch_take(scratch, (gsize)job->arrays * array_size(job), 4);
    return (WorkerScratch){x, dkm_scratch_take(scratch, dy_size(job), 4)};
}

static void cut_into_items(GradJob *job)
{
    const DkmShape dy = job->dy->shape;
    const int tile = job->kernel->pixels, channels = job->x->shape.c;
    job->rows = CLAMP(STRIP_PIXELS / dy.w, 1, dy.h);
    job->strips_per_sample = (dy.h + job->rows - 1) / job->rows;
    job->strips = dy.n * job->strips_per_sample;
    job->strip_rows = (job->rows - 1) * job->stride + job->side;
    job->steps = (dy.w + job->pixels_per_word - 1) / job->pixels_per_word;
    job->period = job->pixels_per_word * job->stride;
    job->arrays = MIN(job->side, job->period);
    job->entries = job->steps + (job->side - 1) / job->period;
    job->inputs = (MIN(INPUT_CHANNELS, channels) + tile - 1) / tile * tile;
    job->in_blocks = (channels + job->inputs - 1) / job->inputs;
    job->out_blocks = (dy.c + job->kernel->width - 1) / job->kernel->width;
    const int blocks = job->in_blocks * job->out_blocks;
    job->groups = CLAMP((MIN_ITEMS + blocks - 1) / blocks, 1, job->strips);
    DkmScratch count = {0};
    cut_scratch(job, &count);
    job->scratch_bytes = count.used;
}

static GradJob make_job(const DkmCpuDevice *device, const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *dy = &call->in[1];
    const DkmConvLayout layout =
        dkm_conv_layout(device, x->dtype, call->p->kernel, x->shape.c, dy->shape.c);
    GradJob job = {
        .device = device,
        .kernel = layout.kernel,
        .word = layout.word,
        .pixels_per_word = layout.word == DKM_WORD_BF16 ? 2 : 1,
        .x = x,
        .dy = dy,
        .dw = call->out[0].data,
        .side = call->p->kernel,
        .stride = call->p->stride,
        .taps = layout.taps,
    };
    cut_into_items(&job);
    return job;
}

/* A run of channels of one row of a tensor; values NULL: a row outside it. */
typedef struct {
    const DkmTensor *tensor;
    gsize first; /* value of column 0, first channel */
    int channels;
    gboolean inside;
} Row;

static const void *pixel_of(const Row *row, int column)
{
    const DkmShape s = row->tensor->shape;
    if (!row->inside || column < 0 || column >= s.w)
        return NULL;
    return dkm_tensor_at(row->tensor, row->first + (gsize)column * (gsize)s.c);
}

static Row row_of(const DkmTensor *tensor, int sample, int y, int first_channel, int channels)
{
    const DkmShape s = tensor->shape;
    const gboolean inside = y >= 0 && y < s.h;
    const gsize at = ((gsize)sample * (gsize)s.h + (gsize)(inside ? y : 0)) * (gsize)s.w;
    return (Row){tensor, at * (gsize)s.c + (gsize)first_channel, channels, inside};
}

/* One word of every channel: the pixel of COLUMN, or the pair of it and its neighbour STEP on. */
static void set_words(const GradJob *job, const Row *row, int column, int step, guint32 *out)
{
    static const guint16 zeros[INPUT_CHANNELS * 2];
    const void *a = pixel_of(row, column);
    const gsize n = (gsize)row->channels;
    if (job->word == DKM_WORD_BF16) {
        const void *b = pixel_of(row, column + step);
        dkm_cpu_conv_rows(job->device)->pair(out, a ? a : zeros, b, n);
    } else if (!a) {
        memset(out, 0, n * 4);
    } else if (row->tensor->dtype == DKM_F32) {
        memcpy(out, a, n * 4);
    } else {
        dkm_cpu_rows(job->device)->element->to_f32((float *)out, a, n, DKM_BF16);
    }
}

/* COUNT words a channel from columns FIRST, FIRST + words' width, ...; WIDTH words apart in OUT. */
typedef struct {
    int first, step, count, width;
} Line;

static void set_line(const GradJob *job, const Row *row, const Line *line, guint32 *out)
{
    const int advance = line->step * job->pixels_per_word;
    for (int e = 0; e < line->count; e++, out += line->width) {
        set_words(job, row, line->first + e * advance, line->step, out);
        memset(out + row->channels, 0, (gsize)(line->width - row->channels) * 4);
    }
}

static void gather_x(const GradJob *job, int sample, int first_row, int in_block, guint32 *out)
{
    const int pad = (job->side - 1) / 2, first = in_block * job->inputs;
    const int channels = MIN(job->inputs, job->x->shape.c - first);
    for (int a = 0; a < job->arrays; a++) {
        const Line line = {a - pad, job->stride, job->entries, job->inputs};
        for (int r = 0; r < job->strip_rows; r++) {
            const int y = first_row * job->stride - pad + r;
            const Row row = row_of(job->x, sample, y, first, channels);
            set_line(job, &row, &line, out);
            out += (gsize)job->entries * (gsize)job->inputs;
        }
    }
}

static void gather_dy(const GradJob *job, int sample, int first_row, int out_block, guint32 *out)
{
    const int width = job->kernel->width, first = out_block * width;
    const int channels = MIN(width, job->dy->shape.c - first);
    const Line line = {0, 1, job->steps, width};
    for (int r = 0; r < job->rows; r++) {
        const Row row = row_of(job->dy, sample, first_row + r, first, channels);
        set_line(job, &row, &line, out);
        out += (gsize)job->steps * (gsize)width;
    }
}

/* Adds one strip to the sums of one block of input and output channels, all taps. */
static void add_strip(const GradJob *job, const WorkerScratch *worker, float *sums)
{
    const gsize row_words = (gsize)job->entries * (gsize)job->inputs;
    const gsize width = (gsize)job->kernel->width;
    DkmConvGradTile tile = {
        .dy = worker->dy,
        .row_stride = (gsize)job->stride * row_words,
        .step_stride = (gsize)job->inputs,
        .rows = job->rows,
        .steps = job->steps,
    };
    for (int tap = 0; tap < job->taps; tap++) {
        const int down = tap / job->side, right = tap % job->side;
        const guint32 *x = worker->x + (gsize)(right % job->period) * array_size(job) +
                           (gsize)down * row_words +
                           (gsize)(right / job->period) * (gsize)job->inputs;
        for (int i = 0; i < job->inputs; i += job->kernel->pixels) {
            tile.x = x + i;
            tile.acc = sums + ((gsize)tap * (gsize)job->inputs + (gsize)i) * width;
            job->kernel->grad_tile[job->word](&tile);
        }
    }
}

/* One item: a group of strips, a block of input and one of output channels. */
static void sum_item(gpointer data, gsize item, int worker_index)
{
    const GradJob *job = data;
    DkmScratch scratch = {job->scratch + (gsize)worker_index * job->scratch_bytes, 0};
    const WorkerScratch worker = cut_scratch(job, &scratch);
    const int in_block = (int)(item % (gsize)job->in_blocks);
    const int out_block = (int)(item / (gsize)job->in_blocks % (gsize)job->out_blocks);
    const int group = (int)(item / (gsize)(job->in_blocks * job->out_blocks));
    const int first = (int)((gint64)job->strips * group / job->groups);
    const int end = (int)((gint64)job->strips * (group + 1) / job->groups);
    float *sums = job->partial + item * partial_size(job);
    memset(sums, 0, partial_size(job) * sizeof(float));
    for (int strip = first; strip < end; strip++) {
        const int sample = strip / job->strips_per_sample;
        const int first_row = strip % job->strips_per_sample * job->rows;
        gather_x(job, sample, first_row, in_block, worker.x);
        gather_dy(job, sample, first_row, out_block, worker.dy);
        add_strip(job, &worker, sums);
    }
}

/* One item: the weights of one output channel, from the groups' sums in their order. */
static void finish_item(gpointer data, gsize o, int worker)
{
    const GradJob *job = data;
    const gsize width = (gsize)job->kernel->width, channels = (gsize)job->x->shape.c;
    const gsize blocks = (gsize)(job->in_blocks * job->out_blocks);
    for (gsize tap = 0; tap < (gsize)job->taps; tap++)
        for (gsize i = 0; i < channels; i++) {
            const gsize in_block = i / (gsize)job->inputs;
            const gsize item = o / width * (gsize)job->in_blocks + in_block;
            const gsize at = (tap * (gsize)job->inputs + i - in_block * (gsize)job->inputs) * width;
            float sum = 0;
            for (gsize g = 0; g < (gsize)job->groups; g++)
                sum += job->partial[(g * blocks + item) * partial_size(job) + at + o % width];
            job->dw[(o * (gsize)job->taps + tap) * channels + i] = sum;
        }
}

static gsize n_items(const GradJob *job)
{
    return (gsize)job->groups * (gsize)job->in_blocks * (gsize)job->out_blocks;
}

static void cut_workspace(GradJob *job, DkmScratch *scratch)
{
    job->partial = dkm_scratch_take(scratch, n_items(job) * partial_size(job), sizeof(float));
    const gsize workers = (gsize)dkm_pool_threads(job->device->pool);
    job->scratch = dkm_scratch_take(scratch, workers, job->scratch_bytes);
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    GradJob job = make_job(device, call);
    DkmScratch count = {0};
    cut_workspace(&job, &count);
    return count.used;
}

static gboolean run(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    GradJob job = make_job(device, call);
    DkmScratch scratch = {call->workspace, 0};
    cut_workspace(&job, &scratch);
    dkm_pool_run(device->pool, n_items(&job), sum_item, &job);
    dkm_pool_run(device->pool, (gsize)job.dy->shape.c, finish_item, &job);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_conv_wgrad = {run, workspace};
