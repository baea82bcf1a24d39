/* The weight gradient by Winograd's way: at each of the 36 places the sum over tiles of transformed
 * input times transformed output gradient, then back to 3x3 taps. As in conv-wgrad.c an item sums a
 * block of input and a span of blocks of output channels over a group of strips; groups are added
 * in their order at the end. */
#include "core/net/cpu/blocks.h"
#include "core/net/cpu/winograd.h"

#include <string.h>

/* The places of 64 input channels for 32 tiles, of one output block, and their sums: 1.2 MB. */
enum { STRIP_TILES = 32, MIN_ITEMS = 8, INPUT_CHANNELS = 64, SPAN_CHANNELS = 128, SLICE = 16 };
enum { PAD = 16, PLACES = DKM_WINO_PLACES };

typedef struct {
    const DkmCpuDevice *device;
    const DkmConvKernel *kernel;
    const DkmWinoRows *rows;
    const DkmTensor *x, *dy;
    float *dw;             /* (O,3,3,I) */
    int across, tiles;     /* tiles of a row, of a sample */
    int all_tiles, strips; /* of all samples */
    int block_channels,
        inputs; /* input channels of a block, and rounded up to whole kernel tiles */
    int in_blocks, out_blocks, span, spans, groups;
    gsize places_x, places_dy; /* from place to place of a strip */
    float *partial;            /* groups x out blocks x in blocks x places x inputs x width */
    guint8 *scratch;
    gsize scratch_bytes;
} GradJob;

typedef struct {
    float *x, *dy; /* places */
    void *patch;
} WorkerScratch;

static WorkerScratch cut_scratch(const GradJob *job, DkmScratch *scratch)
{
    WorkerScratch worker;
    worker.x = dkm_scratch_take(scratch, job->places_x * PLACES, sizeof(float));
    worker.dy = dkm_scratch_take(scratch, job->places_dy * PLACES, sizeof(float));
    worker.patch = dkm_scratch_take(scratch, PLACES * INPUT_CHANNELS, sizeof(float));
    return worker;
}

static gsize place_sums(const GradJob *job)
{
    return (gsize)job->inputs * (gsize)job->kernel->width;
}

static void cut_into_items(GradJob *job)
{
    const int width = job->kernel->width, tile = job->kernel->inputs;
    job->in_blocks = (job->x->shape.c + INPUT_CHANNELS - 1) / INPUT_CHANNELS;
    job->block_channels = MIN(INPUT_CHANNELS, job->x->shape.c);
    job->inputs = (job->block_channels + tile - 1) / tile * tile;
    job->out_blocks = job->dy->shape.c / width;
    job->span = MIN(job->out_blocks, SPAN_CHANNELS / width);
    job->spans = (job->out_blocks + job->span - 1) / job->span;
    job->strips = (job->all_tiles + STRIP_TILES - 1) / STRIP_TILES;
    const int blocks = job->in_blocks * job->spans;
    job->groups = CLAMP((MIN_ITEMS + blocks - 1) / blocks, 1, job->strips);
    job->places_x = (gsize)(STRIP_TILES * job->inputs) + PAD;
    job->places_dy = (gsize)(STRIP_TILES * width) + PAD;
    DkmScratch count = {0};
    cut_scratch(job, &count);
    job->scratch_bytes = count.used;
}

static GradJob make_job(const DkmCpuDevice *device, const DkmOpCall *call)
{
    const DkmTensor *x = &call->in[0], *dy = &call->in[1];
    const DkmConvLayout layout = dkm_conv_layout(device, DKM_F32, 3, x->shape.c, dy->shape.c);
    GradJob job = {
        .device = device,
        .kernel = layout.kernel,
        .rows = dkm_cpu_wino_rows(device),
        .x = x,
        .dy = dy,
        .dw = call->out[0].data,
        .across = dkm_wino_tiles(dy->shape.w),
        .tiles = dkm_wino_tiles(dy->shape.w) * dkm_wino_tiles(dy->shape.h),
    };
    job.all_tiles = job.tiles * dy->shape.n;
    cut_into_items(&job);
    return job;
}

/* Where tile NUMBER of all samples begins, less BORDER pixels up and left. */
static DkmWinoPatch patch_of(const GradJob *job, const DkmTensor *tensor, int number, int border)
{
    const int tile = number % job->tiles;
    return (DkmWinoPatch){
        .tensor = tensor,
        .sample = number / job->tiles,
        .row = tile / job->across * DKM_WINO_OUT - border,
        .column = tile % job->across * DKM_WINO_OUT - border,
        .side = DKM_WINO_OUT + 2 * border,
    };
}

static void transform_x(const GradJob *job, const WorkerScratch *worker, int in_block, int first,
                        int count)
{
    const int channel = in_block * INPUT_CHANNELS;
    for (int t = 0; t < count; t++) {
        DkmWinoGather tile = {.out = worker->x + (gsize)(t * job->inputs),
                              .place_stride = job->places_x};
        DkmWinoPatch patch = patch_of(job, job->x, first + t, 1);
        patch.first_channel = channel;
        patch.channels = MIN(INPUT_CHANNELS, job->x->shape.c - channel);
        dkm_wino_patch(&patch, worker->patch, &tile);
        job->rows->input(&tile);
    }
}

