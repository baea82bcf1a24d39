/* Convolution and its data gradient by Winograd's F(4x4, 3x3). An item transforms the input of a
 * strip of tiles, then block by block of output channels: one matrix product a place, chunk by
 * chunk of input channels in a fixed order, and the sums back into pixels. Nothing of it leaves the
 * cache but the output. */
#include "core/net/cpu/winograd.h"
#include "core/net/cpu/blocks.h"

#include <string.h>

/* Tiles of a strip at most: at 128 channels their places are 1.2 MB. Words of a chunk: the weights
 * of one place stay in a first-level cache while the tiles of the strip go past. PAD keeps places
 * from falling into one set of the cache. */
enum { STRIP_TILES = 66, CHUNK_CHANNELS = 128, MIN_ITEMS = 8, PAD = 16, PLACES = DKM_WINO_PLACES };
/* Fewer tiles would not be worth four times the weights. */
enum { CHANNEL_STEP = 16, MIN_TILES = 4 };

typedef struct {
    const DkmCpuDevice *device;
    const DkmConvKernel *kernel;
    const DkmWinoRows *rows;
    const DkmTensor *x, *y;
    const DkmTensor *bias, *residual; /* data NULL: none */
    DkmAct act;
    int in_channels, width; /* of an output block */
    int blocks, group, groups;
    int across, tiles;           /* tiles of a row, of a sample */
    int strip, strips;           /* tiles of a strip: whole kernel tiles; strips of a sample */
    gsize places_in, places_out; /* from place to place of a strip */
    const float *packed;
    guint8 *scratch; /* one a worker */
    gsize scratch_bytes;
} WinoJob;

typedef struct {
    float *in, *out; /* places */
    void *patch;     /* 6x6 pixels with the zeros beyond the border */
} WorkerScratch;

static WorkerScratch cut_scratch(const WinoJob *job, DkmScratch *scratch)
{
    WorkerScratch worker;
    worker.in = dkm_scratch_take(scratch, job->places_in * PLACES, sizeof(float));
    worker.out = dkm_scratch_take(scratch, job->places_out * PLACES, sizeof(float));
    worker.patch = dkm_scratch_take(scratch, PLACES * CHUNK_CHANNELS, sizeof(float));
    return worker;
}

static int round_up(int value, int step)
{
    return (value + step - 1) / step * step;
}

/* By shape alone: enough items to deal out, by groups of output blocks first, then smaller strips.
 */
static void cut_into_items(WinoJob *job)
{
    const int n = job->y->shape.n, tile = job->kernel->pixels;
    job->strip = MIN(STRIP_TILES / tile * tile, round_up(job->tiles, tile));
    job->strips = (job->tiles + job->strip - 1) / job->strip;
    job->groups = CLAMP(MIN_ITEMS / (n * job->strips), 1, job->blocks);
    job->group = (job->blocks + job->groups - 1) / job->groups;
    job->groups = (job->blocks + job->group - 1) / job->group;
    const int wanted = MIN_ITEMS / (n * job->groups);
    if (job->strips < wanted) {
        job->strip = round_up((job->tiles + wanted - 1) / wanted, tile);
        job->strips = (job->tiles + job->strip - 1) / job->strip;
    }
    job->places_in = (gsize)job->strip * (gsize)job->in_channels + PAD;
    job->places_out = (gsize)job->strip * (gsize)job->width + PAD;
    DkmScratch count = {0};
    cut_scratch(job, &count);
    job->scratch_bytes = count.used;
}

static DkmConvLayout layout_of(const DkmCpuDevice *device, const DkmOpCall *call)
{
    return dkm_conv_layout(device, DKM_F32, 3, call->in[0].shape.c, call->out[0].shape.c);
}

static WinoJob make_job(const DkmCpuDevice *device, const DkmOpCall *call)
{
    static const DkmTensor none;
    const gboolean forward = call->kind == DKM_OP_CONV;
    const DkmConvLayout layout = layout_of(device, call);
    const DkmShape y = call->out[0].shape;
    WinoJob job = {
        .device = device,
        .kernel = layout.kernel,
        .rows = dkm_cpu_wino_rows(device),
        .x = &call->in[0],
        .y = &call->out[0],
        .bias = forward ? &call->in[2] : &none,
        .residual = forward ? &call->in[3] : &none,
        .act = forward ? call->p->act : DKM_ACT_NONE,
        .in_channels = layout.in_channels,
        .width = layout.kernel->width,
        .blocks = layout.blocks,
        .across = dkm_wino_tiles(y.w),
        .tiles = dkm_wino_tiles(y.w) * dkm_wino_tiles(y.h),
    };
    cut_into_items(&job);
    return job;
}

