/* Group and batch norm. Statistics are merged means and squared deviations (Welford; Chan et al.
 * 1979), never a difference of large sums. */
#include "core/net/cuda/kernels/kernel.h"

/* Mean and sum of squared deviations of COUNT numbers. */
typedef struct {
    float count, mean, squares;
} Moments;

INLINE Moments merged(Moments a, Moments b)
{
    Moments both;
    both.count = a.count + b.count;
    const float share = both.count > 0.0f ? b.count / both.count : 0.0f;
    const float apart = b.mean - a.mean;
    both.mean = a.mean + apart * share;
    both.squares = a.squares + b.squares + apart * apart * a.count * share;
    return both;
}

/* What the statistics kernel keeps of one thread's pixels, channel by channel. */
INLINE void thread_moments(const DkmNormArgs *a, const Walk *w, float *mean, float *squares,
                           int dtype, int width)
{
    float x[DKM_CUDA_WIDE];
    long long at = w->at;
    for (int i = 0; i < w->count; i++, at += w->step) {
        const float share = 1.0f / (float)(i + 1);
        load(x, a->x, at, dtype, width);
        for (int k = 0; k < width; k++) {
            const float apart = x[k] - mean[k];
            mean[k] += apart * share;
            squares[k] += apart * (x[k] - mean[k]);
        }
    }
}

INLINE void norm_moments(const DkmNormArgs *a, int dtype, int width)
{
    __shared__ float means[DKM_CUDA_WIDE * DKM_CUDA_THREADS];
    __shared__ float deviations[DKM_CUDA_WIDE * DKM_CUDA_THREADS];
    __shared__ float counts[DKM_CUDA_THREADS];
    const Walk w = walk(&a->columns, width);
    const int t = w.thread;
    float mean[DKM_CUDA_WIDE] = {0}, squares[DKM_CUDA_WIDE] = {0};
    thread_moments(a, &w, mean, squares, dtype, width);
    counts[t] = (float)w.count;
    for (int k = 0; k < width; k++) {
        means[k * DKM_CUDA_THREADS + t] = mean[k];
        deviations[k * DKM_CUDA_THREADS + t] = squares[k];
    }
    for (int half = (int)blockDim.y / 2; half > 0; half /= 2) {
        __syncthreads();
        if ((int)threadIdx.y < half) {
            const int u = t + half * (int)blockDim.x;
            for (int k = 0; k < width; k++) {
                const int i = k * DKM_CUDA_THREADS + t, j = k * DKM_CUDA_THREADS + u;
                const Moments mine = {counts[t], means[i], deviations[i]};
                const Moments other = {counts[u], means[j], deviations[j]};
                const Moments both = merged(mine, other);
                means[i] = mean[k] = both.mean;
                deviations[i] = squares[k] = both.squares;
            }
            counts[t] += counts[u];
        }
    }
    if (threadIdx.y == 0 && w.active) {
        const long long at = w.block_row * 2 * a->columns.channels + w.channel;
        store(a->partial, at, mean, DKM_CUDA_F32, width);
        store(a->partial, at + a->columns.channels, squares, DKM_CUDA_F32, width);
    }
}
DKM_KERNEL_WIDE(norm_moments, DkmNormArgs, DKM_CUDA_THREADS)

/* One block a (group, sample): its chunks' and channels' moments to one. */
DKM_KERNEL(norm_stats, DkmNormStatsArgs, DKM_CUDA_MERGE_THREADS)
{
    __shared__ Moments room[DKM_CUDA_MERGE_THREADS];
    const DkmColumns *columns = &a.columns;
    const int t = (int)threadIdx.x, group = (int)blockIdx.x, sample = (int)blockIdx.z;
    const int items = columns->chunks * a.group_size;
    Moments all = {0.0f, 0.0f, 0.0f};
    for (int i = t; i < items; i += DKM_CUDA_MERGE_THREADS) {
        const int chunk = i / a.group_size, c = group * a.group_size + i % a.group_size;
        const long long left = columns->pixels - (long long)chunk * columns->chunk;
        const long long row = ((long long)sample * columns->chunks + chunk) * 2;
        const float *partial = a.partial + row * columns->channels + c;
        const Moments one = {(float)(left < columns->chunk ? left : columns->chunk), partial[0],
                             partial[columns->channels]};
        all = merged(all, one);
    }
    room[t] = all;
    for (int half = DKM_CUDA_MERGE_THREADS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (t < half)
            room[t] = merged(room[t], room[t + half]);
    }
    if (t == 0) {
        const long long at = ((long long)sample * gridDim.x + group) * a.step;
        const float variance = room[0].squares / room[0].count;
        a.mean[at] = room[0].mean;
        a.rstd[at] = 1.0f / sqrtf(variance + a.eps);
        if (a.variance)
            a.variance[at] = variance;
    }
}