static void transform_dy(const GradJob *job, const WorkerScratch *worker, int out_block, int first,
                         int count)
{
    const int width = job->kernel->width;
    for (int t = 0; t < count; t++) {
        DkmWinoGather tile = {.out = worker->dy + (gsize)(t * width),
                              .place_stride = job->places_dy};
        DkmWinoPatch patch = patch_of(job, job->dy, first + t, 0);
        patch.first_channel = out_block * width;
        patch.channels = width;
        dkm_wino_patch(&patch, worker->patch, &tile);
        job->rows->output_gradient(&tile);
    }
}

static float *sums_at(const GradJob *job, int group, int out_block, int in_block)
{
    const gsize block = (gsize)group * (gsize)job->out_blocks + (gsize)out_block;
    return job->partial +
           (block * (gsize)job->in_blocks + (gsize)in_block) * PLACES * place_sums(job);
}

/* Adds COUNT tiles to the sums of one block of input and one of output channels, all places. */
static void add_strip(const GradJob *job, const WorkerScratch *worker, int count, float *sums)
{
    DkmConvGradTile tile = {.step_stride = (gsize)job->inputs, .rows = 1, .steps = count};
    for (gsize place = 0; place < PLACES; place++) {
        tile.dy = (const void *)(worker->dy + place * job->places_dy);
        for (int i = 0; i < job->inputs; i += job->kernel->inputs) {
            tile.x = (const void *)(worker->x + place * job->places_x + i);
            tile.acc = sums + place * place_sums(job) + (gsize)(i * job->kernel->width);
            job->kernel->grad_tile[DKM_WORD_F32](&tile);
        }
    }
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
    const int end = (int)((gint64)job->strips * (group + 1) / job->groups);
    memset(worker.x, 0, job->places_x * PLACES * sizeof(float)); /* beyond the block's channels */
    for (int o = first_out; o < end_out; o++)
        memset(sums_at(job, group, o, in_block), 0, PLACES * place_sums(job) * sizeof(float));
    for (int strip = (int)((gint64)job->strips * group / job->groups); strip < end; strip++) {
        const int first = strip * STRIP_TILES, count = MIN(STRIP_TILES, job->all_tiles - first);
        transform_x(job, &worker, in_block, first, count);
        for (int o = first_out; o < end_out; o++) {
            transform_dy(job, &worker, o, first, count);
            add_strip(job, &worker, count, sums_at(job, group, o, in_block));
        }
    }
}

/* SLICE input channels of a block, from the groups' sums in their order: (places, SLICE, width) in
 * the first group's. */
static float *add_groups(const GradJob *job, int out_block, int in_block, int first)
{
    const gsize width = (gsize)job->kernel->width, at = (gsize)first * width;
    const gsize count = SLICE * width;
    float *sums = sums_at(job, 0, out_block, in_block) + at;
    for (int g = 1; g < job->groups; g++) {
        const float *more = sums_at(job, g, out_block, in_block) + at;
        for (gsize place = 0; place < PLACES * place_sums(job); place += place_sums(job))
            for (gsize i = 0; i < count; i++)
                sums[place + i] += more[place + i];
    }
    return sums;
}

/* One item: SLICE input channels and one block of output channels, all taps. */
static void finish_item(gpointer data, gsize item, int worker)
{
    const GradJob *job = data;
    const gsize width = (gsize)job->kernel->width, channels = (gsize)job->x->shape.c;
    const gsize row = DKM_WINO_TAPS * channels; /* of dw */
    const int slices = job->x->shape.c / SLICE;
    const int in = (int)(item % (gsize)slices) * SLICE, out_block = (int)(item / (gsize)slices);
    const float *sums = add_groups(job, out_block, in / INPUT_CHANNELS, in % INPUT_CHANNELS);
    float taps[DKM_WINO_TAPS][SLICE * DKM_CONV_WIDTH_MAX];
    job->rows->weight_gradient(sums, place_sums(job), taps[0], SLICE * DKM_CONV_WIDTH_MAX,
                               SLICE * width);
    float *dw = job->dw + (gsize)out_block * width * row + (gsize)in;
    for (gsize tap = 0; tap < DKM_WINO_TAPS; tap++)
        dkm_cpu_rows(job->device)
            ->matrix->transpose(dw + tap * channels, row, taps[tap], width, SLICE, width);
}

static void cut_workspace(GradJob *job, DkmScratch *scratch)
{
    const gsize blocks = (gsize)job->groups * (gsize)job->in_blocks * (gsize)job->out_blocks;
    job->partial = dkm_scratch_take(scratch, blocks * PLACES * place_sums(job), sizeof(float));
    const gsize workers = (gsize)dkm_pool_threads(job->device->pool);
    job->scratch = dkm_scratch_take(scratch, workers, job->scratch_bytes);
}

gboolean dkm_wino_wgrad_fits(const DkmCpuDevice *device, const DkmOpCall *call)
{
    return dkm_wino_shape_fits(device, call->p, call->in[0].shape, call->in[1].shape);
}

gsize dkm_wino_wgrad_workspace(const DkmCpuDevice *device, const DkmOpCall *call)
{
    GradJob job = make_job(device, call);
    DkmScratch count = {0};
    cut_workspace(&job, &count);
    return count.used;
}

void dkm_wino_wgrad_run(const DkmCpuDevice *device, const DkmOpCall *call)
{
    GradJob job = make_job(device, call);
    DkmScratch scratch = {call->workspace, 0};
    cut_workspace(&job, &scratch);
    const gsize items = (gsize)job.groups * (gsize)job.in_blocks * (gsize)job.spans;
    const gsize slices = (gsize)job.x->shape.c / SLICE;
    dkm_pool_run(device->pool, items, sum_item, &job);
    dkm_pool_run(device->pool, slices * (gsize)job.out_blocks, finish_item, &job);
}