gboolean dkm_wino_shape_fits(const DkmCpuDevice *device, const DkmOpParams *p, DkmShape x,
                             DkmShape y)
{
    const int tiles = y.n * dkm_wino_tiles(y.h) * dkm_wino_tiles(y.w);
    return !device->direct_only && p->kernel == 3 && p->stride == 1 && x.c % CHANNEL_STEP == 0 &&
           y.c % CHANNEL_STEP == 0 && tiles >= MIN_TILES;
}

gboolean dkm_wino_fits(const DkmCpuDevice *device, const DkmOpCall *call)
{
    return call->p->input_scale == 0 &&
           dkm_wino_shape_fits(device, call->p, call->in[0].shape, call->out[0].shape);
}

/* -- weights: (block, place, input channel, width) */

gsize dkm_wino_packed_words(const DkmCpuDevice *device, const DkmOpCall *call)
{
    const DkmConvLayout l = layout_of(device, call);
    return (gsize)l.blocks * PLACES * (gsize)l.in_channels * (gsize)l.kernel->width;
}

typedef struct {
    const DkmCpuDevice *device;
    const DkmConvLayout *layout;
    const DkmConvWeights *from;
    float *packed;
} PackJob;

/* One item: the weights of 16 input channels and one block. */
static void pack_item(gpointer data, gsize item, int worker)
{
    const PackJob *job = data;
    const DkmConvLayout *l = job->layout;
    const int steps = l->in_channels / CHANNEL_STEP, width = l->kernel->width;
    const int block = (int)(item / (gsize)steps), first = (int)(item % (gsize)steps) * CHANNEL_STEP;
    float taps[DKM_WINO_TAPS][CHANNEL_STEP * DKM_CONV_WIDTH_MAX];
    for (int tap = 0; tap < DKM_WINO_TAPS; tap++)
        dkm_conv_fill_panel(job->device, l, job->from,
                            &(DkmConvPanel){block, tap, first, CHANNEL_STEP}, taps[tap]);
    const gsize place = (gsize)l->in_channels * (gsize)width;
    dkm_cpu_wino_rows(job->device)
        ->weights(taps[0], CHANNEL_STEP * DKM_CONV_WIDTH_MAX,
                  job->packed + (gsize)block * PLACES * place + (gsize)(first * width), place,
                  (gsize)(CHANNEL_STEP * width));
}

void dkm_wino_pack(const DkmCpuDevice *device, const DkmOpCall *call, const DkmConvWeights *from,
                   float *packed)
{
    const DkmConvLayout layout = layout_of(device, call);
    const gsize steps = (gsize)layout.in_channels / CHANNEL_STEP;
    dkm_pool_run(device->pool, (gsize)layout.blocks * steps, pack_item,
                 &(PackJob){device, &layout, from, packed});
}

/* -- one item */

/* Places of the tiles [first, first + count) of a sample: (place, chunk, tile, channel). */
static void transform_input(const WinoJob *job, int sample, int first, int count,
                            const WorkerScratch *worker)
{
    for (int t = 0; t < count; t++) {
        DkmWinoGather tile = {.place_stride = job->places_in};
        const int row = (first + t) / job->across * DKM_WINO_OUT - 1;
        const int column = (first + t) % job->across * DKM_WINO_OUT - 1;
        for (int c = 0; c < job->in_channels; c += CHUNK_CHANNELS) {
            const int words = MIN(CHUNK_CHANNELS, job->in_channels - c);
            tile.out = worker->in + (gsize)c * (gsize)job->strip + (gsize)(t * words);
            dkm_wino_patch(&(DkmWinoPatch){job->x, sample, row, column, DKM_WINO_IN, c, words},
                           worker->patch, &tile);
            job->rows->input(&tile);
        }
    }
}

