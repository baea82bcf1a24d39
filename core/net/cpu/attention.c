/* Single-head attention over the pixels of an image, forward and gradient. Sample by sample: its
 * tokens as f32 (T,C) planes, then blocks of query rows (and, backward, of key rows) as pool items.
 * The forward pass never holds more than a block of the T x T scores; the gradient holds two such
 * planes. */
#include "core/net/cpu/blocks.h"

#include <math.h>

enum {
    BLOCK_ROWS = 24, /* a multiple of the product's tile */
    PAD = 16,        /* floats behind each row of length T: no power-of-two strides */
};

typedef struct {
    const DkmRows *rows;
    const DkmOpCall *call;
    gsize sample, tokens, channels, row; /* row: floats from one row of scores to the next */
    float scale;                         /* 1 / sqrt(C) */
    float *lse;                          /* (T) of this sample */
    float *plane[5];                     /* (T,C): q, k, v, y, dy, as the call's inputs */
    float *k_columns, *v_columns;        /* (C,row): transposed */
    float *score, *slope; /* forward: (workers, BLOCK_ROWS, row), -; backward: (T,row) each */
    float *result[3];     /* (T,C): y; or dq, dk, dv */
} Job;

static gsize n_blocks(const Job *job)
{
    return (job->tokens + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static gboolean is_backward(const DkmOpCall *call)
{
    return call->kind == DKM_OP_ATTENTION_GRAD;
}

static void job_init(Job *job, DkmCpuDevice *device, const DkmOpCall *call, DkmScratch *scratch)
{
    const DkmShape shape = call->in[0].shape;
    const gsize tokens = (gsize)shape.h * (gsize)shape.w, channels = (gsize)shape.c;
    const gsize row = (tokens + PAD - 1) / PAD * PAD + PAD;
    const gsize threads = (gsize)dkm_pool_threads(device->pool);
    const gboolean backward = is_backward(call);
    *job = (Job){.rows = dkm_cpu_rows(device),
                 .call = call,
                 .tokens = tokens,
                 .channels = channels,
                 .row = row,
                 .scale = (float)(1.0 / sqrt((double)channels))};
    for (int i = 0; i < (backward ? 5 : 3); i++)
        job->plane[i] = dkm_scratch_take(scratch, tokens * channels, sizeof(float));
    for (int i = 0; i < (backward ? 3 : 1); i++)
        job->result[i] = dkm_scratch_take(scratch, tokens * channels, sizeof(float));
    job->k_columns = dkm_scratch_take(scratch, channels * row, sizeof(float));
    if (backward)
        job->v_columns = dkm_scratch_take(scratch, channels * row, sizeof(float));
    const gsize scores = (backward ? tokens : threads * BLOCK_ROWS) * row;
    job->score = dkm_scratch_take(scratch, scores, sizeof(float));
    if (backward)
        job->slope = dkm_scratch_take(scratch, scores, sizeof(float));
}

static gsize workspace(DkmCpuDevice *device, const DkmOpCall *call)
{
    DkmScratch scratch = {0};
    Job job;
    job_init(&job, device, call, &scratch);
    return scratch.used;
}

/* The tokens of pool item ITEM: the first one and how many. */
static gsize block_rows(const Job *job, gsize item, gsize *first)
{
    *first = item * BLOCK_ROWS;
    return MIN((gsize)BLOCK_ROWS, job->tokens - *first);
}

static void convert_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize first;
    const gsize count = block_rows(job, item, &first), c = job->channels;
    const gboolean backward = is_backward(job->call);
    for (int i = 0; i < (backward ? 5 : 3); i++) {
        const DkmTensor *x = &job->call->in[i];
        job->rows->element->to_f32(job->plane[i] + first * c,
                                   dkm_tensor_at(x, (job->sample * job->tokens + first) * c),
                                   count * c, x->dtype);
    }
    job->rows->matrix->transpose(job->k_columns + first, job->row, job->plane[1] + first * c, c,
                                 count, c);
    if (backward)
        job->rows->matrix->transpose(job->v_columns + first, job->row, job->plane[2] + first * c, c,
                                     count, c);
}

/* Writes COUNT tokens of result I to the call's output I. */
static void write_result(const Job *job, int i, gsize first, gsize count)
{
    const DkmTensor *out = &job->call->out[i];
    job->rows->element->from_f32(
        dkm_tensor_at(out, (job->sample * job->tokens + first) * job->channels),
        job->result[i] + first * job->channels, count * job->channels, out->dtype);
}

/* OUT (count, row) = tokens of plane LEFT times the columns; whole vectors of them, so what lies in
 * OUT behind the tokens means nothing. */
static void score_product(const Job *job, float *out, const float *left, const float *columns,
                          gsize count)
{
    job->rows->matrix->gemm(&(DkmGemm){.m = count,
                                       .n = job->row - PAD,
                                       .k = job->channels,
                                       .a = left,
                                       .a_row = job->channels,
                                       .a_column = 1,
                                       .b = columns,
                                       .b_row = job->row,
                                       .c = out,
                                       .c_row = job->row});
}

/* OUT (count, C) = sum over tokens of scores (by row, or by column: TRANSPOSED) times plane RIGHT.
 */
static void token_product(const Job *job, float *out, const float *scores, gboolean transposed,
                          const float *right, gsize count)
{
    job->rows->matrix->gemm(&(DkmGemm){.m = count,
                                       .n = job->channels,
                                       .k = job->tokens,
                                       .a = scores,
                                       .a_row = transposed ? 1 : job->row,
                                       .a_column = transposed ? job->row : 1,
                                       .b = right,
                                       .b_row = job->channels,
                                       .c = out,
                                       .c_row = job->channels});
}

static void forward_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize first;
    const gsize count = block_rows(job, item, &first);
    float *score = job->score + (gsize)worker * BLOCK_ROWS * job->row;
    score_product(job, score, job->plane[0] + first * job->channels, job->k_columns, count);
    for (gsize i = 0; i < count; i++)
        job->lse[first + i] =
            job->rows->matrix->softmax(score + i * job->row, job->tokens, job->scale);
    token_product(job, job->result[0] + first * job->channels, score, FALSE, job->plane[2], count);
    write_result(job, 0, first, count);
}

