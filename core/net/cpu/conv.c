/* Convolution and its data gradient (a convolution of dy with turned weights): strips of output
 * rows are dealt to the pool; each is summed chunk by chunk of input channels, in a fixed order. */
#include "core/net/cpu/conv.h"

#include "core/net/cpu/blocks.h"
#include "core/net/cpu/winograd.h"

/* About this many output pixels a strip, and at least this many items where the shape allows. */
enum { STRIP_PIXELS = 256, MIN_ITEMS = 8, GROUP_CHANNELS = 256 };

typedef struct {
    const DkmCpuDevice *device;
    DkmConvLayout layout;
    const DkmTensor *x, *y;
    const DkmTensor *bias, *residual; /* data NULL: none */
    DkmAct act;
    float input_scale; /* of int8, else 0 */
    int kernel, stride, dilation;
    int rows, strips;  /* output rows of a strip; strips of a sample */
    int group, groups; /* blocks of a group of output channels; groups */
    int pitch;         /* pixels of sums from row to row */
    gsize pixels;      /* of sums of a strip, whole tiles */
    gsize strip_words; /* of a strip's input */
    const guint32 *packed;
    guint8 *scratch; /* one a worker */
    gsize scratch_bytes;
} ConvJob;

typedef struct {
    guint32 *strip;
    float *acc;    /* group x pixels x width */
    gsize *offset; /* of each output pixel's first word in the strip */
} WorkerScratch;

static WorkerScratch cut_scratch(const ConvJob *job, DkmScratch *scratch)
{
    WorkerScratch worker;
    const gsize width = (gsize)job->layout.kernel->width;
    worker.strip = dkm_scratch_take(scratch, job->strip_words, 4);
    worker.acc = dkm_scratch_take(scratch, (gsize)job->group * job->pixels * width, 4);
    worker.offset = dkm_scratch_take(scratch, job->pixels, sizeof(gsize));
    return worker;
}

static int strip_columns(const ConvJob *job)
{
    return (job->y->shape.w - 1) * job->stride + job->kernel;
}

static int strip_rows(const ConvJob *job, int rows)
{
    return (rows - 1) * job->stride + job->kernel;
}

/* A matrix unit wants pixels at equal distances: with stride 1 the whole strip is one line of them,
 * its border included. */
static int pitch_of(const ConvJob *job)
{
    const int width = job->y->shape.w, tile = job->layout.kernel->pixels;
    if (!job->layout.matrix)
        return width;
    return job->stride == 1 ? strip_columns(job) : (width + tile - 1) / tile * tile;
}

/* int8 is over so soon that gathering a strip, its border with it, counts: they are larger where
 * the sums leave room in a second-level cache. */
static int strip_pixels(const ConvJob *job)
{
    enum { SUMS = 65536, MOST = 4 * STRIP_PIXELS };
    if (job->layout.word != DKM_WORD_INT8)
        return STRIP_PIXELS;
    return CLAMP(SUMS / (job->group * job->layout.kernel->width), STRIP_PIXELS, MOST);
}

/* Strips by shape alone: near STRIP_PIXELS, fewer where that leaves too few items to deal out. */
static void cut_into_items(ConvJob *job)
{
    const DkmShape y = job->y->shape;
    const DkmConvLayout *l = &job->layout;
    job->group = MIN(l->blocks, MAX(1, GROUP_CHANNELS / l->kernel->width));
    job->groups = (l->blocks + job->group - 1) / job->group;
    const int wanted = (MIN_ITEMS + y.n * job->groups - 1) / (y.n * job->groups);
    const int rows = MIN(MAX(1, strip_pixels(job) / y.w), (y.h + wanted - 1) / wanted);
    job->rows = MAX(1, rows);
    job->strips = (y.h + job->rows - 1) / job->rows;
    const gsize tile = (gsize)l->kernel->pixels;
    job->pitch = pitch_of(job);
    job->pixels = ((gsize)job->rows * (gsize)job->pitch + tile - 1) / tile * tile;
    job->strip_words =
        (gsize)strip_rows(job, job->rows) * (gsize)strip_columns(job) * (gsize)l->chunk;
    if (l->matrix) /* its last tile may reach beyond the strip, for sums that nobody wants */
        job->strip_words += tile * (gsize)(job->stride * l->chunk) + (gsize)l->step_unit;
    DkmScratch count = {0};
    cut_scratch(job, &count);
    job->scratch_bytes = count.used;
}