/* What one thread needs of its channels. */
typedef struct {
    float mean[DKM_CUDA_WIDE], rstd[DKM_CUDA_WIDE], gamma[DKM_CUDA_WIDE], beta[DKM_CUDA_WIDE];
} Affine;

/* Of the statistics of group GROUP of a sample. */
INLINE long long group_at(const DkmNormArgs *a, const Walk *w, int group)
{
    return (long long)w->sample * (a->columns.channels / a->group_size) + group;
}

INLINE void load_affine(Affine *f, const DkmNormArgs *a, const Walk *w, int width)
{
    if (!w->active)
        return;
    load(f->gamma, a->gamma, w->channel, DKM_CUDA_F32, width);
    load(f->beta, a->beta, w->channel, DKM_CUDA_F32, width);
    for (int k = 0; k < width; k++) {
        const long long at = group_at(a, w, (w->channel + k) / a->group_size) * a->step;
        f->mean[k] = a->mean[at];
        f->rstd[k] = a->rstd[at];
    }
}

INLINE void norm_apply(const DkmNormArgs *a, int dtype, int width)
{
    const Walk w = walk(&a->columns, width);
    Affine f;
    float x[DKM_CUDA_WIDE];
    long long at = w.at;
    load_affine(&f, a, &w, width);
    for (int i = 0; i < w.count; i++, at += w.step) {
        load(x, a->x, at, dtype, width);
        for (int k = 0; k < width; k++)
            x[k] = (x[k] - f.mean[k]) * f.rstd[k] * f.gamma[k] + f.beta[k];
        activate(a->act, x, width);
        store(a->y, at, x, dtype, width);
    }
}
DKM_KERNEL_WIDE(norm_apply, DkmNormArgs, DKM_CUDA_THREADS)

/* x becomes normalised, DY becomes d loss / d (normalised gamma + beta). */
INLINE void to_dz(const DkmNormArgs *a, const Affine *f, float *x, float *dy, int width)
{
    float slope[DKM_CUDA_WIDE];
    for (int k = 0; k < width; k++) {
        x[k] = (x[k] - f->mean[k]) * f->rstd[k];
        slope[k] = x[k] * f->gamma[k] + f->beta[k];
    }
    act_slopes(a->act, slope, width);
    for (int k = 0; k < width; k++)
        dy[k] *= slope[k];
}

INLINE void norm_grad_sums(const DkmNormArgs *a, int dtype, int width)
{
    __shared__ float room[DKM_CUDA_WIDE * DKM_CUDA_THREADS];
    __shared__ float room_normalised[DKM_CUDA_WIDE * DKM_CUDA_THREADS];
    const Walk w = walk(&a->columns, width);
    Affine f;
    float x[DKM_CUDA_WIDE], dy[DKM_CUDA_WIDE];
    float sum[DKM_CUDA_WIDE] = {0}, sum_normalised[DKM_CUDA_WIDE] = {0};
    long long at = w.at;
    load_affine(&f, a, &w, width);
    for (int i = 0; i < w.count; i++, at += w.step) {
        load(x, a->x, at, dtype, width);
        load(dy, a->dy, at, dtype, width);
        to_dz(a, &f, x, dy, width);
        for (int k = 0; k < width; k++) {
            sum[k] += dy[k];
            sum_normalised[k] += dy[k] * x[k];
        }
    }
    rows_sum(room, sum, w.thread, width);
    rows_sum(room_normalised, sum_normalised, w.thread, width);
    if (threadIdx.y == 0 && w.active) {
        const long long out = w.block_row * 2 * a->columns.channels + w.channel;
        store(a->partial, out, sum, DKM_CUDA_F32, width);
        store(a->partial, out + a->columns.channels, sum_normalised, DKM_CUDA_F32, width);
    }
}
DKM_KERNEL_WIDE(norm_grad_sums, DkmNormArgs, DKM_CUDA_THREADS)

