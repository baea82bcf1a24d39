/* The weight gradient: dw[o][tap][i] = sum over pixels of dy[pixel][o] x[pixel + tap][i].
 * An item sums a block of input channels and a span of blocks of output channels over a group of
 * strips of output rows; groups are added in their order at the end, so that sums do not depend on
 * threads. */
#include "core/net/cpu/blocks.h"
#include "core/net/cpu/winograd.h"

#include <string.h>

/* The sums of 64 input and 256 output channels, 9 taps, are 600 KB: with a strip they fit a
 * second-level cache. */
enum { STRIP_STEPS = 128, MIN_ITEMS = 8, INPUT_CHANNELS = 64, SPAN_CHANNELS = 256 };

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
    int span, spans; /* blocks of output channels that share a strip of x; how many spans */
    int strip_rows;  /* input rows of a strip */
    /* Taps of a row whose columns are PERIOD apart read the same words, one step further on. */
    int period, arrays, entries;
    float *partial; /* groups x blocks x taps x inputs x width */
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
    const int tile = job->kernel->inputs, channels = job->x->shape.c;
    job->steps = (dy.w + job->pixels_per_word - 1) / job->pixels_per_word;
    job->rows = CLAMP(STRIP_STEPS / job->steps, 1, dy.h);
    job->strips_per_sample = (dy.h + job->rows - 1) / job->rows;
    job->strips = dy.n * job->strips_per_sample;
    job->strip_rows = (job->rows - 1) * job->stride + job->side;
    job->period = job->pixels_per_word * job->stride;
    job->arrays = MIN(job->side, job->period);
    job->entries = job->steps + (job->side - 1) / job->period;
    job->in_blocks = (channels + INPUT_CHANNELS - 1) / INPUT_CHANNELS;
    const int inputs = (channels + job->in_blocks - 1) / job->in_blocks;
    job->inputs = (inputs + tile - 1) / tile * tile;
    job->in_blocks = (channels + job->inputs - 1) / job->inputs;
    job->out_blocks = (dy.c + job->kernel->width - 1) / job->kernel->width;
    job->span = MIN(job->out_blocks, SPAN_CHANNELS / job->kernel->width);
    job->spans = (job->out_blocks + job->span - 1) / job->span;
    const int blocks = job->in_blocks * job->spans;
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
        dkm_cpu_conv_rows(job->device)->pair(out, a ? a : zeros, b ? b : zeros, n);
    } else if (!a) {
        memset(out, 0, n * 4);
    } else if (row->tensor->dtype == DKM_F32) {
        memcpy(out, a, n * 4);
    } else {
        void *floats = out; /* a word of this kind is a float */
        dkm_cpu_rows(job->device)->element->to_f32(floats, a, n, DKM_BF16);
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
        for (int i = 0; i < job->inputs; i += job->kernel->inputs) {
            tile.x = x + i;
            tile.acc = sums + ((gsize)tap * (gsize)job->inputs + (gsize)i) * width;
            job->kernel->grad_tile[job->word](&tile);
        }
    }
}

static float *sums_at(const GradJob *job, int group, int out_block, int in_block)
{
    const gsize block = (gsize)group * (gsize)job->out_blocks + (gsize)out_block;
    return job->partial + (block * (gsize)job->in_blocks + (gsize)in_block) * partial_size(job);
}

/* One item: a group of strips, a block of input channels and a span of blocks of output channels.
 */
static void sum_item(gpointer data, gsize item, int worker_index)
{
    const GradJob *job = data;
    g_return_if_fail(job->scratch); /* else it would be counting, not cutting */
    DkmScratch scratch = {job->scratch + (gsize)worker_index * job->scratch_bytes, 0};
    const WorkerScratch worker = cut_scratch(job, &scratch);
    const int in_block = (int)(item % (gsize)job->in_blocks);
    const int span = (int)(item / (gsize)job->in_blocks % (gsize)job->spans);
    const int group = (int)(item / (gsize)(job->in_blocks * job->spans));
    const int first_out = span * job->span, end_out = MIN(first_out + job->span, job->out_blocks);
    const int first = (int)((gint64)job->strips * group / job->groups);
    const int end = (int)((gint64)job->strips * (group + 1) / job->groups);
    for (int o = first_out; o < end_out; o++)
        memset(sums_at(job, group, o, in_block), 0, partial_size(job) * sizeof(float));
    for (int strip = first; strip < end; strip++) {
        const int sample = strip / job->strips_per_sample;
        const int first_row = strip % job->strips_per_sample * job->rows;
        gather_x(job, sample, first_row, in_block, worker.x);
        for (int o = first_out; o < end_out; o++) {
            gather_dy(job, sample, first_row, o, worker.dy);
            add_strip(job, &worker, sums_at(job, group, o, in_block));
        }
    }
}

/* One item: one tap of a block of input and one of output channels, from the groups' sums in their
 * order. */
static void finish_item(gpointer data, gsize item, int worker)
{
    const GradJob *job = data;
    const gsize width = (gsize)job->kernel->width, inputs = (gsize)job->inputs;
    const gsize row = (gsize)job->taps * (gsize)job->x->shape.c; /* of dw */
    const gsize tap = item % (gsize)job->taps, block = item / (gsize)job->taps;
    const int in_block = (int)(block % (gsize)job->in_blocks);
    const int out_block = (int)(block / (gsize)job->in_blocks);
    float *sums = sums_at(job, 0, out_block, in_block) + tap * inputs * width;
    for (int g = 1; g < job->groups; g++) {
        const float *more = sums_at(job, g, out_block, in_block) + tap * inputs * width;
        for (gsize i = 0; i < inputs * width; i++)
            sums[i] += more[i];
    }
    const gsize out = (gsize)out_block * width, in = (gsize)in_block * inputs;
    dkm_cpu_rows(job->device)
        ->matrix->transpose(job->dw + out * row + tap * (gsize)job->x->shape.c + in, row, sums,
                            width, MIN(inputs, (gsize)job->x->shape.c - in),
                            MIN(width, (gsize)job->dy->shape.c - out));
}

static gsize n_blocks(const GradJob *job)
{
    return (gsize)job->in_blocks * (gsize)job->out_blocks;
}

static void cut_workspace(GradJob *job, DkmScratch *scratch)
{
    job->partial = dkm_scratch_take(scratch, (gsize)job->groups * n_blocks(job) * partial_size(job),
                                    sizeof(float));
    const gsize workers = (gsize)dkm_pool_threads(job->device->pool);
    job->scratch = dkm_scratch_take(scratch, workers, job->scratch_bytes);
}

static void run_direct(const DkmCpuDevice *device, const DkmOpCall *call)
{
    GradJob job = make_job(device, call);
    DkmScratch scratch = {call->workspace, 0};
    cut_workspace(&job, &scratch);
    const gsize items = (gsize)job.groups * (gsize)job.in_blocks * (gsize)job.spans;
    dkm_pool_run(device->pool, items, sum_item, &job);
    dkm_pool_run(device->pool, n_blocks(&job) * (gsize)job.taps, finish_item, &job);
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    if (dkm_wino_wgrad_fits(device, call))
        return dkm_wino_wgrad_workspace(device, call);
    GradJob job = make_job(device, call);
    DkmScratch count = {0};
    cut_workspace(&job, &count);
    return count.used;
}

static gboolean run(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    if (dkm_wino_wgrad_fits(device, call))
        dkm_wino_wgrad_run(device, call);
    else
        run_direct(device, call);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_conv_wgrad = {run, workspace};