static ConvJob make_job(const DkmCpuDevice *device, const DkmOpCall *call)
{
    static const DkmTensor none;
    const gboolean forward = call->kind == DKM_OP_CONV;
    ConvJob job = {
        .device = device,
        .x = &call->in[0],
        .y = &call->out[0],
        .bias = forward ? &call->in[2] : &none,
        .residual = forward ? &call->in[3] : &none,
        .act = forward ? call->p->act : DKM_ACT_NONE,
        .input_scale = forward ? call->p->input_scale : 0,
        .kernel = call->p->kernel,
        .stride = forward ? call->p->stride : 1,
        .dilation = forward ? 1 : call->p->stride,
    };
    const int in = job.x->shape.c, out = job.y->shape.c;
    job.layout = job.input_scale > 0
                     ? dkm_conv_layout_int8(device, job.kernel, in, out)
                     : dkm_conv_layout_fast(device, job.x->dtype, job.kernel, in, out);
    cut_into_items(&job);
    return job;
}

static DkmStrip strip_of(const ConvJob *job, int sample, int first_row, int rows)
{
    const int pad = (job->kernel - 1) / 2;
    return (DkmStrip){
        .x = job->x,
        .dilation = job->dilation,
        .sample = sample,
        .first_row = first_row * job->stride - pad,
        .rows = strip_rows(job, rows),
        .first_column = -pad,
        .columns = strip_columns(job),
        .word = job->layout.word,
        .inverse = job->input_scale > 0 ? 1 / job->input_scale : 0,
        .offset = job->layout.offset,
    };
}

static void set_chunk(const ConvJob *job, DkmStrip *strip, int chunk)
{
    const int per_word = dkm_word_values(job->layout.word);
    strip->words = dkm_conv_chunk_words(&job->layout, chunk);
    strip->first_channel = chunk * job->layout.chunk * per_word;
    strip->channels = MIN(strip->words * per_word, job->layout.in_channels - strip->first_channel);
}

static void set_offsets(const ConvJob *job, gsize *offset, int pixels, int words)
{
    const int width = job->y->shape.w, columns = strip_columns(job);
    for (gsize p = 0; p < job->pixels; p++) {
        const int pixel = MIN((int)p, pixels - 1);
        const int row = pixel / width * job->stride, column = pixel % width * job->stride;
        offset[p] = ((gsize)row * (gsize)columns + (gsize)column) * (gsize)words;
    }
}

/* Tiles of pixels that lie wherever OFFSET says. */
static void add_tiles(const ConvJob *job, const WorkerScratch *worker, DkmConvTile *tile,
                      float *acc)
{
    const DkmConvKernel *kernel = job->layout.kernel;
    for (gsize p = 0; p < job->pixels; p += (gsize)kernel->pixels) {
        for (int m = 0; m < kernel->pixels; m++)
            tile->pixel[m] = worker->strip + worker->offset[p + (gsize)m];
        tile->acc = acc + p * (gsize)kernel->width;
        kernel->tile[job->layout.word](tile);
    }
}

/* Tiles of a matrix unit: one line of pixels, or with a stride one a row. */
static void add_lines(const ConvJob *job, const WorkerScratch *worker, DkmConvTile *tile, int rows,
                      int words, float *acc)
{
    const DkmConvKernel *kernel = job->layout.kernel;
    const int columns = strip_columns(job), width = job->y->shape.w;
    const gboolean one = job->stride == 1;
    const int lines = one ? 1 : rows, pixels = one ? (rows - 1) * job->pitch + width : width;
    const gsize stride = (gsize)job->stride, step = stride * (gsize)words;
    tile->pixel_stride = step;
    for (int line = 0; line < lines; line++)
        for (int p = 0; p < pixels; p += kernel->pixels) {
            const gsize at = (gsize)line * (gsize)columns + (gsize)p;
            const gsize sum = (gsize)line * (gsize)job->pitch + (gsize)p;
            tile->pixel[0] = worker->strip + at * step;
            tile->acc = acc + sum * (gsize)kernel->width;
            kernel->tile[job->layout.word](tile);
        }
}

/* Adds one chunk of input channels to the sums of one block of output channels. */
static void add_chunk(const ConvJob *job, const WorkerScratch *worker, int rows, int block,
                      int chunk, float *acc)
{
    const int words = dkm_conv_chunk_words(&job->layout, chunk), columns = strip_columns(job);
    /* The taps of a row lie one behind the other, in the strip as in the weights. */
    DkmConvTile tile = {
        .rows = job->kernel,
        .steps = dkm_conv_row_steps(&job->layout, chunk),
        .weight = dkm_conv_packed_at(&job->layout, job->packed, block, chunk),
        .add = chunk > 0,
    };
    for (int r = 0; r < tile.rows; r++)
        tile.row[r] = (gssize)r * columns * words;
    if (job->layout.matrix)
        add_lines(job, worker, &tile, rows, words, acc);
    else
        add_tiles(job, worker, &tile, acc);
}