/* One place of COUNT tiles: all input channels into one block of output channels. */
static void multiply_place(const WinoJob *job, const WorkerScratch *worker, int block, int place,
                           int count)
{
    const DkmConvKernel *kernel = job->kernel;
    const gsize in = (gsize)job->in_channels;
    const float *weights =
        job->packed + ((gsize)block * PLACES + (gsize)place) * in * (gsize)job->width;
    const float *x = worker->in + (gsize)place * job->places_in;
    float *sums = worker->out + (gsize)place * job->places_out;
    for (int c = 0; c < job->in_channels; c += CHUNK_CHANNELS) {
        DkmConvTile tile = {
            .rows = 1,
            .steps = MIN(CHUNK_CHANNELS, job->in_channels - c),
            .weight = (const void *)(weights + (gsize)c * (gsize)job->width),
            .add = c > 0,
        };
        for (int t = 0; t < count; t += kernel->pixels) {
            for (int m = 0; m < kernel->pixels; m++)
                tile.pixel[m] = (const void *)(x + (gsize)c * (gsize)job->strip +
                                               (gsize)((t + m) * tile.steps));
            tile.acc = sums + (gsize)t * (gsize)job->width;
            kernel->tile[DKM_WORD_F32](&tile);
        }
    }
}

static void store_block(const WinoJob *job, const WorkerScratch *worker, int sample, int block,
                        int first, int count)
{
    const DkmShape y = job->y->shape;
    const gsize channel = (gsize)block * (gsize)job->width;
    const gsize bias_at = job->bias->shape.n > 1 ? (gsize)sample * (gsize)y.c : 0;
    DkmWinoStore tile = {
        .place_stride = job->places_out,
        .channels = (gsize)job->width,
        .row_stride = (gsize)y.w * (gsize)y.c,
        .pixel_stride = (gsize)y.c,
        .bias = job->bias->data ? (const float *)job->bias->data + bias_at + channel : NULL,
        .dtype = job->y->dtype,
        .residual_dtype = job->residual->dtype,
        .act = job->act,
    };
    for (int t = 0; t < count; t++) {
        const int row = (first + t) / job->across * DKM_WINO_OUT;
        const int column = (first + t) % job->across * DKM_WINO_OUT;
        const gsize at =
            (((gsize)sample * (gsize)y.h + (gsize)row) * (gsize)y.w + (gsize)column) * (gsize)y.c +
            channel;
        tile.sums = worker->out + (gsize)t * (gsize)job->width;
        tile.rows = MIN(DKM_WINO_OUT, y.h - row);
        tile.columns = MIN(DKM_WINO_OUT, y.w - column);
        tile.y = dkm_tensor_at(job->y, at);
        tile.residual = job->residual->data ? dkm_tensor_at(job->residual, at) : NULL;
        job->rows->output(&tile);
    }
}

/* One item: one strip of one sample for one group of output blocks. */
static void convolve_item(gpointer data, gsize item, int worker_index)
{
    const WinoJob *job = data;
    g_return_if_fail(job->scratch); /* else it would be counting, not cutting */
    DkmScratch scratch = {job->scratch + (gsize)worker_index * job->scratch_bytes, 0};
    const WorkerScratch worker = cut_scratch(job, &scratch);
    const int strip = (int)(item % (gsize)job->strips);
    const int sample = (int)(item / (gsize)job->strips % (gsize)job->y->shape.n);
    const int group = (int)(item / (gsize)job->strips / (gsize)job->y->shape.n);
    const int first = strip * job->strip, count = MIN(job->strip, job->tiles - first);
    const int end = MIN((group + 1) * job->group, job->blocks);
    transform_input(job, sample, first, count, &worker);
    for (int block = group * job->group; block < end; block++) {
        for (int place = 0; place < PLACES; place++)
            multiply_place(job, &worker, block, place, count);
        store_block(job, &worker, sample, block, first, count);
    }
}

static void cut_workspace(WinoJob *job, DkmScratch *scratch)
{
    const gsize workers = (gsize)dkm_pool_threads(job->device->pool);
    job->scratch = dkm_scratch_take(scratch, workers, job->scratch_bytes);
}

gsize dkm_wino_workspace(const DkmCpuDevice *device, const DkmOpCall *call)
{
    WinoJob job = make_job(device, call);
    DkmScratch count = {0};
    cut_workspace(&job, &count);
    return count.used;
}

void dkm_wino_run(const DkmCpuDevice *device, const DkmOpCall *call, const float *packed,
                  void *workspace)
{
    WinoJob job = make_job(device, call);
    DkmScratch scratch = {workspace, 0};
    cut_workspace(&job, &scratch);
    job.packed = packed;
    dkm_pool_run(device->pool, (gsize)job.y->shape.n * (gsize)(job.strips * job.groups),
                 convolve_item, &job);
}
