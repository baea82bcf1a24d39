#include "core/net/cpu/peak.h"

#include "core/error.h"
#include "core/net/cpu/conv-rows.h"
#include "core/net/cpu/rows.h"

#include <time.h>

enum { MIN_RUNS = 3, ARRAY_VALUES = 8 << 20 };

/* One thread's part of a burst: returns what it did, FLOP or bytes. */
typedef struct _Burst Burst;
typedef double (*BurstWork)(const Burst *burst, gsize item);

struct _Burst {
    BurstWork work;
    gint threads, arrived;
    double *rate; /* of each thread, per second of its own time */
    const DkmRows *rows;
    const DkmConvMatrix *matrix; /* or NULL */
    const DkmConvInt8 *int8;
    float *a, *b, *c; /* the arrays, one behind the other; NULL for arithmetic */
};

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Every item waits for all the others, so each thread has exactly one of them and all run at once.
 */
static void burst_task(gpointer data, gsize item, int worker)
{
    Burst *burst = data;
    g_atomic_int_inc(&burst->arrived);
    while (g_atomic_int_get(&burst->arrived) < burst->threads)
        g_thread_yield();
    const double start = thread_seconds();
    const double done = burst->work(burst, item);
    burst->rate[item] = done / MAX(1e-9, thread_seconds() - start);
}

static void raise_rate(DkmCpuDevice *cpu, Burst *burst, double seconds, double *best)
{
    burst->threads = dkm_pool_threads(cpu->pool);
    burst->rows = dkm_cpu_rows(cpu);
    burst->matrix = dkm_cpu_conv_matrix(cpu);
    burst->int8 = dkm_cpu_conv_int8(cpu);
    g_autofree double *rate = burst->rate = g_new0(double, burst->threads);
    const gint64 start = g_get_monotonic_time();
    for (int run = 0; run < MIN_RUNS || (double)(g_get_monotonic_time() - start) * 1e-6 < seconds;
         run++) {
        double total = 0;
        burst->arrived = 0;
        dkm_pool_run(cpu->pool, (gsize)burst->threads, burst_task, burst);
        for (int i = 0; i < burst->threads; i++)
            total += rate[i];
        *best = MAX(*best, total);
    }
    burst->rate = NULL;
}

static double multiply_add(const Burst *burst, gsize item)
{
    return burst->rows->peak->multiply_add();
}

static double multiply_add_bf16(const Burst *burst, gsize item)
{
    return burst->rows->peak->multiply_add_bf16();
}

static double multiply_add_matrix(const Burst *burst, gsize item)
{
    return burst->matrix->multiply_add();
}

static double multiply_add_int8(const Burst *burst, gsize item)
{
    return burst->matrix ? burst->matrix->multiply_add_int8() : burst->int8->multiply_add();
}

void dkm_cpu_peak_raise_flop(DkmDevice *device, double seconds, DkmCpuPeak *peak)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    peak->threads = dkm_pool_threads(cpu->pool);
    raise_rate(cpu, &(Burst){.work = multiply_add}, seconds, &peak->rates.f32_flop);
    if (dkm_cpu_conv_matrix(cpu))
        raise_rate(cpu, &(Burst){.work = multiply_add_matrix}, seconds, &peak->rates.bf16_flop);
    else if (cpu->multiplies_bf16)
        raise_rate(cpu, &(Burst){.work = multiply_add_bf16}, seconds, &peak->rates.bf16_flop);
    else
        peak->rates.bf16_flop = peak->rates.f32_flop;
    if (cpu->has_vnni)
        raise_rate(cpu, &(Burst){.work = multiply_add_int8}, seconds, &peak->rates.int8_flop);
    else
        peak->rates.int8_flop = peak->rates.f32_flop;
}

/* The thread's own part of each array. */
static gsize part(const Burst *burst, gsize item, gsize *first)
{
    const gsize count = (gsize)ARRAY_VALUES / (gsize)burst->threads / 16 * 16;
    *first = item * count;
    return count;
}

static double add_arrays(const Burst *burst, gsize item)
{
    gsize first;
    const gsize count = part(burst, item, &first);
    burst->rows->element->add(burst->c + first, burst->a + first, burst->b + first, count,
                              DKM_ACT_NONE, DKM_F32);
    return 3.0 * sizeof(float) * (double)count;
}

static double read_arrays(const Burst *burst, gsize item)
{
    gsize first;
    const gsize count = part(burst, item, &first);
    burst->rows->peak->read(burst->a + first, count);
    burst->rows->peak->read(burst->b + first, count);
    burst->rows->peak->read(burst->c + first, count);
    return 3.0 * sizeof(float) * (double)count;
}

gboolean dkm_cpu_peak_raise_bytes(DkmDevice *device, double seconds, DkmCpuPeak *peak,
                                  GError **error)
{
    DkmCpuDevice *cpu = (DkmCpuDevice *)device;
    g_autofree float *memory = g_try_new(float, 3 * (gsize)ARRAY_VALUES);
    if (!memory)
        return dkm_error_set_no_memory(error, 3 * sizeof *memory * ARRAY_VALUES,
                                       "measuring the memory");
    for (gsize i = 0; i < 3 * (gsize)ARRAY_VALUES; i++)
        memory[i] = 1; /* pages of their own, not all the one page of zeros */
    Burst burst = {.a = memory, .b = memory + ARRAY_VALUES, .c = memory + 2 * (gsize)ARRAY_VALUES};
    peak->threads = dkm_pool_threads(cpu->pool);
    burst.work = add_arrays;
    raise_rate(cpu, &burst, seconds, &peak->rates.bytes);
    burst.work = read_arrays;
    raise_rate(cpu, &burst, seconds, &peak->read_bytes);
    return TRUE;
}