static void store_block(const ConvJob *job, int sample, int first_row, int pixels, int block,
                        const float *acc)
{
    const DkmShape y = job->y->shape;
    const int width = job->layout.kernel->width, first = block * width;
    const gsize at =
        ((gsize)sample * (gsize)y.h + (gsize)first_row) * (gsize)y.w * (gsize)y.c + (gsize)first;
    const gsize bias_at = job->bias->shape.n > 1 ? (gsize)sample * (gsize)y.c : 0;
    DkmConvStore store = {
        .pixels = pixels,
        .width = width,
        .channels = MIN(width, y.c - first),
        .stride = (gsize)y.c,
        .acc = acc,
        .bias = job->bias->data ? (const float *)job->bias->data + bias_at + first : NULL,
        .y = dkm_tensor_at(job->y, at),
        .residual = job->residual->data ? dkm_tensor_at(job->residual, at) : NULL,
        .dtype = job->y->dtype,
        .residual_dtype = job->residual->dtype,
        .act = job->act,
    };
    if (job->layout.word != DKM_WORD_INT8) {
        dkm_cpu_conv_rows(job->device)->store(&store);
        return;
    }
    store.multiplier = dkm_conv_int8_multiplier(&job->layout, job->packed) + first;
    store.surplus = dkm_conv_int8_surplus(&job->layout, job->packed) + first;
    dkm_cpu_conv_int8(job->device)->store(&store);
}

/* A block's sums of a strip: all at once, or row by row where they have more pixels than the
 * output.
 */
static void store_rows(const ConvJob *job, int sample, int first_row, int rows, int block,
                       const float *acc)
{
    const int width = job->y->shape.w;
    const gsize pitch = (gsize)job->pitch * (gsize)job->layout.kernel->width;
    if (job->pitch == width)
        store_block(job, sample, first_row, rows * width, block, acc);
    else
        for (int r = 0; r < rows; r++)
            store_block(job, sample, first_row + r, width, block, acc + (gsize)r * pitch);
}

/* Sums and stores ROWS output rows of a sample for one group of output channels. */
static void convolve_strip(const ConvJob *job, const WorkerScratch *worker, int sample,
                           int first_row, int group)
{
    const int rows = MIN(job->rows, job->y->shape.h - first_row);
    const int first_block = group * job->group;
    const int blocks = MIN(job->group, job->layout.blocks - first_block);
    const gsize block_acc = job->pixels * (gsize)job->layout.kernel->width;
    DkmStrip strip = strip_of(job, sample, first_row, rows);
    for (int chunk = 0; chunk < job->layout.chunks; chunk++) {
        set_chunk(job, &strip, chunk);
        if (!job->layout.matrix)
            set_offsets(job, worker->offset, rows * job->y->shape.w, strip.words);
        dkm_conv_gather(job->device, &strip, worker->strip);
        for (int b = 0; b < blocks; b++)
            add_chunk(job, worker, rows, first_block + b, chunk,
                      worker->acc + (gsize)b * block_acc);
    }
    for (int b = 0; b < blocks; b++)
        store_rows(job, sample, first_row, rows, first_block + b,
                   worker->acc + (gsize)b * block_acc);
}

/* One item: one strip of one sample for one group of output channels. */
static void convolve_item(gpointer data, gsize item, int worker_index)
{
    const ConvJob *job = data;
    g_return_if_fail(job->scratch); /* else it would be counting, not cutting */
    DkmScratch scratch = {job->scratch + (gsize)worker_index * job->scratch_bytes, 0};
    const WorkerScratch worker = cut_scratch(job, &scratch);
    const int group = (int)(item % (gsize)job->groups);
    const int strip = (int)(item / (gsize)job->groups);
    const DkmConvMatrix *matrix = job->layout.matrix;
    if (matrix)
        matrix->begin();
    convolve_strip(job, &worker, strip / job->strips, strip % job->strips * job->rows, group);
    if (matrix)
        matrix->end();
}

static DkmConvWeights weights_of(const DkmOpCall *call)
{
    const DkmTensor *w = &call->in[1];
    return (DkmConvWeights){w->data, w->shape.n, w->shape.c, w->shape.h * w->shape.w,
                            call->kind != DKM_OP_CONV};
}

/* The place where an algorithm is chosen: by shape, for weights that stay by the memory left too.
 */