/* P, dS and dq of a block of queries. */
static void query_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize first;
    const gsize count = block_rows(job, item, &first), c = job->channels;
    const DkmMatrixRows *matrix = job->rows->matrix;
    float *p = job->score + first * job->row, *ds = job->slope + first * job->row;
    score_product(job, p, job->plane[0] + first * c, job->k_columns, count);
    score_product(job, ds, job->plane[4] + first * c, job->v_columns, count);
    for (gsize i = 0; i < count; i++) {
        const gsize token = (first + i) * c;
        const float mean = matrix->dot(job->plane[4] + token, job->plane[3] + token, c);
        matrix->softmax_again(p + i * job->row, job->tokens, job->scale, job->lse[first + i]);
        matrix->softmax_grad(ds + i * job->row, p + i * job->row, job->tokens, mean, job->scale);
    }
    token_product(job, job->result[0] + first * c, ds, FALSE, job->plane[1], count);
    write_result(job, 0, first, count);
}

/* dk and dv of a block of keys, from all P and dS. */
static void key_task(gpointer data, gsize item, int worker)
{
    const Job *job = data;
    gsize first;
    const gsize count = block_rows(job, item, &first), c = job->channels;
    token_product(job, job->result[1] + first * c, job->slope + first, TRUE, job->plane[0], count);
    token_product(job, job->result[2] + first * c, job->score + first, TRUE, job->plane[4], count);
    write_result(job, 1, first, count);
    write_result(job, 2, first, count);
}

static gboolean run(DkmCpuDevice *device, const DkmOpCall *call, GError **error)
{
    DkmScratch scratch = {call->workspace, 0};
    const gboolean backward = is_backward(call);
    const DkmTensor *lse = backward ? &call->in[5] : &call->out[1];
    Job job;
    job_init(&job, device, call, &scratch);
    for (job.sample = 0; job.sample < (gsize)call->in[0].shape.n; job.sample++) {
        job.lse = dkm_tensor_at(lse, job.sample * job.tokens);
        dkm_pool_run(device->pool, n_blocks(&job), convert_task, &job);
        dkm_pool_run(device->pool, n_blocks(&job), backward ? query_task : forward_task, &job);
        if (backward)
            dkm_pool_run(device->pool, n_blocks(&job), key_task, &job);
    }
    return TRUE;
}

const DkmCpuKernel dkm_cpu_attention = {run, workspace};
const DkmCpuKernel dkm_cpu_attention_grad = {run, workspace};
