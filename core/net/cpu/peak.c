#include "core/net/cpu/peak.h"

#include "core/error.h"
#include "core/net/cpu/blocks.h"

enum { RUNS = 5, ARRAY_VALUES = 8 << 20 };

typedef struct {
    double (*burst)(void);
    double *flop; /* one a thread */
} Burst;

static void burst_task(gpointer data, gsize item, int worker)
{
    const Burst *burst = data;
    burst->flop[item] = burst->burst();
}

static double seconds_since(gint64 start)
{
    return (double)MAX(1, g_get_monotonic_time() - start) * 1e-6;
}

static double best_rate(DkmCpuDevice *cpu, double (*burst)(void))
{
    const gsize threads = (gsize)dkm_pool_threads(cpu->pool);
    g_autofree double *flop = g_new0(double, threads);
    Burst job = {burst, flop};
    double best = 0.0;
    for (int run = 0; run < RUNS; run++) {
        const gint64 start = g_get_monotonic_time();
        dkm_pool_run(cpu->pool, threads, burst_task, &job);
        const double seconds = seconds_since(start);
        double total = 0.0;
        for (gsize i = 0; i < threads; i++)
            total += flop[i];
        best = MAX(best, total / seconds);
    }
    return best;
}

typedef struct {
    float *a, *b, *c;
    DkmBlocks blocks;
    const DkmElementRows *rows;
} Stream;

static void stream_task(gpointer data, gsize item, int worker)
{
    const Stream *s = data;
    const gsize first = dkm_blocks_first(&s->blocks, item);
    s->rows->add(s->c + first, s->a + first, s->b + first, dkm_blocks_count(&s->blocks, item),
                 DKM_ACT_NONE, DKM_F32);
}

static gboolean stream_rate(DkmCpuDevice *cpu, double *rate, GError **error)
{
    g_autofree float *memory = g_try_new0(float, 3 * (gsize)ARRAY_VALUES);
    if (!memory)
        return dkm_error_set_no_memory(error, 3 * sizeof *memory * ARRAY_VALUES,
                                       "measuring the memory");
    Stream s = {memory, memory + ARRAY_VALUES, memory + 2 * (gsize)ARRAY_VALUES,
                dkm_blocks_of(ARRAY_VALUES, 1), dkm_cpu_rows(cpu)->element};
    *rate = 0.0;
    for (int run = 0; run < RUNS; run++) {
        const gint64 start = g_get_monotonic_time();
        dkm_pool_run(cpu->pool, s.blocks.n, stream_task, &s);
        *rate = MAX(*rate, 3.0 * sizeof *memory * ARRAY_VALUES / seconds_since(start));
    }
    return TRUE;
}

gboolean dkm_cpu_peak_measure(DkmDevice *device, DkmCpuPeak *peak, GError **error)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    const DkmPeakRows *rows = dkm_cpu_rows(cpu)->peak;
    peak->f32_flop = best_rate(cpu, rows->multiply_add);
    peak->bf16_flop =
        rows->multiply_add_bf16 ? best_rate(cpu, rows->multiply_add_bf16) : peak->f32_flop;
    return stream_rate(cpu, &peak->bytes, error);
}