static DkmConvAlgorithm choose(const DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmConvAlgorithm kept;
    const DkmTensor *x = &call->in[0];
    if (!dkm_wino_fits(device, call) ||
        dkm_conv_matrix_fits(device, x->dtype, x->shape.c, call->out[0].shape.c))
        return DKM_CONV_DIRECT;
    if (call->version == 0)
        return DKM_CONV_WINOGRAD;
    if (dkm_conv_kept_algorithm(call, &kept))
        return kept;
    return dkm_wino_packed_words(device, call) * 4 <= device->weights_left ? DKM_CONV_WINOGRAD
                                                                           : DKM_CONV_DIRECT;
}

static gsize packed_words(const DkmCpuDevice *device, const DkmOpCall *call,
                          DkmConvAlgorithm algorithm)
{
    if (algorithm == DKM_CONV_WINOGRAD)
        return dkm_wino_packed_words(device, call);
    const ConvJob job = make_job(device, call);
    return dkm_conv_packed_words(&job.layout);
}

static void pack(const DkmCpuDevice *device, const DkmOpCall *call, DkmConvAlgorithm algorithm,
                 void *packed)
{
    const DkmConvWeights weights = weights_of(call);
    const ConvJob job = make_job(device, call);
    if (algorithm == DKM_CONV_WINOGRAD)
        dkm_wino_pack(device, call, &weights, packed);
    else if (job.layout.word == DKM_WORD_INT8)
        dkm_conv_pack_int8(device, &job.layout, &weights, job.input_scale, packed);
    else
        dkm_conv_pack(device, &job.layout, &weights, packed);
}

/* Weights that stay are packed once and kept in the node's slot; others into ROOM. */
static const void *packed_weights(DkmCpuDevice *device, const DkmOpCall *call,
                                  DkmConvAlgorithm algorithm, void *room, GError **error)
{
    const void *kept = call->version ? dkm_conv_kept(call) : NULL;
    if (kept)
        return kept;
    if (call->version)
        room = dkm_conv_keep(device, call, algorithm, packed_words(device, call, algorithm), error);
    if (room)
        pack(device, call, algorithm, room);
    return room;
}

/* Packed weights first (for those that do not stay), then a part a worker. */
static void *cut_workspace(const DkmCpuDevice *device, const DkmOpCall *call,
                           DkmConvAlgorithm algorithm, DkmScratch *scratch)
{
    const gsize packed = call->version == 0 ? packed_words(device, call, algorithm) : 0;
    return dkm_scratch_take(scratch, packed, 4);
}

static gsize direct_workspace(const DkmCpuDevice *device, const DkmOpCall *call)
{
    const ConvJob job = make_job(device, call);
    DkmScratch count = {0};
    dkm_scratch_take(&count, (gsize)dkm_pool_threads(device->pool), job.scratch_bytes);
    return count.used;
}

static void run_direct(const DkmCpuDevice *device, const DkmOpCall *call, const guint32 *packed,
                       void *room)
{
    ConvJob job = make_job(device, call);
    job.packed = packed;
    job.scratch = room;
    dkm_pool_run(device->pool, (gsize)job.y->shape.n * (gsize)job.strips * (gsize)job.groups,
                 convolve_item, &job);
}

/* Enough for either way: how much memory will be left for weights is not known yet. */
static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    gsize most = 0;
    const DkmConvAlgorithm last = dkm_wino_fits(device, call) ? DKM_CONV_WINOGRAD : DKM_CONV_DIRECT;
    for (DkmConvAlgorithm way = DKM_CONV_DIRECT; way <= last; way++) {
        DkmScratch count = {0};
        cut_workspace(device, call, way, &count);
        count.used += way == DKM_CONV_WINOGRAD ? dkm_wino_workspace(device, call)
                                               : direct_workspace(device, call);
        most = MAX(most, count.used);
    }
    return most;
}

static gboolean run(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    const DkmConvAlgorithm algorithm = choose(device, call);
    DkmScratch scratch = {call->workspace, 0};
    void *weights = cut_workspace(device, call, algorithm, &scratch);
    const void *packed = packed_weights(device, call, algorithm, weights, error);
    if (!packed)
        return FALSE;
    void *room = scratch.base + scratch.used;
    if (algorithm == DKM_CONV_WINOGRAD)
        dkm_wino_run(device, call, packed, room);
    else
        run_direct(device, call, packed, room);
    return TRUE;
}

const DkmCpuKernel dkm_cpu_conv = {run, workspace};
const DkmCpuKernel dkm_cpu_conv_dgrad = {run, workspace};