/* A thread has a group of a sample, and a channel over all samples. */
DKM_KERNEL(norm_grad_finish, DkmNormGradArgs, DKM_CUDA_THREADS)
{
    const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), channels = a.channels;
    const int groups = channels / a.group_size;
    if (i < a.samples * groups) {
        const float *sums = a.sums + (long long)(i / groups) * 2 * channels;
        float g = 0.0f, projection = 0.0f;
        for (int c = i % groups * a.group_size; c < (i % groups + 1) * a.group_size; c++) {
            g += sums[c] * a.gamma[c];
            projection += sums[channels + c] * a.gamma[c];
        }
        a.group_means[2 * i] = g / a.elements;
        a.group_means[2 * i + 1] = projection / a.elements;
    }
    if (i < channels) {
        float dbeta = 0.0f, dgamma = 0.0f;
        for (int n = 0; n < a.samples; n++) {
            dbeta += a.sums[(long long)n * 2 * channels + i];
            dgamma += a.sums[((long long)n * 2 + 1) * channels + i];
        }
        a.dbeta[i] = dbeta;
        a.dgamma[i] = dgamma;
    }
}

/* dx = rstd (g - mean(g) - normalised mean(g normalised)), g = dz gamma, means over the group. */
INLINE void norm_grad_apply(const DkmNormArgs *a, int dtype, int width)
{
    const Walk w = walk(&a->columns, width);
    Affine f;
    float x[DKM_CUDA_WIDE], dy[DKM_CUDA_WIDE], mean[DKM_CUDA_WIDE], projection[DKM_CUDA_WIDE];
    long long at = w.at;
    load_affine(&f, a, &w, width);
    for (int k = 0; k < width && w.active; k++) {
        const long long group = group_at(a, &w, (w.channel + k) / a->group_size);
        mean[k] = a->group_means[2 * group];
        projection[k] = a->group_means[2 * group + 1];
    }
    for (int i = 0; i < w.count; i++, at += w.step) {
        load(x, a->x, at, dtype, width);
        load(dy, a->dy, at, dtype, width);
        to_dz(a, &f, x, dy, width);
        for (int k = 0; k < width; k++)
            x[k] = f.rstd[k] * (dy[k] * f.gamma[k] - mean[k] - x[k] * projection[k]);
        store(a->y, at, x, dtype, width);
    }
}
DKM_KERNEL_WIDE(norm_grad_apply, DkmNormArgs, DKM_CUDA_THREADS)

/* r' = (1-m) r + m s */
DKM_KERNEL(batch_norm_running, DkmRunningArgs, DKM_CUDA_THREADS)
{
    const int c = (int)(blockIdx.x * blockDim.x + threadIdx.x), channels = a.channels;
    if (c >= channels)
        return;
    const float mean = a.stats[c], variance = a.stats[2 * channels + c] * a.unbias;
    a.out[c] = (1.0f - a.momentum) * a.running[c] + a.momentum * mean;
    a.out[channels + c] = (1.0f - a.momentum) * a.running[channels + c] + a.momentum * variance;
}

DKM_KERNEL(batch_norm_fold, DkmFoldArgs, DKM_CUDA_THREADS)
{
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (unsigned)a.channels * (unsigned)a.taps)
        return;
    const unsigned o = i / (unsigned)a.taps;
    const float scale = a.gamma[o] / sqrtf(a.running[a.channels + (int)o] + a.eps);
    a.folded[i] = a.w[i] * scale;
    if (i % (unsigned)a.taps == 0)
        a.bias[o] = a.beta[o] - a.running[o] * scale;
}
